import USBHost
import WireFormats

/// Questions and answers with an Omron cuff on a cable, each tried again a few times: a cuff says `NO` now and then and
/// means *not now*, and answers have been seen garbled.
struct OmronHIDConversation {
  /// How often one question is asked.
  static let tries = 5
  /// Zeros until the cuff says `OK`.
  private static let synchronisations = 10
  /// Without a report for so long the cuff has no more to say.
  private static let quiet: Duration = .milliseconds(50)

  /// What came of asking ``tries`` times.
  enum Reply {
    case answer(OmronHIDAnswer)
    /// The octets of the last answer, and what is wrong with them.
    case damaged([UInt8], reason: String)
  }

  let session: USBSession
  /// For one whole answer.
  let limit: Duration
  private let reports: HIDReports

  /// - Throws: where the interface has no endpoint that sends reports.
  init(_ session: USBSession, limit: Duration) throws(SessionFailure) {
    self.session = session
    self.limit = limit
    reports = try HIDReports(session, limit: limit, size: OmronHIDReport.size)
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
        let report = try await reports.receive(before: .now + limit)
        if let payload = try? OmronHIDReport.payload(report), payload.starts(with: Array("OK".utf8)) {
          return try await reports.drain(Self.quiet)
        }
      } catch {
        try await reports.recover(from: error, what)
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
        if attempt > 0 { try await reports.drain(Self.quiet) }
        try await send(command)
        bytes = try await receive(command)
        let answer = try OmronHIDAnswer(bytes, to: command)
        guard answer == .refused else { return .answer(answer) }
        reply = .answer(.refused)
      } catch let failure as DecodingFailure {
        reply = .damaged(bytes, reason: "\(failure)")
      } catch let failure as USBFailure {
        try await reports.recover(from: failure, what)
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
    for report in OmronHIDReport.reports(command.bytes) { try await reports.send(report) }
  }

  /// As many reports as the answer needs, within ``limit`` altogether.
  private func receive(_ command: OmronHIDCommand) async throws -> [UInt8] {
    let deadline = ContinuousClock.now + limit
    var bytes: [UInt8] = []
    while !OmronHIDAnswer.isComplete(bytes, for: command) {
      bytes += try OmronHIDReport.payload(try await reports.receive(before: deadline))
    }
    return bytes
  }
}
