import Foundation
import LocalAPI
import LocalServer
import Observations
import Store
import Testing

@Suite(.timeLimit(.minutes(2))) struct GatewayRouteTests {
  private let cuff = FoundDevice(
    address: "F0:F1:F2:F3:F4:F5", name: "UA-651", profile: "sig/blood-pressure", score: 10, rssi: -62)

  @Test func scanIsAStreamWithAnEnd() async throws {
    let asked = Log<ScanRequest>()
    let cuff = cuff
    let control = GatewayControl.quiet(scan: { (request) async throws(APIError) in
      asked.add(request)
      return AsyncStream { continuation in
        continuation.yield(cuff)
        continuation.finish()
      }
    })
    try await Served.with(control) { (served) async throws in
      var events: [ScanEvent] = []
      try await served.client.scan(ScanRequest(seconds: 5, all: true)) { events.append($0) }
      #expect(events == [.found(cuff), .finished])
      #expect(asked.all == [ScanRequest(seconds: 5, all: true)])
      await #expect(throws: LocalClientError.self) { try await served.client.scan(ScanRequest(seconds: 0)) { _ in } }
    }
  }

  @Test func aRefusedScanHasItsStatusAndReason() async throws {
    let refusal = APIError(APIError.Code.bluetoothUnavailable, "no adapter", remedy: "plug one in")
    let control = GatewayControl.quiet(scan: { (_) async throws(APIError) in throw refusal })
    try await Served.with(control) { (served) async throws in
      await #expect(throws: LocalClientError.refused(status: 503, refusal)) {
        try await served.client.scan(ScanRequest(seconds: 5)) { _ in }
      }
    }
  }

  private struct Enough: Error {}

  @Test func leavingAScanStopsIt() async throws {
    let stopped = Log<Bool>()
    let cuff = cuff
    let control = GatewayControl.quiet(scan: { (_) async throws(APIError) in
      AsyncStream { continuation in
        continuation.yield(cuff)
        continuation.onTermination = { _ in stopped.add(true) }
      }
    })
    try await Served.with(control) { (served) async throws in
      await #expect(throws: Enough.self) {
        try await served.client.scan(ScanRequest(seconds: 600)) { _ in throw Enough() }
      }
      #expect(await stopped.next() == true)
    }
  }

  /// A gateway that asks for a passkey, once wrong, and for the owner.
  private func pairing(_ said: Log<String>) -> GatewayControl {
    GatewayControl.quiet(pair: { (request) async throws(APIError) in
      said.add("pair \(request.patient ?? "-") \(request.waitSeconds ?? 0)")
      let (events, continuation) = AsyncStream.makeStream(of: PairingEvent.self)
      continuation.yield(.searching(profiles: []))
      continuation.yield(.found(FoundDevice(address: "A", rssi: -60)))
      return GatewayPairing(
        events: events,
        answer: { (answer) async throws(APIError) in
          switch answer {
          case .choose(let address):
            said.add("choose \(address)")
            continuation.yield(.passkeyNeeded(attempt: 1))
          case .passkey("000000"):
            continuation.yield(.passkeyWrong(attemptsLeft: 2))
            continuation.yield(.passkeyNeeded(attempt: 2))
          case .passkey:
            said.add("passkey")
            continuation.yield(.whoseIsIt(patients: []))
          case .patient(let patient):
            said.add("patient \(patient)")
            continuation.yield(.finished(device: Device(id: "ble:A", profile: "c/d", simulated: false)))
            continuation.finish()
          case .yes, .no, .cancel, .written, .consent, .noConsent:
            throw APIError(APIError.Code.invalid, "nothing was asked")
          }
        },
        cancel: {
          said.add("cancel")
          continuation.finish()
        })
    })
  }

  @Test func aPairingIsAConversation() async throws {
    let said = Log<String>()
    try await Served.with(pairing(said)) { (served) async throws in
      let mai = try await served.client.addPatient(NewPatient(name: "Mai"))
      let started = try await served.client.startPairing(PairingRequest(patient: "mai", waitSeconds: 86_400))
      var heard: [String] = []
      try await served.client.pairingEvents(started.id) { event in
        switch event {
        case .found(let device):
          heard.append("found")
          try await served.client.answerPairing(started.id, .choose(address: device.address))
        case .passkeyNeeded(let attempt):
          heard.append("passkeyNeeded \(attempt)")
          await #expect(throws: LocalClientError.self, "five digits") {
            try await served.client.answerPairing(started.id, .passkey("12345"))
          }
          await #expect(throws: LocalClientError.self, "nothing was asked") {
            try await served.client.answerPairing(started.id, .yes)
          }
          try await served.client.answerPairing(started.id, .passkey(attempt == 1 ? "000000" : "123456"))
        case .passkeyWrong(let left): heard.append("passkeyWrong \(left)")
        case .whoseIsIt:
          heard.append("whoseIsIt")
          await #expect(throws: LocalClientError.self, "somebody unknown") {
            try await served.client.answerPairing(started.id, .patient("Nobody"))
          }
          try await served.client.answerPairing(started.id, .patient("Mai"))
        case .finished: heard.append("finished")
        default: heard.append("other")
        }
      }
      #expect(
        heard == [
          "other", "found", "passkeyNeeded 1", "passkeyWrong 2", "passkeyNeeded 2", "whoseIsIt", "finished",
        ])
      // Names have become ids before the gateway sees them.
      #expect(said.all.prefix(4) == ["pair \(mai.id) 86400.0", "choose A", "passkey", "patient \(mai.id)"])
      await #expect(throws: LocalClientError.self, "it has ended") {
        try await served.client.answerPairing(started.id, .yes)
      }
    }
  }

  @Test func aKnownDeviceIsPairedAgainByAnyOfItsNames() async throws {
    let asked = Log<String>()
    let control = GatewayControl.quiet(pair: { (request) async throws(APIError) in
      asked.add(request.again ?? "-")
      throw APIError(APIError.Code.busy, "enough")
    })
    try await Served.with(control) { (served) async throws in
      let id = "ble:F0:F1:F2:F3:F4:F5"
      try await served.store.saveDevice(
        DeviceRecord(
          description: DeviceDescription(
            id: DeviceID(rawValue: id), address: "F0:F1:F2:F3:F4:F5", name: "UA-651", profile: "a/b",
            information: DeviceInformation()), addressKind: "random", authentication: .bonded, pairedAt: Date()))
      for name in [id, "ua-651", "f0:f1:f2:f3:f4:f5"] {
        await #expect(throws: LocalClientError.self) {
          try await served.client.startPairing(PairingRequest(again: name))
        }
        #expect(await asked.next() == id)
      }
      for (request, status) in [
        (PairingRequest(again: "nobody"), 404), (PairingRequest(address: "A", again: id), 400),
        (PairingRequest(again: id, profile: "a/b"), 400), (PairingRequest(again: id, patient: "Mai"), 400),
      ] {
        do {
          _ = try await served.client.startPairing(request)
          Issue.record("accepted: \(request)")
        } catch LocalClientError.refused(let found, _) {
          #expect(found == status, "\(request)")
        }
      }
    }
    #expect(asked.all.count == 3)
  }

  @Test func leavingTheEventsCancelsThePairing() async throws {
    let said = Log<String>()
    try await Served.with(pairing(said)) { (served) async throws in
      let started = try await served.client.startPairing(PairingRequest())
      await #expect(throws: Enough.self) {
        try await served.client.pairingEvents(started.id) { _ in throw Enough() }
      }
      #expect(await said.next() == "pair - 0.0")
      #expect(await said.next() == "cancel")
    }
  }

  @Test func aPairingIsCancelledByItsName() async throws {
    let said = Log<String>()
    try await Served.with(pairing(said)) { (served) async throws in
      let started = try await served.client.startPairing(PairingRequest())
      try await served.client.cancelPairing(started.id)
      #expect(await said.next() == "pair - 0.0")
      #expect(await said.next() == "cancel")
      await #expect(throws: LocalClientError.self) { try await served.client.cancelPairing("unknown") }
    }
  }

  @Test func eventsHaveOneReader() async throws {
    let said = Log<String>()
    try await Served.with(pairing(said)) { (served) async throws in
      let started = try await served.client.startPairing(PairingRequest())
      await #expect(throws: Enough.self) {
        try await served.client.pairingEvents(started.id) { _ in
          do {
            try await served.client.pairingEvents(started.id) { _ in }
            Issue.record("two readers")
          } catch LocalClientError.refused(let status, _) {
            #expect(status == 409)
          }
          throw Enough()
        }
      }
    }
  }

  @Test func aStoppedServerCancelsPairings() async throws {
    let said = Log<String>()
    try await Served.with(pairing(said)) { (served) async throws in
      _ = try await served.client.startPairing(PairingRequest())
    }
    #expect(said.all == ["pair - 0.0", "cancel"])
  }

  @Test func aPairingForSomebodyUnknownDoesNotBegin() async throws {
    let said = Log<String>()
    try await Served.with(pairing(said)) { (served) async throws in
      await #expect(throws: LocalClientError.self) {
        try await served.client.startPairing(PairingRequest(patient: "Nobody"))
      }
    }
    #expect(said.all.isEmpty)
  }
}
