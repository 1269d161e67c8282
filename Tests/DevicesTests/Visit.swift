import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Synchronization

/// A visit to a simulated cuff or strap whose table and steps are written in the test.
struct Visit {
  let peripheral: SimulatedPeripheral
  let client: GATTClient
  let sink: TestSink
  let progress: ProgressLog
  var session: DeviceSession

  static let start = Date(timeIntervalSince1970: 1_795_307_400)

  /// Handles: 2A35 at 18, its 2902 at 19; with a hash 2B2A at 33; 2A08 at 21, moved up by `shift`.
  static func cuff(hash: UInt8? = nil, shift: UInt16 = 0, keeps: Bool = false, clock: [UInt8]? = nil)
    -> [SimulatedAttribute]
  {
    func word(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }
    var table = [
      SimulatedAttribute(1, .primaryService, [0x01, 0x18]),
      SimulatedAttribute(2, .characteristic, [0x20] + word(3) + [0x05, 0x2A]),
      SimulatedAttribute(3, .serviceChanged, [], readError: 2),
      SimulatedAttribute(4, .clientCharacteristicConfiguration, [keeps ? 2 : 0, 0]),
      SimulatedAttribute(16 + shift, .primaryService, [0x10, 0x18]),
      SimulatedAttribute(17 + shift, .characteristic, [0x20] + word(18 + shift) + [0x35, 0x2A]),
      SimulatedAttribute(18 + shift, BluetoothUUID(0x2A35), [], readError: 2),
      SimulatedAttribute(19 + shift, .clientCharacteristicConfiguration, [keeps ? 2 : 0, 0]),
    ]
    if let clock {
      table.append(SimulatedAttribute(20 + shift, .characteristic, [0x02] + word(21 + shift) + [0x08, 0x2A]))
      table.append(SimulatedAttribute(21 + shift, BluetoothUUID(0x2A08), clock))
    }
    if let hash {
      table.append(SimulatedAttribute(100, .primaryService, [0xF0, 0xFF]))
      table.append(SimulatedAttribute(101, .characteristic, [0x02] + word(102) + [0x2A, 0x2B]))
      table.append(SimulatedAttribute(102, .databaseHash, [UInt8](repeating: hash, count: 16)))
    }
    return table
  }

  /// 120/80, mean 93, nothing else.
  static let reading: [UInt8] = [0x00, 0x78, 0x00, 0x50, 0x00, 0x5D, 0x00]

  /// What discovery gives on this table.
  static func discovered(_ table: [SimulatedAttribute]) async throws -> GATTDatabase {
    let (central, end) = try SocketPair.make()
    let peripheral = SimulatedPeripheral(channel: end, attributes: table, steps: [])
    await peripheral.start()
    let client = GATTClient(channel: central)
    await client.start()
    let database = try await client.discover()
    await client.close()
    return database
  }

  static func profile(
    driver: String = "gatt-blood-pressure", subscribe: UInt16 = 0x2A35, idle: Duration = .seconds(1),
    grace: Duration = .seconds(600)
  ) -> DeviceProfile {
    DeviceProfile(
      name: "test/device", title: "A device of the tests", recognition: Recognition(namePrefixes: ["Test"]),
      driver: driver,
      session: SessionPolicy(
        bond: .preferred, subscribe: [BluetoothUUID(subscribe)], idle: idle, grace: grace))
  }

  static func profile(_ policy: SessionPolicy, layout: String? = nil) -> DeviceProfile {
    DeviceProfile(
      name: "test/device", title: "A device of the tests", recognition: Recognition(namePrefixes: ["Test"]),
      driver: "gatt-blood-pressure", layout: layout, session: policy)
  }

  init(
    _ table: [SimulatedAttribute], _ steps: [SimulatedStep], cache: GATTDatabase? = nil,
    keepsSubscriptions: Bool? = nil, profile: DeviceProfile = Self.profile(), isSilent: Bool = false,
    transactionLimit: Duration = .seconds(30), previousVisit: Date? = nil,
    now: @escaping @Sendable () -> Date = { Self.start }
  ) async throws {
    let (central, end) = try SocketPair.make()
    peripheral = SimulatedPeripheral(
      channel: end, attributes: table, steps: steps, pace: .real(scale: 1), isSilent: isSilent)
    client = GATTClient(channel: central, database: cache, transactionLimit: transactionLimit)
    let sink = TestSink()
    let progress = ProgressLog()
    self.sink = sink
    self.progress = progress
    session = DeviceSession(
      device: DeviceID(rawValue: "sim:F0:F1:F2:F3:F4:F5"), profile: profile, client: client, cache: cache,
      keepsSubscriptions: keepsSubscriptions, authentication: .bonded, isSimulated: true,
      previousVisit: previousVisit, receivedNow: now, timeZone: .gmt, sink: sink,
      progress: { progress.add($0) }, confirmationSettles: .milliseconds(20))
    await peripheral.start()
    await client.start()
  }

  func run() async -> SessionEnd {
    guard let driver = Drivers.named(session.profile.driver) else { return .cancelled }
    return await driver.run(session)
  }
}

/// What a visit said of itself.
final class ProgressLog: Sendable {
  private let entries = Mutex<[SessionProgress]>([])

  func add(_ entry: SessionProgress) { entries.withLock { $0.append(entry) } }

  var all: [SessionProgress] { entries.withLock { $0 } }
}
