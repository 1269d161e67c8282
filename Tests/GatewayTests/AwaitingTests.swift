import BluetoothLE
import Devices
import Observations
import Testing

@testable import Gateway

/// Which devices the kernel waits for: none that could measure may be left out.
@Suite(.timeLimit(.minutes(5))) struct AwaitingTests {
  /// Its first visit ended without a reading, and the person is still given time to measure.
  @Test func aCuffThatWasJustPairedIsAwaitedAfterItsPause() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try house.cuff(pause: .milliseconds(50))
      let pairing = PairingLink { _ in }
      pairing.keep(try ArmedHouse.key(of: cuff.address))
      await house.service.enter(pairing, cuff.address)
      try await house.service.keep(cuff, pairing, patient: nil)
      await house.service.pause(cuff)
      #expect(house.kernel.actions(of: cuff.address).prefix(2) == [2, 0])
      try await house.until { house.kernel.actions(of: cuff.address).last == 2 }
    }
  }

  @Test func aCuffWhoseKeysAreBeingMadeIsNotAwaitedAfterAPause() async throws {
    try await ArmedHouse.with { (house) async throws in
      let (cuff, other) = (try house.cuff(), try house.cuff("F0:F1:F2:F3:F4:F6", pause: .milliseconds(20)))
      var paused = cuff
      paused.profile.session.pause = .milliseconds(20)
      for device in [paused, other] { await house.service.learn(device) }
      await house.service.enter(PairingLink { _ in }, cuff.address)
      await house.service.pause(paused)
      await house.service.pause(other)
      try await house.until { house.kernel.actions(of: other.address) == [0, 2] }
      try await house.until { await house.service.resting.isEmpty }
      #expect(house.kernel.actions(of: cuff.address) == [0])
    }
  }

  @Test func aPairingThatSucceededAwaitsItsDeviceAgain() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try house.cuff()
      let pairing = PairingLink { _ in }
      await house.service.learn(cuff)
      await house.service.enter(pairing, cuff.address)
      await house.service.endPairing(pairing, failed: nil)
      #expect(house.kernel.actions(of: cuff.address) == [2])
    }
  }

  /// Load Identity Resolving Keys (0x0030) replaces all, and another device may be given its keys back meanwhile.
  @Test func aPairingKeepsItsIdentityResolvingKeyWhenAnothersAreRestored() async throws {
    try await ArmedHouse.with { (house) async throws in
      let (known, new) = (try house.cuff(), try house.cuff("F0:F1:F2:F3:F4:F6"))
      let (old, made) = (
        try #require(IdentityResolvingKey(address: known.address, value: [UInt8](repeating: 1, count: 16))),
        try #require(IdentityResolvingKey(address: new.address, value: [UInt8](repeating: 2, count: 16)))
      )
      try await house.service.registry.keep(
        known, longTermKeys: [try ArmedHouse.key(of: known.address)], identityResolvingKey: old, patient: nil)
      await house.service.learn(known)
      let pairing = PairingLink { _ in }
      pairing.keep(made)
      // As it is when the kernel has told it: under both of its addresses.
      for address in [new.address, try house.cuff("40:F1:F2:F3:F4:F5").address] {
        await house.service.enter(pairing, address)
      }
      await house.service.restore(known.address)
      let loaded = try #require(house.kernel.all.last { $0.code == 0x0030 })
      #expect(
        loaded.parameters == [2, 0, 0xF5, 0xF4, 0xF3, 0xF2, 0xF1, 0xF0, 2] + [UInt8](repeating: 1, count: 16)
          + [0xF6, 0xF4, 0xF3, 0xF2, 0xF1, 0xF0, 2] + [UInt8](repeating: 2, count: 16))
    }
  }

  /// What the kernel lost of one of them would else be lost for good.
  @Test func eachDeviceHasItsTurnInWhatKeepsTheKernelScanning() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuffs = try (1...5).map { try house.cuff("F0:F1:F2:F3:F4:0\($0)") }
      for cuff in cuffs { await house.service.learn(cuff) }
      for _ in 1...10 { await house.service.keepScanning() }
      for cuff in cuffs { #expect(house.kernel.actions(of: cuff.address) == [2, 2]) }
    }
  }

  /// Two links without a reading are free, as of a cuff that comes again for the second half of its memory.
  @Test func aDeviceWhoseLinksBringNothingIsLeftAloneFromTheThirdOn() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try house.cuff()
      await house.service.learn(cuff)
      let empty = BluetoothService.VisitEnd(readings: 0, isOrderly: true, sentence: "The link ended.")
      for _ in 1...2 { await house.service.leave(cuff, after: empty) }
      #expect(house.kernel.actions(of: cuff.address).isEmpty)
      await house.service.leave(cuff, after: empty)
      #expect(house.kernel.actions(of: cuff.address) == [0])
      let full = BluetoothService.VisitEnd(readings: 1, isOrderly: true, sentence: "The link ended.")
      await house.service.leave(cuff, after: full)
      for _ in 1...2 { await house.service.leave(cuff, after: empty) }
      #expect(house.kernel.actions(of: cuff.address) == [0])
    }
  }
}
