import BluetoothLE
import Devices
import Foundation
import LocalAPI
import Observations
import Store
import Testing

@testable import Gateway

/// A device that is being forgotten, while something else happens: it stays forgotten, and nothing new of it is lost.
@Suite(.timeLimit(.minutes(5))) struct LeavingTests {
  /// A cuff that is stored and awaited.
  private static func stored(_ house: ArmedHouse) async throws -> KnownDevice {
    let cuff = try house.cuff()
    try await house.service.registry.keep(
      cuff, longTermKeys: [try ArmedHouse.key(of: cuff.address)], identityResolvingKey: nil, patient: nil)
    await house.service.learn(cuff)
    return cuff
  }

  /// Unpairs a cuff whose visit has a commit to wait for, and runs `body` while it does.
  private static func whileLeaving(
    _ house: ArmedHouse, _ cuff: KnownDevice, _ body: () async throws -> Void
  ) async throws {
    let (stream, gate) = AsyncStream.makeStream(of: Void.self)
    // In a task of its own, since the visit is cancelled.
    let commit = Task.detached { for await _ in stream {} }
    await house.service.begin(cuff.address) { await commit.value }
    let unpairing = Task { try await house.service.unpair(cuff.id) }
    // Remove Device: from here on only the visit is waited for.
    try await house.until { house.kernel.all.contains { $0.code == 0x0034 } }
    #expect(try await house.store.device(cuff.id) != nil)
    do {
      try await body()
    } catch {
      Issue.record(error)
    }
    gate.finish()
    try await unpairing.value
  }

  private static func isForgotten(_ house: ArmedHouse, _ cuff: KnownDevice) async throws {
    #expect(try await house.store.device(cuff.id) == nil)
    #expect(await house.service.devices.isEmpty)
    #expect(await house.service.leaving.isEmpty)
    // Only reported, so that an attempt is left to itself; never connected to again.
    #expect(house.kernel.actions(of: cuff.address) == [0])
    // Unpair Device.
    #expect(house.kernel.all.last?.code == 0x001B)
  }

  @Test func whoUnpairsItASecondTimeMeanwhileIsToldSo() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try await Self.stored(house)
      try await Self.whileLeaving(house, cuff) {
        let error = await #expect(throws: APIError.self) { try await house.service.unpair(cuff.id) }
        #expect(error?.error == APIError.Code.busy)
      }
      try await Self.isForgotten(house, cuff)
      await #expect(throws: StoreFailure.unknownDevice) { try await house.service.unpair(cuff.id) }
    }
  }

  @Test func aReloadMeanwhileDoesNotBringItBack() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try await Self.stored(house)
      try await Self.whileLeaving(house, cuff) {
        await house.service.adopt(timeZone: .current, constants: [:])
        #expect(await house.service.devices.isEmpty)
      }
      await house.service.adopt(timeZone: .current, constants: [:])
      try await Self.isForgotten(house, cuff)
    }
  }

  /// The store's list may be on its way in the moment in which the device leaves it.
  @Test func aListThatWasReadBeforeDoesNotBringItBack() async throws {
    try await ArmedHouse.with { (house) async throws in
      for _ in 1...10 {
        let cuff = try await Self.stored(house)
        await withTaskGroup(of: Void.self) { group in
          for _ in 1...4 {
            group.addTask {
              for _ in 1...5 { await house.service.adopt(timeZone: .current, constants: [:]) }
            }
          }
          group.addTask {
            await #expect(throws: Never.self) { try await house.service.unpair(cuff.id) }
          }
        }
        #expect(await house.service.devices.isEmpty)
      }
    }
  }

  @Test func itIsPairedOnlyWhenItIsForgotten() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try await Self.stored(house)
      let pairing = PairingLink { _ in }
      try await Self.whileLeaving(house, cuff) {
        for isAgain in [false, true] {
          do throws(PairingFault) {
            if isAgain {
              try await house.service.holdBack(cuff)
            } else {
              try await house.service.beginPairing(cuff.address, pairing)
            }
            Issue.record("it was paired while it was being forgotten")
          } catch {
            guard case .beingForgotten = error else {
              Issue.record(error)
              continue
            }
          }
        }
      }
      try await Self.isForgotten(house, cuff)
      try await house.service.beginPairing(cuff.address, pairing)
      pairing.keep(try ArmedHouse.key(of: cuff.address, 2))
      try await house.service.keep(cuff, pairing, patient: nil)
      #expect(await house.service.isKnown(cuff.address))
      #expect(try await house.store.device(cuff.id) != nil)
    }
  }

  /// Found under a private address, and only its keys say who it is.
  @Test func keysThatAreItsOwnAreNotKeptMeanwhile() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try await Self.stored(house)
      let found = try house.cuff("40:F1:F2:F3:F4:F5")
      let pairing = PairingLink { _ in }
      pairing.keep(
        try #require(IdentityResolvingKey(address: cuff.address, value: [UInt8](repeating: 2, count: 16))))
      var procedure = PairingProcedure(
        service: house.service, request: PairingRequest(), conversation: Gateway.PairingConversation(id: "1"))
      try await Self.whileLeaving(house, cuff) {
        do throws(PairingFault) {
          _ = try await procedure.firstVisit(
            PairingProcedure.Candidate(advertisement: Advertisement(address: found.address), profile: found.profile),
            pairing, .bonded, patient: nil, nil)
          Issue.record("it was paired while it was being forgotten")
        } catch {
          guard case .beingForgotten = error else {
            Issue.record(error)
            return
          }
        }
      }
      try await Self.isForgotten(house, cuff)
    }
  }

  @Test func oneThatTheStoreHasNoMoreIsForgottenHereToo() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try house.cuff()
      await house.service.learn(cuff)
      await #expect(throws: StoreFailure.unknownDevice) { try await house.service.unpair(cuff.id) }
      try await Self.isForgotten(house, cuff)
    }
  }

  /// Who asked has gone before the store was told, which then refuses.
  @Test func oneThatCouldNotBeForgottenIsAwaitedAgain() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try await Self.stored(house)
      let unpairing = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        try await house.service.unpair(cuff.id)
      }
      await #expect(throws: (any Error).self) { try await unpairing.value }
      #expect(try await house.store.device(cuff.id) != nil)
      #expect(await house.service.isKnown(cuff.address))
      #expect(await house.service.leaving.isEmpty)
      try await house.service.unpair(cuff.id)
      #expect(await house.service.devices.isEmpty)
    }
  }
}
