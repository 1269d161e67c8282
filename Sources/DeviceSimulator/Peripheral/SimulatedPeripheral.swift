package import BluetoothLE
import Foundation

/// A device of its own at the other end of a link: an ATT server, and the steps that it takes. It notes every PDU.
package actor SimulatedPeripheral {
  /// One PDU that passed.
  package struct Passage: Hashable, Sendable {
    package enum Direction: Hashable, Sendable {
      case toDevice
      case fromDevice
    }
    package var direction: Direction
    package var pdu: [UInt8]
  }

  /// How time passes while the session waits.
  package enum Pace: Sendable {
    /// As it is written, times this factor; 1 is as the device would.
    case real(scale: Double)
    /// Not at all: the clock is put on instead. After each notification `taken` is waited for, with how many were sent,
    /// so that none is given the time of the next.
    case virtual(SimulationClock, taken: @Sendable (Int) async -> Void)
  }

  /// Everything that passed, in order.
  package private(set) var transcript: [Passage] = []
  /// When each of ``transcript`` passed: of what the device sends, just before it is given to the kernel.
  package private(set) var moments: [ContinuousClock.Instant] = []
  /// Requests that came.
  package private(set) var requests = 0
  /// Requests that had come when the first confirmation did; nil before that.
  package private(set) var requestsBeforeFirstConfirmation: Int?
  /// Confirmations that came.
  package private(set) var confirmations = 0
  /// Whether all steps are done.
  package private(set) var isDone = false
  /// Whether the link has ended.
  package private(set) var hasEnded = false

  /// The memory behind some of its characteristics, of a cuff that has one.
  package private(set) var memory: SimulatedMemory?
  /// What it answers, of a device whose session says so.
  package private(set) var script: SimulatedScript?

  private var server: AttributeServer
  private let channel: SeqPacketChannel
  private let steps: [SimulatedStep]
  private let pace: Pace
  private let isSilent: Bool
  private var notifications = 0
  private var waiters: [CheckedContinuation<Void, Never>] = []
  private var tasks: [Task<Void, Never>] = []

  /// - Parameters:
  ///   - channel: the device's end of the link, not started.
  ///   - isSilent: takes requests and never answers.
  ///   - memory: of a cuff that has one.
  ///   - script: of a device whose session has answers.
  package init(
    channel: SeqPacketChannel, attributes: [SimulatedAttribute], steps: [SimulatedStep], mtu: Int = 23,
    pace: Pace = .real(scale: 1), isSilent: Bool = false, memory: SimulatedMemory? = nil,
    script: SimulatedScript? = nil
  ) {
    self.memory = memory
    self.script = script
    self.channel = channel
    self.steps = steps
    self.pace = pace
    self.isSilent = isSilent
    server = AttributeServer(attributes: attributes, mtu: mtu)
  }

  deinit {
    for task in tasks { task.cancel() }
    channel.close()
  }

  /// Begins to answer, and to take its steps. Does nothing the second time.
  package func start() {
    guard tasks.isEmpty else { return }
    channel.start()
    tasks.append(
      Task { [weak self, channel] in
        for await pdu in channel.incoming { await self?.received(pdu) }
        await self?.ended()
      })
    tasks.append(Task { [weak self] in await self?.play() })
  }

  /// Waits until `count` confirmations have come; false when the link ends first.
  package func awaitConfirmations(_ count: Int) async -> Bool {
    await wait { $0.confirmations >= count }
    return confirmations >= count
  }

  /// Waits until `count` requests have come; false when the link ends first.
  package func awaitRequests(_ count: Int) async -> Bool {
    await wait { $0.requests >= count }
    return requests >= count
  }

  /// Waits until all steps are done, or the link ends.
  package func awaitEnd() async {
    await wait { $0.isDone }
  }

  /// Ends the link.
  package func end() {
    channel.close()
    ended()
  }

  // MARK: The link

  private func received(_ pdu: [UInt8]) {
    note(Passage(direction: .toDevice, pdu: pdu))
    if pdu == [0x1E] {
      confirmations += 1
      if requestsBeforeFirstConfirmation == nil { requestsBeforeFirstConfirmation = requests }
    } else if AttributeServer.isRequest(pdu) {
      requests += 1
    }
    if !isSilent {
      if let answer = server.answer(pdu) { send(answer) }
      if let write = server.write(in: pdu) {
        tellMemory(write.value, write.attribute)
        tellScript(write.value, write.attribute)
      }
    }
    wake()
  }

  private func note(_ passage: Passage) {
    transcript.append(passage)
    moments.append(.now)
  }

  private func tellMemory(_ value: [UInt8], _ attribute: SimulatedAttribute) {
    guard let reaction = memory?.take(value, on: attribute.type, width: server.mtu - 3) else { return }
    if reaction.endsLink { return end() }
    for notification in reaction.notifications {
      guard let handle = server.subscribed(notification.uuid) else { continue }
      send([0x1B, UInt8(handle & 0xFF), UInt8(handle >> 8)] + notification.octets)
    }
  }

  private func tellScript(_ value: [UInt8], _ attribute: SimulatedAttribute) {
    guard let reaction = script?.take(value, on: attribute.handle) else { return }
    if let source = server.attributes.first(where: { $0.handle == reaction.source }),
      let handle = server.subscribed(source.type)
    {
      for value in reaction.values { send([0x1B, UInt8(handle & 0xFF), UInt8(handle >> 8)] + value) }
    }
    if reaction.endsLink { end() }
  }

  private func send(_ pdu: [UInt8]) {
    note(Passage(direction: .fromDevice, pdu: pdu))
    do {
      try channel.send(pdu)
    } catch {
      // The other end is gone, and the reader will say so.
      channel.close()
    }
  }

  private func ended() {
    hasEnded = true
    memory?.linkEnded()
    script?.linkEnded()
    wake()
  }

  private func wake() {
    let woken = waiters
    waiters = []
    for waiter in woken { waiter.resume() }
  }

  /// Until `condition` holds, or the link ends.
  private func wait(until condition: (isolated SimulatedPeripheral) -> Bool) async {
    while !hasEnded, !condition(self) {
      await withCheckedContinuation { waiters.append($0) }
    }
  }

  // MARK: The steps

  private func play() async {
    for step in steps {
      guard !hasEnded else { break }
      await take(step)
    }
    isDone = true
    wake()
  }

  private func take(_ step: SimulatedStep) async {
    switch step {
    case .awaitSubscription(let handle):
      await wait { ($0.server.value(handle) ?? []).contains { $0 != 0 } }
    case .awaitWrite(let handle, let value):
      await wait { $0.server.value(handle) == value }
    case .indicate(let handle, let value, _):
      let before = confirmations
      send([0x1D, UInt8(handle & 0xFF), UInt8(handle >> 8)] + value)
      await wait { $0.confirmations > before }
    case .notify(let handle, let values, let times, let every):
      for index in 0..<times where !hasEnded {
        send([0x1B, UInt8(handle & 0xFF), UInt8(handle >> 8)] + values[index % values.count])
        notifications += 1
        if case .virtual(_, let taken) = pace { await taken(notifications) }
        await pass(every)
      }
    // Over a link nobody hears it; the time passes all the same.
    case .advertise(_, let times, let every): await pass(Double(times) * every)
    case .wait(let seconds): await pass(seconds)
    case .set(let handle, let value): server.set(handle, value)
    case .end: end()
    }
  }

  private func pass(_ seconds: Double) async {
    switch pace {
    case .real(let scale): try? await Task.sleep(for: .seconds(seconds * scale))
    case .virtual(let clock, _): clock.advance(by: seconds)
    }
  }
}
