import AlertRules
import Forwarding
import Foundation
import Observations
import Testing

@testable import Gateway

@Suite struct AlertTextPageTests {
  @Test func thePageInTheDocumentationIsUpToDate() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Gateway/Gateway.docc/AlertTexts.md")
    let page = try #require(AlertTextPage())
    #expect(
      try String(contentsOf: file, encoding: .utf8) == page.markdown,
      "print it anew: vitalsd texts > Sources/Gateway/Gateway.docc/AlertTexts.md")
  }

  @Test func oneLanguageByItself() throws {
    let page = try #require(AlertTextPage(language: "vi")).markdown
    #expect(page.contains("huyết áp") && !page.contains("> The person of this alert"))
    #expect(try #require(AlertTextPage(language: "en")).markdown.contains("> The person of this alert"))
    #expect(AlertTextPage(language: "fr") == nil)
  }

  @Test func aDestinationsTextsAreInTheLanguageOfWhoseItIs() throws {
    let url = try #require(URL(string: "https://hooks.example/x"))
    func destination(_ name: String) -> Configuration.Destination {
      Configuration.Destination(
        id: DestinationID(rawValue: name),
        kind: .webhook(secretFile: "/x", allowsPrivateAddress: false, includesValues: true, tellsReadings: false),
        url: url)
    }
    var configuration = Configuration(
      dataDirectory: "/x", socketPath: "/x", profileDirectories: [],
      destinations: [destination("mine"), destination("clinic")])
    configuration.timeZone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
    configuration.emergencyNumber = "115"
    configuration.escalation = EscalationPlan(contacts: [
      Contact(
        id: ContactID(rawValue: "dr-lan"), role: .clinician, language: .en,
        destinations: [DestinationID(rawValue: "clinic")])
    ])
    let texts = configuration.destinationSettings.map(\.text)
    #expect(texts.map { $0?.language } == [.vi, .en])
    #expect(texts.allSatisfy { $0?.emergencyNumber == "115" && $0?.timeZone == configuration.timeZone })
    // A name never leaves by a webhook.
    #expect(texts.allSatisfy { $0?.person == nil })
  }
}
