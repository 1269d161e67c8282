import Testing

@testable import BluetoothLE

/// Packets written by hand from the tables of the public management protocol document.
@Suite struct ManagementEventTests {
  static let cuff = BluetoothAddress(value: 0xF0F1_F2F3_F4F5, kind: .random)
  static let cuffOctets: [UInt8] = [0xF5, 0xF4, 0xF3, 0xF2, 0xF1, 0xF0, 0x02]

  static func packet(_ code: UInt8, _ parameters: [UInt8]) -> [UInt8] {
    [code, 0x00, 0x01, 0x00, UInt8(parameters.count), 0x00] + parameters
  }

  static let samples: [(packet: [UInt8], event: ManagementEvent)] = [
    (packet(0x03, [0x05]), .controllerError(code: 5)),
    (packet(0x04, []), .indexAdded),
    (packet(0x05, []), .indexRemoved),
    (packet(0x06, [0x11, 0x82, 0x00, 0x00]), .newSettings([.powered, .bondable, .lowEnergy, .staticAddress])),
    (
      packet(0x0B, cuffOctets + [0x08, 0, 0, 0, 0x03, 0x00, 0x02, 0x01, 0x06]),
      .deviceConnected(cuff, flags: 8, data: [2, 1, 6])
    ),
    (packet(0x0C, cuffOctets + [0x04]), .deviceDisconnected(cuff, .authenticationFailure)),
    (packet(0x0D, cuffOctets + [0x04]), .connectFailed(cuff, .connectFailed)),
    (packet(0x0E, cuffOctets + [0x00]), .pinCodeRequest(cuff)),
    (
      packet(0x0F, cuffOctets + [0x00, 0x40, 0xE2, 0x01, 0x00]),
      .confirmationRequest(cuff, hint: false, value: Passkey(number: 123_456))
    ),
    (packet(0x10, cuffOctets), .passkeyRequest(cuff)),
    (packet(0x11, cuffOctets + [0x05]), .authenticationFailed(cuff, .authenticationFailed)),
    (packet(0x13, [0x06, 0x01]), .discovering(true)),
    (packet(0x16, cuffOctets), .deviceUnpaired(cuff)),
    (
      packet(0x17, cuffOctets + [0x40, 0xE2, 0x01, 0x00, 0x02]),
      .passkeyNotify(cuff, Passkey(number: 123_456), entered: 2)
    ),
    (packet(0x1A, cuffOctets + [0x02]), .deviceAdded(cuff, action: 2)),
    (packet(0x1B, cuffOctets), .deviceRemoved(cuff)),
    (packet(0x1B, [0, 0, 0, 0, 0, 0, 0]), .deviceRemoved(nil)),
    (
      packet(0x1C, [0x01] + cuffOctets + [0x18, 0x00, 0x28, 0x00, 0x01, 0x00, 0x2A, 0x00]),
      .newConnectionParameters(cuff, store: true, minimum: 24, maximum: 40, latency: 1, timeout: 42)
    ),
    (
      packet(0x01, [0x03, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00]),
      .commandFinished(code: 3, status: .success, parameters: [1, 0, 1, 0])
    ),
    (
      packet(0x02, [0x05, 0x00, 0x14]),
      .commandFinished(code: 5, status: .permissionDenied, parameters: [])
    ),
  ]

  @Test(arguments: samples)
  func decodes(packet: [UInt8], event: ManagementEvent) throws {
    let decoded = try ManagementEvent.decode(packet)
    #expect(decoded.index == AdapterIndex(rawValue: 1))
    #expect(decoded.event == event)
  }

  /// Every prefix of every sample: the header's own length gives it away.
  @Test(arguments: samples)
  func prefixesNameTheField(packet: [UInt8], event: ManagementEvent) {
    for length in 0..<packet.count {
      #expect(throws: ManagementDecodingFailure.self) { try ManagementEvent.decode(Array(packet[..<length])) }
    }
  }

