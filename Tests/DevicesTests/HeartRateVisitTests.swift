import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing

@Suite(.timeLimit(.minutes(5))) struct HeartRateVisitTests {
  static let table = [
    SimulatedAttribute(1, .primaryService, [0x0D, 0x18]),
    SimulatedAttribute(2, .characteristic, [0x10, 3, 0, 0x37, 0x2A]),
    SimulatedAttribute(3, BluetoothUUID(0x2A37), [], readError: 2),
    SimulatedAttribute(4, .clientCharacteristicConfiguration, [0, 0]),
  ]

  /// A clock that goes on by a second each time it is asked.
  private func steppingClock() -> @Sendable () -> Date {
    let clock = SimulationClock(Visit.start)
    return {
      defer { clock.advance(by: 1) }
      return clock.now
    }
  }

  private func visit(_ steps: [SimulatedStep], idle: Duration = .seconds(60)) async throws -> Visit {
    try await Visit(
      Self.table, steps, profile: Visit.profile(driver: "gatt-heart-rate", subscribe: 0x2A37, idle: idle),
      now: steppingClock())
  }

  @Test func lostContactIsNoRateOfZero() async throws {
    let visit = try await visit([
      .awaitSubscription(4),
      .notify(3, [[0x06, 72], [0x04, 0], [0x04, 70], [0x00, 0], [0x00, 65]], times: 5, every: 0), .end,
    ])
    _ = await visit.run()
    #expect(await visit.sink.collector.samples.map(\.beatsPerMinute) == [72, nil, nil, nil, 65])
  }

  @Test func everyNotificationGoesLive() async throws {
    let visit = try await visit([
      .awaitSubscription(4), .notify(3, [[0x10, 60, 0, 4, 0, 2]], times: 3, every: 0), .end,
    ])
    _ = await visit.run()
    let samples = await visit.sink.collector.samples
    #expect(samples.count == 3)
    #expect(samples.first?.rrIntervals == [1, 0.5])
    #expect(!samples.contains { !$0.isSimulated })
  }

  @Test func aWindowThatCannotBeStoredIsTriedAgainAndTheStreamGoesOn() async throws {
    let visit = try await visit([.awaitSubscription(4), .notify(3, [[0x06, 72]], times: 150, every: 0), .end])
    await visit.sink.fail(1)
    _ = await visit.run()
    #expect(await visit.sink.collector.samples.count == 150)
    #expect(visit.progress.all.contains(.notStored(reason: "The disk is full.")))
    let starts = await visit.sink.collector.collected.map(\.observation.effective.start)
    #expect(starts.count == 3)
    #expect(starts == starts.sorted())
  }

  @Test func windowsThatAreLostAreSaid() async throws {
    let visit = try await visit([.awaitSubscription(4), .notify(3, [[0x06, 72]], times: 20, every: 0), .end])
    await visit.sink.fail(100)
    #expect(await visit.run() == .notStored(reason: "1 windows of heart rate were lost."))
  }

  @Test func aCancelledVisitKeepsItsLastWindow() async throws {
    let visit = try await visit([.awaitSubscription(4), .notify(3, [[0x06, 72]], times: 30, every: 0)])
    let session = Task { await visit.run() }
    while await visit.sink.collector.samples.count < 30 { await Task.yield() }
    session.cancel()
    #expect(await session.value == .cancelled)
    #expect(await visit.sink.collector.collected.count == 1)
  }

  @Test func silenceEndsTheVisit() async throws {
    let visit = try await visit(
      [.awaitSubscription(4), .notify(3, [[0x06, 72]], times: 2, every: 0)], idle: .milliseconds(100))
    #expect(await visit.run() == .idle)
    #expect(await visit.sink.collector.collected.isEmpty, "two seconds are no window")
  }

  @Test func nonsenseIsSaidAndPassed() async throws {
    let visit = try await visit([
      .awaitSubscription(4), .notify(3, [[0x01, 72], [0x06, 72]], times: 2, every: 0), .end,
    ])
    _ = await visit.run()
    #expect(await visit.sink.collector.samples.count == 1)
    #expect(visit.progress.all.contains { if case .undecodable = $0 { true } else { false } })
  }
}
