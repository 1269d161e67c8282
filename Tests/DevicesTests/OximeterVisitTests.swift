import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing
import WireFormats

@Suite(.timeLimit(.minutes(5))) struct OximeterVisitTests {
  /// 2A5E at 18 and 19, 2A5F at 21 and 22; each only if asked for.
  private func table(spotCheck: Bool = true, continuous: Bool = true) -> [SimulatedAttribute] {
    var table = [SimulatedAttribute(16, .primaryService, [0x22, 0x18])]
    if spotCheck {
      table += [
        SimulatedAttribute(17, .characteristic, [0x20, 18, 0, 0x5E, 0x2A]),
        SimulatedAttribute(18, BluetoothUUID(0x2A5E), [], readError: 2),
        SimulatedAttribute(19, .clientCharacteristicConfiguration, [0, 0]),
      ]
    }
    if continuous {
      table += [
        SimulatedAttribute(20, .characteristic, [0x10, 21, 0, 0x5F, 0x2A]),
        SimulatedAttribute(21, BluetoothUUID(0x2A5F), [], readError: 2),
        SimulatedAttribute(22, .clientCharacteristicConfiguration, [0, 0]),
      ]
    }
    return table
  }

  private func visit(
    _ table: [SimulatedAttribute], _ steps: [SimulatedStep], idle: Duration = .seconds(1)
  ) async throws -> Visit {
    var profile = Visit.profile(driver: "gatt-pulse-oximeter", idle: idle)
    profile.session.subscribe = [BluetoothUUID(0x2A5E), BluetoothUUID(0x2A5F)]
    return try await Visit(table, steps, profile: profile)
  }

  /// 97 percent, 64 a minute.
  static let reading: [UInt8] = [0x00, 97, 0, 64, 0]

  @Test func aSpotCheckIsConfirmedOnlyAfterItsCommit() async throws {
    let visit = try await visit(table(), [.awaitSubscription(22), .indicate(18, Self.reading)])
    await visit.sink.hold()
    let session = Task { await visit.run() }
    await visit.sink.awaitAttempts(1)
    _ = try await visit.client.read(uuid: .serviceChanged, in: AttributeHandleRange(100, 101))
    #expect(await visit.peripheral.confirmations == 0)
    await visit.sink.release()
    #expect(await session.value == .idle)
    #expect(await visit.peripheral.confirmations == 1)
    #expect(await visit.heard().filter { $0.hasPrefix("write") } == ["write 19: 02 00", "write 22: 01 00"])
    let found = await visit.sink.collector.collected.first?.observation
    #expect(found?.kind == .oxygenSaturation)
    #expect(found?.quantity(MDC.pulsOximSatO2) == Quantity(97, .percent))
    #expect(found?.quantity(MDC.pulsOximPulsRate) == Quantity(64, .perMinute))
  }

  @Test func aSpotCheckThatCannotBeStoredIsNotConfirmed() async throws {
    let visit = try await visit(table(continuous: false), [.awaitSubscription(19), .indicate(18, Self.reading)])
    await visit.sink.fail(1)
    #expect(await visit.run() == .notStored(reason: "The disk is full."))
    #expect(await visit.peripheral.confirmations == 0)
  }

  @Test func bytesThatCannotBeDecodedAreKeptAndThenConfirmed() async throws {
    let visit = try await visit(table(), [.awaitSubscription(22), .indicate(18, [0x01, 97, 0]), .end])
    _ = await visit.run()
    #expect(await visit.sink.collector.undecodable.map(\.format) == ["2A5E"])
    #expect(await visit.peripheral.confirmations == 1)
  }

  @Test func oneOfTheTwoCharacteristicsIsEnough() async throws {
    let spot = try await visit(table(continuous: false), [.awaitSubscription(19), .indicate(18, Self.reading)])
    #expect(await spot.run() == .idle)
    #expect(await spot.sink.collector.collected.count == 1)
    let stream = try await visit(
      table(spotCheck: false), [.awaitSubscription(22), .notify(21, [Self.reading], times: 3, every: 0)])
    #expect(await stream.run() == .idle)
    #expect(await stream.sink.collector.samples.map(\.beatsPerMinute) == [64, 64, 64])
    let neither = try await visit(table(spotCheck: false, continuous: false), [])
    #expect(await neither.run() == .unsuitable(missing: BluetoothUUID(0x2A5E)))
  }

  @Test func spotChecksAndAStreamComeOnOneLink() async throws {
    // With a time stamp: nobody asks then whether its confirmation arrived, which would find the link's end first.
    let stamped: [UInt8] = [0x01, 97, 0, 64, 0, 0xEA, 0x07, 11, 22, 0, 29, 0]
    let visit = try await visit(
      table(),
      [
        .awaitSubscription(22), .notify(21, [Self.reading], times: 2, every: 0), .indicate(18, stamped),
        .notify(21, [Self.reading], times: 2, every: 0), .end,
      ], idle: .seconds(600))
    _ = await visit.run()
    #expect(await visit.sink.collector.samples.count == 4)
    #expect(await visit.sink.collector.collected.count == 1, "four seconds are no window")
  }
}

