import Foundation

/// A FHIR server's answer to a transaction, as far as it is looked at.
struct TransactionAnswer {
  private struct Bundle: Decodable {
    struct Entry: Decodable {
      struct Response: Decodable { var status: String? }
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
        let text = issue.diagnostics ?? issue.details?.text
        return [
          issue.code, issue.expression?.first ?? issue.location?.first,
          text.map { String(Self.withoutValues($0, hiding: words).prefix(200)) },
        ].compactMap { $0 }.joined(separator: ", ")
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
