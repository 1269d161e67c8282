import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import WireFormats

/// A simulated Omron cuff that is visited again and again, with one memory and one sink. Its octets are put together here
/// from the facts, without the gateway's decoders.
struct OmronCuff {
  /// One record, as a person would read it from the display.
  struct Reading {
    var systolic: Int
    var diastolic = 80
    var pulse = 60
    /// Year, month, day, hour, minute, second.
    var at: [Int]
    var movement = false
    var irregular = false
    var sequence = 0

    /// Words with the least significant octet first, sum and complement at the end.
    func octets(_ size: Int = 14) -> [UInt8] {
      let date = at[3] | at[2] << 5 | at[1] << 10 | (irregular ? 1 << 14 : 0) | (movement ? 1 << 15 : 0)
      let time = at[5] | at[4] << 6
      var octets = [
        systolic - 25, diastolic, pulse, at[0] - 2000, date & 0xFF, date >> 8, time & 0xFF, time >> 8, 0, 0,
      ]
      octets += [sequence & 0xFF, sequence >> 8] + [Int](repeating: 0, count: size - 14)
      let sum = octets.reduce(0, +) & 0xFF
      return (octets + [sum, ~sum & 0xFF]).map { UInt8($0) }
    }
  }

  static func exchanged(_ octets: [UInt8]) -> [UInt8] {
    stride(from: 0, to: octets.count, by: 2).flatMap { [octets[$0 + 1], octets[$0]] }
  }

  static let key = (1...16).map { UInt8($0) }
  static let unlock = "b305b680-aee7-11e1-a730-0002a5d5c51b"
  static let heard = [
    "49123040-aee8-11e1-a74d-0002a5d5c51b", "4d0bf320-aee8-11e1-a0d9-0002a5d5c51b",
    "5128ce60-aee8-11e1-b84b-0002a5d5c51b", "560f1420-aee8-11e1-8184-0002a5d5c51b",
  ]
  static let told = [
    "db5b55e0-aee7-11e1-965e-0002a5d5c51b", "e0b8a060-aee7-11e1-92f4-0002a5d5c51b",
    "0ae12b00-aee8-11e1-a192-0002a5d5c51b", "10e1ba60-aee8-11e1-89e5-0002a5d5c51b",
  ]

  let isClassic: Bool
  var profile: DeviceProfile
  var memory: SimulatedMemory
  var mtu = 23
  let sink = TestSink()
  var progress = ProgressLog()
  /// Everything that passed, of all links.
  private(set) var transcript: [SimulatedPeripheral.Passage] = []
  private(set) var attributes: [SimulatedAttribute]

  /// Four channels, a key, records of 14 octets in exchanged words, two users of ten slots.
  static func classic() throws -> OmronCuff {
    let map = OmronMemoryMap(
      evidence: .derived, channels: .classic, unlock: .key(try OmronPairingKey(key)),
      record: .bigEndian14(yearBits: .eight, flagOrder: .movementAbove), block: 0x38,
      users: [.init(start: 0x02AC, slots: 10), .init(start: 0x0400, slots: 10)],
      index: .init(address: 0x0260, layout: .twoUsers(.big)), clock: .init(address: 0x0274, layout: .classicMixed))
    return try OmronCuff(map, SimulatedMemory(hasFourChannels: true, lock: .key(nil), isPairing: true))
  }

  /// One channel, a token, records of 16 octets, one user of six slots.
  static func modern() throws -> OmronCuff {
    let layout = OmronIndexLayout(size: 16, wordOrder: .little, users: [.init(cursorOffset: 0, unreadOffset: 4)])
    let map = OmronMemoryMap(
      evidence: .derived, channels: .modern(chunk: 20), unlock: .token, record: .littleEndian16, block: 0x38,
      users: [.init(start: 0x01C4, slots: 6)], index: layout.map { .init(address: 0x0010, layout: $0) },
      clock: .init(address: 0x003C, layout: .modernOffset8))
    return try OmronCuff(map, SimulatedMemory(hasFourChannels: false, lock: .token))
  }

  init(_ map: OmronMemoryMap, _ memory: SimulatedMemory) throws {
    isClassic = memory.hasFourChannels
    self.memory = memory
    let count = isClassic ? 4 : 1
    let subscribe = Self.heard.prefix(count) + [Self.unlock]
    profile = DeviceProfile(
      name: "test/cuff", title: "A cuff of the tests", recognition: Recognition(namePrefixes: ["Test"]),
      driver: "omron-eeprom",
      session: SessionPolicy(bond: .required, subscribe: subscribe.compactMap { BluetoothUUID($0) }),
      memory: map)
    func value(_ uuid: String) -> [UInt8] { BluetoothUUID(uuid)?.wire ?? [] }
    var table = [SimulatedAttribute(16, .primaryService, isClassic ? value(Self.service) : [0x4A, 0xFE])]
    var handle: UInt16 = 17
    func add(_ uuid: String, _ properties: UInt8) {
      let end = handle + 1
      table.append(
        SimulatedAttribute(handle, .characteristic, [properties, UInt8(end & 0xFF), UInt8(end >> 8)] + value(uuid)))
      table.append(
        SimulatedAttribute(end, BluetoothUUID(uuid) ?? BluetoothUUID(0), [], isWritable: properties & 0x0C != 0))
      if properties & 0x10 != 0 {
        table.append(SimulatedAttribute(end + 1, .clientCharacteristicConfiguration, [0, 0]))
      }
      handle += 3
    }
    for uuid in Self.heard.prefix(count) { add(uuid, 0x10) }
    for uuid in Self.told.prefix(count) { add(uuid, isClassic ? 0x08 : 0x04) }
    add(Self.unlock, 0x1C)
    attributes = table
  }

