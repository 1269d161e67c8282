import BluetoothLE
import Devices
import LocalAPI
import Observations
import Store
import Testing

@testable import Gateway

/// The steps of a pairing whose turns no device need take part in.
@Suite(.timeLimit(.minutes(5))) struct PairingProcedureTests {
  private static func procedure(
    _ house: ArmedHouse, _ conversation: Gateway.PairingConversation = Gateway.PairingConversation(id: "1")
  ) -> PairingProcedure {
    PairingProcedure(service: house.service, request: PairingRequest(), conversation: conversation)
  }

  private static func candidate(_ device: KnownDevice) -> PairingProcedure.Candidate {
    PairingProcedure.Candidate(advertisement: Advertisement(address: device.address), profile: device.profile)
  }

  // MARK: What is heard

  @Test func ofManyDevicesThatAreHeardTheNewestAreKnown() async throws {
    try await ArmedHouse.with { (house) async throws in
      let profile = try house.cuff().profile
      var candidates = PairingProcedure.Candidates()
      func add(_ number: UInt64) -> Bool {
        candidates.add(
          PairingProcedure.Candidate(
            advertisement: Advertisement(address: BluetoothAddress(value: number, kind: .random)), profile: profile))
      }
      for number in 1...10_000 { #expect(add(UInt64(number))) }
      #expect(!add(10_000) && !add(9_745))
      #expect(candidates.named("00:00:00:00:27:10") != nil && candidates.named("00:00:00:00:26:11") != nil)
      #expect(candidates.named("00:00:00:00:26:10") == nil && candidates.named("00:00:00:00:00:01") == nil)
    }
  }

  /// The kernel's Add Device refuses an address that is no identity (Invalid Parameters): it would never be awaited.
  @Test func aDeviceWithoutBondWhoseAddressChangesIsNotKept() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try house.cuff("40:F1:F2:F3:F4:F5")
      var procedure = Self.procedure(house)
      var fault: PairingFault?
      do throws(PairingFault) {
        _ = try await procedure.firstVisit(
          Self.candidate(cuff), PairingLink { _ in }, .unauthenticated, patient: nil, nil)
      } catch {
        fault = error
      }
      guard case .addressChanges(isHeard: false) = fault else {
        Issue.record("\(String(describing: fault))")
        return
      }
      #expect(try await house.store.devices().isEmpty)
      #expect(await house.service.devices.isEmpty)
    }
  }

  // MARK: The first reading

  /// Nobody measures, and the device comes and goes all the time.
  @Test func aPairingEndsThoughItsDeviceComesAndGoes() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try house.cuff()
      let conversation = Gateway.PairingConversation(id: "1")
      var procedure = Self.procedure(house, conversation)
      // Long beside the time between two visits.
      procedure.laterReadingLimit = .seconds(1)
      let visits = Task {
        while !Task.isCancelled {
          conversation.put(.visitEnded(BluetoothService.VisitEnd(readings: 0, isOrderly: true, sentence: "It ended.")))
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      let device = try await procedure.watchFirstVisit(cuff)
      visits.cancel()
      #expect(device.id == cuff.id.rawValue)
    }
  }

  // MARK: Recording

  @Test func aRecordingThatIsRefusedLeavesTheOthersPairingAlone() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try house.cuff()
      await house.service.enter(PairingLink { _ in }, cuff.address)
      var procedure = Self.procedure(house)
      var fault: PairingFault?
      do throws(PairingFault) {
        _ = try await procedure.withRecordingLink(Self.candidate(cuff)) { (_, _) async throws(PairingFault) in
          throw .cancelled
        }
      } catch {
        fault = error
      }
      guard case .busy = fault else {
        Issue.record("\(String(describing: fault))")
        return
      }
      // Neither taken off the kernel's list nor unpaired.
      #expect(house.kernel.all.isEmpty)
    }
  }

  @Test func aRecordingLeavesNoKeysAndADeviceThatTurnsOutToBeKnownItsOwn() async throws {
    try await ArmedHouse.with { (house) async throws in
      let known = try house.cuff("F0:F1:F2:F3:F4:F6")
      try await house.service.registry.keep(
        known, longTermKeys: [try ArmedHouse.key(of: known.address)], identityResolvingKey: nil, patient: nil)
      await house.service.learn(known)
      let found = try house.cuff("40:F1:F2:F3:F4:F5")
      let key = try #require(
        IdentityResolvingKey(address: known.address, value: [UInt8](repeating: 3, count: 16)))
      var procedure = Self.procedure(house)
      _ = try? await procedure.withRecordingLink(Self.candidate(found)) { (_, pairing) async throws(PairingFault) in
        pairing.keep(key)
        throw .cancelled
      }
      let unpaired = house.kernel.all.filter { $0.code == 0x001B }.map { Array($0.parameters.prefix(6)) }
      #expect(Set(unpaired) == [found.address.wire])
      #expect(house.kernel.actions(of: known.address).last == 2)
    }
  }
}
