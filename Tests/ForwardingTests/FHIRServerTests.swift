import Foundation
import HealthRecords
import Observations
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// What a server offers, has and says, and what is made of it.
  @Suite struct FHIRServerTests {
    private static func forwarder(
      _ household: Household, _ receiver: TestReceiver, _ change: (inout DestinationSettings) -> Void = { _ in }
    ) throws -> FHIRForwarder {
      var settings = Household.fhirSettings(receiver.address)
      change(&settings)
      var surroundings = Household.surroundings(receiver.http)
      surroundings.store = household.store
      return try FHIRForwarder(settings, surroundings)
    }

    @Test func peopleAndDevicesAreSentOnceAndThenReferredTo() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", validating: true) { receiver in
          let forwarder = try Self.forwarder(household, receiver)
          #expect(try await forwarder.deliver([household.delivery(0)]) == [.delivered])
          #expect(try await forwarder.deliver([household.delivery(1)]) == [.delivered])
          // As after a restart.
          let again = try Self.forwarder(household, receiver)
          #expect(try await again.deliver([household.delivery(2)]) == [.delivered])
          // The gateway's Device twice, to see that it stays one; the first reading with its person and its cuff; then
          // readings alone.
          #expect(receiver.journal().map(\.entries) == [1, 1, 3, 1, 1])
          #expect(try await receiver.stats() == ["Patient": 1, "Device": 2, "Observation": 3])
          // The server's id and version are kept.
          let kept = try await household.store.recordResource(
            of: Household.fhir, type: "Observation",
            system: "http://hl7.org/fhir/uv/phd/StructureDefinition/PhdBaseObservation", value: household.identifier(2))
          #expect(kept?.version == "1")
          let shown = try await receiver.look("Observation/\(kept?.id ?? "?")")
          #expect(shown["identifier"][0]["value"].text == household.identifier(2))
        }
      }
    }

    @Test func oneBadReadingIsFoundByHalvingAndItsRefusalIsKept() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", validating: true) { receiver in
          try await household.store(0..<16)
          var batch = try await household.store.dueDeliveries(for: Household.fhir, at: .distantFuture, limit: 16)
          var reading = household.reading(11)
          reading.components[0].value = .quantity(Quantity(187, UCUMUnit(rawValue: "mmHg")))
          batch[11].content = .observation(reading, household.patient, Household.cuff)
          let outcomes = try await Self.forwarder(household, receiver).deliver(batch)
          #expect(outcomes.filter { $0 == .delivered }.count == 15)
          guard case .rejected(let reason) = outcomes[11] else {
            Issue.record("\(outcomes)")
            return
          }
          #expect(!reason.contains("187"))
          // Twice for the gateway, and not once for each reading: 1 + 2 × log2(16) requests, and one to be sure.
          #expect(receiver.journal().count == 2 + 9 + 1)
          let kept = try #require(try await household.store.answer(to: batch[11].id))
          #expect(kept.contains("OperationOutcome") && kept.contains("mm[Hg]"))
          #expect(try await household.store.answer(to: batch[10].id) == nil)
        }
      }
    }

    /// A record has each person's readings in their order: what follows one that was put off waits, of that person only.
    @Test func whatFollowsOneThatWasPutOffWaitsBehindIt() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          let forwarder = try Self.forwarder(household, receiver) { $0.patientNaming = .reference }
          let mai = try await household.store.addPatient(name: "Mai")
          for (id, patient) in [("lan", household.patient), ("mai", mai)] {
            try await receiver.change(
              """
              {"add": {"resourceType": "Patient", "id": "\(id)", "identifier": [
                {"system": "urn:vitals-gateway:patient", "value": "\(patient.id)"}]}}
              """)
          }
          #expect(try await forwarder.deliver([household.delivery(0)]) == [.delivered])
          var batch = (1..<5).map { household.delivery($0) }
          batch[3].content = .observation(household.reading(4), mai, Household.cuff)
          // Somebody takes one of them away there: that is seen when the first of the readings is refused.
          try await receiver.change(#"{"remove": "Patient/lan"}"#)
          let outcomes = try await forwarder.deliver(batch)
          guard case .retry = outcomes[0] else {
            Issue.record("\(outcomes)")
            return
          }
          #expect(outcomes[1...] == [.behind, .behind, .delivered])
          #expect(try await receiver.stats()["Observation"] == 2)
        }
      }
    }

    @Test func whatIsTooLargeIsSplitAndTheNextBatchIsSmaller() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", arguments: ["--limit", "20000"]) { receiver in
          let forwarder = try Self.forwarder(household, receiver)
          #expect(forwarder.batchLimit == 25)
          let outcomes = try await forwarder.deliver((0..<25).map { household.delivery($0) })
          #expect(outcomes == Array(repeating: .delivered, count: 25))
          #expect(forwarder.batchLimit < 25)
          #expect(receiver.created() == (0..<25).map { household.identifier($0) })
        }
        try await TestReceiver.run("fhir_receiver", arguments: ["--limit", "1500"]) { receiver in
          let outcomes = try await Self.forwarder(household, receiver).deliver([household.delivery(0)])
          guard case .destinationRefuses(let reason) = outcomes.first else {
            Issue.record("\(outcomes)")
            return
          }
          #expect(reason.contains("413") && reason.contains("not take even one reading"))
        }
      }
    }

    @Test func aBatchGrowsWithQuickAnswersOnly() {
      let size = BatchSize()
      size.took(25, in: .milliseconds(50))
      #expect(size.value == 50)
      size.took(50, in: .milliseconds(50))
      size.took(100, in: .milliseconds(50))
      #expect(size.value == 100)
      size.took(100, in: .seconds(30))
      #expect(size.value == 50)
      size.failed()
      #expect(size.value == 25)
      size.refused(25)
      size.took(12, in: .milliseconds(50))
      #expect(size.value == 12)
    }

    @Test(arguments: [("update", 1), ("nothing", 0)])
    func aServerWithoutConditionalCreateGetsUpdateAsCreateOrNothing(_ offers: String, _ count: Int) async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", validating: true, arguments: ["--offers", offers]) { receiver in
          for _ in 0..<3 {
            let outcomes = try await Self.forwarder(household, receiver).deliver([household.delivery(0)])
            if count == 1 {
              #expect(outcomes == [.delivered])
            } else {
              guard case .destinationRefuses(let reason) = outcomes.first else {
                Issue.record("\(outcomes)")
                return
              }
              #expect(reason.contains("neither conditional create nor update as create"))
            }
          }
          let stats = try await receiver.stats()
          #expect(stats["Observation"] ?? 0 == count && stats["Patient"] ?? 0 == count)
        }
      }
    }

    @Test func aWrongAddressIsToldNothingOfAnybody() async throws {
      try await Household.run { household in
        try await TestReceiver.run("webhook_receiver") { receiver in
          let outcomes = try await Self.forwarder(household, receiver).deliver([household.delivery(0)])
          guard case .destinationRefuses(let reason) = outcomes.first else {
            Issue.record("\(outcomes)")
            return
          }
          #expect(reason.contains("base address of a FHIR R4 server"))
          #expect(receiver.journal().isEmpty)
        }
      }
    }

    @Test func aServerThatIgnoresTheConditionIsFoundOutBeforeAReadingLeaves() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", arguments: ["--ignores-conditions"]) { receiver in
          let outcomes = try await Self.forwarder(household, receiver).deliver([household.delivery(0)])
          let reason = outcomes.first?.reason
          #expect(reason?.contains("it does not look at ifNoneExist") == true)
          #expect(try await receiver.stats() == ["Device": 2])
          // Its ids can be given instead.
          let other = try Self.forwarder(household, receiver) { $0.creation = .update }
          for _ in 0..<2 { #expect(try await other.deliver([household.delivery(0)]) == [.delivered]) }
          #expect(try await receiver.stats() == ["Device": 4, "Patient": 1, "Observation": 1])
        }
      }
    }

    /// Two nodes that saw no other made two of everything that one transaction created.
    @Test func whatARaceMadeTwiceIsDeliveredAndADoublePatientIsHeld() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", arguments: ["--races"]) { receiver in
          let forwarder = try Self.forwarder(household, receiver)
          try await household.store(0..<1)
          let due = try await household.store.dueDeliveries(for: Household.fhir, at: .distantFuture, limit: 1)
          // The Device became two at the first upload: it answers 412 to the second, and the first of them is taken.
          #expect(try await forwarder.deliver(due) == [.delivered])
          #expect(try await receiver.stats() == ["Device": 4, "Patient": 2, "Observation": 2])
          // As after a lost answer and a restart: nothing is remembered.
          try await household.store.forgetRecordResources(of: Household.fhir)
          let again = try Self.forwarder(household, receiver)
          let outcomes = try await again.deliver(due)
          guard case .retry(let after, let reason) = outcomes.first else {
            Issue.record("\(outcomes)")
            return
          }
          #expect(after == .seconds(900) && reason.contains("has 2 Patients"))
          #expect(try await receiver.stats()["Observation"] == 2)
          // With the person's Patient named, the reading that is there twice is seen to be there.
          let patient = try await receiver.look(
            "Patient?identifier=urn:vitals-gateway:patient%7C\(household.patient.id)")
          let id = try #require(patient["entry"][0]["resource"]["id"].text)
          let named = try Self.forwarder(household, receiver) {
            $0.patientNaming = .known([household.patient.id: id])
          }
          #expect(try await named.deliver(due) == [.delivered])
          #expect(try await receiver.stats()["Observation"] == 2)
          #expect(try await household.store.answer(to: due[0].id)?.contains("2 of Observation") == true)
        }
      }
    }

    @Test func aPersonWhomTheServerMustKnowIsWaitedFor() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", validating: true) { receiver in
          let forwarder = try Self.forwarder(household, receiver) { $0.patientNaming = .reference }
          let missing = try await forwarder.deliver([household.delivery(0)])
          #expect(missing.first?.reason?.contains("has no Patient under this person's identifier") == true)
          try await receiver.change(
            """
            {"add": {"resourceType": "Patient", "id": "nha", "identifier": [
              {"system": "urn:vitals-gateway:patient", "value": "\(household.patient.id)"}]}}
            """)
          #expect(try await forwarder.deliver([household.delivery(0)]) == [.delivered])
          let found = try await receiver.look("Observation?identifier=\(Self.condition(household, 0))")
          #expect(found["entry"][0]["resource"]["subject"]["reference"].text == "Patient/nha")
          #expect(try await receiver.stats()["Patient"] == 1)
        }
      }
    }

    private static func condition(_ household: Household, _ number: Int) -> String {
      "http://hl7.org/fhir/uv/phd/StructureDefinition/PhdBaseObservation%7C\(household.identifier(number))"
    }

    /// A person who is held here, with no word from the server, must not make one that is gone look as if it answered.
    @Test func aPersonWhoIsHeldDoesNotHideAServerThatIsGone() async throws {
      try await Household.run { household in
        let http = OutboundHTTP()
        let forwarder = try await TestReceiver.run("fhir_receiver") { receiver in
          var settings = Household.fhirSettings(receiver.address)
          settings.patientNaming = .known([:])
          let forwarder = try FHIRForwarder(settings, Household.surroundings(http))
          let there = try await forwarder.deliver([household.delivery(0)])
          #expect(there.first?.reason?.contains("no id of a Patient is configured") == true)
          return forwarder
        }
        let gone = try await forwarder.deliver([household.delivery(0)])
        #expect(gone.first?.reason?.hasPrefix("no connection to 127.0.0.1") == true)
        await http.shutdown()
      }
    }

    @Test func aMergedOrMissingPersonIsHeldAndToldAndTheOthersGoOn() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          try await receiver.change(#"{"add": {"resourceType": "Patient", "id": "p1"}}"#)
          func named(_ ids: [PatientID: String]) throws -> FHIRForwarder {
            try Self.forwarder(household, receiver) { $0.patientNaming = .known(ids) }
          }
          #expect(try await named([household.patient.id: "p1"]).deliver([household.delivery(0)]) == [.delivered])
          let unnamed = try await named([:]).deliver([household.delivery(1)])
          #expect(unnamed.first?.reason?.contains("no id of a Patient is configured") == true)
          try await receiver.change(#"{"merge": "Patient/p1"}"#)
          let merged = try await named([household.patient.id: "p1"]).deliver([household.delivery(1)])
          #expect(merged.first?.reason?.contains("has merged this person's Patient") == true)
          try await receiver.change(#"{"remove": "Patient/p1"}"#)
          let gone = try await named([household.patient.id: "p1"]).deliver([household.delivery(1)])
          #expect(gone.first?.reason?.contains("is no longer at 127.0.0.1") == true)

          // In the service: one person is held and told, and the destination is well.
          let other = try await household.store.addPatient(name: "Ông Ngoại", at: Household.moment)
          try await household.store.grantConsent(
            patient: other.id, destination: Household.fhir, grantee: "somebody", relationship: "family",
            at: Household.moment)
          var theirs = household.reading(5)
          theirs.patient = other.id
          try await household.store(2..<3)
          _ = try await household.store.commit(theirs, policy: Household.policy, now: Household.moment, live: true)
          try await receiver.change(#"{"add": {"resourceType": "Patient", "id": "p2"}}"#)
          var settings = Household.fhirSettings(receiver.address)
          settings.patientNaming = .known([household.patient.id: "p1", other.id: "p2"])
          try await household.forwarding([settings]) { service in
            try await eventually { await service.status().first?.waiting == 1 }
            let status = try #require(await service.status().first)
            #expect(!status.isFailing && status.rejected == 0)
            #expect(status.held.keys.map(\.self) == [household.patient.id])
            // Somebody mends it, and says so.
            try await receiver.change(#"{"add": {"resourceType": "Patient", "id": "p1"}}"#)
            #expect(try await service.retry(Household.fhir, id: nil) == 1)
            try await eventually { await service.status().first?.waiting == 0 }
            #expect(await service.status().first?.held == [:])
          }
        }
      }
    }

    /// The server was set back to an earlier day: what it was sent once is not there any more.
    @Test func whatTheServerHasLostIsSentAgain() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          let forwarder = try Self.forwarder(household, receiver)
          #expect(try await forwarder.deliver([household.delivery(0)]) == [.delivered])
          let cuff = try #require(
            try await household.store.recordResource(
              of: Household.fhir, type: "Device", system: "http://hl7.org/fhir/sid/eui-48/bluetooth",
              value: "B0-49-5F-00-10-71"))
          try await receiver.change(#"{"remove": "Device/\#(cuff.id)"}"#)
          #expect(
            try await forwarder.deliver([household.delivery(1), household.delivery(2)]) == [.delivered, .delivered])
          #expect(try await receiver.stats() == ["Patient": 1, "Device": 2, "Observation": 3])
        }
      }
    }

    @Test func aCorrectionNamesTheVersionAndGivesWayToAnother() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver", validating: true) { receiver in
          let forwarder = try Self.forwarder(household, receiver)
          #expect(
            try await forwarder.deliver([household.delivery(0), household.delivery(1)]) == [.delivered, .delivered])
          func withdrawal(_ number: Int) -> Delivery {
            var delivery = household.delivery(number)
            delivery.content = .observationWithdrawn(household.reading(number), household.patient, Household.cuff)
            return delivery
          }
          #expect(try await forwarder.deliver([withdrawal(0)]) == [.delivered])
          // Somebody at the clinic has written into it meanwhile.
          let found = try await receiver.look("Observation?identifier=\(Self.condition(household, 1))")
          var resource = try #require(found["entry"][0]["resource"].value as? [String: Any])
          resource["note"] = [["text": "seen"]]
          let text = String(decoding: try JSONSerialization.data(withJSONObject: ["add": resource]), as: UTF8.self)
          try await receiver.change(text)
          #expect(try await forwarder.deliver([withdrawal(1)]) == [.delivered])
          for number in 0..<2 {
            let now = try await receiver.look("Observation?identifier=\(Self.condition(household, number))")
            #expect(now["entry"].count == 1)
            #expect(now["entry"][0]["resource"]["status"].text == "entered-in-error")
            #expect(now["entry"][0]["resource"]["component"][0]["valueQuantity"].value == nil)
          }
        }
      }
    }
  }
}
