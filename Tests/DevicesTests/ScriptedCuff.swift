import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing

/// A cuff that answers as its profile's session says, visited again and again with one sink.
struct ScriptedCuff {
  var profile: DeviceProfile
  var file: SessionFile
  var script: SimulatedScript
  let sink = TestSink()
  private(set) var progress = ProgressLog()
  /// Everything that passed, of all links.
  private(set) var transcript: [SimulatedPeripheral.Passage] = []

  /// - Parameter name: `vendor/model`.
  init(_ name: String, session: String = "session.yaml") throws {
    let library = ProfileLibrary.load([EveryProfileTests.directory]).library
    profile = try #require(library.profile(named: name))
    // What a person would wait for is not waited for here.
    profile.session.settle = .zero
    profile.session.idle = .seconds(1)
    profile.session.quiet = .seconds(1)
    file = try SimulatedDevice(profile, session: session).session
    script = try #require(file.script)
  }

  mutating func visit(
    previousVisit: Date? = nil, ourClockIsRight: Bool = true, answerLimit: Decimal? = nil, mtu: Int? = nil
  ) async throws -> SessionEnd {
    let (central, end) = try SocketPair.make()
    script.linkEnded()
    let peripheral = SimulatedPeripheral(
      channel: end, attributes: file.attributes, steps: [], mtu: mtu ?? file.mtu, script: script)
    let client = GATTClient(channel: central)
    progress = ProgressLog()
    let (log, now) = (progress, file.clock)
    let session = DeviceSession(
      device: DeviceID(rawValue: "sim:F0:F1:F2:F3:F4:F5"), profile: profile, client: client,
      cache: await sink.collector.databases.last, keepsSubscriptions: false, authentication: .unauthenticated,
      isSimulated: true, previousVisit: previousVisit, receivedNow: { now }, ourClockIsRight: ourClockIsRight,
      timeZone: file.zone, sink: sink, progress: { log.add($0) },
      constants: answerLimit.map { ["answer-limit": $0] } ?? [:], departureLimit: .milliseconds(200))
    await peripheral.start()
    await client.start()
    let reason = try #require(Drivers.named(profile.driver))
    let visit = await reason.run(session)
    await client.close()
    transcript += await peripheral.transcript
    if let script = await peripheral.script { self.script = script }
    return visit
  }

  // MARK: What came of it

  var observations: [Observation] { get async { await sink.collector.collected.map(\.observation) } }

  /// Systolic pressures in the order of their storing; 0 where nothing was measured.
  var systolics: [Decimal] { get async { await observations.map { $0.quantity(MDC.pressBldNoninvSys)?.value ?? 0 } } }

  /// Values that were written to characteristics and descriptors, whole or in parts.
  var writes: [[UInt8]] {
    transcript.filter { $0.direction == .toDevice && [0x12, 0x52].contains($0.pdu.first ?? 0) }
      .map { Array($0.pdu.dropFirst(3)) }
  }

  // MARK: What goes wrong

  /// Replaces the notifications that answer `request`.
  mutating func answer(_ request: [UInt8], with values: [[UInt8]]) throws {
    let index = try #require(script.answers.firstIndex { $0.request == request.map { $0 } })
    script.answers[index].values = values
  }

  /// One octet of one notification is another on the way.
  mutating func flip(_ answer: Int, _ value: Int, _ octet: Int) {
    script.answers[answer].values[value][octet] ^= 0x10
  }
}
