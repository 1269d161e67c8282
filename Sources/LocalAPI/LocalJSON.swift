package import Foundation

/// How values stand in the JSON of the local socket and of `vitals --json`: keys sorted, slashes plain, times with offset.
package enum LocalJSON {
  /// One object without line breaks: the whole of it can be a line of a stream.
  package static func line(_ value: some Encodable, timeZone: TimeZone = .current) throws -> Data {
    try encoder(timeZone, []).encode(value)
  }

  /// Indented, for people who look at a list.
  package static func document(_ value: some Encodable, timeZone: TimeZone = .current) throws -> Data {
    try encoder(timeZone, .prettyPrinted).encode(value)
  }

  package static func value<Value: Decodable>(_ type: Value.Type = Value.self, from data: Data) throws -> Value {
    try JSONDecoder().decode(type, from: data)
  }

  private static func encoder(_ timeZone: TimeZone, _ formatting: JSONEncoder.OutputFormatting) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    encoder.userInfo[.timeZone] = timeZone
    return encoder
  }
}
