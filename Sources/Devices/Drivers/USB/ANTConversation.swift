import USBHost
import WireFormats

/// Commands to an ANT stick, each until it is answered, and then what it hears.
struct ANTConversation {
  /// How often one command is sent.
  private static let tries = 3
  /// For one answer.
  private static let answerLimit: Duration = .seconds(1)
  /// Stalls and overflows in a row until the stick is given up.
  private static let mostFaults = 8
  /// Octets that are asked for: a packet at full speed.
  private static let packet = 64

  let session: USBSession
  private let inward: UInt8
  private let outward: UInt8
  private var assembler = ANTMessageAssembler()
  private var waiting: [ANTMessage] = []
  private var faults = 0

  /// - Throws: where the interface has not an endpoint each way.
  init(_ session: USBSession) throws(SessionFailure) {
    self.session = session
    let bulk = session.interface.endpoints.filter { $0.kind == .bulk || $0.kind == .interrupt }
    guard let inward = bulk.first(where: \.isIn), let outward = bulk.first(where: { !$0.isIn }) else {
      throw SessionFailure(USBFailure.unsuitable(what: "pair of endpoints for messages"), "Opening the ANT stick")
    }
    self.inward = inward.address
    self.outward = outward.address
  }

  /// Makes the stick listen to every heart-rate strap around.
  ///
  /// One channel in scan mode hears them all, where a channel for each strap would end at eight and hear no other's. The
  /// period and the search limit are those of the profile; while scanning the stick has no use for them.
  mutating func begin(_ key: ANTNetworkKey) async throws(SessionFailure) {
    try await reset()
    let (channel, network): (UInt8, UInt8) = (0, 0)
    let commands: [ANTCommand] = [
      .extendedMessages, .networkKey(key, network: network), .assign(channel: channel, network: network),
      .channelID(channel: channel, number: 0, deviceType: ANTHeartRatePage.deviceType, transmissionType: 0),
      .frequency(channel: channel, ANTHeartRatePage.frequency), .period(channel: channel, ANTHeartRatePage.period),
      .searchTimeout(channel: channel, 255), .openScan,
    ]
    for command in commands { try await ask(command) }
  }

  /// The next message; nil when none came within `limit`.
  mutating func next(within limit: Duration, _ what: String) async throws(SessionFailure) -> ANTMessage? {
    let deadline = ContinuousClock.now + limit
    while waiting.isEmpty {
      let left = deadline - .now
      guard left > .zero else { return nil }
      do throws(USBFailure) {
        waiting = assembler.append(
          try await session.channel.receive(Self.packet, from: inward, limit: left))
        faults = 0
      } catch {
        try await recover(from: error, what)
      }
    }
    return waiting.removeFirst()
  }

  /// Leaves the stick as it was found: silent. That it answers is not needed.
  func end() async {
    try? await session.channel.send(ANTCommand.reset.message.bytes, to: outward, limit: Self.answerLimit)
  }

  /// What an earlier program left open is closed. An older stick starts without a word, so that is waited for and not asked.
  private mutating func reset() async throws(SessionFailure) {
    let what = "Resetting the ANT stick"
    try await send(.reset, what)
    let deadline = ContinuousClock.now + Self.answerLimit
    while true {
      let left = deadline - .now
      guard left > .zero, let message = try await next(within: left, what) else { return }
      if message.id == ANTMessageID.startup { return }
    }
  }

  private mutating func ask(_ command: ANTCommand) async throws(SessionFailure) {
    let what = "Setting up the ANT stick (\(command.title))"
    var refusal: ANTChannelResponse?
    for _ in 0..<Self.tries {
      try await send(command, what)
      let deadline = ContinuousClock.now + Self.answerLimit
      while true {
        let left = deadline - .now
        guard left > .zero, let message = try await next(within: left, what) else { break }
        guard message.id == ANTMessageID.channelResponse, let response = try? ANTChannelResponse(message.content),
          response.command == command.message.id
        else { continue }
        if response.code == ANTChannelResponse.success { return }
        refusal = response
        break
      }
    }
    guard let refusal else { throw SessionFailure(.noAnswer(to: what)) }
    throw SessionFailure(
      .requestFailed(what: what, reason: "The stick answered \(refusal.name ?? "code \(refusal.code)")."))
  }

  private mutating func send(_ command: ANTCommand, _ what: String) async throws(SessionFailure) {
    do throws(USBFailure) {
      try await session.channel.send(command.message.bytes, to: outward, limit: Self.answerLimit)
    } catch {
      try await recover(from: error, what)
    }
  }

  /// After what another try may mend, returns.
  private mutating func recover(from failure: USBFailure, _ what: String) async throws(SessionFailure) {
    switch failure {
    // The rest of a message comes with the next packet, at once, or never.
    case .timedOut: waiting += assembler.giveUp()
    case .overflow, .short, .stalled:
      faults += 1
      guard faults < Self.mostFaults else { throw SessionFailure(failure, what) }
      guard case .stalled(let endpoint) = failure else { return }
      do throws(USBFailure) {
        try await session.channel.clearHalt(endpoint)
      } catch {
        throw SessionFailure(error, what)
      }
    default: throw SessionFailure(failure, what)
    }
  }
}
