import Foundation
import HealthRecords
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// Zalo's text message by an Official Account, and what is peculiar to it: a token in a header, and refusals with status
  /// 200. The receiver is written from Zalo's own examples; nobody here has an account.
  @Suite struct ZaloTests {
    private struct Arrived: Decodable {
      struct Body: Decodable {
        struct Recipient: Decodable { var user_id: String }
        struct Content: Decodable { var text: String }
        var recipient: Recipient
        var message: Content
      }
      var service: String
      var refused: String?
      var body: Body
    }

    private static func settings(_ household: Household, _ address: String, token: String) throws
      -> DestinationSettings
    {
      let file = household.folder.appending(path: "zalo.mustache")
      let template = try #require(try WebhookArticle.blocks("mustache").first { $0.contains("user_id") })
      try Data(template.utf8).write(to: file)
      try Data((token + "\n").utf8).write(to: household.folder.appending(path: "zalo-token"))
      var settings = DestinationSettings(
        id: Household.webhook, kind: "webhook", url: address + "/v3.0/oa/message/cs")
      settings.allowsPrivate = true
      settings.templateFile = file.path
      settings.token = TokenHeader(
        name: "access_token", file: household.folder.appending(path: "zalo-token").path)
      settings.success = AnswerField(name: "error", value: 0)
      settings.sendsValues = true
      settings.takesSimulated = true
      return settings
    }

    @Test func everyMessageIsTaken() async throws {
      try await Household.run { household in
        try await TestReceiver.run("services_receiver") { receiver in
          let forwarder = try WebhookForwarder(
            try Self.settings(household, receiver.address, token: "lab-token"), Household.surroundings(receiver.http))
          let outcomes = try await forwarder.deliver(WebhookSamples.deliveries)
          #expect(outcomes == WebhookSamples.deliveries.map { _ in .delivered })
          #expect(try await forwarder.sendTest().outcome == .delivered)
          let told = try await forwarder.deliver([WebhookMessageTests.alert()])
          #expect(told == [.delivered])
          let arrived = receiver.lines(Arrived.self)
          #expect(arrived.count == WebhookSamples.deliveries.count + 2)
          #expect(arrived.allSatisfy { $0.service == "zalo" && $0.refused == nil })
          #expect(
            arrived.last?.body.message.text
              == "URGENT\nalert.firing: severe\np-abc\nsystolic 187 mm[Hg]\n2026-03-10T00:00:05+00:00")
        }
      }
    }

    /// It answers 200; taken at its status alone the alert would be gone. The token in the file is changed, and it goes.
    @Test func aTokenThatHasRunOutIsAFailureUntilItsFileIsNew() async throws {
      try await Household.run { household in
        try await TestReceiver.run("services_receiver") { receiver in
          let settings = try Self.settings(household, receiver.address, token: "of-yesterday")
          let forwarder = try WebhookForwarder(settings, Household.surroundings(receiver.http))
          let failed = try await forwarder.deliver([WebhookMessageTests.alert()])
          guard case .destinationFailed(nil, let reason)? = failed.first else {
            Issue.record("\(failed)")
            return
          }
          #expect(reason.contains("error -216") && !reason.contains("of-yesterday") && !reason.contains("oa/message"))
          try Data("lab-token\n".utf8).write(to: household.folder.appending(path: "zalo-token"))
          let told = try await forwarder.deliver([WebhookMessageTests.alert()])
          #expect(told == [.delivered])
        }
      }
    }

    @Test func aTokenThatNoHeaderCanHoldIsNotSent() async throws {
      try await Household.run { household in
        for token in ["two\nlines", "a b", "", "tiếng"] {
          let settings = try Self.settings(household, "http://127.0.0.1:9", token: token)
          #expect(throws: DestinationFault.secretUnreadable(path: settings.token?.file ?? "")) {
            try settings.token?.value()
          }
        }
      }
    }

    @Test(arguments: [
      (#"{"error":0}"#, nil), (#"{"error":-216}"#, "error -216, and not 0"), (#"{"ok":true}"#, "without 'error'"),
      ("ok", "without 'error'"), (#"{"error":"0"}"#, "no whole number"), ("[0]", "without 'error'"),
    ])
    func whatAnAnswerSays(_ body: String, _ fault: String?) {
      let said = AnswerField(name: "error", value: 0).fault(in: Array(body.utf8))
      #expect(fault.map { said?.contains($0) == true } ?? (said == nil), "\(said ?? "-")")
    }
  }

  /// Addresses that are secrets: Slack's, a Telegram bot's.
  @Suite struct AddressFileTests {
    @Test func anAddressInAFileIsReadAtEachAttemptAndShownToItsHost() async throws {
      try await Household.run { household in
        try await TestReceiver.run("services_receiver") { receiver in
          let template = household.folder.appending(path: "body.mustache")
          try Data("{\"text\": \"{{type}}\"}".utf8).write(to: template)
          let file = household.folder.appending(path: "chat.url")
          try Data("# the old channel\n\(receiver.address)/gone/secret-path\n".utf8).write(to: file)
          var settings = DestinationSettings(id: Household.webhook, kind: "webhook", url: "")
          settings.urlFile = file.path
          settings.allowsPrivate = true
          settings.templateFile = template.path
          let forwarder = try WebhookForwarder(settings, Household.surroundings(receiver.http))
          let failed = try await forwarder.deliver([WebhookMessageTests.alert()])
          #expect(failed.first != .delivered && !"\(failed)".contains("secret-path"))
          #expect(try settings.address().redacted == receiver.address + "/…")
          try Data("\(receiver.address)/services/T0/B0/x".utf8).write(to: file)
          #expect(try await forwarder.deliver([WebhookMessageTests.alert()]) == [.delivered])
          try FileManager.default.removeItem(at: file)
          let missing = try await forwarder.deliver([WebhookMessageTests.alert()])
          guard case .destinationFailed(nil, let reason)? = missing.first else {
            Issue.record("\(missing)")
            return
          }
          #expect(reason.contains("chat.url"))
        }
      }
    }

    @Test func whatIsWrongWithItIsSaidWithoutIt() throws {
      let file = FileManager.default.temporaryDirectory.appending(path: "url-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: file) }
      #expect(
        DestinationSettings.fault(ofURLFile: file.path, allowsPrivate: false) == .addressUnreadable(path: file.path))
      for (text, words) in [
        ("ftp://chat.example/secret-path", "https:"), ("http://chat.example/secret-path", "unencrypted"), ("", "line"),
      ] {
        try Data(text.utf8).write(to: file)
        let fault = try #require(DestinationSettings.fault(ofURLFile: file.path, allowsPrivate: false))
        #expect("\(fault)".contains(words) && !"\(fault)".contains("secret-path"), "\(fault)")
      }
      try Data("https://chat.example/secret-path\n".utf8).write(to: file)
      #expect(DestinationSettings.fault(ofURLFile: file.path, allowsPrivate: false) == nil)
    }
  }
}
