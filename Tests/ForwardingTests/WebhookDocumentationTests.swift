import Foundation
import HealthRecords
import Store
import Testing

@testable import Forwarding

/// The examples of Gateway.docc/Webhooks.md, as they are printed there.
enum WebhookArticle {
  static func blocks(_ language: String) throws -> [String] {
    let file = PackageFiles.root.appending(path: "Sources/Gateway/Gateway.docc/Webhooks.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.components(separatedBy: "\n```\(language)\n").dropFirst().map {
      $0.components(separatedBy: "\n```")[0] + "\n"
    }
  }
}

@Suite struct WebhookDocumentationTests {
  @Test func everyExampleOfAMessageFitsTheSchema() throws {
    let examples = try WebhookArticle.blocks("json")
    #expect(examples.count == 9)
    let lines = examples.map { Array($0.replacingOccurrences(of: "\n", with: " ").utf8) }
    #expect(try WebhookJudge.verdicts(onMessages: lines) == lines.map { _ in "ok" })
    // Every type is shown or made; none is shown that is not made.
    let types = try Set(
      lines.map { line in
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
        return try #require(object["type"] as? String)
      })
    let made = Set(WebhookSamples.all.map(\.["type"]))
    #expect(types.allSatisfy { made.contains(.string($0)) })
  }

  @Test func everyTemplateIsWithoutFault() throws {
    let templates = try WebhookArticle.blocks("mustache")
    #expect(templates.count == 4)
    for template in templates { #expect(BodyTemplate.faults(of: template, isJSON: true) == []) }
  }
}

extension ReceiverTests {
  /// Each template of the documentation against what its service takes.
  @Suite struct TemplateExampleTests {
    private struct Arrived: Decodable {
      struct Body: Decodable {
        var priority: Int?
        var title: String?
        var message: String?
        var text: String?
        var disable_notification: Bool?
      }
      var service: String?
      var status: Int?
      var signed: Bool?
      var refused: String?
      var body: Body?
    }

    @Test(arguments: [(0, "/", "ntfy"), (1, "/services/T0/B0/x", "slack"), (2, "/bot1:x/sendMessage", "telegram")])
    func aServiceTakesEveryMessage(_ number: Int, _ path: String, _ service: String) async throws {
      let template = try WebhookArticle.blocks("mustache")[number]
      try await Household.run { household in
        try await TestReceiver.run("services_receiver") { receiver in
          let file = household.folder.appending(path: "body.mustache")
          try Data(template.utf8).write(to: file)
          var settings = DestinationSettings(id: Household.webhook, kind: "webhook", url: receiver.address + path)
          settings.allowsPrivate = true
          settings.templateFile = file.path
          settings.sendsValues = true
          settings.takesSimulated = true
          var surroundings = Household.surroundings(receiver.http)
          // Told as it was made, and not late.
          surroundings.now = { Household.moment.addingTimeInterval(30) }
          let forwarder = try WebhookForwarder(settings, surroundings)
          let outcomes = try await forwarder.deliver(WebhookSamples.deliveries)
          #expect(outcomes == WebhookSamples.deliveries.map { _ in .delivered })
          #expect(try await forwarder.sendTest().outcome == .delivered)
          let told = try await forwarder.deliver([WebhookMessageTests.alert()])
          #expect(told == [.delivered])
          let arrived = receiver.lines(Arrived.self)
          #expect(arrived.allSatisfy { $0.service == service && $0.refused == nil && $0.signed == false })
          #expect(arrived.count == WebhookSamples.deliveries.count + 2)
          let body = try #require(arrived.last?.body)
          switch service {
          case "ntfy":
            #expect(body.priority == 5)
            #expect(body.title == "URGENT: severe")
            #expect(body.message == "alert.firing, p-abc, systolic 187 mm[Hg]")
          case "slack":
            #expect(
              body.text
                == "*URGENT* severe alert.firing of p-abc at 2026-03-10T00:00:05+00:00: systolic 187 mm[Hg] (at-least 180)"
            )
          default:
            #expect(
              body.text == "URGENT\nalert.firing: severe\np-abc\nsystolic 187 mm[Hg]\n2026-03-10T00:00:05+00:00")
            #expect(body.disable_notification == false)
          }
        }
      }
    }

    /// A template that was broken while the service ran: said in the destination's failure, and over when it is mended.
    @Test func aBrokenTemplateIsSaidAndHoldsOnlyItself() async throws {
      try await Household.run { household in
        try await TestReceiver.run("services_receiver") { receiver in
          let file = household.folder.appending(path: "body.mustache")
          try Data("{\n\"text\": \"{{data.rul}}\"}".utf8).write(to: file)
          var settings = DestinationSettings(
            id: Household.webhook, kind: "webhook", url: receiver.address + "/services/x")
          settings.allowsPrivate = true
          settings.templateFile = file.path
          #expect(throws: DestinationFault.self) {
            try WebhookForwarder(settings, Household.surroundings(receiver.http))
          }
          try Data("{\"text\": \"{{data.rule}}\"}".utf8).write(to: file)
          let forwarder = try WebhookForwarder(settings, Household.surroundings(receiver.http))
          try Data("{\"text\": {{data.rule}}}".utf8).write(to: file)
          let failed = try await forwarder.deliver([WebhookMessageTests.alert(), WebhookMessageTests.alert()])
          #expect(failed.count == 2)
          for outcome in failed {
            guard case .retry(nil, let reason) = outcome else {
              Issue.record("\(outcome)")
              continue
            }
            #expect(reason.contains("template") && !reason.contains("p-abc"))
          }
          try Data("{\"text\": \"{{data.rule}}\"}".utf8).write(to: file)
          let mended = try await forwarder.deliver([WebhookMessageTests.alert()])
          #expect(mended == [.delivered])
        }
      }
    }
  }
}
