import BluetoothLE
import Devices
import Foundation
import Synchronization
import Testing

@testable import DeviceSimulator

@Suite struct SessionRecorderTests {
  /// Entries as they are kept.
  private final class Kept: Sendable {
    private let entries = Mutex<[Recording.Entry]>([])
    func add(_ entry: Recording.Entry) { entries.withLock { $0.append(entry) } }
    var all: [Recording.Entry] { entries.withLock { $0 } }
  }

  /// The played standard cuff, which indicates three readings, each after the confirmation of the one before.
  private func cuff() async throws -> (channel: SeqPacketChannel, peripheral: SimulatedPeripheral) {
    let library = ProfileLibrary.load([EveryProfileTests.directory]).library
    let device = try SimulatedDevice(try #require(library.profile(named: "sig/blood-pressure")))
    return try await device.connect(scale: 0)
  }

  private static func isIndication(_ entry: Recording.Entry) -> Bool {
    if case .passage(.fromDevice(let pdu)) = entry.event { pdu.first == 0x1D } else { false }
  }

  @Test(.timeLimit(.minutes(1)))
  func recordsAllAndWritesNothingButSubscriptions() async throws {
    let (channel, peripheral) = try await cuff()
    let gate = RecordingGate()
    let kept = Kept()
    let recorder = SessionRecorder(duration: .seconds(50), gate: gate) { number, entry in
      kept.add(entry)
      // As the command line does it: of what comes between two values it says nothing.
      if entry.event.isValue { gate.kept(through: number) }
    }
    let outcome = await recorder.run(channel)
    #expect(outcome.values == 3 && outcome.confirmed == 3 && outcome.unconfirmed == 0)
    #expect(outcome.subscribed == 2)
    #expect(await peripheral.confirmations == 3)
    let writes = await peripheral.transcript.filter {
      $0.direction == .toDevice && [0x12, 0x52, 0x16].contains($0.pdu[0])
    }
    #expect(writes.map(\.pdu) == [[0x12, 7, 0, 2, 0], [0x12, 27, 0, 2, 0]])
    // What the device saw is what was recorded, in the same order.
    let recorded = kept.all.compactMap { entry in
      if case .passage(let passage) = entry.event { passage } else { nil }
    }
    let seen = await peripheral.transcript.map { passage in
      passage.direction == .toDevice ? ATTPassage.toDevice(passage.pdu) : .fromDevice(passage.pdu)
    }
    #expect(
      recorded.filter { if case .toDevice = $0 { true } else { false } }
        == seen.filter { if case .toDevice = $0 { true } else { false } })
    #expect(
      recorded.filter { if case .fromDevice = $0 { true } else { false } }
        == seen.filter { if case .fromDevice = $0 { true } else { false } })
    // Every attribute that can be discovered was.
    let device = LearnedDevice(Recording(beginning: 0, entries: kept.all))
    #expect(device.attributes.map(\.handle.rawValue) == Array(1...31))
    #expect(device.driver?.name == "gatt-blood-pressure")
  }

  @Test(.timeLimit(.minutes(1)))
  func aValueThatIsNotKeptIsNotConfirmed() async throws {
    let (channel, peripheral) = try await cuff()
    let gate = RecordingGate()
    let kept = Kept()
    let (arrivals, arrived) = AsyncStream.makeStream(of: Int.self)
    let recorder = SessionRecorder(duration: .seconds(50), gate: gate) { number, entry in
      kept.add(entry)
      if Self.isIndication(entry) { arrived.yield(number) }
    }
    let session = Task { await recorder.run(channel) }
    var numbers = arrivals.makeAsyncIterator()
    let first = try #require(await numbers.next())
    // All but the value itself is kept: that is not enough.
    gate.kept(through: first - 1)
    #expect(await peripheral.confirmations == 0)
    gate.kept(through: first + 1000)
    #expect(await peripheral.awaitConfirmations(3))
    _ = await session.value

    let (second, other) = try await cuff()
    let never = RecordingGate()
    let (others, came) = AsyncStream.makeStream(of: Int.self)
    let cut = SessionRecorder(duration: .seconds(50), gate: never) { number, entry in
      if Self.isIndication(entry) { came.yield(number) }
    }
    let stopped = Task { await cut.run(second) }
    var iterator = others.makeAsyncIterator()
    _ = await iterator.next()
    stopped.cancel()
    let outcome = await stopped.value
    // Stopped before it was taken from the link, or after.
    #expect(outcome.values <= 1 && outcome.confirmed == 0 && outcome.unconfirmed == outcome.values)
    #expect(await other.confirmations == 0)
  }
}
