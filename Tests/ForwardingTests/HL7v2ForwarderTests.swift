import Foundation
import HealthRecords
import Observations
import Store
import Testing

@testable import Forwarding

/// One message in the journal of `mllp_receiver.py`.
struct HL7Arrival: Sendable, Decodable {
  var mode: String
  /// MSH-10.
  var control: String
  /// The connection that brought it, by its far port.
  var connection: String
  /// The first of its MSH-10; nil: it was not stored.
  var new: Bool?
  var answer: String
  var problems: [String]
  var message: String

  /// OBX-5 of systolic pressure.
  var systolic: String? {
    let line = message.split(separator: "\r").first { $0.contains("|150021^") }
    return line.map { String($0.split(separator: "|", omittingEmptySubsequences: false)[5]) }
  }
}

extension TestReceiver {
  var messages: [HL7Arrival] { lines(HL7Arrival.self) }
  /// What it has, each once, in the order in which it came.
  var kept: [HL7Arrival] { messages.filter { $0.new == true } }
}

extension Household {
  static func hl7Settings(_ receiver: TestReceiver) -> DestinationSettings {
    var settings = DestinationSettings(id: fhir, kind: "hl7v2", url: receiver.mllp)
    settings.retry = .exponential(first: .milliseconds(200), most: .seconds(1))
    // Longer than any machine is slow: nothing here waits for it to pass.
    settings.timeLimit = .seconds(300)
    return settings
  }
}

extension ReceiverTests {
  @Suite struct HL7v2ForwarderTests {
    private func forwarder(
      _ receiver: TestReceiver, _ change: (inout DestinationSettings) -> Void = { _ in }
    ) throws -> HL7v2Forwarder {
      var settings = Household.hl7Settings(receiver)
      change(&settings)
      return try HL7v2Forwarder(settings, Household.surroundings(receiver.http))
    }

