import BluetoothLE
import Devices
import Foundation
import Observations
import Testing

@testable import DeviceSimulator

/// A phone's log, written here octet by octet from the format's facts (Frontline's description of btsnoop; Core
/// Specification Vol 4 Part A §2, Part E §5.4.2, §7.7.65; Vol 3 Part A §3.1, Part F §3.4). All values are made up.
enum SyntheticLog {
  static let address = "C0:11:22:33:44:55"
  /// The address, least significant octet first.
  static let wire = "55 44 33 22 11 C0"

  static func octets(_ hex: String) -> [UInt8] {
    hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
  }

  private static func big(_ value: UInt64, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(width - 1 - $0))) }
  }

  static func header(_ datalink: UInt64) -> [UInt8] {
    octets("62 74 73 6E 6F 6F 70 00 00 00 00 01") + big(datalink, 4)
  }

  /// - Parameter second: since 2026-11-22T00:30:00Z; 848,622,600 s after the year 2000 began.
  static func record(_ packet: [UInt8], flags: UInt64, second: UInt64) -> [UInt8] {
    big(UInt64(packet.count), 4) + big(UInt64(packet.count), 4) + big(flags, 4) + big(0, 4)
      + big(0x00E0_3AB4_4A67_6000 + (848_622_600 + second) * 1_000_000, 8) + packet
  }

  struct Packet {
    var kind: UInt8
    var received: Bool
    var octets: [UInt8]
    var second: UInt64
  }

  static func event(_ hex: String, _ second: UInt64) -> Packet {
    Packet(kind: 4, received: true, octets: octets(hex), second: second)
  }

  /// ACL data of connection 0x0040, first fragment, with an L2CAP frame for channel 4.
  static func att(_ hex: String, received: Bool, _ second: UInt64) -> Packet {
    let pdu = octets(hex)
    let frame = [UInt8(pdu.count), 0, 4, 0] + pdu
    return Packet(
      kind: 2, received: received, octets: [0x40, received ? 0x20 : 0x00, UInt8(frame.count), 0] + frame, second: second
    )
  }

  /// Advertising report, scan response, connection, discovery, a serial number, a subscription, a reading in two
  /// fragments, its confirmation, the end.
  static let packets: [Packet] = [
    // LE Advertising Report: ADV_IND, random address, flags and service 1810, -60 dBm.
    event("3E 13 02 01 00 01 \(wire) 07 02 01 06 03 03 10 18 C4", 0),
    // LE Extended Advertising Report of the scan response: legacy, name "Acme 0042".
    event(
      "3E 25 0D 01 1B 00 01 \(wire) 01 00 FF 7F C3 00 00 00 00 00 00 00 00 00 0B 0A 09 41 63 6D 65 20 30 30 34 32", 1),
    // LE Connection Complete: handle 0x0040, central, random address.
    event("3E 13 01 00 40 00 00 01 \(wire) 18 00 00 00 48 00 00", 2),
    att("02 05 02", received: false, 2), att("03 40 00", received: true, 2),
    att("10 01 00 FF FF 00 28", received: false, 3),
    att("11 06 01 00 04 00 0A 18 05 00 08 00 10 18", received: true, 3),
    att("10 09 00 FF FF 00 28", received: false, 3), att("01 10 09 00 0A", received: true, 3),
    att("08 01 00 04 00 03 28", received: false, 3), att("09 07 02 00 02 03 00 25 2A", received: true, 3),
    att("08 05 00 08 00 03 28", received: false, 3), att("09 07 06 00 20 07 00 35 2A", received: true, 3),
    att("04 08 00 08 00", received: false, 3), att("05 01 08 00 02 29", received: true, 3),
    // Serial number "SN004217".
    att("0A 03 00", received: false, 4), att("0B 53 4E 30 30 34 32 31 37", received: true, 4),
    att("12 08 00 02 00", received: false, 5), att("13", received: true, 5),
    // 131/84, mean 100, pulse 71, in an ACL fragment of 10 octets and one of the rest.
    Packet(
      kind: 2, received: true, octets: octets("40 20 0A 00 0E 00 04 00 1D 07 00 14 83 00"), second: 9),
    Packet(kind: 2, received: true, octets: octets("40 10 08 00 54 00 64 00 47 00 00 00"), second: 9),
    att("1E", received: false, 9),
    // Disconnection Complete: the device ended it.
    event("05 04 00 40 00 13", 11),
  ]

  static let uart =
    header(1002) + packets.flatMap { record([$0.kind] + $0.octets, flags: $0.received ? 1 : 0, second: $0.second) }
  static let unencapsulated =
    header(1001)
    + packets.flatMap { packet in
      record(packet.octets, flags: (packet.received ? 1 : 0) | (packet.kind == 4 ? 2 : 0), second: packet.second)
    }
  static let monitor =
    header(2001)
    + packets.flatMap { packet in
      record(packet.octets, flags: packet.kind == 4 ? 3 : packet.received ? 5 : 4, second: packet.second)
    }
}

@Suite struct PhoneLogTests {
  private func recording(_ octets: [UInt8], namePrefix: String = "") throws -> Recording {
    let log = try PhoneLog(octets)
    let peer = try #require(log.peers.first)
    #expect(log.peers.count == 1)
    #expect("\(peer.address)" == SyntheticLog.address)
    #expect(peer.name == "Acme 0042")
    return try #require(log.recording(of: peer.address, namePrefix: namePrefix))
  }

