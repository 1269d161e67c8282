import Foundation
import Observations
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// A reading that was told and then disowned, at the receivers.
  @Suite struct WithdrawalTests {
    @Test func theRecordHasItEnteredInErrorAndTheContactIsTold() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", validating: true) { record in
          try await TestReceiver.run("webhook_receiver", arguments: ["--secret", Household.secret]) { contact in
            let settings = [
              Household.fhirSettings(record.address), try household.webhookSettings(contact.address),
            ]
            try await household.forwarding(settings) { _ in
              try await household.store(0..<1, systolic: 190)
              try await household.store(1..<2)
              try await record.journal(atLeast: 1)
              try await eventually { record.created().count == 2 }
              try await contact.journal(atLeast: 1)
              let firing = try #require(contact.journal().first?.message)
              #expect(firing.type == "alert.firing")
              let readings = try await household.store.observations()
              let guest = try #require(readings.first { $0.quantity(MDC.pressBldNoninvSys)?.value == 190 })
              try await eventually { try await household.store.outboxCounts().values.allSatisfy { $0.waiting == 0 } }

              // The first answer to the correction is lost: what is sent again changes nothing more.
              try await record.control(#"{"mode": "lose-answer", "times": 1}"#)
              _ = try await household.store.disown(
                [guest.id], by: nil, policy: Household.policy, now: Household.moment)
              try await eventually { try await household.store.uncorrected([guest.id]) == [:] }
              let replaced = record.journal().flatMap { $0.replaced ?? [] }
              #expect(replaced.map(\.value) == [household.identifier(0), household.identifier(0)])
              #expect(replaced.allSatisfy { $0.status == "entered-in-error" })
              #expect(record.created() == [household.identifier(0), household.identifier(1)])
              let withdrawn = try #require(contact.journal().last?.message)
              #expect(withdrawn.type == "alert.withdrawn" && withdrawn.data.withdrawn == "alert.firing")
              #expect(withdrawn.data.episode == firing.data.episode && firing.data.episode != nil)

              // Hers after all.
              _ = try await household.store.claim(
                [guest.id], for: household.patient.id, by: nil, policy: Household.policy, now: Household.moment)
              try await eventually {
                record.journal().flatMap { $0.replaced ?? [] }.last?.status == "final"
              }
              #expect(record.created().count == 2)
            }
          }
        }
      }
    }
  }
}
