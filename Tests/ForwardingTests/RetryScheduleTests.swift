import Foundation
import Logging
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// One alert, and a receiver that does not take it: when it was asked, as it wrote down itself.
  @Suite struct RetryScheduleTests {
    struct Case: Sendable, CustomTestStringConvertible {
      var name: String
      /// What the receiver is told to do, for ever.
      var order: String
      /// Seconds after the first attempt, within eight hours.
      var attempts: [Int]
      /// What is said of the last failure.
      var reason: String
      var isFinal = false
      var hasCertificate = false
      var testDescription: String { name }
    }

    /// The time table for alerts: after 2, 5, 10, 20, 30, 60, 60, 120, 300, 600, 1800, 3600, 7200 and 18000 s.
    private static let dense = [0, 2, 7, 17, 37, 67, 127, 187, 307, 607, 1207, 3007, 6607, 13807]

    static let cases: [Case] = [
      Case(
        name: "down", order: #"{"mode": "down"}"#, attempts: dense,
        reason: "127.0.0.1 ended the connection without an answer"),
      Case(
        name: "slow", order: #"{"mode": "slow", "seconds": 3, "note": true}"#, attempts: dense,
        reason: "127.0.0.1 did not answer in time"),
      Case(name: "503", order: #"{"mode": "503"}"#, attempts: dense, reason: "127.0.0.1 answered 503"),
      Case(name: "500", order: #"{"mode": "500"}"#, attempts: dense, reason: "127.0.0.1 answered 500"),
      Case(
        name: "redirect", order: #"{"mode": "302"}"#, attempts: dense,
        reason: "127.0.0.1 answered 302, a redirect; set url to where it points"),
      Case(
        name: "429 with Retry-After", order: #"{"mode": "429", "retry-after": 3600}"#,
        attempts: Array(stride(from: 0, to: 28_800, by: 3600)), reason: "127.0.0.1 answered 429"),
      Case(
        name: "503 with Retry-After", order: #"{"mode": "503", "retry-after": 7000}"#,
        attempts: [0, 7000, 14000, 21000, 28000], reason: "127.0.0.1 answered 503"),
      Case(
        name: "410", order: #"{"mode": "410"}"#, attempts: [0],
        reason: "127.0.0.1 answered 410: it wants no more webhooks; remove this destination or ask for a new address",
        isFinal: true),
      Case(
        name: "bad certificate", order: #"{"mode": "up"}"#, attempts: dense,
        reason: "no connection to 127.0.0.1: the certificate is not trusted, or TLS failed", hasCertificate: true),
    ]

    @Test(arguments: cases)
    func theReceiverIsAskedByTheTimeTable(_ row: Case) async throws {
      try await Household.run { household in
        let certificate = row.hasCertificate ? try SelfSigned.make(in: household.folder) : nil
        try await TestReceiver.run("webhook_receiver", certificate: certificate) { receiver in
          try await receiver.control(row.order)
          let time = SimulatedTime(until: .seconds(8 * 3600))
          var settings = try household.webhookSettings(receiver.address)
          // Real time; a slow receiver takes longer than this.
          if row.name == "slow" { settings.timeLimit = .milliseconds(900) }
          var surroundings = Household.surroundings(OutboundHTTP())
          surroundings.now = { time.date }
          let service = try ForwardingService(
            store: household.store, destinations: [settings], surroundings: surroundings,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: time.clock)
          try await household.store(0..<1, systolic: 190)
          let task = Task { await service.run() }
          try await eventually { time.isOver }
          let status = try #require(await service.status().first)
          let webhook = try #require(try await service.webhooks().first)
          task.cancel()
          await task.value

          let journal = receiver.journal()
          if row.hasCertificate {
            // It saw no request, only who went away: when is in the gateway's own log of rows. Once for each attempt, and once
            // for each look at the dates of its certificate.
            #expect(journal.map(\.mode) == row.attempts.flatMap { _ in ["handshake", "handshake"] })
          } else {
            // With a status are those that it took after nobody waited any more.
            let times = journal.filter { $0.status == nil }.compactMap { $0.timestamp.flatMap(Int.init) }
            #expect(times.map { $0 - Int(SimulatedTime.beginning.timeIntervalSince1970) } == row.attempts)
          }
          let record = try #require(
            try await household.store.deliveries(DeliveryFilter(destination: Household.webhook)).first)
          #expect(record.attempts == row.attempts.count)
          #expect(record.reason == row.reason)
          #expect(record.state == (row.isFinal ? .rejected : .waiting))
          // What vitals status and the rule for the gateway itself see.
          #expect(status.rejected == (row.isFinal ? 1 : 0))
          #expect(row.name == "500" || status.isFailing == !row.isFinal)
          #expect(webhook.waiting == (row.isFinal ? 0 : 1))
          #expect((webhook.nextAttempt == nil) == row.isFinal)
          if !row.isFinal, row.attempts == Self.dense {
            let next = try #require(webhook.nextAttempt).timeIntervalSince(SimulatedTime.beginning)
            #expect(abs(next - 31807) < 2, "the attempt after those 13807 s waits 18000 s")
          }
        }
      }
    }

    @Test func theClinicsOwnAuthorityIsTrustedAndNoOther() async throws {
      try await Household.run { household in
        let certificate = try SelfSigned.make(in: household.folder)
        try await TestReceiver.run("webhook_receiver", certificate: certificate) { receiver in
          var settings = try household.webhookSettings(receiver.address)
          func outcome() async throws -> [DeliveryOutcome] {
            try await WebhookForwarder(settings, Household.surroundings(receiver.http))
              .deliver([WebhookMessageTests.alert()])
          }
          let refused = DeliveryOutcome.destinationFailed(
            after: nil, reason: "no connection to 127.0.0.1: the certificate is not trusted, or TLS failed")
          #expect(try await outcome() == [refused])
          settings.authorityFile = certificate
          #expect(try await outcome() == [.delivered])
          let other = household.folder.appending(path: "other")
          try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
          settings.authorityFile = try SelfSigned.make(in: other)
          #expect(try await outcome() == [refused])
          settings.authorityFile = household.folder.appending(path: "secret").path
          await #expect(throws: DestinationFault.self) { try await outcome() }
        }
      }
    }
  }
}

/// A certificate for 127.0.0.1 that signed itself.
enum SelfSigned {
  struct Failure: Error {}

  /// - Returns: the path of a PEM file with the certificate and its key.
  static func make(in folder: URL) throws -> String {
    let (key, certificate) = (folder.appending(path: "key.pem"), folder.appending(path: "certificate.pem"))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.path, "-out",
      certificate.path,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure() }
    let both = folder.appending(path: "both.pem")
    try (try Data(contentsOf: certificate) + Data(contentsOf: key)).write(to: both)
    return both.path
  }
}