  /// Parameters cut short under a header that agrees: the adapter is still known, and the field is named.
  @Test func cutParametersAreTold() throws {
    let decoded = try ManagementEvent.decode(Self.packet(0x0C, Self.cuffOctets))
    #expect(decoded.index == AdapterIndex(rawValue: 1))
    #expect(
      decoded.event
        == .undecodable(0x0C, ManagementDecodingFailure(field: "Reason", offset: 7, need: 1, have: 0)))
  }

  @Test func newLongTermKey() throws {
    let value: [UInt8] = Array(0xA0...0xAF)
    let packet = Self.packet(
      0x0A, [0x01] + Self.cuffOctets + [0x02, 0x00, 0x10, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 0, 0] + value)
    #expect(packet.count == 6 + 37)
    guard case .newLongTermKey(let key, store: true) = try ManagementEvent.decode(packet).event else {
      Issue.record("not a key")
      return
    }
    #expect(key.address == Self.cuff)
    #expect(key.kind == .unauthenticatedSecureConnections)
    #expect(!key.kind.isAuthenticated)
    #expect(key.size == 16)
    #expect(key.value == value)
  }

  @Test func newIdentityResolvingKey() throws {
    let value: [UInt8] = Array(0xB0...0xBF)
    // The private address 5A:01:02:03:04:05 stood for the cuff.
    let packet = Self.packet(0x18, [0x00, 0x05, 0x04, 0x03, 0x02, 0x01, 0x5A] + Self.cuffOctets + value)
    guard case .newIdentityResolvingKey(let key, let random, store: false) = try ManagementEvent.decode(packet).event
    else {
      Issue.record("not a key")
      return
    }
    #expect(key.address == Self.cuff)
    #expect(key.value == value)
    #expect(random == BluetoothAddress(value: 0x5A01_0203_0405, kind: .random))
    let seenUnderIdentity = Self.packet(0x18, [0x01, 0, 0, 0, 0, 0, 0] + Self.cuffOctets + value)
    guard case .newIdentityResolvingKey(_, nil, store: true) = try ManagementEvent.decode(seenUnderIdentity).event
    else {
      Issue.record("a private address of zeros is none")
      return
    }
  }

  @Test func deviceFoundCarriesTheAdvertisement() throws {
    // Flags 06, service 0x1810, complete name "LAB"; -50 dBm; connectable.
    let data: [UInt8] = [2, 1, 6, 3, 3, 0x10, 0x18, 4, 9, 0x4C, 0x41, 0x42]
    let packet = Self.packet(0x12, Self.cuffOctets + [0xCE, 0, 0, 0, 0, 12, 0] + data)
    guard case .deviceFound(let found) = try ManagementEvent.decode(packet).event else {
      Issue.record("not found")
      return
    }
    #expect(found.rssi == -50)
    #expect(found.isConnectable)
    #expect(found.advertisement.address == Self.cuff)
    #expect(found.advertisement.localName == "LAB")
    #expect(found.advertisement.serviceUUIDs == [BluetoothUUID(0x1810)])
    let unknownStrength = Self.packet(0x12, Self.cuffOctets + [0x7F, 0x04, 0, 0, 0, 0, 0])
    guard case .deviceFound(let other) = try ManagementEvent.decode(unknownStrength).event else {
      Issue.record("not found")
      return
    }
    #expect(other.rssi == nil)
    #expect(other.advertisement.rssi == nil)
    #expect(!other.isConnectable)
  }

  @Test(arguments: [
    packet(0x2A, cuffOctets + [0, 0, 0, 0, 0, 0, 0, 0]), packet(0x77, [1, 2, 3]),
    // A BR/EDR device.
    packet(0x0C, [1, 2, 3, 4, 5, 6, 0x00, 0x03]),
  ])
  func otherEventsAreUnknown(packet: [UInt8]) throws {
    #expect(try ManagementEvent.decode(packet).event == .unknown(UInt16(packet[0])))
  }

  @Test func adapterInformation() throws {
    var parameters: [UInt8] = [0x01, 0x00, 0x00, 0x00, 0x00, 0xC0, 0x09, 0xFF, 0xFF]
    parameters += [0x11, 0xAA, 0x01, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00]
    parameters += Array("stick".utf8) + [UInt8](repeating: 0, count: 244) + [UInt8](repeating: 0, count: 11)
    #expect(parameters.count == 280)
    let information = try AdapterInformation(parameters)
    #expect(information.publicAddress == BluetoothAddress(value: 0xC000_0000_0001, kind: .public))
    #expect(information.version == 9)
    #expect(information.current == .lowEnergy)
    #expect(information.supported.contains([.powered, .bondable, .lowEnergy, .secureConnections, .staticAddress]))
    #expect(information.name == "stick")
    for length in 0..<269 {
      #expect(throws: ManagementDecodingFailure.self) { try AdapterInformation(Array(parameters[..<length])) }
    }
    parameters.replaceSubrange(0..<6, with: [0, 0, 0, 0, 0, 0])
    #expect(try AdapterInformation(parameters).publicAddress == nil)
  }

  @Test func systemConfigurationList() throws {
    let list = try SystemParameter.list([
      0x1A, 0x00, 0x02, 0x2A, 0x00, 0x1F, 0x00, 0x01, 0x00, 0x1B, 0x00, 0x02, 0xD0, 0x07,
    ])
    #expect(list.map(\.type) == [0x1A, 0x1F, 0x1B])
    #expect(list.last == .autoConnectTimeout(milliseconds: 2000))
    #expect(throws: ManagementDecodingFailure.self) { try SystemParameter.list([0x1A, 0x00, 0x02, 0x2A]) }
  }

  @Test func statusesAreNamed() {
    #expect(ManagementStatus(rawValue: 0x0F).description == "not powered (0x0f)")
    #expect(ManagementStatus(rawValue: 0x14).description == "permission denied (0x14)")
    #expect(ManagementStatus(rawValue: 0x15).description == "status 0x15")
    #expect(ManagementStatus(rawValue: 0xFF).description == "status 0xff")
    #expect(ManagementCommand.name(code: 0x0019) == "Pair Device")
    #expect(ManagementCommand.name(code: 0x0999) == "command 0x999")
    #expect(AdapterSettings(rawValue: 0x8000_0201).description == "powered, LE, 0x80000000")
    #expect(ManagementEvent.DisconnectReason(rawValue: 9).description == "reason 9")
  }
}
