import Foundation

/// A file of secrets, one a line; empty lines and lines that begin with `#` don't count.
struct SecretFile: Hashable, Sendable {
  let path: String

  /// The lines with their numbers, from 1.
  ///
  /// - Throws: ``DestinationFault/secretUnreadable(path:)``, also when there is none in it.
  func lines() throws(DestinationFault) -> [(number: Int, text: String)] {
    guard let data = FileManager.default.contents(atPath: path) else { throw .secretUnreadable(path: path) }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated().map { (number: $0.offset + 1, text: $0.element.trimmingCharacters(in: .whitespaces)) }
      .filter { !$0.text.isEmpty && !$0.text.hasPrefix("#") }
    guard !lines.isEmpty else { throw .secretUnreadable(path: path) }
    return lines
  }
}
