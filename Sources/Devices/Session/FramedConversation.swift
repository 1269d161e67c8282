import BluetoothLE
import WireFormats

extension SessionFailure {
  /// The device does not do one thing, and may do others.
  var concernsOneCommand: Bool {
    switch end {
    case .noAnswer, .damaged, .requestFailed: true
    default: false
    }
  }
}

/// The talk with a device that is written commands on one characteristic and answers on another, in frames that are cut
/// into notifications.
///
/// Nothing is asked twice on a link: an answer that comes late would be taken for that of the next command, and a wrong
/// part of a memory gives wrong numbers in silence. A visit without an answer ends, and the next one asks again.
struct FramedConversation {
  let written: BluetoothUUID
  let heard: BluetoothUUID
  /// How long the device may take for one whole answer.
  let limit: Duration
  private var assembler: FrameAssembler

  init(written: BluetoothUUID, heard: BluetoothUUID, limit: Duration, assembler: FrameAssembler) {
    self.written = written
    self.heard = heard
    self.limit = limit
    self.assembler = assembler
  }

  /// - Parameters:
  ///   - what: for the person who reads that it failed, `Asking for its records`.
  ///   - take: the answer in a frame; nil for a frame that answers something else.
  /// - Throws: ``SessionEnd/noAnswer(to:)``, or ``SessionEnd/damaged(what:reason:)`` with the field that failed.
  mutating func ask<Answer>(
    _ command: [UInt8], _ what: String, _ visit: inout GATTVisit,
    _ take: ([UInt8]) throws(DecodingFailure) -> Answer?
  ) async throws(SessionFailure) -> Answer {
    try await visit.send(command, to: written, acknowledged: true, what)
    var assembler = assembler
    defer { self.assembler = assembler }
    let outcome: Result<Answer, DecodingFailure>? = try await visit.answer(within: limit) { incoming in
      guard incoming.characteristic == heard else { return nil }
      do throws(DecodingFailure) {
        for frame in try assembler.append(incoming.bytes) {
          if let answer = try take(frame) { return .success(answer) }
        }
        return nil
      } catch {
        return .failure(error)
      }
    }
    switch outcome {
    case .success(let answer): return answer
    case .failure(let failure): throw SessionFailure(.damaged(what: what, reason: "\(failure)"))
    case nil: throw SessionFailure(.noAnswer(to: what))
    }
  }
}
