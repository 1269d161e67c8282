import Foundation
import Observations
import WireFormats

/// What a cuff's settings say, as far as its map knows where.
extension OmronConversation {
  /// Nil without a map of it, where the cuff does not give it, or where nothing was ever written.
  func readIndex(_ visit: inout GATTVisit) async throws(SessionFailure) -> OmronIndexBlock? {
    guard let index = map.index,
      case .octets(let octets, _) = try await read(index.address, count: index.layout.size, &visit),
      !octets.allSatisfy({ $0 == 0xFF })
    else { return nil }
    return try? OmronIndexBlock(octets, layout: index.layout)
  }

  /// How long to wait before a clock is read again to see whether it goes.
  private static let proof: Duration = .milliseconds(1500)

  /// Device clock minus ours in seconds; nil when that cannot be said.
  ///
  /// That these six octets are the running clock, and not the time when it was last set, is known of few cuffs. A clock
  /// that agrees with ours goes. Of another it is seen: read again a moment later it must have gone on. To correct
  /// readings by one that stands would move them by years.
  func readClock(_ visit: inout GATTVisit) async throws(SessionFailure) -> TimeInterval? {
    guard let first = try await lookAtClock(&visit) else { return nil }
    if abs(first.offset) > EffectiveTime.agreement {
      do {
        try await Task.sleep(for: Self.proof)
      } catch {
        throw SessionFailure(.cancelled)
      }
      guard let second = try await lookAtClock(&visit) else { return nil }
      let gone = second.shown.timeIntervalSince(first.shown)
      let passed = (second.at - first.at) / .seconds(1)
      guard gone >= 1, abs(gone - passed) <= 1.5 else {
        visit.session.progress(.clockUnusable)
        return nil
      }
    }
    visit.session.progress(.clock(offset: first.offset))
    await visit.session.sink.remember(clockOffset: first.offset, at: first.ours)
    return first.offset
  }

  private struct Look {
    /// The cuff's digits in the session's zone.
    var shown: Date
    var ours: Date
    var at: ContinuousClock.Instant
    var offset: TimeInterval { shown.timeIntervalSince(ours) }
  }

  private func lookAtClock(_ visit: inout GATTVisit) async throws(SessionFailure) -> Look? {
    guard let clock = map.clock else { return nil }
    let asked = visit.session.receivedNow()
    guard case .octets(let octets, _) = try await read(clock.address, count: clock.layout.size, &visit) else {
      return nil
    }
    let (answered, at) = (visit.session.receivedNow(), ContinuousClock.now)
    guard let dateTime = try? OmronClock(octets, layout: clock.layout).dateTime, dateTime.isPlausible,
      let shown = DeviceTime(dateTime).date(in: visit.session.timeZone)
    else {
      visit.session.progress(.clockUnusable)
      return nil
    }
    // Half the way there and back, as for any clock that is read over the air.
    return Look(shown: shown, ours: asked.addingTimeInterval(answered.timeIntervalSince(asked) / 2), at: at)
  }
}
