/// What is wrong with a body template, and where.
package struct TemplateFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// From 1.
  package var line: Int
  /// From 1, in characters.
  package var column: Int
  /// What is wrong there, and what to write instead.
  package var message: String

  package var description: String { "\(line):\(column): \(message)" }
}
