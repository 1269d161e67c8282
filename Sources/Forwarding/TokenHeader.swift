/// A header by which a service knows who asks, with its value in a file.
package struct TokenHeader: Hashable, Sendable {
  /// The header's name.
  package var name: String
  package var file: String

  package init(name: String, file: String) {
    self.name = name
    self.file = file
  }

  /// - Throws: ``DestinationFault/secretUnreadable(path:)``, also for a value that no header can hold.
  func value() throws(DestinationFault) -> String {
    let lines = try SecretFile(path: file).lines()
    guard let line = lines.first, lines.count == 1, line.text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .secretUnreadable(path: file)
    }
    return line.text
  }
}
