/// Lines of comma-separated values (RFC 4180), one record a line: no field holds a line break.
package enum CSVText {
  /// One record with its CRLF.
  package static func line(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\r\n" }

  private static func field(_ text: String) -> String {
    let text = String(text.map { $0.isNewline ? " " : $0 })
    guard text.contains(where: { ",\"".contains($0) }) || text.first == " " || text.last == " " else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }

  /// What somebody chose to call something, for a cell: names of devices come over the air from anybody, and a spreadsheet
  /// takes what begins with `=`, `+`, `-` or `@` for a formula. An apostrophe in front makes it a text.
  package static func named(_ text: String?) -> String {
    guard let text, let first = text.first else { return "" }
    return "=+-@\t\r".contains(first) ? "'\(text)" : text
  }
}
