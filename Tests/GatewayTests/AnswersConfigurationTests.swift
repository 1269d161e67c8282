import AlertRules
import Forwarding
import Foundation
import Observations
import Testing

@testable import Gateway

/// How people outside can answer, as the configuration says it. What is wrong with one is in ``CheckTests``.
@Suite struct AnswersConfigurationTests {
  @Test func bothWays() throws {
    let answers = try #require(
      try loadConfiguration(
        """
        answers:
          valid: 12h
          reply:
            url: https://ntfy.example/answers/
            token-file: /etc/vitals/ntfy.token
            ca-file: /etc/vitals/ca.pem
          page:
            listen: "[::1]:8481"
            address: https://box.example/

        """
      ).answers)
    #expect(answers.valid == .seconds(43_200))
    #expect(
      answers.reply
        == ReplySettings(
          url: "https://ntfy.example/answers", secretFile: "/etc/vitals/ntfy.token",
          authorityFile: "/etc/vitals/ca.pem"))
    #expect(answers.page == Configuration.Answers.Page(host: "::1", port: 8481, address: "https://box.example"))
  }

  @Test func withoutNothingListensAndNothingIsRead() throws {
    #expect(try loadConfiguration("{}\n").answers == nil)
    let reply = try loadConfiguration("answers: {reply: {url: \"https://ntfy.example/a\", credential: ntfy}}\n").answers
    #expect(reply?.page == nil)
    #expect(reply?.valid == .seconds(86_400))
    #expect(reply?.reply?.secretFile?.hasSuffix("/ntfy") == true)
  }

  @Test(arguments: [
    ("127.0.0.1:8481", "127.0.0.1", 8481), ("[::]:1", "::", 1), ("localhost:65535", "localhost", 65535),
  ])
  func places(_ text: String, _ host: String, _ port: Int) {
    let place = AnswersConfiguration.place(text)
    #expect(place?.host == host && place?.port == port)
  }

  @Test(arguments: ["", ":", ":80", "8481", "::1:8481", "a:0", "a:65536", "a:b", "[]:1"])
  func noPlaces(_ text: String) { #expect(AnswersConfiguration.place(text) == nil) }

  /// Who shares a telephone with a patient answers with the patient's word.
  @Test func whoseAnswerADestinationGives() throws {
    let configuration = try loadConfiguration(
      """
      destinations:
        - {name: hall, kind: webhook, url: "https://hooks.example/a", credential: a}
        - {name: daughter, kind: webhook, url: "https://hooks.example/b", credential: b}
        - {name: siren, kind: webhook, url: "https://hooks.example/c", credential: c}
      contacts:
        - {name: mai, role: caregiver, destinations: [hall, daughter]}
        - {name: tuan, role: caregiver, destinations: [daughter]}
        - {name: ong-tu, role: patient, destinations: [hall]}

      """)
    #expect(
      configuration.destinationSettings.map(\.answerer?.rawValue) == ["ong-tu", "mai", nil])
  }
}