    @Test func aBatchGoesOverOneConnectionAndIsKeptOnce() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver", validating: true) { receiver in
          let forwarder = try forwarder(receiver)
          let batch = (0..<3).map { household.delivery($0) }
          for _ in 0..<2 {
            let outcomes = try await forwarder.deliver(batch)
            #expect(outcomes == [.delivered, .delivered, .delivered])
          }
          let messages = receiver.messages
          #expect(messages.map(\.new) == [true, true, true, false, false, false])
          #expect(messages.allSatisfy { $0.problems == [] })
          #expect(Set(messages.map(\.connection)).count == 1)
          // The same reading is the same message, to the byte.
          #expect(messages.prefix(3).map(\.message) == messages.suffix(3).map(\.message))
        }
      }
    }

    @Test(arguments: ["split", "joined", "CA+AA", "once"])
    func howeverItAnswersItHasAnswered(mode: String) async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          try await receiver.control(#"{"mode": "\#(mode)"}"#)
          let outcomes = try await forwarder(receiver).deliver((0..<4).map { household.delivery($0) })
          #expect(outcomes == Array(repeating: .delivered, count: 4))
          #expect(receiver.kept.count == 4)
          #expect(Set(receiver.messages.map(\.connection)).count == (mode == "once" ? 4 : 1))
        }
      }
    }

    @Test(arguments: [
      ("down", "127.0.0.1 ended the connection without an answer", 0),
      ("lose-answer", "127.0.0.1 ended the connection without an answer", 1),
      ("half-answer", "127.0.0.1 ended the connection in the middle of its answer", 1),
      (
        "garbage", "127.0.0.1 answered something that is no acknowledgement: the answer does not begin with MSH", 0
      ),
      (
        "web",
        "127.0.0.1 answered something that is no acknowledgement: what it answers is not framed as MLLP "
          + "(0x0B … 0x1C 0x0D)", 0
      ),
    ])
    func withoutAnAnswerItIsSentAgainUnderTheSameID(mode: String, reason: String, kept: Int) async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          let forwarder = try forwarder(receiver)
          try await receiver.control(#"{"mode": "\#(mode)", "times": 1}"#)
          let batch = [household.delivery(0), household.delivery(1)]
          let failed = try await forwarder.deliver(batch)
          #expect(failed == [.destinationFailed(after: nil, reason: reason)])
          #expect(receiver.kept.count == kept)
          let again = try await forwarder.deliver(batch)
          #expect(again == [.delivered, .delivered])
          #expect(receiver.kept.count == 2)
          #expect(Set(receiver.messages.map(\.control)).count == 2)
        }
      }
    }

    /// A connection that was kept and has ended since is no failure: nobody but the receiver's log sees it.
    @Test func aKeptConnectionThatEndedIsOpenedAnew() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          let forwarder = try forwarder(receiver)
          let first = try await forwarder.deliver([household.delivery(0)])
          try await receiver.control(#"{"mode": "lose-answer", "times": 1}"#)
          let second = try await forwarder.deliver([household.delivery(1)])
          #expect(first + second == [.delivered, .delivered])
          #expect(receiver.messages.map(\.new) == [true, true, false])
        }
      }
    }

    @Test(arguments: [("silent", false), ("other", true)])
    func silenceAndAnotherMSA2AreNoAnswer(mode: String, othersAnswered: Bool) async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          try await receiver.control(#"{"mode": "\#(mode)"}"#)
          // Whatever passes first, the limit or the machine: nothing answers.
          let forwarder = try forwarder(receiver) { $0.timeLimit = .seconds(othersAnswered ? 5 : 1) }
          let outcomes = try await forwarder.deliver([household.delivery(0), household.delivery(1)])
          guard outcomes.count == 1, case .destinationFailed(nil, let reason) = outcomes[0] else {
            Issue.record("\(outcomes)")
            return
          }
          #expect(reason.hasPrefix("127.0.0.1 did not answer in time"))
        }
      }
    }

    /// `AE` and `AR` for one message: the others go on. What the receiver said is told without what may be a patient's.
    @Test func aRefusalIsReadAndTheOthersGoOn() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          let forwarder = try forwarder(receiver)
          func deliver(_ order: String) async throws -> [DeliveryOutcome] {
            try await receiver.control(order)
            return try await forwarder.deliver([household.delivery(0), household.delivery(1)])
          }
          let content = try await deliver(
            #"{"mode": "AR", "times": 1, "code": 101, "location": "PID^1^3", "text": "no 'Lan' born 1950 in PHR"}"#)
          #expect(
            content == [.rejected(reason: "127.0.0.1 answered AR: 101, PID^1^3, no … born … in PHR"), .delivered])
          let bare = try await deliver(#"{"mode": "AE", "times": 1}"#)
          #expect(bare == [.rejected(reason: "127.0.0.1 answered AE"), .delivered])
          let busy = try await deliver(#"{"mode": "AE", "times": 1, "code": 207, "old": true}"#)
          #expect(busy == [.retry(after: .seconds(2), reason: "127.0.0.1 answered AE: 207"), .behind])
          let unsupported = try await deliver(#"{"mode": "CR", "times": 1, "code": 203, "location": "MSH^1^12"}"#)
          #expect(unsupported == [.destinationFailed(after: nil, reason: "127.0.0.1 answered CR: 203, MSH^1^12")])
          let late = try await deliver(#"{"mode": "CA+AE", "times": 1, "code": 102, "location": "OBX^2^5"}"#)
          #expect(late == [.rejected(reason: "127.0.0.1 answered AE: 102, OBX^2^5"), .delivered])
          let duplicate = try await deliver(#"{"mode": "AE", "times": 1, "code": 205, "location": "MSH^1^10"}"#)
          #expect(duplicate == [.delivered, .delivered])
        }
      }
    }

    /// A week without a network says nothing of a message: it is put off by its own refusals, and set aside after them.
    @Test func onlyItsOwnRefusalsCount() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          let forwarder = try forwarder(receiver)
          let longAgo = Date().addingTimeInterval(-8 * 86400)
          var delivery = household.delivery(0, attempts: 40)
          try await receiver.control(#"{"mode": "AE", "times": 2, "code": 207}"#)
          let first = try await forwarder.deliver([delivery])
          #expect(first == [.retry(after: .seconds(2), reason: "127.0.0.1 answered AE: 207")])
          (delivery.refusals, delivery.firstRefusedAt) = (9, longAgo)
          let last = try await forwarder.deliver([delivery])
          #expect(last == [.rejected(reason: "127.0.0.1 answered AE: 207; tried 10 times")])
        }
      }
    }

    /// A record has each person's readings in their order: what follows one that was put off waits, of that person only. A
    /// correction waits for nothing.
    @Test func whatFollowsOneThatWasPutOffWaitsBehindIt() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          let mai = Patient(id: PatientID(rawValue: "p-mai"), name: "Mai", addedAt: Household.moment)
          var batch = (0..<5).map { household.delivery($0) }
          batch[1].content = .observation(household.reading(1), mai, Household.cuff)
          batch[3].content = .observationWithdrawn(household.reading(3), household.patient, Household.cuff)
          try await receiver.control(#"{"mode": "AE", "times": 1, "code": 207}"#)
          let outcomes = try await forwarder(receiver).deliver(batch)
          #expect(
            outcomes == [
              .retry(after: .seconds(2), reason: "127.0.0.1 answered AE: 207"), .delivered, .behind, .delivered,
              .behind,
            ])
          #expect(receiver.messages.count == 3)
        }
      }
    }

    @Test func aCommitIsEnoughWhereNoMoreIsAskedFor() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          try await receiver.control(#"{"mode": "CA"}"#)
          let forwarder = try forwarder(receiver) { $0.hl7v2.naming.asksForCommit = true }
          let outcomes = try await forwarder.deliver([household.delivery(0), household.delivery(1)])
          #expect(outcomes == [.delivered, .delivered])
          #expect(receiver.messages.allSatisfy { $0.message.contains("|2.6|||AL|NE|") })
        }
      }
    }

    @Test func whatItDoesNotTakeDoesNotLeave() async throws {
      try await Household.run { household in
        try await TestReceiver.run("mllp_receiver") { receiver in
          var played = household.reading(0)
          played.provenance.isSimulated = true
          var delivery = household.delivery(0)
          delivery.content = .observation(played, household.patient, Household.cuff)
          let outcomes = try await forwarder(receiver).deliver([delivery, household.delivery(1)])
          #expect(
            outcomes == [
              .rejected(reason: "a simulated reading, and this destination does not take them"), .delivered,
            ])
          let taken = try await forwarder(receiver) { $0.takesSimulated = true }.deliver([delivery])
          #expect(taken == [.delivered])
          #expect(receiver.messages.map { $0.message.contains("|T|2.6|") } == [false, true])
        }
      }
    }

    @Test func nobodyThereIsSaid() async throws {
      try await Household.run { household in
        let receiver = try await TestReceiver.run("mllp_receiver") { $0.mllp }
        var settings = DestinationSettings(id: Household.fhir, kind: "hl7v2", url: receiver)
        settings.timeLimit = .seconds(300)
        let http = OutboundHTTP()
        let outcomes = try await HL7v2Forwarder(settings, Household.surroundings(http)).deliver([household.delivery(0)])
        #expect(
          outcomes == [.destinationFailed(after: nil, reason: "no connection to 127.0.0.1: Connection refused")])
        await http.shutdown()
      }
    }
  }

  /// Certificates, and what is said of the wrong ones.
  @Suite struct MLLPTLSTests {
    private func deliver(
      _ household: Household, _ receiver: TestReceiver, _ change: (inout DestinationSettings) -> Void
    ) async throws -> String {
      var settings = Household.hl7Settings(receiver)
      change(&settings)
      let outcomes = try await HL7v2Forwarder(settings, Household.surroundings(receiver.http))
        .deliver([household.delivery(0)])
      switch outcomes.first {
      case .delivered: return "delivered"
      case .destinationRefuses(let reason): return reason
      case .destinationFailed(_, let reason): return "failed: \(reason)"
      default: return "\(outcomes)"
      }
    }

    @Test func theAuthorityOfTheDestinationIsTrustedAndNoOther() async throws {
      try await Household.run { household in
        let clinic = try TestAuthority(in: household.folder, "clinic")
        let stranger = try TestAuthority(in: household.folder, "stranger")
        let certificate = try clinic.issue("server", for: "IP:127.0.0.1")
        try await TestReceiver.run("mllp_receiver", validating: true, arguments: ["--tls", certificate]) { receiver in
          #expect(receiver.mllp.hasPrefix("mllps://"))
          let trusted = try await deliver(household, receiver) { $0.authorityFile = clinic.certificate }
          #expect(trusted == "delivered")
          let wrong =
            "the certificate of 127.0.0.1 is not trusted: it has expired, or none of the authorities of ca-file "
            + "(without it: of the system) has signed it"
          let other = try await deliver(household, receiver) { $0.authorityFile = stranger.certificate }
          #expect(other == wrong)
          let system = try await deliver(household, receiver) { _ in }
          #expect(system == wrong)
          #expect(receiver.messages.count == 1)
        }
        let elsewhere = try clinic.issue("elsewhere", for: "DNS:elsewhere.example")
        try await TestReceiver.run("mllp_receiver", arguments: ["--tls", elsewhere]) { receiver in
          let wrongName = try await deliver(household, receiver) { $0.authorityFile = clinic.certificate }
          #expect(wrongName == "the certificate that 127.0.0.1 shows names another host; check url")
          #expect(receiver.messages.isEmpty)
        }
        try await TestReceiver.run("mllp_receiver") { receiver in
          let clear = try await deliver(household, receiver) {
            $0.authorityFile = clinic.certificate
            $0.url = receiver.mllp.replacing("mllp:", with: "mllps:")
            // What speaks no TLS waits for a block, and we for its part of the handshake.
            $0.timeLimit = .seconds(2)
          }
          #expect(clear.hasPrefix("failed: 127.0.0.1 did not answer in time") || clear.contains("does not speak TLS"))
          #expect(receiver.messages.isEmpty)
        }
      }
    }

    @Test func aCertificateThatRanOutIsSaidToHaveRunOut() async throws {
      try await Household.run { household in
        let clinic = try TestAuthority(in: household.folder, "clinic")
        let old = try clinic.issue("old", for: "IP:127.0.0.1", days: -1)
        let day = Date.now.addingTimeInterval(-86_400).formatted(
          Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day())
        try await TestReceiver.run("mllp_receiver", arguments: ["--tls", old]) { receiver in
          let said = try await deliver(household, receiver) { $0.authorityFile = clinic.certificate }
          #expect(
            said == "the certificate of 127.0.0.1 expired on \(day); it is for those who run 127.0.0.1 to renew it")
          #expect(receiver.messages.isEmpty)
        }
        let server = try clinic.issue("server", for: "IP:127.0.0.1")
        let ours = try clinic.issue("gateway", for: "DNS:gateway.example", days: -1)
        let arguments = ["--tls", server, "--client-ca", clinic.certificate]
        try await TestReceiver.run("mllp_receiver", arguments: arguments) { receiver in
          let said = try await deliver(household, receiver) {
            $0.authorityFile = clinic.certificate
            $0.clientCertificateFile = ours
          }
          #expect(
            said
              == "127.0.0.1 refused this gateway's certificate, which expired on \(day); put a renewed one into client-certificate"
          )
          #expect(receiver.messages.isEmpty)
        }
        // Over HTTP, too.
        try await TestReceiver.run("webhook_receiver", arguments: ["--tls", old]) { receiver in
          var settings = try household.webhookSettings(receiver.address)
          settings.authorityFile = clinic.certificate
          let kind = try WebhookForwarder(settings, Household.surroundings(receiver.http))
          guard case .destinationFailed(_, let reason) = try await kind.deliver([household.delivery(0)]).first else {
            Issue.record("it was delivered")
            return
          }
          #expect(
            reason
              == "no connection to 127.0.0.1: its certificate expired on \(day); it is for those who run 127.0.0.1 to renew it"
          )
        }
      }
    }

    @Test func theGatewayShowsItsCertificateWhereItIsAskedFor() async throws {
      try await Household.run { household in
        let clinic = try TestAuthority(in: household.folder, "clinic")
        let stranger = try TestAuthority(in: household.folder, "stranger")
        let server = try clinic.issue("server", for: "IP:127.0.0.1")
        let ours = try clinic.issue("gateway", for: "DNS:gateway.example")
        let forged = try stranger.issue("forged", for: "DNS:gateway.example")
        let arguments = ["--tls", server, "--client-ca", clinic.certificate]
        try await TestReceiver.run("mllp_receiver", arguments: arguments) { receiver in
          func deliver(_ file: String?, key: String? = nil) async throws -> String {
            try await self.deliver(household, receiver) {
              $0.authorityFile = clinic.certificate
              $0.clientCertificateFile = file
              $0.clientKeyFile = key
            }
          }
          let known = try await deliver(ours)
          #expect(known == "delivered")
          let refused =
            "127.0.0.1 refused this gateway's certificate, or asks for one; check client-certificate and client-key"
          let none = try await deliver(nil)
          #expect(none == refused)
          let unknown = try await deliver(forged)
          #expect(unknown == refused)
          #expect(receiver.messages.count == 1)
          // What is wrong here is said before anything is sent.
          #expect(throws: DestinationFault.certificateKeyUnreadable(path: forged)) {
            var settings = Household.hl7Settings(receiver)
            settings.clientCertificateFile = ours
            settings.clientKeyFile = forged
            _ = try HL7v2Forwarder(settings, Household.surroundings(receiver.http))
          }
          #expect(throws: DestinationFault.certificateUnreadable(path: "/nowhere")) {
            var settings = Household.hl7Settings(receiver)
            settings.clientCertificateFile = "/nowhere"
            _ = try HL7v2Forwarder(settings, Household.surroundings(receiver.http))
          }
        }
      }
    }
  }
}

