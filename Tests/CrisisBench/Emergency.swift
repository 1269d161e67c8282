import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Synchronization

/// A visit of a known cuff that indicates one reading, taken just now by its own clock.
struct Emergency {
  /// When what happened, in seconds of CLOCK_BOOTTIME: the receiver stamps by the same clock.
  struct Times: Encodable {
    /// Just before the cuff gives its indication to the kernel.
    var indicated: Double
    /// The driver has an observation of it.
    var decoded: Double
    /// The transaction is on disk: the reading, the alerts, and what is to be told.
    var committed: Double
    /// The cuff has the confirmation.
    var confirmed: Double
  }

  struct Failure: Error, CustomStringConvertible { let description: String }

  let cuff: DeviceID
  let sink: any ObservationSink

  private static let profile = DeviceProfile(
    name: "sig/blood-pressure", title: "A cuff", recognition: Recognition(namePrefixes: ["Cuff"]),
    driver: "gatt-blood-pressure",
    session: SessionPolicy(
      bond: .preferred, subscribe: [BluetoothUUID(0x2A35)], idle: .seconds(60), grace: .seconds(60)))

  /// Blood Pressure Measurement at 18, its subscription at 19, which the cuff keeps.
  private static let table = [
    SimulatedAttribute(1, .primaryService, [0x10, 0x18]),
    SimulatedAttribute(17, .characteristic, [0x20, 18, 0, 0x35, 0x2A]),
    SimulatedAttribute(18, BluetoothUUID(0x2A35), [], readError: 2),
    SimulatedAttribute(19, .clientCharacteristicConfiguration, [2, 0]),
  ]

  /// Mean 100, with time stamp, pulse and status (Blood Pressure Service 1.1.1 §3.1).
  private static func reading(_ systolic: UInt8, _ diastolic: UInt8, at date: Date) -> [UInt8] {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    let year = parts.year ?? 0
    return [0x16, systolic, 0, diastolic, 0, 100, 0, UInt8(year & 0xFF), UInt8(year >> 8)]
      + [parts.month, parts.day, parts.hour, parts.minute, parts.second].map { UInt8($0 ?? 0) } + [96, 0, 0, 0]
  }

  func run(systolic: UInt8, diastolic: UInt8) async throws -> Times {
    let database = try await discovered()
    let (central, end) = try SocketPair.make()
    let peripheral = SimulatedPeripheral(
      channel: end, attributes: Self.table,
      steps: [.indicate(18, Self.reading(systolic, diastolic, at: Date()))])
    let client = GATTClient(channel: central, database: database)
    let timed = TimedSink(sink)
    let session = DeviceSession(
      device: cuff, profile: Self.profile, client: client, cache: database, keepsSubscriptions: true,
      authentication: .bonded, isSimulated: false, clockOffset: 0, timeZone: .gmt, sink: timed)
    guard let driver = Drivers.named(Self.profile.driver) else { throw Failure(description: "no driver") }
    await client.start()
    let visit = Task { await driver.run(session) }
    // It waits for the cuff, as it does while somebody's arm is being squeezed.
    try await Task.sleep(for: .milliseconds(30))
    await peripheral.start()
    guard await peripheral.awaitConfirmations(1) else {
      throw Failure(description: "the cuff got no confirmation: \(await visit.value)")
    }
    let passages = zip(await peripheral.transcript, await peripheral.moments)
    await peripheral.end()
    _ = await visit.value
    guard let indicated = passages.first(where: { $0.0.pdu.first == 0x1D })?.1,
      let confirmed = passages.first(where: { $0.0.pdu == [0x1E] })?.1,
      let (decoded, committed) = timed.moments
    else { throw Failure(description: "a stamp is missing") }
    let seconds = BootTime()
    return Times(
      indicated: seconds(indicated), decoded: seconds(decoded), committed: seconds(committed),
      confirmed: seconds(confirmed))
  }

  private func discovered() async throws -> GATTDatabase {
    let (central, end) = try SocketPair.make()
    let peripheral = SimulatedPeripheral(channel: end, attributes: Self.table, steps: [])
    await peripheral.start()
    let client = GATTClient(channel: central)
    await client.start()
    let database = try await client.discover()
    await client.close()
    return database
  }
}

/// `ContinuousClock` is CLOCK_BOOTTIME on Linux, and does not say its zero: both are read at once.
private struct BootTime {
  private let instant = ContinuousClock.now
  private let seconds: Double

  init() {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    seconds = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  func callAsFunction(_ other: ContinuousClock.Instant) -> Double { seconds + (other - instant) / .seconds(1) }
}

/// The gateway's own sink, and when it was given the reading and was done with it.
private final class TimedSink: ObservationSink {
  private let sink: any ObservationSink
  private let stamps = Mutex<[ContinuousClock.Instant]>([])

  init(_ sink: any ObservationSink) { self.sink = sink }

  /// Nil before the first reading is stored.
  var moments: (given: ContinuousClock.Instant, stored: ContinuousClock.Instant)? {
    stamps.withLock { $0.count < 2 ? nil : ($0[0], $0[1]) }
  }

  func store(_ observation: Observation, live: Bool) async throws -> StoreOutcome {
    stamps.withLock { $0.append(.now) }
    let outcome = try await sink.store(observation, live: live)
    stamps.withLock { $0.append(.now) }
    return outcome
  }

  func holds(_ identity: ReadingIdentity) async -> Bool { await sink.holds(identity) }
  func keep(_ value: UndecodableValue) async throws { try await sink.keep(value) }
  func revise(_ id: ObservationID, effective: EffectiveTime, clockOffset: TimeInterval?) async {
    await sink.revise(id, effective: effective, clockOffset: clockOffset)
  }
  func confirmationSent(_ id: ObservationID) async throws { try await sink.confirmationSent(id) }
  func confirmationArrived(_ id: ObservationID) async { await sink.confirmationArrived(id) }
  func live(_ sample: LiveSample) async { await sink.live(sample) }
  func remember(database: GATTDatabase) async throws { try await sink.remember(database: database) }
  func remember(keepsSubscriptions: Bool) async { await sink.remember(keepsSubscriptions: keepsSubscriptions) }
  func remember(clockOffset: TimeInterval, at date: Date) async {
    await sink.remember(clockOffset: clockOffset, at: date)
  }
  func remember(information: DeviceInformation) async { await sink.remember(information: information) }
  func remember(battery: Int) async { await sink.remember(battery: battery) }
}
