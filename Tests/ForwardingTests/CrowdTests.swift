import Foundation
import Logging
import Store
import Synchronization
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// Two hundred gateways, and their one server back after it was away. Each lives in simulated time of its own, and the
  /// server counts by the time that each says; so many processes and a day of real requests no test machine has.
  @Suite struct CrowdTests {
    /// What the crowd's server saw: who asked when, and what each gateway's Observations are.
    final class Server: Sendable {
      struct Seen {
        var attempts: [Int: Int] = [:]
        var readings: [Int: Int] = [:]
        var stored: [Int: Set<String>] = [:]
        var repeated = 0
      }
      let seen = Mutex(Seen())
      /// Seconds after the beginning at which it is back.
      let back: TimeInterval

      init(back: TimeInterval) { self.back = back }

      func answer(_ gateway: Int, at second: TimeInterval, _ body: [UInt8]?, _ path: String) -> OutboundHTTP.Answer {
        func answer(_ status: Int, _ object: Any = [String: Any]()) -> OutboundHTTP.Answer {
          let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
          return OutboundHTTP.Answer(status: status, retryAfter: nil, body: Array(data))
        }
        seen.withLock { $0.attempts[Int(second), default: 0] += 1 }
        guard second >= back else { return answer(503) }
        guard let body else {
          guard path.hasSuffix("/metadata") else {
            return answer(200, ["resourceType": "Bundle", "type": "searchset"])
          }
          let resources = ["Patient", "Device", "Observation"].map {
            ["type": $0, "conditionalCreate": true] as [String: Any]
          }
          return answer(
            200,
            [
              "resourceType": "CapabilityStatement", "fhirVersion": "4.0.1",
              "rest": [["mode": "server", "interaction": [["code": "transaction"]], "resource": resources]],
            ])
        }
        let bundle = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]
        let entries = bundle?["entry"] as? [[String: Any]] ?? []
        var answers: [[String: Any]] = []
        for entry in entries {
          let request = entry["request"] as? [String: Any]
          let (type, condition) = (request?["url"] as? String ?? "", request?["ifNoneExist"] as? String ?? "")
          let isNew = seen.withLock { seen in
            let isNew = seen.stored[gateway, default: []].insert(condition).inserted
            if type == "Observation" {
              if isNew { seen.readings[Int(second), default: 0] += 1 } else { seen.repeated += 1 }
            }
            return isNew
          }
          let id = String(condition.hashValue.magnitude, radix: 16)
          answers.append(["response": ["status": isNew ? "201" : "200", "location": "\(type)/\(id)/_history/1"]])
        }
        return answer(200, ["resourceType": "Bundle", "type": "transaction-response", "entry": answers])
      }
    }

    /// SplitMix64, one a gateway: the same chances in each run.
    private final class Chance: Sendable {
      private let state: Mutex<UInt64>
      init(_ seed: Int) { state = Mutex(UInt64(seed) &* 0x9E37_79B9_7F4A_7C15) }
      func next() -> Double {
        state.withLock { state in
          state &+= 0x9E37_79B9_7F4A_7C15
          var z = state
          z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
          z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
          return Double((z ^ (z >> 31)) >> 11) / Double(UInt64(1) << 53)
        }
      }
    }

    private static func gateway(
      _ number: Int, _ server: Server, readings: Int, life: TimeInterval, pace: DeliveryPace.Limits
    ) async throws {
      let shared = URL(filePath: "/dev/shm")
      let parent = FileManager.default.isWritableFile(atPath: shared.path) ? shared : nil
      try await Household.run(in: parent) { household in
        try await household.store(0..<readings)
        let (time, chance) = (SimulatedTime(until: .seconds(life)), Chance(number + 1))
        var clock = time.clock
        clock.chance = { chance.next() }
        var surroundings = Household.surroundings(
          OutboundHTTP { body, url, _ in
            server.answer(number, at: time.passed / .seconds(1), body, url.text)
          })
        surroundings.now = { time.date }
        var settings = DestinationSettings(id: Household.fhir, kind: "fhir", url: "https://record.example/fhir")
        settings.pace = pace
        let service = try ForwardingService(
          store: household.store, destinations: [settings], surroundings: surroundings,
          log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: clock)
        let task = Task { await service.run() }
        try await eventually(within: .seconds(600)) { time.isOver }
        let waiting = await service.status().first?.waiting
        task.cancel()
        await task.value
        #expect(waiting == 0)
      }
    }

    /// Of the day that the server is away the last 40 minutes are played: the pauses have reached their longest, five
    /// minutes, after the first ten.
    @Test(.timeLimit(.minutes(30)))
    func twoHundredGatewaysComeBackSpreadAndCapped() async throws {
      let (gateways, readings, back) = (200, 60, 2400.0)
      let server = Server(back: back)
      try await withThrowingTaskGroup(of: Void.self) { group in
        var next = 0
        func add() {
          let number = next
          next += 1
          group.addTask {
            try await Self.gateway(
              number, server, readings: readings, life: back + 1500, pace: DeliveryPace.Limits())
          }
        }
        while next < 2 { add() }
        while try await group.next() != nil { if next < gateways { add() } }
      }
      let seen = server.seen.withLock { $0 }
      let arrived = seen.readings.values.reduce(0, +)
      #expect(arrived == gateways * readings)
      #expect(seen.repeated == 0)
      // The cap holds for each; together they are spread over ten minutes and the pauses of those that asked last.
      let most = seen.readings.values.max() ?? 0
      #expect(most <= gateways * 20 / 8, "\(most) readings in one second")
      let seconds = seen.readings.keys.map { Double($0) - back }
      let (first, last) = (seconds.min() ?? -1, seconds.max() ?? 0)
      #expect(first >= 0 && last < 950, "from \(first) to \(last) s")
      // As even as chance makes it: no minute of the ten has a third of all.
      let minutes = Dictionary(grouping: seen.readings, by: { Int((Double($0.key) - back) / 60) })
        .mapValues { $0.reduce(0) { $0 + $1.value } }
      #expect((minutes.values.max() ?? 0) < arrived / 3)
      let asked = seen.attempts.filter { Double($0.key) < back && $0.key > 900 }.values
      #expect((asked.max() ?? 0) < gateways / 8, "while it was away")
      print(
        "\(gateways) gateways: \(arrived) readings from \(Int(first)) to \(Int(last)) s after the return, at most \(most) in "
          + "a second, at most \(minutes.values.max() ?? 0) in a minute; while it was away at most \(asked.max() ?? 0) "
          + "requests in a second")
    }
  }
}
