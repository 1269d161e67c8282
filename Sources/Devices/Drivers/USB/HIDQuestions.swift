import USBHost
import WireFormats

/// Questions and answers in reports, one question at a time, each asked again a few times.
struct HIDQuestions {
  /// How often one question is asked.
  static let tries = 3
  /// What came of asking ``tries`` times.
  enum Reply<Answer> {
    case answer(Answer)
    /// The octets of the last report, and what is wrong with them.
    case damaged([UInt8], reason: String)
  }

  /// For one answer.
  let limit: Duration
  private let reports: HIDReports

  /// - Parameter number: of the reports to the device; 0 where they have none.
  /// - Throws: where the interface has no endpoint that sends reports.
  init(_ session: USBSession, limit: Duration, number: UInt8 = 0) throws(SessionFailure) {
    self.limit = limit
    reports = try HIDReports(session, limit: limit, number: number)
  }

  /// One report to the device.
  func send(_ report: [UInt8]) async throws(USBFailure) { try await reports.send(report) }

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
        if attempt > 0 { try await self.reports.drain(.milliseconds(50)) }
        try await self.reports.send(report)
        let deadline = ContinuousClock.now + limit
        while true {
          bytes = try await self.reports.receive(before: deadline)
          guard let answer = try take(bytes) else { continue }
          // Asked twice, it may answer twice, and answers do not all say to what.
          if attempt > 0 { try await self.reports.drain(limit) }
          return .answer(answer)
        }
      } catch let failure as DecodingFailure {
        reply = .damaged(bytes, reason: "\(failure)")
      } catch let failure as USBFailure {
        if case .overflow = failure {
          reply = .damaged([], reason: "A report was longer than the device had declared.")
        }
        try await self.reports.recover(from: failure, what)
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
        if attempt > 0 { try await self.reports.drain(.milliseconds(200)) }
        for report in reports { try await self.reports.send(report) }
        let deadline = ContinuousClock.now + limit
        while true {
          let bytes = try await self.reports.receive(before: deadline)
          for frame in try assembler.append(try payload(bytes)) {
            if let answer = try take(frame) { return answer }
          }
        }
      } catch let failure as DecodingFailure {
        damage = "\(failure)"
      } catch let failure as USBFailure {
        if case .overflow = failure { damage = "A report was longer than the device had declared." }
        try await self.reports.recover(from: failure, what)
      } catch {
        throw SessionFailure(.cancelled)
      }
    }
    guard let damage else { throw SessionFailure(.noAnswer(to: what)) }
    throw SessionFailure(.damaged(what: what, reason: damage))
  }
}
