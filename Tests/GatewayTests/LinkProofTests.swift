import Devices
import Foundation
import Glibc
import LocalAPI
import Logging
import Observations
import Store
import Testing

@testable import BluetoothLE
@testable import Gateway

/// What a link must prove before anything of it is read, by the device's bond and its profile's.
@Suite(.timeLimit(.minutes(5))) struct LinkProofTests {
  @Test(arguments: [
    (LinkAuthentication.authenticated, SessionPolicy.Bond.required, LinkProof.key),
    (.authenticated, .preferred, .key), (.authenticated, .never, .key),
    (.bonded, .required, .key), (.bonded, .preferred, .key), (.bonded, .never, .key),
    (.unauthenticated, .required, .bondThatIsMissing),
    (.unauthenticated, .preferred, .nothing), (.unauthenticated, .never, .nothing),
  ])
  func aBondThatWasMadeHoldsWhateverTheProfileSays(
    authentication: LinkAuthentication, bond: SessionPolicy.Bond, proof: LinkProof
  ) async throws {
    try await ArmedHouse.with { (house) async throws in
      #expect(try Self.cuff(house, authentication, bond).linkProof == proof)
    }
  }

  private static func cuff(
    _ house: ArmedHouse, _ authentication: LinkAuthentication, _ bond: SessionPolicy.Bond
  ) throws -> KnownDevice {
    var cuff = try house.cuff(authentication: authentication)
    cuff.profile.session.bond = bond
    return cuff
  }

  /// A link of `peer` in clear, in which an indication waits, and the peer's end of it.
  private static func link(of peer: BluetoothAddress) throws -> (IncomingLink, peer: Int32) {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    let indication: [UInt8] = [0x1D, 3, 0, 0, 120, 0, 80, 0, 93, 0]
    #expect(send(ends[1], indication, indication.count, Int32(MSG_NOSIGNAL)) == indication.count)
    return (IncomingLink(peer: peer, local: nil, channel: SeqPacketChannel(fileDescriptor: ends[0])), ends[1])
  }

  /// Nothing was said on the link, and it is over.
  private static func isClosedUnanswered(_ descriptor: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64)
    return recv(descriptor, &buffer, buffer.count, 0) <= 0
  }

  // MARK: Visits

  /// The socket is none of Bluetooth's, so the kernel refuses to encrypt: as with a peer that does not.
  @Test(arguments: SessionPolicy.Bond.allCases)
  func aBondedDeviceIsNotReadInClear(bond: SessionPolicy.Bond) async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try Self.cuff(house, .bonded, bond)
      try await house.service.registry.keep(
        cuff, longTermKeys: [try ArmedHouse.key(of: cuff.address)], identityResolvingKey: nil, patient: nil)
      await house.service.learn(cuff)
      let (link, peer) = try Self.link(of: cuff.address)
      defer { Glibc.close(peer) }
      #expect(await house.service.serve(link, cuff) == nil)
      #expect(Self.isClosedUnanswered(peer))
      #expect(try await house.store.observations().isEmpty)
      // Load Long Term Keys: without a key in the kernel the stranger would be paired with.
      #expect(house.kernel.all.contains { $0.code == 0x0013 && $0.parameters.first == 1 })
      #expect(house.health.warnings.map(\.kind) == [HealthWarning.Kind.untrustedLink])
    }
  }

  @Test func aDeviceWithoutABondIsReadInClearWhereItsProfileAllowsIt() async throws {
    try await ArmedHouse.with { (house) async throws in
      for bond in [SessionPolicy.Bond.preferred, .never] {
        let cuff = try Self.cuff(house, .unauthenticated, bond)
        let (link, peer) = try Self.link(of: cuff.address)
        defer { Glibc.close(peer) }
        try await house.service.secure(link, cuff)
        link.channel.close()
      }
      // With no key in the kernel, asking for a level would begin a pairing with whoever this is.
      #expect(house.kernel.all.isEmpty)
    }
  }

  @Test func aDeviceWithoutTheBondThatItsProfileWantsIsNotReadAndAPersonIsToldWhatToDo() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try Self.cuff(house, .unauthenticated, .required)
      await house.service.learn(cuff)
      let (link, peer) = try Self.link(of: cuff.address)
      defer { Glibc.close(peer) }
      #expect(await house.service.serve(link, cuff) == nil)
      #expect(Self.isClosedUnanswered(peer))
      #expect(try await house.store.observations().isEmpty)
      let warning = try #require(house.health.warnings.first)
      #expect(house.health.warnings.count == 1)
      #expect(warning.kind == HealthWarning.Kind.staleBond && warning.severity == .error)
      #expect(warning.title.contains("was paired without a bond"))
      #expect(warning.remedy.hasSuffix("vitals pair --again \(cuff.address)"))
    }
  }

  /// Before somebody measures in vain; and when the profile is as it was, nothing stays of it.
  @Test func aProfileThatWantsABondSaysSoWhenItIsReadAndOneThatDoesNotReadsAsBefore() async throws {
    try await ArmedHouse.with { (house) async throws in
      let registry = await house.service.registry
      let cuff = try Self.cuff(house, .unauthenticated, .preferred)
      try await registry.keep(cuff, longTermKeys: [], identityResolvingKey: nil, patient: nil)
      await house.service.learn(cuff)
      var strict = cuff.profile
      strict.session.bond = .required
      registry.adopt(ProfileLibrary([strict]))
      await house.service.adopt(timeZone: .current, constants: [:])
      #expect(house.health.warnings.map(\.kind) == [HealthWarning.Kind.staleBond])
      let device = try #require(await house.service.devices[cuff.address])
      // Often enough to be left alone.
      for _ in 1...3 { await house.service.bondRefused(device, isMissing: true) }
      #expect(await house.service.resting[cuff.address] != nil)
      registry.adopt(ProfileLibrary([cuff.profile]))
      await house.service.adopt(timeZone: .current, constants: [:])
      #expect(house.health.warnings.isEmpty)
      #expect(await house.service.resting.isEmpty)
      #expect(await registry.staleBonds().isEmpty)
      #expect(house.kernel.actions(of: cuff.address).last == 2)
    }
  }

  // MARK: Advertisements

  @Test(arguments: [(LinkAuthentication.bonded, false), (.unauthenticated, true)])
  func whatABondedDeviceIsHeardToSayInClearIsNotTaken(authentication: LinkAuthentication, isTaken: Bool) async throws {
    try await ArmedHouse.with { (house) async throws in
      var strap = try house.cuff(authentication: authentication)
      strap.profile = DeviceProfile(
        name: "test/strap", title: "A strap", recognition: Recognition(manufacturers: [0x006B]),
        driver: "polar-advertisement", session: SessionPolicy(connect: .never, bond: .never, subscribe: []))
      await house.service.learn(strap)
      // Flags, then the manufacturer data of an H10 as its maker publishes it.
      let data: [UInt8] = [2, 0x01, 0x06, 7, 0xFF, 0x6B, 0x00, 0x3B, 0x16, 0x44, 0x46]
      await house.service.heard(
        ManagementEvent.FoundDevice(address: strap.address, rssi: -60, flags: 0, data: data))
      #expect(await house.service.listenings.isEmpty != isTaken)
      #expect(house.health.warnings.map(\.kind) == (isTaken ? [] : [HealthWarning.Kind.untrustedLink]))
      await house.service.endListening(strap.address)
    }
  }

  // MARK: Pairings

  @Test(arguments: [
    (LinkAuthentication.bonded, LinkAuthentication.unauthenticated), (.authenticated, .unauthenticated),
    (.authenticated, .bonded),
  ])
  func aDeviceIsNotReplacedByOneThatProvesLess(known: LinkAuthentication, new: LinkAuthentication) async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try Self.cuff(house, known, .never)
      let key = try ArmedHouse.key(of: cuff.address)
      try await house.service.registry.keep(cuff, longTermKeys: [key], identityResolvingKey: nil, patient: nil)
      await house.service.learn(cuff)
      let candidate = PairingProcedure.Candidate(
        advertisement: Advertisement(address: cuff.address), profile: cuff.profile)
      var faults: [PairingFault?] = []
      for isHeard in [false, true] where !isHeard || new == .unauthenticated {
        var procedure = PairingProcedure(
          service: house.service, request: PairingRequest(), conversation: Gateway.PairingConversation(id: "1"))
        do throws(PairingFault) {
          if isHeard {
            _ = try await procedure.add(candidate, PairingLink { _ in }, patient: nil)
          } else {
            _ = try await procedure.firstVisit(candidate, PairingLink { _ in }, new, patient: nil, nil)
          }
          faults.append(nil)
        } catch {
          faults.append(error)
        }
      }
      for fault in faults {
        guard case .anotherDevice(cuff.address, isWeakerThan: known) = fault else {
          Issue.record("\(String(describing: fault))")
          continue
        }
      }
      #expect(try await house.store.device(cuff.id)?.authentication == known)
      #expect(try await house.service.registry.longTermKeys() == [key])
    }
  }
}
