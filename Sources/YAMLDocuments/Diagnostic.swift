/// One thing that is wrong with a file: where, which field, and what was expected there.
package struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
  package var file: String
  /// From 1; 0 when the trouble has no place in the text (the file is missing, or too large).
  package var line: Int
  /// From 1, counted in Unicode scalars; 0 as for ``line``.
  package var column: Int
  /// The path to the field, `session.subscribe[0].kind`; empty for the whole document.
  package var field: String
  package var message: String
  /// The same in Vietnamese; nil: of a file that only technicians write, and said in English alone.
  package var vi: String?

  package init(file: String, line: Int, column: Int, field: String, message: String, vi: String? = nil) {
    self.file = file
    self.line = line
    self.column = column
    self.field = field
    self.message = message
    self.vi = vi
  }

  /// `file:line:column: field: message`, without the parts that are not known.
  package var description: String { sentence(isVietnamese: false) }

  /// As ``description``; the message in Vietnamese where it has one.
  package func sentence(isVietnamese: Bool) -> String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    let said = isVietnamese ? vi ?? message : message
    return field.isEmpty ? "\(place): \(said)" : "\(place): \(field): \(said)"
  }
}