@Suite struct OximetryTests {
  /// 2026-11-22T00:30:00Z
  let received = Date(timeIntervalSince1970: 1_795_307_400)

  private func observation(_ bytes: [UInt8]) throws -> Observation {
    OximetryNormalisation(
      device: DeviceID(rawValue: "sim:F0:F1:F2:F3:F4:F5"), profile: "sig/pulse-oximeter",
      driver: "gatt-pulse-oximeter/1", authentication: .bonded, isSimulated: true, clockOffset: 0, timeZone: .gmt
    ).observation(try PLXSpotCheckMeasurement(bytes), bytes: bytes, receivedAt: received).observation
  }

  @Test func aSpecialValueSpoilsOnlyItsComponent() throws {
    let found = try observation([0x00, 97, 0, 0xFF, 0x07])
    #expect(found.components.last == ObservationComponent(MDC.pulsOximPulsRate, .absent(.notANumber)))
    #expect(found.quantity(MDC.pulsOximSatO2)?.value == 97)
    #expect(found.marks == [])
    #expect(try observation([0x00, 0xFF, 0x07, 0xFF, 0x07]).marks == [.notMeasured])
  }

  /// Measurement Status, by its bits.
  @Test(arguments: [
    (UInt8(5), false, false), (6, false, true), (7, false, false), (8, false, false), (9, false, false),
    (10, true, false), (11, true, false), (12, false, false), (13, true, false), (14, false, true), (15, true, false),
  ])
  func theMeasurementStatusIsHeeded(bit: UInt8, saysNothing: Bool, isDoubted: Bool) throws {
    let status = UInt16(1) << bit
    let found = try observation([0x02, 97, 0, 64, 0, UInt8(status & 0xFF), UInt8(status >> 8)])
    #expect(found.marks.contains(.notMeasured) == saysNothing)
    #expect(found.flags.contains(.questionable) == isDoubted)
    #expect(found.quantity(MDC.pulsOximSatO2)?.value == (saysNothing ? nil : 97))
    #expect(found.provenance.bytes.count == 7, "what was said is kept")
  }

  /// Device and Sensor Status: the display's refresh and an analysis under way doubt nothing.
  @Test func theSensorStatusIsHeeded() throws {
    for bit in 0..<16 {
      let status = UInt16(1) << bit
      let found = try observation([0x04, 97, 0, 64, 0, UInt8(status & 0xFF), UInt8(status >> 8), 0])
      #expect(found.flags == ([0, 9].contains(bit) ? [] : [.questionable]))
    }
  }

  @Test func aTimeFromAnUnsetClockIsNoTime() throws {
    let stamp: [UInt8] = [0xEA, 0x07, 11, 22, 0, 29, 0]
    #expect(try observation([0x01, 97, 0, 64, 0] + stamp).effective.basis == .deviceClock)
    let unset = try observation([0x11, 97, 0, 64, 0] + stamp)
    #expect(unset.effective == EffectiveTime(span: .instant(received), basis: .received))
    #expect(unset.marks == [.clockUnusable])
    #expect(unset.provenance.deviceTime?.verbatim == "2026-11-22T00:29:00")
  }

  private func windows(_ values: [[UInt8]], every: TimeInterval = 1, length: TimeInterval = 10) throws
    -> [OximetryWindows.Window]
  {
    var windows = OximetryWindows(length: length)
    var found: [OximetryWindows.Window] = []
    for (index, value) in values.enumerated() {
      let date = received.addingTimeInterval(Double(index) * every)
      if let window = windows.add(try PLXContinuousMeasurement(value), at: date) { found.append(window) }
    }
    if let window = windows.finish() { found.append(window) }
    return found
  }

  @Test func aWindowHoldsMeanLeastAndMost() throws {
    let values: [[UInt8]] = (0..<11).map { [0x00, $0 == 3 ? 88 : 96, 0, 60 + $0, 0] }
    let window = try #require(try windows(values).first)
    #expect(window.saturation.minimum == 88)
    #expect(window.saturation.maximum == 96)
    #expect(window.saturation.mean == Decimal(string: "95.2"))
    #expect(window.pulse?.mean == Decimal(string: "64.5"))
    #expect(window.end == received.addingTimeInterval(10))
  }

  @Test func whatIsNobodysIsInNoNumber() throws {
    // NaN, a demonstration, then numbers.
    let values: [[UInt8]] = [[0x00, 0xFF, 0x07, 0xFF, 0x07], [0x04, 50, 0, 200, 0, 0, 0x04]]
    let good = [[UInt8]](repeating: [0x00, 97, 0, 64, 0], count: 12)
    let found = try windows(values + good, length: 60)
    #expect(found.count == 1)
    #expect(found.first?.saturation.minimum == 97)
    #expect(found.first?.pulse?.maximum == 64)
    #expect(try windows(values, length: 60).isEmpty)
  }

  @Test func aShortCutIsNotKept() throws {
    #expect(try windows([[UInt8]](repeating: [0x00, 97, 0, 64, 0], count: 10), length: 60).isEmpty)
    #expect(try windows([[UInt8]](repeating: [0x00, 97, 0, 64, 0], count: 11), length: 60).count == 1)
  }
}
