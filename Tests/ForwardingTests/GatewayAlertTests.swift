import AlertRules
import Devices
import Foundation
import Gateway
import Logging
import Observations
import Store
import Synchronization
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// A crisis that one destination does not take: the other is told of that, by the default rules and by what its receiver
  /// wrote down, and of its end. The clock moves only when the test says so.
  @Suite struct GatewayAlertTests {
    struct Case: Sendable, CustomTestStringConvertible {
      var name: String
      /// What the first receiver is told to do.
      var order: String
      /// What the second receiver is told to be wrong with the first, beside an alert that waits there.
      var condition: String
      /// Whether the crisis itself never arrives.
      var isFinal = false
      var hasCertificate = false
      var testDescription: String { name }
    }

    static let cases: [Case] = [
      Case(name: "down", order: #"{"mode": "down"}"#, condition: "destination-down"),
      Case(name: "503", order: #"{"mode": "503"}"#, condition: "destination-down"),
      Case(name: "500", order: #"{"mode": "500"}"#, condition: "undelivered-alert"),
      Case(name: "410", order: #"{"mode": "410"}"#, condition: "destination-refuses", isFinal: true),
      Case(
        name: "bad certificate", order: #"{"mode": "up"}"#, condition: "destination-down", hasCertificate: true),
    ]

    /// What a receiver took.
    private struct Line: Decodable {
      struct Message: Decodable {
        struct Content: Decodable {
          var condition: String?
          var about: String?
          var patient: String?
          var unassigned: Bool?
          var value: Double?
          var since: String?
        }
        var type: String
        var data: Content
      }
      var status: Int?
      var verified: Bool?
      var new: Bool?
      var message: Message?

      var words: String? {
        guard status == 204, let message else { return nil }
        return [message.type, message.data.condition, message.data.about].compactMap { $0 }.joined(separator: " ")
      }
    }

    private static let son = DestinationID(rawValue: "son")

    /// A clock that stands still until it is moved.
    private final class Hands: Sendable {
      private let passed = Mutex<TimeInterval>(0)
      private let start = ContinuousClock.now
      var wall: Date { Household.moment.addingTimeInterval(passed.withLock { $0 }) }
      func move(by seconds: TimeInterval) { passed.withLock { $0 += seconds } }
      var clock: ForwardingClock {
        ForwardingClock(
          wall: { self.wall }, steady: { self.start + .seconds(self.passed.withLock { $0 }) },
          wait: { bell, _ in await bell.wait(for: .milliseconds(10)) }, chance: { 0.5 })
      }
    }

    @Test(arguments: cases)
    func theOtherIsToldAndHearsOfTheEnd(_ row: Case) async throws {
      try await Household.run { household in
        try await household.store.grantConsent(
          patient: household.patient.id, destination: Self.son, grantee: "somebody", relationship: "family",
          at: Household.moment)
        let certificate = row.hasCertificate ? try SelfSigned.make(in: household.folder) : nil
        let arguments = ["--secret", Household.secret, "--schema", WebhookJudge.schema.path]
        try await TestReceiver.run(
          "webhook_receiver", validating: true, arguments: arguments, certificate: certificate
        ) { first in
          try await TestReceiver.run("webhook_receiver", validating: true, arguments: arguments) { second in
            try await first.control(row.order)
            try await tell(row, household, first, second, certificate)
          }
        }
      }
    }

    private func tell(
      _ row: Case, _ household: Household, _ first: TestReceiver, _ second: TestReceiver, _ certificate: String?
    ) async throws {
      let store = household.store
      let hands = Hands()
      var policy = Household.policy
      policy.rules += try RuleFiles.standard().filter { rule in
        ["destination-down", "destination-refuses", "alert-undelivered"].contains(rule.id.rawValue)
      }
      policy.destinations.append(
        DestinationPolicy(id: Self.son, takesObservations: false, takesAlerts: true, takesSimulated: false))
      var daughter = try household.webhookSettings(first.address)
      var son = try household.webhookSettings(second.address)
      son.id = Self.son

      func run(_ body: (ForwardingService, GatewayWatch) async throws -> Void) async throws {
        // Signatures are of the real minute, for the receiver to verify them.
        let surroundings = Household.surroundings(OutboundHTTP())
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let service = try ForwardingService(
          store: store, destinations: [daughter, son], surroundings: surroundings, log: log, clock: hands.clock)
        let watch = GatewayWatch(
          GatewayWatch.Sources(
            store: store, health: Health(logger: log), library: { ProfileLibrary([]) },
            destinations: { await service.status() }, adapter: { nil }, staleBonds: { [] }, freeRoom: { nil }))
        let task = Task { await service.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(service, watch)) } catch { result = .failure(error) }
        task.cancel()
        await task.value
        try result.get()
      }
      /// Ten seconds of the household pass in a moment, until `words` stands in the journal.
      func pass(_ watch: GatewayWatch, until words: String, in receiver: TestReceiver) async throws {
        try await eventually(within: .seconds(300)) {
          if receiver.lines(Line.self).contains(where: { $0.words == words }) { return true }
          hands.move(by: 10)
          _ = try await store.tick(policy: policy, now: hands.wall, facts: await watch.facts())
          return false
        }
      }

      let condition = "\(row.condition) \(Household.webhook)"
      try await run { service, watch in
        _ = try await store.commit(household.reading(0, 190), policy: policy, now: hands.wall, live: true)
        try await eventually {
          let status = await service.status()
          let undelivered = try await store.undeliveredAlerts(of: [Household.webhook])
          return status[0].isFailing || status[0].rejected > 0 || !undelivered.isEmpty
        }
        try await pass(watch, until: "alert.firing \(condition)", in: second)
        if !row.hasCertificate {
          try await first.control(#"{"mode": "up"}"#)
          if row.isFinal {
            // It is seen to take messages again when there is one.
            _ = try await store.commit(household.reading(1, 120), policy: policy, now: hands.wall, live: true)
          }
          try await pass(watch, until: "alert.resolved \(condition)", in: second)
        }
      }
      if row.hasCertificate {
        // Mended in the configuration: the gateway is started anew, and that alone is no news.
        daughter.authorityFile = certificate
        try await run { _, watch in try await pass(watch, until: "alert.resolved \(condition)", in: second) }
      }

      let told = second.lines(Line.self)
      #expect(told.allSatisfy { $0.verified == true })
      // What left when the gateway was ended goes once more, under the same id.
      let words = told.filter { $0.new == true }.compactMap(\.words)
      // The crisis first and at once; then what is wrong, one time, and that it is over.
      #expect(words.first == "alert.firing")
      #expect(words.filter { $0.contains("firing \(row.condition)") }.count == 1)
      #expect(words.filter { $0.contains("resolved \(row.condition)") }.count == 1)
      #expect(words.filter { $0.contains(" ") }.count == 2, "\(words)")
      for line in told where line.message?.data.condition != nil {
        #expect(line.message?.data.patient == nil && line.message?.data.unassigned == nil)
        #expect(line.message?.data.value == nil && line.message?.data.since != nil)
      }
      // The one that was down has the crisis all the same, unless it refused it for good.
      if !row.isFinal {
        try await run { _, watch in try await pass(watch, until: "alert.firing", in: first) }
      }
      let late = first.lines(Line.self).compactMap(\.words)
      #expect(late.contains("alert.firing") == !row.isFinal)
    }
  }
}
