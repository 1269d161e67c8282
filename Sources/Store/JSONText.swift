import Foundation
import Observations

/// The text of `content` columns.
enum JSONText {
  // Making one costs more than a small value does, and a transaction may write a state for every rule.
  private static let encoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()
  private static let decoder = JSONDecoder()

  static func encode(_ value: some Encodable) throws -> String {
    String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func encode(_ observation: Observation) throws -> String {
    String(decoding: try octets(of: observation), as: UTF8.self)
  }

  /// The same as UTF-8.
  static func octets(of observation: Observation) throws -> [UInt8] {
    try ObservationText.make(observation) ?? Array(encoder.encode(observation))
  }

  static func decode<Value: Decodable>(_ type: Value.Type = Value.self, _ text: String) throws -> Value {
    try decoder.decode(type, from: Data(text.utf8))
  }
}
