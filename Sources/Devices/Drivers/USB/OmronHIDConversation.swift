import USBHost
import WireFormats

/// Questions and answers with an Omron cuff on a cable, each tried again a few times: a cuff says `NO` now and then and
/// means *not now*, and answers have been seen garbled.
struct OmronHIDConversation {
  /// How often one question is asked.
  static let tries = 5
  /// Zeros until the cuff says `OK`.
  private static let synchronisations = 10
  /// The most reports thrown away before a question is asked again.
  private static let mostStale = 64

  /// What came of asking ``tries`` times.
  enum Reply {
    case answer(OmronHIDAnswer)
    /// The octets of the last answer, and what is wrong with them.
    case damaged([UInt8], reason: String)
  }

  let session: USBSession
  /// For one whole answer.
  let limit: Duration
  private let outward: UInt8?
  private let inward: UInt8

  /// - Throws: where the interface has no endpoint that sends reports.
  init(_ session: USBSession, limit: Duration) throws(SessionFailure) {
    self.session = session
    self.limit = limit
    let usable = session.interface.endpoints.filter { $0.kind == .interrupt || $0.kind == .bulk }
    guard let inward = usable.first(where: \.isIn) else {
      throw SessionFailure(USBFailure.unsuitable(what: "endpoint that sends reports"), "Opening the cuff")
    }
    self.inward = inward.address
    outward = usable.first { !$0.isIn }?.address
  }

  // MARK: The steps of a visit

  /// Says what is going to be asked, and makes the cuff listen.
  func begin(_ mode: OmronHIDCommand.Mode) async throws(SessionFailure) {
    let what = "Opening the cuff's memory"
    do throws(USBFailure) {
      _ = try await session.channel.control(
        .setReport(.feature, interface: session.interface.number, mode.bytes), limit: limit)
    } catch {
      // Some cuffs answer without it.
      guard case .stalled = error else { throw SessionFailure(error, what) }
    }
    for _ in 0..<Self.synchronisations {
      do throws(USBFailure) {
        try await send(.synchronise)
        let report = try await session.channel.receive(OmronHIDReport.size, from: inward, limit: limit)
        if let payload = try? OmronHIDReport.payload(report), payload.starts(with: Array("OK".utf8)) {
          return try await drain()
        }
      } catch {
        try await recover(from: error, what)
      }
    }
    throw SessionFailure(.noAnswer(to: what))
  }

  /// Asks until there is an answer that is whole, ``tries`` times at most; `NO` each time is an answer too.
  func ask(_ command: OmronHIDCommand, _ what: String) async throws(SessionFailure) -> Reply {
    var reply: Reply?
    for attempt in 0..<Self.tries {
      var bytes: [UInt8] = []
      do {
        if attempt > 0 { try await drain() }
        try await send(command)
        bytes = try await receive(command)
        let answer = try OmronHIDAnswer(bytes, to: command)
        guard answer == .refused else { return .answer(answer) }
        reply = .answer(.refused)
      } catch let failure as DecodingFailure {
        reply = .damaged(bytes, reason: "\(failure)")
      } catch let failure as USBFailure {
        try await recover(from: failure, what)
      } catch {
        throw SessionFailure(.cancelled)
      }
    }
    guard let reply else { throw SessionFailure(.noAnswer(to: what)) }
    return reply
  }

  /// Switches the cuff's transfer off. That it answers is not needed.
  func end() async {
    try? await send(.end)
    _ = try? await receive(.end)
  }

  // MARK: Reports

  private func send(_ command: OmronHIDCommand) async throws(USBFailure) {
    for report in OmronHIDReport.reports(command.bytes) {
      if let outward {
        try await session.channel.send(report, to: outward, limit: limit)
      } else {
        _ = try await session.channel.control(
          .setReport(.output, interface: session.interface.number, report), limit: limit)
      }
    }
  }

  /// As many reports as the answer needs, within ``limit`` altogether.
  private func receive(_ command: OmronHIDCommand) async throws -> [UInt8] {
    let deadline = ContinuousClock.now + limit
    var bytes: [UInt8] = []
    while !OmronHIDAnswer.isComplete(bytes, for: command) {
      let left = deadline - .now
      guard left > .zero else { throw USBFailure.timedOut }
      bytes += try OmronHIDReport.payload(
        try await session.channel.receive(OmronHIDReport.size, from: inward, limit: left))
    }
    return bytes
  }

  /// Takes what an earlier question left behind.
  private func drain() async throws(USBFailure) {
    for _ in 0..<Self.mostStale {
      do throws(USBFailure) {
        _ = try await session.channel.receive(OmronHIDReport.size, from: inward, limit: .milliseconds(50))
      } catch {
        switch error {
        case .timedOut: return
        case .overflow: continue
        default: throw error
        }
      }
    }
  }

  /// After what another try may mend, returns.
  private func recover(from failure: USBFailure, _ what: String) async throws(SessionFailure) {
    switch failure {
    case .timedOut, .overflow, .short: return
    case .stalled(let endpoint):
      do throws(USBFailure) {
        try await session.channel.clearHalt(endpoint)
      } catch {
        throw SessionFailure(error, what)
      }
    default: throw SessionFailure(failure, what)
    }
  }
}