  @Test(arguments: [SyntheticLog.uart, SyntheticLog.unencapsulated, SyntheticLog.monitor])
  func isReadWhateverItsDatalink(octets: [UInt8]) throws {
    let log = try PhoneLog(octets)
    #expect(log.failure == nil)
    #expect(log.passedOver == 0)
    let recording = try recording(octets)
    // 2026-11-22T00:30:00Z.
    #expect(recording.beginning == 1_795_307_400)
    // Two advertisements, the link, eighteen PDUs, and the link's end.
    #expect(recording.entries.count == 22)
    // The fragments are one PDU again.
    let reading = SyntheticLog.octets("1D 07 00 14 83 00 54 00 64 00 47 00 00 00")
    #expect(recording.entries.contains { $0.event == .passage(.fromDevice(reading)) && $0.at == 9 })
    #expect(recording.entries.last?.event == .linkDown("by the device"))
    let device = LearnedDevice(recording)
    #expect(device.driver?.name == "gatt-blood-pressure")
    #expect(device.mtu == 64)
    #expect(device.values == 1)
    #expect(device.attributes.map(\.handle.rawValue) == [1, 2, 3, 5, 6, 7, 8])
  }

  @Test func whoItIsIsNotInIt() throws {
    let recording = try recording(SyntheticLog.uart, namePrefix: "Acme ")
    #expect(recording.redacted == ["address", "name", "serial number (2A25)"])
    let text = RecordingFile.text(of: recording)
    #expect(!text.contains("534E303034323137") && !text.contains("30303432") && !text.contains(SyntheticLog.address))
    #expect(!text.contains("5544332211C0"))
    #expect(text.contains("F0:F1:F2:F3:F4:F5") && text.contains("41636D652058585858"))
    // Without a beginning that may stay, no letter of the name does.
    #expect(!RecordingFile.text(of: try self.recording(SyntheticLog.uart)).contains("41636D65"))
    let (again, fault) = RecordingFile.read(Array(text.utf8))
    #expect(fault == nil)
    #expect(again == recording)
  }

  @Test func becomesAProfileThatIsSoundAndReplays() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "learn-\(UUID())")
    defer { try? FileManager.default.removeItem(at: directory) }
    let folder = try LearnedFolder(
      recording(SyntheticLog.uart, namePrefix: "Acme "), name: "acme/bp1", in: directory, namePrefix: "Acme ",
      keepsValues: false)
    #expect(try folder.write().count == 3)
    #expect(folder.draft.missing == [])
    let session = try String(contentsOf: folder.folder.appending(path: "session.yaml"), encoding: .utf8)
    #expect(session.contains("14 78 00 50 00 5D 00 3C 00 00 00") && !session.contains("83 00"))
    #expect(
      try String(contentsOf: folder.folder.appending(path: "recording.jsonl"), encoding: .utf8).contains("1483005400"))
    #expect(throws: LearnedFolder.Failure.self) { try folder.write() }
    let (library, faults) = ProfileLibrary.load([directory])
    #expect(faults == [])
    let profile = try #require(library.profile(named: "acme/bp1"))
    let device = try SimulatedDevice(profile)
    #expect(DeviceMatcher(library).match(device.advertisement)?.profile.name == "acme/bp1")
    let outcome = try await Replay(device).run()
    let collected = await outcome.collector.collected
    #expect(collected.count == 1)
    let value = collected.first?.observation.components.first?.value
    guard let systolic = value?.quantity else {
      Issue.record("no systolic pressure")
      return
    }
    #expect(systolic.value == 120)
    #expect(await outcome.peripheral?.confirmations == 1)
  }

  /// Every place a file can be cut at: what was whole stands, and the reason says where.
  @Test func anyPrefixIsReadAsFarAsItGoes() throws {
    let whole = SyntheticLog.uart
    var boundaries: Set<Int> = [16]
    var place = 16
    while place < whole.count {
      place += 24 + Int(whole[place + 6]) << 8 + Int(whole[place + 7])
      boundaries.insert(place)
    }
    #expect(place == whole.count && boundaries.count == SyntheticLog.packets.count + 1)
    var last = 0
    for length in 0..<whole.count {
      do throws(BtsnoopFile.Failure) {
        let log = try PhoneLog(Array(whole.prefix(length)))
        #expect((log.failure == nil) == boundaries.contains(length), "\(length)")
        let pdus = log.peers.first?.pdus ?? 0
        #expect(pdus >= last)
        last = pdus
      } catch {
        #expect(length < 16)
      }
    }
    #expect(last == 18)
  }

  @Test func anyMutationIsSurvived() throws {
    var generator = Seeded(state: 20_261_122)
    var sound = 0
    for whole in [SyntheticLog.uart, SyntheticLog.monitor] {
      for _ in 0..<3000 {
        var octets = whole
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
          octets[Int.random(in: 0..<octets.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        guard let log = try? PhoneLog(octets) else { continue }
        for peer in log.peers {
          guard let recording = log.recording(of: peer.address, namePrefix: "Ac") else { continue }
          let folder = try LearnedFolder(
            recording, name: "a/b", in: URL(filePath: "/nowhere"), namePrefix: "Ac", keepsValues: false)
          #expect(!folder.draft.text.isEmpty && !RecordingFile.text(of: recording).isEmpty)
          sound += 1
        }
      }
    }
    #expect(sound > 1000)
  }

  @Test func whatIsNoLogIsSaid() {
    #expect(throws: BtsnoopFile.Failure.notBtsnoop) { try PhoneLog(Array("a text file, and not a short one".utf8)) }
    #expect(throws: BtsnoopFile.Failure.datalink(1003)) { try PhoneLog(SyntheticLog.header(1003)) }
    #expect(throws: BtsnoopFile.Failure.version(2)) {
      try PhoneLog(SyntheticLog.octets("62 74 73 6E 6F 6F 70 00 00 00 00 02 00 00 03 EA"))
    }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }
}
