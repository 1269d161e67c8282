package import Foundation

/// One request of the local API before it is HTTP.
package struct LocalRequest: Sendable {
  package enum Method: String, Sendable { case get = "GET", post = "POST", delete = "DELETE" }

  package var method: Method
  /// Without percent signs; each element is one part between slashes, after `/v1`.
  package var path: [String]
  /// Pairs without a value are left out.
  package var query: [(name: String, value: String?)]
  /// JSON.
  package var body: Data?

  package init(
    _ method: Method, _ path: [String], query: [(name: String, value: String?)] = [], body: Data? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.body = body
  }

  /// The request target of HTTP: `/v1/readings?since=24h`.
  package var target: String {
    let pairs = query.compactMap { pair in pair.value.map { "\(Self.escaped(pair.name))=\(Self.escaped($0))" } }
    return "/v1/" + path.map(Self.escaped).joined(separator: "/")
      + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }

  /// RFC 3986: everything but unreserved characters as percent signs.
  private static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var result = ""
    for octet in text.utf8 {
      switch octet {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(octet))
      default:
        result += "%" + String(digits[Int(octet >> 4)]) + String(digits[Int(octet & 15)])
      }
    }
    return result
  }
}
