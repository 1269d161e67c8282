import Foundation
import Observations
import WireFormats

/// A visit to a Beurer cuff on a cable, which differ in what they are asked for and what they answer: from the first
/// command to the last, whatever comes between.
struct BeurerVisit {
  static let counting = "Asking how many readings the cuff has"

  let session: USBSession
  /// The driver's name and version.
  let driver: String
  let format: String
  /// In the order of the memory.
  private var records: [CuffRecord] = []

  init(session: USBSession, driver: String, format: String) {
    self.session = session
    self.driver = driver
    self.format = format
  }

  /// A report of a BM96 that says nothing.
  static func isFiller(_ bytes: [UInt8]) -> Bool { bytes.first == BeurerHIDCommand.filler }

  /// - Parameters:
  ///   - limit: seconds for one answer.
  ///   - ready: what the cuff answers to the first command; nil where that is not known.
  func run(
    limit: Decimal, ready: UInt8? = nil, _ read: (HIDQuestions, inout BeurerVisit) async throws(SessionFailure) -> Void
  ) async -> SessionEnd {
    var visit = self
    do throws(SessionFailure) {
      let cuff = try HIDQuestions(session, limit: .seconds(NSDecimalNumber(decimal: limit).doubleValue))
      var failure: SessionFailure?
      do throws(SessionFailure) {
        try await visit.begin(cuff, ready)
        try await read(cuff, &visit)
      } catch {
        failure = error
      }
      // What came before something failed is read, whatever follows.
      let normalisation = CuffNormalisation(session, driver: driver, format: format)
      var unstored: SessionFailure?
      do throws(SessionFailure) {
        try await session.store(visit.records, normalisation)
      } catch {
        unstored = error
      }
      // A cuff that still hears us goes on showing that it is connected until it is told the end; one that was unplugged
      // does not.
      if case .linkEnded = failure?.end {} else { try? await cuff.send(BeurerHIDCommand.end.bytes) }
      if let failure = unstored ?? failure { throw failure }
      return .idle
    } catch {
      return error.end
    }
  }

  private func begin(_ cuff: HIDQuestions, _ ready: UInt8?) async throws(SessionFailure) {
    let _: Bool = try await answer(cuff, .begin, "Opening the cuff's memory") { (bytes) throws(DecodingFailure) in
      var reader = ByteReader(bytes)
      let first = try reader.uint8("Answer")
      guard let ready else { return true }
      guard first != BeurerHIDCommand.filler else { return nil }
      guard first == ready else {
        throw .outOfRange(field: "Answer", offset: 0, value: Int(first), expected: "0x55, ready")
      }
      return true
    }
  }

  /// An answer without which there is no visit.
  func answer<Answer: Sendable>(
    _ cuff: HIDQuestions, _ command: BeurerHIDCommand, _ what: String,
    _ take: ([UInt8]) throws(DecodingFailure) -> Answer?
  ) async throws(SessionFailure) -> Answer {
    switch try await cuff.ask(command.bytes, what, take) {
    case .answer(let answer): return answer
    case .damaged(_, let reason): throw SessionFailure(.damaged(what: what, reason: reason))
    }
  }

  /// One record of the memory; what cannot be read is kept as it came, and costs no other.
  ///
  /// - Parameter take: nil for a report that says nothing, and inside of it nil for a record that is no blood pressure.
  mutating func readRecord(
    _ cuff: HIDQuestions, _ command: BeurerHIDCommand, _ number: Int, of count: Int,
    _ take: ([UInt8]) throws(DecodingFailure) -> CuffRecord??
  ) async throws(SessionFailure) {
    session.progress(.record(number: number, of: count))
    switch try await cuff.ask(command.bytes, "Reading record \(number) of \(count)", take) {
    case .answer(let record?): records.append(record)
    case .answer(nil): break
    case .damaged(let bytes, let reason):
      var user = 0
      if case .userReading(let number, _) = command { user = Int(number) + 1 }
      try await session.keep(bytes, reason, user: user, driver: driver, format: format)
    }
  }
}
