import Foundation
import Observations
import Store
import Testing

@Suite struct DeviceTests {
  @Test func aDeviceIsKeptWhole() async throws {
    let house = try await House.open()
    var full = pairedCuff
    full.keepsSubscriptions = true
    full.clockOffset = -3600.5
    full.clockReadAt = minute(1)
    full.lastSeen = minute(2)
    full.lastVisit = minute(2)
    full.lastEnd = "done"
    try await house.store.saveDevice(full)
    #expect(try await house.store.device(cuff) == full)
    #expect(try await house.store.devices() == [full])
    let changed = try await house.store.updateDevice(cuff) { $0.battery = 5 }
    full.battery = 5
    #expect(changed == full)
    #expect(try await house.store.device(cuff) == full)
    await #expect(throws: StoreFailure.unknownDevice) {
      try await house.store.updateDevice(DeviceID(rawValue: "ble:no")) { $0.battery = 1 }
    }
  }

  @Test func aPairingIsKeptWholeOrNotAtAll() async throws {
    let house = try await House.open()
    let key = StoredKey(address: "F0:F1:F2:F3:F4:F5", kind: "random/2/0", value: Data([7]))
    try await house.store.saveKey(.longTerm, address: key.address, kind: "old", value: Data([1]))
    await #expect(throws: StoreFailure.unknownPatient) {
      try await house.store.keepPaired(
        pairedCuff, keys: [(.longTerm, key)], user: PatientID(rawValue: "p-nobody"))
    }
    #expect(try await house.store.device(cuff) == nil)
    #expect(try await house.store.keys(.longTerm).map(\.value) == [Data([1])])

    let owner = try await house.store.addPatient(name: "Ba")
    try await house.store.keepPaired(pairedCuff, keys: [(.longTerm, key)], user: owner.id)
    #expect(try await house.store.keys(.longTerm) == [key])
    #expect(try await house.store.device(cuff)?.users == [DeviceUser(slot: nil, patient: owner.id)])

    // Paired again: the start of the time that its memory may be from is not lost.
    try await house.store.recordVisit(cuff, at: minute(3), end: "done")
    try await house.store.keepPaired(pairedCuff, keys: [], user: owner.id)
    #expect(try await house.store.previousVisit(of: cuff) == minute(3))
    #expect(try await house.store.keys(.longTerm) == [])
  }

  @Test func aDeviceThatIsPairedAgainIsTheSameDevice() async throws {
    let house = try await House.open()
    let owner = try await house.addOwner()
    let son = try await house.store.addPatient(name: "Son", at: minute(0))
    try await house.store.assign(cuff, slot: 2, to: son.id)
    try await house.store.updateDevice(cuff) { record in
      record.keepsSubscriptions = true
      record.clockOffset = -12
      record.clockReadAt = minute(1)
    }
    try await house.store.recordVisit(cuff, at: minute(2), end: "done")
    let before = try #require(try await house.store.device(cuff))
    // What pairing knows of it: no name, nothing learned.
    let bare = DeviceRecord(
      description: DeviceDescription(
        id: cuff, address: "F0:F1:F2:F3:F4:F5", name: nil, profile: "sig/blood-pressure",
        information: DeviceInformation()),
      addressKind: "random", authentication: .authenticated, pairedAt: minute(9))
    let key = StoredKey(address: "F0:F1:F2:F3:F4:F5", kind: "random/2/0", value: Data([7]))
    try await house.store.keepPaired(bare, keys: [(.longTerm, key)], user: nil)
    var expected = before
    expected.authentication = .authenticated
    expected.pairedAt = minute(9)
    #expect(try await house.store.device(cuff) == expected)
    #expect(
      expected.users == [DeviceUser(slot: 2, patient: son.id), DeviceUser(slot: nil, patient: owner.id)])
    #expect(try await house.store.keys(.longTerm) == [key])
  }

  /// They are the device's users', and not the bond's.
  @Test func consentsOutliveAPairingAndGoWithTheDevice() async throws {
    let house = try await House.open()
    let address = "F0:F1:F2:F3:F4:F5"
    try await house.store.keepPaired(pairedCuff, keys: [], user: nil)
    try await house.store.saveKey(.consent, address: address, kind: "2", value: Data("7391".utf8))
    try await house.store.saveKey(.consent, address: address, kind: "2", value: Data("42".utf8))
    try await house.store.saveKey(.consent, address: "C0:00:00:00:00:01", kind: "2", value: Data("1".utf8))
    try await house.store.keepPaired(pairedCuff, keys: [], user: nil)
    let kept = try await house.afterCrash().store.keys(.consent)
    #expect(kept.filter { $0.address == address }.map(\.value) == [Data("42".utf8)])
    #expect(!"\(kept)".contains("7391"))
    try await house.store.removeDevice(cuff, at: minute(2))
    #expect(try await house.store.keys(.consent).map(\.address) == ["C0:00:00:00:00:01"])
  }

  @Test func removingKeepsReadingsAndForgetsTheRest() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let kept = try #require(try await house.keep(reading(120, clock: 1)).kept)
    try await house.store.saveKey(.longTerm, address: "F0:F1:F2:F3:F4:F5", kind: "random", value: Data([1]))
    try await house.store.saveKey(.identityResolving, address: "F0:F1:F2:F3:F4:F5", kind: "random", value: Data([2]))
    try await house.store.saveKey(.longTerm, address: "C0:00:00:00:00:01", kind: "random", value: Data([3]))
    try await house.store.removeDevice(cuff, at: minute(2))
    #expect(try await house.store.devices() == [])
    #expect(try await house.store.device(cuff) == nil)
    #expect(try await house.store.keys(.longTerm).map(\.value) == [Data([3])])
    #expect(try await house.store.keys(.identityResolving) == [])
    #expect(try await house.store.observations() == [kept])
    #expect(try await house.afterCrash().store.observations() == [kept])
    await #expect(throws: StoreFailure.unknownDevice) { try await house.store.removeDevice(cuff) }
    // Paired again it is nobody's until somebody says so.
    try await house.store.saveDevice(pairedCuff)
    #expect(try await house.store.device(cuff)?.users == [])
    #expect(try await house.keep(reading(121, clock: 2)).kept?.patient == nil)
  }

  @Test func keysReplaceEachOtherAndDoNotShow() async throws {
    let house = try await House.open()
    try await house.store.saveKey(.longTerm, address: "A", kind: "public", value: Data([0xde, 0xad]))
    try await house.store.saveKey(.longTerm, address: "A", kind: "random", value: Data([2]))
    try await house.store.saveKey(.longTerm, address: "A", kind: "public", value: Data([0xbe, 0xef]))
    let keys = try await house.store.keys(.longTerm)
    #expect(keys.map(\.value) == [Data([0xbe, 0xef]), Data([2])])
    #expect("\(keys[0])" == "key of A (public)")
    try await house.store.removeKeys(address: "A")
    #expect(try await house.store.keys(.longTerm) == [])
  }

  @Test func usersBySlot() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let son = try await house.store.addPatient(name: "Son", at: minute(0))
    try await house.store.assign(cuff, slot: 0, to: son.id)
    #expect(
      try await house.store.device(cuff)?.users
        == [DeviceUser(slot: 0, patient: son.id), DeviceUser(slot: nil, patient: lan.id)])
    await #expect(throws: StoreFailure.unknownPatient) {
      try await house.store.assign(cuff, slot: 1, to: PatientID(rawValue: "p-x"))
    }
    await #expect(throws: StoreFailure.unknownDevice) {
      try await house.store.assign(DeviceID(rawValue: "ble:no"), slot: 1, to: lan.id)
    }
  }

  @Test func thePreviousVisit() async throws {
    let house = try await House.open()
    try await house.store.saveDevice(pairedCuff)
    #expect(try await house.store.previousVisit(of: cuff) == nil)
    try await house.store.recordVisit(cuff, at: minute(5), end: "link lost")
    #expect(try await house.store.previousVisit(of: cuff) == minute(5))
    #expect(try await house.store.device(cuff)?.lastEnd == "link lost")
  }
}
