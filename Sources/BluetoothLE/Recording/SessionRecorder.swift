import Synchronization

/// Records one session with a device that nothing is known of: discovers everything, reads what can be read, subscribes
/// to what can be subscribed to, and waits for values. It writes Client Characteristic Configuration descriptors and
/// nothing else.
///
/// An indication is confirmed when whoever keeps the recording has said that it is kept, and else never.
package struct SessionRecorder: Sendable {
  /// What came of it.
  package struct Outcome: Hashable, Sendable {
    /// Notifications and indications.
    package var values = 0
    /// Indications that were confirmed.
    package var confirmed = 0
    /// Indications that were not, since nothing said that they were kept.
    package var unconfirmed = 0
    /// Characteristics that were subscribed to.
    package var subscribed = 0
    /// Characteristics that could not be read or subscribed to: the device wants a pairing.
    package var wantedSecurity = 0
    /// A clause: why it ended.
    package var end = ""
  }

  /// Takes entries in their order, each with its number from 1. Called from one task at a time; it must not wait.
  package typealias Keep = @Sendable (_ number: Int, _ entry: Recording.Entry) -> Void

  private let duration: Duration
  private let gate: RecordingGate
  private let log: EntryLog

  /// - Parameters:
  ///   - duration: how long values are waited for, from the first request on.
  ///   - gate: tells what is kept.
  ///   - keep: gets every entry, with what identifies the device in it.
  package init(duration: Duration, gate: RecordingGate, keep: @escaping Keep) {
    self.duration = duration
    self.gate = gate
    log = EntryLog(keep: keep)
  }

  /// What is known before the link.
  package func note(_ event: Recording.Event) { log.add(event) }

  /// Runs the session over a link that is as secure as it will be, and closes it. Ends soon after its task is cancelled.
  package func run(_ channel: SeqPacketChannel) async -> Outcome {
    let log = log
    log.add(.linkUp)
    let client = GATTClient(channel: channel, tap: { log.add(.passage($0)) })
    await client.start()
    let state = OutcomeBox()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        // The device ends it, or `close` below.
        for await value in client.values { await take(value, state) }
        state.withLock { if $0.end.isEmpty { $0.end = "the device ended the link" } }
      }
      group.addTask {
        await ask(client, state)
        // Its values are waited for until the time is over, or this is cancelled by the other tasks' end.
        do { try await Task.sleep(for: .seconds(86_400)) } catch {}
      }
      group.addTask {
        do {
          try await Task.sleep(for: duration)
          state.withLock { if $0.end.isEmpty { $0.end = "the time was over" } }
        } catch {
          state.withLock { if $0.end.isEmpty { $0.end = "it was stopped" } }
        }
      }
      group.addTask {
        await log.full()
        state.withLock { if $0.end.isEmpty { $0.end = "the recording is full" } }
      }
      await group.next()
      gate.close()
      await client.close()
      group.cancelAll()
    }
    var outcome = state.withLock { $0 }
    if let end = await client.endReason, case .channel = end { outcome.end = "the link has ended: \(end)" }
    log.add(.linkDown(outcome.end))
    return outcome
  }

  private func take(_ value: HandleValue, _ state: OutcomeBox) async {
    state.withLock { $0.values += 1 }
    guard case .indication(_, _, _, let confirmation) = value else { return }
    // The tap told of it before it came here.
    let isKept = await gate.awaitKept(log.lastValue)
    let isConfirmed = isKept ? (try? await confirmation.send()) != nil : false
    state.withLock { if isConfirmed { $0.confirmed += 1 } else { $0.unconfirmed += 1 } }
  }

  /// Whatever a device refuses is passed over; what it says is in the recording.
  private func ask(_ client: GATTClient, _ state: OutcomeBox) async {
    _ = try? await client.exchangeMTU()
    guard let database = try? await client.discover() else { return }
    let characteristics = database.services.flatMap(\.characteristics)
    for characteristic in characteristics {
      if characteristic.properties.contains(.read) {
        await attempt(state) { _ = try await client.readLong(characteristic.value) }
      }
      for descriptor in characteristic.descriptors {
        await attempt(state) { _ = try await client.readLong(descriptor.handle) }
      }
    }
    for characteristic in characteristics where characteristic.clientConfiguration != nil {
      let wanted: ClientCharacteristicConfiguration
      // Indications first where both are offered: what they say is not lost.
      if characteristic.properties.contains(.indicate) {
        wanted = .indication
      } else if characteristic.properties.contains(.notify) {
        wanted = .notification
      } else {
        continue
      }
      await attempt(state) {
        try await client.setClientCharacteristicConfiguration(characteristic, wanted)
        state.withLock { $0.subscribed += 1 }
      }
    }
  }

  private func attempt(_ state: OutcomeBox, _ body: () async throws -> Void) async {
    do {
      try await body()
    } catch let error as ATTError where error.code?.wantsSecurity ?? false {
      state.withLock { $0.wantedSecurity += 1 }
    } catch {}
  }
}

