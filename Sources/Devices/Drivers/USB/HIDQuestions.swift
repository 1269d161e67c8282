import USBHost
import WireFormats

/// Questions and answers in reports, one question at a time, each asked again a few times.
struct HIDQuestions {
  /// How often one question is asked.
  static let tries = 3
  /// The most reports thrown away before a question is asked again.
  private static let mostStale = 64

  /// What came of asking ``tries`` times.
  enum Reply<Answer> {
    case answer(Answer)
    /// The octets of the last report, and what is wrong with them.
    case damaged([UInt8], reason: String)
  }

  let session: USBSession
  /// For one answer.
  let limit: Duration
  /// The number of the reports to the device; 0 where they have none.
  private let number: UInt8
  private let outward: UInt8?
  private let inward: USBDevice.Endpoint

  /// - Throws: where the interface has no endpoint that sends reports.
  init(_ session: USBSession, limit: Duration, number: UInt8 = 0) throws(SessionFailure) {
    self.session = session
    self.limit = limit
    self.number = number
    let usable = session.interface.endpoints.filter { $0.kind == .interrupt || $0.kind == .bulk }
    guard let inward = usable.first(where: \.isIn) else {
      throw SessionFailure(USBFailure.unsuitable(what: "endpoint that sends reports"), "Opening the cuff")
    }
    self.inward = inward
    outward = usable.first { !$0.isIn }?.address
  }

  /// One report to the device.
  func send(_ report: [UInt8]) async throws(USBFailure) {
    if let outward { return try await session.channel.send(report, to: outward, limit: limit) }
    _ = try await session.channel.control(
      .setReport(.output, id: number, interface: session.interface.number, report), limit: limit)
  }

  /// Asks until there is an answer, ``tries`` times at most.
  ///
  /// - Parameters:
  ///   - what: what is being done, as a sentence begins.
  ///   - take: nil for a report that answers something else: the answer is waited for.
  func ask<Answer: Sendable>(
    _ report: [UInt8], _ what: String, _ take: ([UInt8]) throws(DecodingFailure) -> Answer?
  ) async throws(SessionFailure) -> Reply<Answer> {
    var reply: Reply<Answer>?
    for attempt in 0..<Self.tries {
      var bytes: [UInt8] = []
      do {
        // A late answer to the question before must not be taken for this one's.
        if attempt > 0 { try await drain(.milliseconds(50)) }
        try await send(report)
        let deadline = ContinuousClock.now + limit
        while true {
          let left = deadline - .now
          guard left > .zero else { throw USBFailure.timedOut }
          bytes = try await session.channel.receive(room, from: inward.address, limit: left)
          guard let answer = try take(bytes) else { continue }
          // Asked twice, it may answer twice, and answers do not all say to what.
          if attempt > 0 { try await drain(limit) }
          return .answer(answer)
        }
      } catch let failure as DecodingFailure {
        reply = .damaged(bytes, reason: "\(failure)")
      } catch let failure as USBFailure {
        if case .overflow = failure {
          reply = .damaged([], reason: "A report was longer than the device had declared.")
        }
        try await recover(from: failure, what)
      } catch {
        throw SessionFailure(.cancelled)
      }
    }
    guard let reply else { throw SessionFailure(.noAnswer(to: what)) }
    return reply
  }

  /// A question in several reports, whose answer is a frame cut into reports. What is left of an answer that was given up is
  /// thrown away before it is asked again; frames have a sum, so that none is made of two.
  ///
  /// - Parameters:
  ///   - payload: the octets of the frame in a report.
  ///   - take: the answer in a frame; nil for a frame that answers something else.
  func ask<Answer: Sendable>(
    _ reports: [[UInt8]], _ what: String, _ assembler: FrameAssembler,
    payload: ([UInt8]) throws(DecodingFailure) -> [UInt8], _ take: ([UInt8]) throws(DecodingFailure) -> Answer?
  ) async throws(SessionFailure) -> Answer {
    var damage: String?
    for attempt in 0..<Self.tries {
      var assembler = assembler
      do {
        if attempt > 0 { try await drain(.milliseconds(200)) }
        for report in reports { try await send(report) }
        let deadline = ContinuousClock.now + limit
        while true {
          let left = deadline - .now
          guard left > .zero else { throw USBFailure.timedOut }
          let bytes = try await session.channel.receive(room, from: inward.address, limit: left)
          for frame in try assembler.append(try payload(bytes)) {
            if let answer = try take(frame) { return answer }
          }
        }
      } catch let failure as DecodingFailure {
        damage = "\(failure)"
      } catch let failure as USBFailure {
        if case .overflow = failure { damage = "A report was longer than the device had declared." }
        try await recover(from: failure, what)
      } catch {
        throw SessionFailure(.cancelled)
      }
    }
    guard let damage else { throw SessionFailure(.noAnswer(to: what)) }
    throw SessionFailure(.damaged(what: what, reason: damage))
  }

  private var room: Int { max(inward.packetSize, 1) }

  /// Takes what an earlier question left behind, until nothing comes for a while.
  private func drain(_ quiet: Duration) async throws(USBFailure) {
    for _ in 0..<Self.mostStale {
      do throws(USBFailure) {
        _ = try await session.channel.receive(room, from: inward.address, limit: quiet)
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