/// An authority of a test's own, made by `openssl`.
struct TestAuthority {
  struct Failure: Error {}

  /// PEM files.
  let certificate: String
  private let key: String
  private let folder: URL

  init(in folder: URL, _ name: String) throws {
    self.folder = folder
    certificate = folder.appending(path: "\(name)-ca.pem").path
    key = folder.appending(path: "\(name)-ca.key").path
    try Self.openssl(["-subj", "/CN=\(name)", "-keyout", key, "-out", certificate])
  }

  /// - Parameters:
  ///   - name: a subject alternative name, `IP:127.0.0.1`.
  ///   - days: for how long it is valid from now on; -1: it ran out a day ago.
  /// - Returns: a PEM file with the certificate and its key.
  func issue(_ file: String, for name: String, days: Int = 2) throws -> String {
    let (leaf, leafKey) = (folder.appending(path: "\(file).crt"), folder.appending(path: "\(file).key"))
    let request = folder.appending(path: "\(file).csr")
    try Self.openssl(
      ["-subj", "/CN=\(file)", "-addext", "subjectAltName=\(name)", "-keyout", leafKey.path, "-out", request.path],
      isRequest: true)
    try Self.run([
      "x509", "-req", "-in", request.path, "-CA", certificate, "-CAkey", key, "-days", "\(days)", "-copy_extensions",
      "copy", "-out", leaf.path,
    ])
    let both = folder.appending(path: "\(file).pem")
    try (try Data(contentsOf: leaf) + Data(contentsOf: leafKey)).write(to: both)
    return both.path
  }

  private static func openssl(_ arguments: [String], isRequest: Bool = false) throws {
    try run(
      ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + (isRequest ? [] : ["-x509", "-days", "2"]) + arguments)
  }

  private static func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure() }
  }
}