  private static let service = "ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b"

  mutating func remove(characteristic uuid: String) {
    guard let index = attributes.firstIndex(where: { $0.type == BluetoothUUID(uuid) }) else { return }
    attributes.removeSubrange(index - 1...index)
  }

  /// Other firmware: every handle is another.
  mutating func moveHandles(by shift: UInt16) {
    attributes = attributes.map { attribute in
      var attribute = attribute
      attribute.handle += shift
      if attribute.type == .characteristic { attribute.value[1] += UInt8(shift) }
      return attribute
    }
  }

  // MARK: What stands in it

  private var size: Int { profile.memory?.record.size.rawValue ?? 14 }

  mutating func put(_ octets: [UInt8], at address: Int) {
    memory.pieces.append(.init(address: address, octets: octets))
  }

  mutating func put(_ reading: Reading, user: Int, slot: Int) {
    let start = Int(profile.memory?.users[user - 1].start ?? 0)
    let octets = reading.octets(size)
    put(isClassic ? Self.exchanged(octets) : octets, at: start + slot * size)
  }

  /// Cursors as the cuff counts them: the slot that comes next.
  mutating func putIndex(_ cursors: [Int], unread: Int = 0x8000) {
    func word(_ number: Int) -> [UInt8] {
      let octets = [UInt8(number & 0xFF), UInt8(number >> 8)]
      return isClassic ? octets.reversed() : octets
    }
    if isClassic {
      put(word(cursors[0]) + word(cursors[1]) + word(unread) + word(unread), at: 0x0260)
    } else {
      put(word(cursors[0]) + [0, 0] + word(unread) + [UInt8](repeating: 0, count: 10), at: 0x0010)
    }
  }

  /// The block of the clock, with its sum.
  mutating func putClock(_ at: [Int]) {
    let digits = ([at[0] - 2000] + at.dropFirst()).map { UInt8($0) }
    if isClassic {
      let octets: [UInt8] = [8, 200] + Self.exchanged(digits)
      put(octets + [0x85, octets.reduce(0, &+)], at: 0x0274)
    } else {
      let octets = [UInt8](repeating: 0, count: 8) + digits
      put(octets + [octets.reduce(0, &+), 0], at: 0x003C)
    }
  }

  // MARK: Visits

  /// One link and one visit; the first unless an earlier one came as far as to discover the services.
  mutating func visit(
    key: [UInt8]? = nil, now: @escaping @Sendable () -> Date = { Visit.start }, earlierOffset: TimeInterval? = nil,
    previousVisit: Date? = nil
  ) async throws -> SessionEnd {
    // Short only where silence is waited for: the machine may be busy.
    if profile.constants["answer-limit"] == nil, memory.faults.values.contains(.silent) {
      profile.constants["answer-limit"] = 0.5
      defer { profile.constants["answer-limit"] = nil }
      return try await visit(key: key, now: now, earlierOffset: earlierOffset, previousVisit: previousVisit)
    }
    var profile = profile
    if profile.constants["answer-limit"] == nil { profile.constants["answer-limit"] = 30 }
    let (central, end) = try SocketPair.make()
    memory.linkEnded()
    let peripheral = SimulatedPeripheral(channel: end, attributes: attributes, steps: [], mtu: mtu, memory: memory)
    let client = GATTClient(channel: central)
    progress = ProgressLog()
    let log = progress
    let session = DeviceSession(
      device: DeviceID(rawValue: "sim:F0:F1:F2:F3:F4:F5"), profile: profile, client: client,
      cache: await sink.collector.databases.last, authentication: .bonded, isSimulated: true,
      clockOffset: earlierOffset, previousVisit: previousVisit, receivedNow: now, timeZone: .gmt, sink: sink,
      progress: { log.add($0) }, memoryKey: try key.map { try OmronPairingKey($0) })
    await peripheral.start()
    await client.start()
    let reason = await OmronEEPROMDriver().run(session)
    await client.close()
    transcript += await peripheral.transcript
    if let memory = await peripheral.memory { self.memory = memory }
    return reason
  }

  // MARK: What came of it

  struct Kept: Equatable, CustomStringConvertible {
    var user: Int?
    var systolic: Decimal?
    var live: Bool
    var description: String { "user \(user ?? 0): \(systolic ?? 0)\(live ? ", live" : "")" }
  }

  var kept: [Kept] {
    get async {
      await sink.collector.collected.map {
        Kept(
          user: $0.observation.userSlot, systolic: $0.observation.quantity(MDC.pressBldNoninvSys)?.value, live: $0.live)
      }
    }
  }

  /// The frames that came, by their types.
  var frames: [[UInt8]] { memory.commands.filter { $0.count == Int($0[0]) && $0.count >= 8 } }
  /// Addresses that were read.
  var reads: [Int] { frames.filter { $0[1] == 1 && $0[2] == 0 }.map { Int($0[3]) << 8 | Int($0[4]) } }

  /// Whether a descriptor 2902 was written with anything but *notify*, or a frame came that writes to the memory.
  var wasLeftAlone: Bool {
    let descriptors = attributes.filter { $0.type == .clientCharacteristicConfiguration }.map(\.handle)
    let isCleared = transcript.contains { passage in
      let pdu = passage.pdu
      guard passage.direction == .toDevice, pdu.count > 3, pdu[0] == 0x12 || pdu[0] == 0x52 else { return false }
      return descriptors.contains(UInt16(pdu[1]) | UInt16(pdu[2]) << 8) && Array(pdu[3...]) != [1, 0]
    }
    return !isCleared && !memory.commands.contains { $0.count > 8 && $0[1] == 0x01 && $0[2] == 0xC0 }
  }
}
