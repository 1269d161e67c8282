import Foundation
import Testing

@testable import BluetoothLE

/// Scripted PDUs, named after the test purposes of the SIG's GATT test suite where one fits.
@Suite(.timeLimit(.minutes(2))) struct GATTDiscoveryTests {
  private static let bloodPressure = BluetoothUUID(0x1810)

  private static func service(_ start: AttributeHandle, _ end: AttributeHandle) -> GATTDatabase.Service {
    GATTDatabase.Service(uuid: bloodPressure, range: AttributeHandleRange(start, end))
  }

  @Test func `GATT/CL/GAD/BV-01-C: all primary services`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([
      ("10 01 00 FF FF 00 28", "11 06 01 00 05 00 00 18 06 00 09 00 01 18"),
      ("10 0A 00 FF FF 00 28", "11 14 0A 00 10 00 " + PDUExamples.longOctets),
      ("10 11 00 FF FF 00 28", "01 10 11 00 0A"),
    ])
    let services = try await client.discoverPrimaryServices()
    try await script
    #expect(services.map(\.uuid) == [BluetoothUUID(0x1800), BluetoothUUID(0x1801), PDUExamples.longUUID])
    #expect(services.map(\.range.description) == ["0x0001–0x0005", "0x0006–0x0009", "0x000A–0x0010"])
  }

  @Test func `a service that ends at 0xFFFF is the last`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("10 01 00 FF FF 00 28", "11 06 01 00 FF FF 10 18")])
    #expect(try await client.discoverPrimaryServices() == [Self.service(0x0001, 0xFFFF)])
    try await script
  }

  @Test func `GATT/CL/GAD/BV-02-C: primary services by UUID`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([
      ("06 01 00 FF FF 00 28 10 18", "07 0A 00 10 00 20 00 2F 00"), ("06 30 00 FF FF 00 28 10 18", "01 06 30 00 0A"),
    ])
    let services = try await client.discoverPrimaryServices(Self.bloodPressure)
    try await script
    #expect(services == [Self.service(0x000A, 0x0010), Self.service(0x0020, 0x002F)])
  }

  @Test func `GATT/CL/GAD/BV-03-C: included services`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([
      ("08 01 00 1F 00 02 28", "09 08 02 00 30 00 3F 00 0F 18"),
      ("08 03 00 1F 00 02 28", "09 06 03 00 40 00 4F 00"), ("0A 40 00", "0B " + PDUExamples.longOctets),
      ("08 04 00 1F 00 02 28", "01 08 04 00 0A"),
    ])
    let includes = try await client.discoverIncludes(in: Self.service(0x0001, 0x001F))
    try await script
    #expect(
      includes == [
        GATTDatabase.Include(uuid: BluetoothUUID(0x180F), range: AttributeHandleRange(0x0030, 0x003F)),
        GATTDatabase.Include(uuid: PDUExamples.longUUID, range: AttributeHandleRange(0x0040, 0x004F)),
      ])
  }

  @Test func `GATT/CL/GAD/BV-04-C and BV-06-C: characteristics of a service and their descriptors`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([
      ("08 10 00 1F 00 03 28", "09 07 11 00 20 12 00 35 2A 14 00 02 15 00 49 2A"),
      ("08 16 00 1F 00 03 28", "09 15 16 00 0A 17 00 " + PDUExamples.longOctets),
      ("08 18 00 1F 00 03 28", "01 08 18 00 0A"),
      ("04 13 00 13 00", "05 01 13 00 02 29"),
      ("04 18 00 1F 00", "05 01 18 00 01 29"),
      ("04 19 00 1F 00", "05 02 19 00 " + PDUExamples.longOctets),
      ("04 1A 00 1F 00", "01 04 1A 00 0A"),
    ])
    let found = try await client.discoverCharacteristics(in: Self.service(0x0010, 0x001F))
    try await script
    #expect(
      found == [
        GATTDatabase.Characteristic(
          uuid: BluetoothUUID(0x2A35), declaration: 0x0011, value: 0x0012, properties: .indicate,
          descriptors: [GATTDatabase.Descriptor(uuid: .clientCharacteristicConfiguration, handle: 0x0013)]),
        GATTDatabase.Characteristic(
          uuid: BluetoothUUID(0x2A49), declaration: 0x0014, value: 0x0015, properties: .read),
        GATTDatabase.Characteristic(
          uuid: PDUExamples.longUUID, declaration: 0x0016, value: 0x0017, properties: [.read, .write],
          descriptors: [
            GATTDatabase.Descriptor(uuid: BluetoothUUID(0x2901), handle: 0x0018),
            GATTDatabase.Descriptor(uuid: PDUExamples.longUUID, handle: 0x0019),
          ]),
      ])
    #expect(found.first?.clientConfiguration?.handle == 0x0013)
  }

  @Test func `GATT/CL/GAD/BV-05-C: characteristics by UUID`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("08 10 00 15 00 03 28", "09 07 11 00 20 12 00 35 2A 14 00 02 15 00 49 2A")])
    let found = try await client.discoverCharacteristics(
      BluetoothUUID(0x2A49), in: Self.service(0x0010, 0x0015))
    try await script
    #expect(found.map(\.value) == [0x0015])
  }

  /// The hash of the worked example in Core Specification Vol 3 Part G Appendix B.
  private static let hash = "F1 CA 2D 48 EC F5 8B AC 8A 88 30 BB B9 FB A9 90"

  @Test func `discovery of everything, with the hash`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([
      ("08 01 00 FF FF 2A 2B", "09 12 08 00 " + Self.hash),
      ("10 01 00 FF FF 00 28", "11 06 06 00 08 00 01 18 10 00 FF FF 10 18"),
      ("08 06 00 08 00 03 28", "09 07 07 00 02 08 00 2A 2B"),
      ("08 10 00 FF FF 03 28", "09 07 11 00 20 12 00 35 2A"),
      ("08 13 00 FF FF 03 28", "01 08 13 00 0A"),
      ("04 13 00 FF FF", "05 01 13 00 02 29"),
      ("04 14 00 FF FF", "01 04 14 00 0A"),
    ])
    let database = try await client.discover()
    try await script
    #expect(database.hash == hex(Self.hash))
    #expect(database.hashHandle == 0x0008)
    #expect(database.services.map(\.uuid) == [.genericAttributeService, Self.bloodPressure])
    let measurement = database.characteristic(BluetoothUUID(0x2A35))
    #expect(measurement?.value == 0x0012)
    #expect(database.characteristic(BluetoothUUID(0x2A35), in: .genericAttributeService) == nil)
    #expect(database.characteristic(value: 0x0012) == measurement)
    #expect(database.characteristic(value: 0x0013) == nil)
    #expect(database.service(Self.bloodPressure)?.range == AttributeHandleRange(0x0010, 0xFFFF))
    #expect(await client.database == database)
    #expect(try JSONDecoder().decode(GATTDatabase.self, from: JSONEncoder().encode(database)) == database)
  }

  @Test(arguments: ["01 08 01 00 0A", "01 08 01 00 06", "01 08 01 00 02", "09 06 08 00 01 02 03 04"])
  func `a device without a usable hash has none`(answer: String) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("08 01 00 FF FF 2A 2B", answer)])
    #expect(try await client.databaseHash() == nil)
    try await script
  }

  @Test func `a hash that wants security is not taken for none`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("08 01 00 FF FF 2A 2B", "01 08 08 00 0F")])
    await #expect(throws: ATTError.refused(request: .readByTypeRequest, handle: 0x0008, code: .insufficientEncryption))
    {
      try await client.databaseHash()
    }
    try await script
  }

  @Test(arguments: [
    // Below what was asked for, backwards, twice the same, over each other.
    "11 06 00 00 05 00 00 18", "11 06 05 00 01 00 00 18", "11 06 01 00 05 00 00 18 01 00 05 00 00 18",
    "11 06 01 00 05 00 00 18 03 00 09 00 01 18", "11 06 01 00 FF FF 00 18 01 00 02 00 01 18",
  ])
  func `services whose handles do not increase are an error`(answer: String) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("10 01 00 FF FF 00 28", answer)])
    do {
      _ = try await client.discoverPrimaryServices()
      Issue.record("no error")
    } catch let error as GATTError {
      guard case .implausibleHandle = error else {
        Issue.record("\(error)")
        return
      }
    }
    try await script
  }

  @Test(arguments: [
    ("09 06 11 00 20 12 00 35", 4), ("09 09 11 00 20 12 00 35 2A 00 00", 7), ("09 02 11 00", 0),
  ])
  func `a declaration of a length that cannot be is an error`(answer: String, octets: Int) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("08 10 00 1F 00 03 28", answer)])
    let procedure = "Discover All Characteristics of a Service"
    await #expect(throws: GATTError.implausibleLength(procedure: procedure, 0x0011, octets: octets)) {
      try await client.discoverCharacteristics(in: Self.service(0x0010, 0x001F))
    }
    try await script
  }

  @Test(arguments: [
    // Declaration outside the service, value before its declaration, value outside, value where the next begins.
    "09 07 20 00 20 21 00 35 2A", "09 07 11 00 20 11 00 35 2A", "09 07 11 00 20 20 00 35 2A",
    "09 07 11 00 20 14 00 35 2A 14 00 20 15 00 49 2A",
  ])
  func `characteristics at handles that cannot be are an error`(answer: String) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("08 10 00 1F 00 03 28", answer)])
    await #expect(throws: GATTError.self) {
      try await client.discoverCharacteristics(in: Self.service(0x0010, 0x001F))
    }
    try await script
  }

  @Test(arguments: ["05 01 12 00 02 29", "05 01 14 00 02 29 13 00 01 29", "05 01 20 00 02 29"])
  func `descriptors at handles that cannot be are an error`(answer: String) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("04 13 00 1F 00", answer)])
    await #expect(throws: GATTError.self) {
      try await client.discoverDescriptors(in: AttributeHandleRange(0x0013, 0x001F))
    }
    try await script
  }

  @Test(arguments: ["11 00", "11 03 01 00 05", "11 06", "11 06 01 00 05 00 00"])
  func `a list that is no list is an error`(answer: String) async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let script: Void = peer.play([("10 01 00 FF FF 00 28", answer)])
    do {
      _ = try await client.discoverPrimaryServices()
      Issue.record("no error")
    } catch let error as ATTError {
      guard case .malformedResponse = error else {
        Issue.record("\(error)")
        return
      }
    }
    try await script
  }

  @Test func `a device that always has one more is given up`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    async let answers: Void = {
      while let request = await peer.next() {
        try peer.channel.send([0x05, 0x01, request[1], request[2], 0x02, 0x29])
      }
    }()
    await #expect(throws: GATTError.endless(procedure: "Discover All Characteristic Descriptors")) {
      try await client.discoverDescriptors(in: .all)
    }
    await client.close()
    try await answers
  }

  @Test func `the link ending in the middle ends the discovery`() async throws {
    let (client, peer) = try await ScriptedPeer.client()
    let discovering = Task { try await client.discover() }
    try await peer.play([("08 01 00 FF FF 2A 2B", "01 08 01 00 0A")])
    await peer.expect("10 01 00 FF FF 00 28")
    peer.channel.close()
    await #expect(throws: ATTError.linkEnded(.channel(.endOfFile))) { try await discovering.value }
    #expect(await client.database == nil)
  }
}
