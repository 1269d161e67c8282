import Foundation
import HealthRecords
import Hummingbird

/// A request of the local record, taken apart.
struct FHIRRequest: Sendable {
  struct Parameter: Hashable, Sendable {
    var name: String
    var value: String
    /// After the colon of its name; nil where there is none.
    var modifier: String?
  }

  /// After `/fhir`, without percent signs.
  var path: [String]
  /// Without those that are about the form of the answer, and without empty ones.
  var parameters: [Parameter]
  /// `Prefer: handling=strict`: what is not known is refused, not passed over.
  var isStrict: Bool
  /// The address of the server's root as the client calls it.
  var base: String

  static let root = "/fhir"

  /// - Parameter form: the body of a search by POST.
  /// - Throws: ``FHIRFailure``, also where the client takes no JSON.
  init(_ request: Request, form: String?) throws {
    let wholePath = request.uri.path
    path = try wholePath.dropFirst(Self.root.count).split(separator: "/", omittingEmptySubsequences: true).map {
      try Self.decoded(String($0))
    }
    var all = try Self.parameters(request.uri.query ?? "")
    if let form { all += try Self.parameters(form) }
    try Self.checkFormat(all.last { $0.name == "_format" }?.value, accepts: request.headers[.accept])
    parameters = all.filter { !["_format", "_pretty"].contains($0.name) }
    isStrict = request.headers.contains { field in
      field.name.canonicalName == "prefer"
        && field.value.split { ",;".contains($0) }.contains {
          $0.filter { !$0.isWhitespace }.lowercased() == "handling=strict"
        }
    }
    // Only what can stand in an address: links are what the client itself called us.
    let host = request.head.authority ?? ""
    let isPlain =
      !host.isEmpty && host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".:-[]_".contains($0)) }
    base = "http://\(isPlain ? host : "localhost")\(Self.root)"
  }

  /// Of a query or a form: pairs, percent-encoded, with `+` for a space.
  static func parameters(_ text: String) throws -> [Parameter] {
    try text.split(separator: "&").compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try decoded(String(parts[0]))
      let value = parts.count > 1 ? try decoded(String(parts[1])) : ""
      guard !value.isEmpty else { return nil }
      let named = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return Parameter(name: named.first ?? "", value: value, modifier: named.count > 1 ? named[1] : nil)
    }
  }

  /// The same as a query again.
  static func query(_ parameters: [Parameter]) -> String {
    parameters.map { parameter in
      let name = parameter.modifier.map { "\(parameter.name):\($0)" } ?? parameter.name
      return "\(encoded(name))=\(encoded(parameter.value))"
    }.joined(separator: "&")
  }

  private static func decoded(_ text: String) throws -> String {
    guard let decoded = text.replacing("+", with: " ").removingPercentEncoding else {
      throw FHIRFailure(.badRequest, .invalid, "'\(text)' has a broken percent sign")
    }
    return decoded
  }

  private static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
  }

  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/")

  /// `_format` says it where it stands; else what is accepted.
  private static func checkFormat(_ format: String?, accepts: String?) throws {
    func isJSON(_ type: Substring) -> Bool {
      let name = type.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
      return [
        "json", "*/*", "application/*", "application/json", "application/fhir+json", "application/fhir json",
        "text/json",
      ].contains(name)
    }
    let types = (format ?? accepts ?? "*/*").split(separator: ",").filter { !$0.allSatisfy(\.isWhitespace) }
    guard types.isEmpty || types.contains(where: isJSON) else {
      throw FHIRFailure(
        .notAcceptable, .notSupported, "'\(format ?? accepts ?? "")' is not spoken here; ask for application/fhir+json")
    }
  }
}