/// The outcome while it comes about.
private final class OutcomeBox: Sendable {
  private let outcome = Mutex(SessionRecorder.Outcome())

  func withLock<Value: Sendable>(_ body: (inout SessionRecorder.Outcome) -> Value) -> Value {
    outcome.withLock { body(&$0) }
  }
}

/// Tells what of a recording is kept: written and synced by whoever writes it.
///
/// Sendable: everything changeable is under the lock.
package final class RecordingGate: Sendable {
  private struct State {
    var kept = 0
    var isClosed = false
    var waiting: [(number: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// Everything up to this entry is kept.
  package func kept(through number: Int) { change { $0.kept = max($0.kept, number) } }

  /// Nothing more will be kept.
  package func close() { change { $0.isClosed = true } }

  /// Waits until this entry is kept; false when it will not be.
  package func awaitKept(_ number: Int) async -> Bool {
    await withCheckedContinuation { continuation in
      let isDecided = state.withLock { state in
        if state.kept >= number || state.isClosed { return true }
        state.waiting.append((number, continuation))
        return false
      }
      if isDecided { continuation.resume() }
    }
    return state.withLock { $0.kept >= number }
  }

  private func change(_ body: (inout State) -> Void) {
    let woken = state.withLock { state in
      body(&state)
      let woken = state.waiting.filter { $0.number <= state.kept || state.isClosed }
      state.waiting.removeAll { $0.number <= state.kept || state.isClosed }
      return woken
    }
    for waiter in woken { waiter.continuation.resume() }
  }
}

/// Numbers entries and gives them on in that order.
///
/// Sendable: everything changeable is under the lock.
private final class EntryLog: Sendable {
  private struct State {
    var last = 0
    var lastValue = 0
    var beginning: ContinuousClock.Instant?
  }

  private let keep: SessionRecorder.Keep
  private let state = Mutex(State())
  private let isFull: AsyncStream<Void>
  private let filled: AsyncStream<Void>.Continuation

  init(keep: @escaping SessionRecorder.Keep) {
    self.keep = keep
    (isFull, filled) = AsyncStream.makeStream()
  }

  /// The number of the newest value that the device sent unasked. What came after it need not be kept for it to be confirmed,
  /// and nobody is told of that at once.
  var lastValue: Int { state.withLock { $0.lastValue } }

  func add(_ event: Recording.Event) {
    let isLast = state.withLock { state in
      guard state.last < Recording.mostEntries || event.isEnd else { return true }
      let now = ContinuousClock.now
      let beginning = state.beginning ?? now
      state.beginning = beginning
      state.last += 1
      if event.isValue { state.lastValue = state.last }
      // Given on under the lock: numbers leave in their order.
      keep(state.last, Recording.Entry(at: (now - beginning) / .seconds(1), event))
      return state.last >= Recording.mostEntries
    }
    if isLast { filled.finish() }
  }

  /// Returns when no more entries are taken, or the task is cancelled.
  func full() async { for await _ in isFull {} }
}

extension Recording.Event {
  /// A notification or an indication.
  package var isValue: Bool {
    if case .passage(.fromDevice(let pdu)) = self { pdu.first == 0x1B || pdu.first == 0x1D } else { false }
  }

  fileprivate var isEnd: Bool { if case .linkDown = self { true } else { false } }
}
