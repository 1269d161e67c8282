import Foundation
import HealthRecords
import Testing

@testable import Forwarding

/// `webhook_receiver.py --judge`: PyPI's `standardwebhooks` and `jsonschema`, which nobody wrote for this gateway.
enum WebhookJudge {
  struct Request: Encodable {
    var secret: String
    var headers: [String: String]
    var body: String

    /// What the gateway would send.
    init(_ secret: String, id: String, timestamp: Int, body: String) throws {
      let signature = try #require(WebhookSecret(secret))
        .signature(id: id, timestamp: timestamp, body: Array(body.utf8))
      self.secret = secret
      self.body = body
      headers = ["webhook-id": id, "webhook-timestamp": "\(timestamp)", "webhook-signature": signature]
    }
  }

  static let schema = PackageFiles.root.appending(path: "Sources/Forwarding/Schemas/webhook-message-1.schema.json")

  /// One verdict a request: `ok`, or why not.
  static func verdicts(on requests: [Request]) throws -> [String] {
    let encoder = JSONEncoder()
    return try run([], lines: requests.map { try encoder.encode($0) })
  }

  /// One verdict a message, each JSON on one line.
  static func verdicts(onMessages messages: [[UInt8]]) throws -> [String] {
    try run(["--schema", schema.path], lines: messages.map { Data(#"{"message":"#.utf8) + $0 + Data("}".utf8) })
  }

  private static func run(_ arguments: [String], lines: [Data]) throws -> [String] {
    let process = Process()
    process.executableURL = try PackageFiles.validatingPython()
    process.arguments =
      ["-B", PackageFiles.receivers.appending(path: "webhook_receiver.py").path, "--judge"] + arguments
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    // Few enough that neither pipe fills up while the other end waits.
    for line in lines { try input.fileHandleForWriting.write(contentsOf: line + Data("\n".utf8)) }
    try input.fileHandleForWriting.close()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let verdicts = String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
    try #require(verdicts.count == lines.count, "the judge ended early")
    return verdicts
  }
}

@Suite struct WebhookVerdictTests {
  private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private static let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

  @Test func aForgedAnOldAndAReplayedRequestAreRefused() throws {
    let now = Int(Date().timeIntervalSince1970)
    let good = try WebhookJudge.Request(Self.secret, id: "msg_1", timestamp: now, body: #"{"a":1}"#)
    var requests = [good]
    func add(_ change: (inout WebhookJudge.Request) -> Void) {
      var request = good
      change(&request)
      requests.append(request)
    }
    // Both secrets sign while one is being changed for the other; the receiver may have either.
    let second = try WebhookJudge.Request(Self.other, id: "msg_1", timestamp: now, body: #"{"a":1}"#)
    add { $0.headers["webhook-signature"]? += " " + (second.headers["webhook-signature"] ?? "") }
    add {
      $0.headers["webhook-signature"]? += " " + (second.headers["webhook-signature"] ?? "")
      $0.secret = Self.other
    }
    let accepted = requests.count
    add { $0.secret = Self.other }
    add { $0.body = #"{"a":2}"# }
    add { $0.body += "\n" }
    // Replayed under another name, or with a fresh time that was not signed.
    add { $0.headers["webhook-id"] = "msg_2" }
    add { $0.headers["webhook-timestamp"] = "\(now + 1)" }
    add { $0.headers["webhook-signature"] = "v1," }
    add { $0.headers["webhook-signature"] = nil }
    let places = requests.count
    // As it was, but six minutes ago, and from six minutes ahead.
    requests.append(try WebhookJudge.Request(Self.secret, id: "msg_1", timestamp: now - 360, body: good.body))
    requests.append(try WebhookJudge.Request(Self.secret, id: "msg_1", timestamp: now + 360, body: good.body))
    let verdicts = try WebhookJudge.verdicts(on: requests)
    #expect(verdicts.prefix(accepted).allSatisfy { $0 == "ok" }, "\(verdicts)")
    #expect(verdicts[accepted..<places].allSatisfy { $0.hasPrefix("WebhookVerificationError") }, "\(verdicts)")
    #expect(verdicts[places].contains("too old"))
    #expect(verdicts[places + 1].contains("too new"))
  }

  @Test func everyMessageFitsThePublishedSchema() throws {
    #expect(WebhookSamples.all.count > 30)
    let verdicts = try WebhookJudge.verdicts(onMessages: WebhookSamples.all.map(\.bytes))
    for (sample, verdict) in zip(WebhookSamples.all, verdicts) {
      #expect(verdict == "ok", "\(String(decoding: sample.bytes, as: UTF8.self))")
    }
    let wrong = try WebhookJudge.verdicts(onMessages: [
      Array(#"{"type":"alert.firing","timestamp":"2026-03-10T07:00:35Z","version":1,"data":{}}"#.utf8),
      Array(#"{"type":"test","timestamp":"today","version":1,"data":{"test":true,"destination":"a"}}"#.utf8),
      Array(#"{"type":"test","timestamp":"2026-03-10T07:00:35Z","data":{"test":true,"destination":"a"}}"#.utf8),
    ])
    #expect(wrong.allSatisfy { $0.hasPrefix("ValidationError") }, "\(wrong)")
  }

  /// What a template may name is what the schema says a message holds.
  @Test func templatesSeeEveryFieldOfTheSchema() throws {
    let data = try Data(contentsOf: WebhookJudge.schema)
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let kinds = try #require(root["$defs"] as? [String: [String: Any]])
    var fields: Set<String> = []
    for (name, kind) in kinds where !["time", "text", "ack", "change"].contains(name) {
      fields.formUnion(try #require(kind["properties"] as? [String: Any], "\(name)").keys)
    }
    let seen = try #require(TemplateField.message["data"]?.members)
    #expect(fields == Set(seen.keys))
    for (part, field) in [("text", "text"), ("ack", "ack"), ("change", "changes")] {
      let members = try #require(kinds[part]?["properties"] as? [String: Any])
      #expect(Set(members.keys) == Set(try #require(seen[field]?.members).keys))
    }
  }
}
