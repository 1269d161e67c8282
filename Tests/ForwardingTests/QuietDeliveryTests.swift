import AlertRules
import Foundation
import Observations
import Store
import Synchronization
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// What waits for the end of somebody's quiet hours is not brought before, whatever else makes a queue try what waits.
  @Suite struct QuietDeliveryTests {
    @Test func aStartOfTheServiceDoesNotEndQuietHours() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          var policy = Household.policy
          policy.rules[0].severity = .warning
          // From 22:00 to 02:00; the reading comes five seconds after midnight.
          policy.escalation = EscalationPlan(contacts: [
            Contact(
              id: ContactID(rawValue: "mai"), role: .caregiver, destinations: [Household.webhook],
              quiet: QuietHours(from: 1320, until: 120, timeZone: .gmt))
          ])
          _ = try await household.store.commit(
            household.reading(0, 190), policy: policy, now: Household.moment, live: true)
          let clock = Mutex(Household.moment.addingTimeInterval(60))
          let settings = try household.webhookSettings(receiver.address)
          // Started twice, as after a restart: each start tries what waits ahead of its time.
          for _ in 0..<2 {
            try await household.forwarding([settings], now: { clock.withLock { $0 } }) { _ in
              try await Task.sleep(for: .milliseconds(600))
            }
          }
          #expect(receiver.journal().isEmpty)
          clock.withLock { $0 = Household.moment.addingTimeInterval(7200) }
          _ = try await household.forwarding([settings], now: { clock.withLock { $0 } }) { _ in
            try await receiver.journal(atLeast: 1)
          }
          #expect(receiver.journal().count == 1)
        }
      }
    }
  }
}
