import AlertRules
import Foundation
import Observations
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// What waited is one message, whatever happens on the way, and each change is told once by the receiver's count.
  @Suite struct OneMessageTests {
    private struct Line: Decodable {
      struct Message: Decodable {
        struct Change: Decodable, Hashable {
          var type: String
          var rule: String
        }
        struct Content: Decodable {
          var rule: String
          var late: Bool?
          var changes: [Change]?
        }
        var type: String
        var data: Content

        /// What it tells, as rules and types.
        var told: [String] {
          data.changes?.map { "\($0.rule) \($0.type)" } ?? ["\(data.rule) \(type)"]
        }
      }
      var mode: String
      var id: String?
      var message: Message?
    }

    private static let mai = Contact(
      id: ContactID(rawValue: "mai"), role: .caregiver, destinations: [Household.webhook])

    private static func policy(_ severity: AlertSeverity = .urgent, contacts: [Contact] = [mai]) -> IngestPolicy {
      var policy = Household.policy
      policy.rules = [("severe", 180), ("very-severe", 200)].map { name, limit in
        AlertRule(
          id: RuleID(rawValue: name),
          kind: .threshold(
            ThresholdRule(component: .systolic, comparison: .atLeast, limit: Decimal(limit))), severity: severity,
          source: "test")
      }
      policy.escalation = EscalationPlan(contacts: contacts)
      return policy
    }

    /// What got through, each message once.
    private static func taken(_ receiver: TestReceiver) -> [Line] {
      var seen: Set<String> = []
      return receiver.lines(Line.self).filter { line in
        line.message != nil && line.id.map { seen.insert($0).inserted } == true
      }
    }

    private static func commit(
      _ household: Household, _ number: Int, _ systolic: Decimal, _ policy: IngestPolicy = policy()
    ) async throws {
      _ = try await household.store.commit(
        household.reading(number, systolic), policy: policy,
        now: Household.moment.addingTimeInterval(Double(number) * 60), live: true)
    }

    private static func settle(_ household: Household) async throws {
      try await eventually { try await household.store.outboxCounts()[Household.webhook]?.waiting ?? 0 == 0 }
    }

    /// It fired, Mai knew, and it ended, and each was tried and refused.
    private static func threeThatFailed(_ household: Household) async throws -> [DeliveryRecord] {
      try await commit(household, 0, 190)
      _ = try await household.store.acknowledge(
        episode: nil, patient: nil, by: mai, policy: policy(), now: Household.moment.addingTimeInterval(60))
      try await commit(household, 9, 120)
      let rows = try await household.store.deliveries(DeliveryFilter(destination: Household.webhook))
      try await household.store.recordRetry(
        rows.map(\.id), next: Household.moment, reason: "it was down", at: Household.moment)
      return rows
    }

    private static let three = ["severe alert.firing", "severe alert.acknowledged", "severe alert.resolved"]

    @Test func anOutageEndsWithOneMessage() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          try await household.forwarding([try household.webhookSettings(receiver.address)]) { service in
            // One that arrives, so that the queue is under way.
            try await Self.commit(household, -30, 190)
            try await Self.commit(household, -29, 120)
            try await Self.settle(household)
            try await receiver.control(#"{"mode": "503"}"#)
            let before = receiver.journal().count
            try await Self.commit(household, 0, 190)
            try await receiver.journal(atLeast: before + 1)
            _ = try await household.store.acknowledge(
              episode: nil, patient: nil, by: Self.mai, policy: Self.policy(),
              now: Household.moment.addingTimeInterval(60))
            try await Self.commit(household, 9, 120)
            try await receiver.journal(atLeast: before + 2)
            try await receiver.control(#"{"mode": "up"}"#)
            try await Self.settle(household)
            let taken = Array(Self.taken(receiver).dropFirst(2))
            #expect(taken.map { $0.message?.told } == [Self.three])
            #expect(taken.first?.message?.type == "alert.resolved")
            #expect(taken.first?.message?.data.late == true)
            // Each row knows the message that told it, and that is what is told once more.
            let rows = try await household.store.deliveries(DeliveryFilter(destination: Household.webhook))
            #expect(
              Set(rows.dropFirst(2).map { service.message(of: $0.messageKey, for: $0.destination) }) == [
                taken.first?.id
              ])
            #expect(rows.allSatisfy { $0.state == .delivered })
            let again = try await service.redeliver("\(rows[3].id.rawValue)")
            #expect(again.trial.message == taken.first?.id)
          }
        }
      }
    }

    enum Crash: CaseIterable {
      case beforeItIsWrittenDown, beforeItLeaves, beforeTheAnswer, afterTheAnswer
    }

    @Test(arguments: Crash.allCases)
    func aCrashLosesNothingAndTellsNothingTwice(_ crash: Crash) async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          let settings = try household.webhookSettings(receiver.address)
          let rows = try await Self.threeThatFailed(household)
          switch crash {
          case .beforeItIsWrittenDown: break
          case .beforeItLeaves:
            let waiting = try await household.store.dueDeliveries(for: Household.webhook, at: .distantFuture, limit: 9)
            let alerts = waiting.compactMap { delivery in
              delivery.content.alert.map {
                WaitingAlert(id: delivery.id.rawValue, transition: $0, key: delivery.idempotencyKey, attempts: 1)
              }
            }
            #expect(alerts.count == rows.count)
            try await household.store.seal([AlertMessage(alerts)])
          case .beforeTheAnswer:
            // It takes the message in, and the gateway is gone before it hears of it.
            try await receiver.control(#"{"mode": "slow", "seconds": 1, "note": true}"#)
            try await household.forwarding([settings]) { _ in
              try await eventually { receiver.lines(Line.self).contains { $0.mode == "slow" } }
            }
            try await eventually { !Self.taken(receiver).isEmpty }
            try await receiver.control(#"{"mode": "up"}"#)
          case .afterTheAnswer:
            try await household.forwarding([settings]) { _ in try await Self.settle(household) }
          }
          // News while nobody was there to tell it.
          try await Self.commit(household, 30, 195)
          try await household.forwarding([settings]) { _ in try await Self.settle(household) }
          let told = Self.taken(receiver).compactMap { $0.message?.told }
          #expect(told.flatMap { $0 }.sorted() == (Self.three + ["severe alert.firing"]).sorted())
          #expect(told.contains(Self.three))
          #expect(told.contains(["severe alert.firing"]))
        }
      }
    }

    /// The receiver has it and did not answer: it goes once more as it was, under its name, and what came since by itself.
    @Test func whatNobodyAnsweredGoesOnceMoreAsItWas() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          let rows = try await Self.threeThatFailed(household)
          let settings = try household.webhookSettings(receiver.address)
          try await receiver.control(#"{"mode": "lose-answer"}"#)
          try await household.forwarding([settings]) { _ in
            try await eventually {
              try await household.store.deliveries(DeliveryFilter(destination: Household.webhook))
                .allSatisfy { $0.attempts > 1 }
            }
          }
          try await Self.commit(household, 30, 195)
          try await receiver.control(#"{"mode": "up"}"#)
          try await household.forwarding([settings]) { _ in try await Self.settle(household) }
          #expect(rows.count == 3)
          #expect(Self.taken(receiver).compactMap { $0.message?.told } == [Self.three, ["severe alert.firing"]])
          let answered = receiver.lines(Line.self).filter { $0.mode == "up" }
          #expect(answered.first?.message?.told == Self.three)
        }
      }
    }

    @Test func oneReadingThatFiresTwoRulesIsOneMessageUnderOneName() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          try await receiver.control(#"{"mode": "503", "times": 1}"#)
          try await Self.commit(household, 0, 210)
          try await household.forwarding([try household.webhookSettings(receiver.address)]) { _ in
            try await Self.settle(household)
          }
          let lines = receiver.lines(Line.self)
          #expect(lines.count == 2)
          // Refused at first, it is the same message.
          #expect(Set(lines.map(\.id)).count == 1)
          #expect(lines.last?.message?.told == ["severe alert.firing", "very-severe alert.firing"])
        }
      }
    }

    @Test func aMessageOfSeveralThatIsRefusedForItselfIsTakenApart() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          _ = try await Self.threeThatFailed(household)
          try await receiver.control(#"{"mode": "422", "times": 1}"#)
          try await household.forwarding([try household.webhookSettings(receiver.address)]) { _ in
            try await Self.settle(household)
          }
          #expect(Self.taken(receiver).compactMap { $0.message?.told } == Self.three.map { [$0] })
        }
      }
    }

    /// Also where nobody knows whether it arrived before the process ended.
    @Test func afterACrashItIsTakenApartToo() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          _ = try await Self.threeThatFailed(household)
          let waiting = try await household.store.dueDeliveries(for: Household.webhook, at: .distantFuture, limit: 9)
          let alerts = waiting.compactMap { delivery in
            delivery.content.alert.map {
              WaitingAlert(id: delivery.id.rawValue, transition: $0, key: delivery.idempotencyKey, attempts: 1)
            }
          }
          try await household.store.seal([AlertMessage(alerts)])
          try await receiver.control(#"{"mode": "422", "times": 1}"#)
          try await household.forwarding([try household.webhookSettings(receiver.address)]) { _ in
            try await Self.settle(household)
          }
          #expect(Self.taken(receiver).compactMap { $0.message?.told } == Self.three.map { [$0] })
        }
      }
    }

    @Test func moreThanTheLimitIsOneMessageAtItsEndAndTheUrgentDoesNotWait() async throws {
      try await Household.run { household in
        var mai = Self.mai
        mai.flood = FloodLimit(count: 2)
        var policy = Self.policy(.warning, contacts: [mai])
        policy.rules[1].severity = .urgent
        // Fires and ends, every minute.
        for number in 0..<5 { try await Self.commit(household, number, number % 2 == 0 ? 185 : 120, policy) }
        try await Self.commit(household, 5, 205, policy)
        func due(_ minutes: Double) async throws -> [Delivery] {
          try await household.store.dueDeliveries(
            for: Household.webhook, at: Household.moment.addingTimeInterval(minutes * 60), limit: 99)
        }
        let atOnce = try await due(10)
        #expect(atOnce.compactMap(\.content.alert?.rule.rawValue) == ["severe", "severe", "very-severe"])
        #expect(atOnce.allSatisfy { $0.wait == nil })
        // The hour of the first of the two is over.
        #expect(try await due(59.9).count == 3)
        let later = try await due(60)
        #expect(later.filter { $0.wait == .flood }.count == 3)
        let message = AlertMessage(
          later.filter { $0.wait == .flood }.compactMap { delivery in
            delivery.content.alert.map {
              WaitingAlert(
                id: delivery.id.rawValue, transition: $0, key: delivery.idempotencyKey, wait: delivery.wait)
            }
          })
        #expect(message.digest.flooded == [RuleID(rawValue: "severe"): 3])
        let text = AlertText(message.digest, AlertTextContext(language: .en, timeZone: .gmt))
        #expect(text.body.contains("so 3 were held back until now: severe 3."), "\(text.body)")
      }
    }
  }
}

extension DeliveryContent {
  fileprivate var alert: AlertTransition? { if case .alert(let alert, _) = self { alert } else { nil } }
}
