import Foundation
import HealthRecords

/// A FHIR server's answer to a transaction, as far as it is looked at.
struct TransactionAnswer {
  private struct Bundle: Decodable {
    struct Entry: Decodable {
      struct Response: Decodable {
        var status: String?
        var location: String?
        var etag: String?
      }
      var response: Response?
    }
    var resourceType: String?
    var type: String?
    var entry: [Entry]?
  }

  private struct OperationOutcome: Decodable {
    struct Issue: Decodable {
      struct Details: Decodable { var text: String? }
      var severity: String?
      var code: String?
      var details: Details?
      var diagnostics: String?
      var expression: [String]?
      var location: [String]?
    }
    var resourceType: String?
    var issue: [Issue]?
  }

  let body: [UInt8]

  /// Nil when every entry of the transaction was taken; else what is wrong with the answer. A proxy's page with status
  /// 200 is no delivery.
  func fault(expecting count: Int) -> String? {
    guard let bundle = try? JSONDecoder().decode(Bundle.self, from: Data(body)), bundle.resourceType == "Bundle",
      bundle.type == "transaction-response"
    else { return "the answer is no transaction-response" }
    let entries = bundle.entry ?? []
    guard entries.count == count else { return "\(count) entries were sent and \(entries.count) answered" }
    let refused = entries.first { $0.response?.status?.hasPrefix("2") != true }
    return refused.map { "an entry was answered \($0.response?.status?.prefix(3) ?? "without a status")" }
  }

  private var responses: [Bundle.Entry.Response?] {
    ((try? JSONDecoder().decode(Bundle.self, from: Data(body)))?.entry ?? []).map(\.response)
  }

  /// The status of each entry; empty where it has none.
  var statuses: [String] { responses.map { $0?.status ?? "" } }

  /// The status of the first entry that was not taken, of a server that took the others: against the rules of a
  /// transaction, and done. Nil: each was taken, or the answer is none.
  func refusedEntry(of count: Int) -> Int? {
    let statuses = statuses
    guard statuses.count == count else { return nil }
    return statuses.first { !$0.hasPrefix("2") }.flatMap { Int($0.prefix(3)) }
  }

  /// Where the server has each entry's resource; nil where it does not say.
  var resources: [ServerResource?] {
    responses.map { response in
      guard let response, let location = response.location else { return nil }
      // [base/]Type/id[/_history/version]
      let parts = location.split(separator: "/").map(String.init)
      let history = parts.lastIndex(of: "_history")
      let place = (history ?? parts.count) - 1
      guard place >= 1, Self.isID(parts[place]), parts[place - 1].first?.isUppercase == true else { return nil }
      let version = history.flatMap { $0 + 1 < parts.count ? parts[$0 + 1] : nil } ?? Self.version(ofTag: response.etag)
      return ServerResource(id: parts[place], version: version.flatMap { Self.isID($0) ? $0 : nil })
    }
  }

  /// FHIR's `id`: it becomes part of addresses and references.
  private static func isID(_ text: String) -> Bool { text.wholeMatch(of: /[A-Za-z0-9\-.]{1,64}/) != nil }

  private static func version(ofTag tag: String?) -> String? {
    tag.map { $0.trimmingPrefix("W/").trimmingCharacters(in: CharacterSet(charactersIn: "\"")) }
  }

  /// What the server said, as it said it; long ones are cut.
  var text: String { String(decoding: body.prefix(65_536), as: UTF8.self) }

  private var outcome: OperationOutcome? {
    let outcome = try? JSONDecoder().decode(OperationOutcome.self, from: Data(body))
    return outcome?.resourceType == "OperationOutcome" ? outcome : nil
  }

  /// Whether a FHIR server speaks, and not a proxy before it.
  var isOperationOutcome: Bool { outcome != nil }

  /// What the server said is wrong, safe to log: codes and places, and its sentences without anything that could be a
  /// patient's (quoted text, numbers outside of indexes, the words in `hiding`). Empty when it said nothing readable.
  func refusal(hiding words: [String]) -> String {
    (outcome?.issue ?? []).filter { $0.severity != "information" && $0.severity != "warning" }.prefix(3)
      .map { issue in
        [
          issue.code, issue.expression?.first ?? issue.location?.first, issue.diagnostics ?? issue.details?.text,
        ].compactMap { $0.map { String(Self.withoutValues($0, hiding: words).prefix(200)) } }.joined(separator: ", ")
      }.joined(separator: "; ")
  }

  static func withoutValues(_ text: String, hiding words: [String]) -> String {
    var text = text
    for word in words where !word.isEmpty { text = text.replacing(word, with: "…") }
    text = text.replacing(#/'[^']*'|"[^"]*"|`[^`]*`/#, with: "…")
    // `entry[4]` is a place; 152, 84.5 or 2026-03-10T07:00 may be somebody's.
    return text.replacing(#/\[[0-9]+\]|[0-9][0-9.,:+T-]*/#) { match in
      match.output.hasPrefix("[") ? String(match.output) : "…"
    }
  }
}
