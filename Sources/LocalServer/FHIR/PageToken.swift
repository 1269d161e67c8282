import Foundation
import Store

/// Where the next page of a search begins, with the search itself: opaque to clients. It gives nobody more than the search
/// would, so it needs no signature.
struct PageToken: Hashable, Sendable, Codable {
  /// The path after the root.
  var path: [String]
  var query: String
  /// The bits of ``Store/RecordPosition/end``: exact.
  var end: UInt64
  var sequence: Int64
  /// How many of that row's matches the pages before have.
  var given: Int

  init(path: [String], query: String, position: RecordPosition, given: Int) {
    self.path = path
    self.query = query
    end = position.end.bitPattern
    sequence = position.sequence
    self.given = given
  }

  var position: RecordPosition { RecordPosition(end: Double(bitPattern: end), sequence: sequence) }

  /// Base64 for URLs (RFC 4648 §5), without padding.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data = (try? encoder.encode(self)) ?? Data()
    return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  /// Nil for what no page has.
  init?(_ text: String) {
    var padded = text.replacing("-", with: "+").replacing("_", with: "/")
    padded += String(repeating: "=", count: (4 - padded.count % 4) % 4)
    guard text.utf8.count < 8192, let data = Data(base64Encoded: padded),
      let token = try? JSONDecoder().decode(Self.self, from: data), token.position.end.isFinite,
      (0..<100).contains(token.given)
    else { return nil }
    self = token
  }
}
