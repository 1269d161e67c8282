package import Foundation
package import Observations

/// When a reading was taken, from what the device's clock said and what is known of that clock. Pure.
package struct ReadingTime: Hashable, Sendable {
  package var effective: EffectiveTime
  /// Taken just now: its time is within ``liveWithin`` of its arrival, or nothing says that it is from memory.
  package var isLive: Bool
  /// The device sent a time stamp that is no time: parts unknown, impossible, or ahead of us.
  package var stampIsUnusable: Bool

  /// A cuff connects as soon as it has a result; one that has to look for us does so for minutes.
  package static let liveWithin: TimeInterval = 300
  /// A time stamp further ahead of its own arrival than this is no time stamp: the clock was set since its offset was
  /// measured, or it was never right. Less is drift.
  package static let aheadTolerance: TimeInterval = 120
  /// The shortest time in which a cuff can measure twice. Two readings that arrive closer than this are not both new:
  /// inflating and deflating takes 20 s and more.
  package static let shortestMeasurement: TimeInterval = 15
  /// How far back a reading from memory may lie where no earlier visit sets a bound.
  package static let oldestMemory: TimeInterval = 366 * 86_400

  /// - Parameters:
  ///   - stamp: as the device sent it; nil when it sent none.
  ///   - stampIsPlausible: every field in its range and the day there is.
  ///   - clockOffset: device clock minus ours, in seconds; nil when it was never measured.
  package init(
    stamp: DeviceTime?, stampIsPlausible: Bool, clockOffset: TimeInterval?, receivedAt: Date, timeZone: TimeZone
  ) {
    if let stamp, stampIsPlausible, let said = stamp.date(in: timeZone) {
      let isRight = clockOffset.map { abs($0) <= EffectiveTime.agreement }
      var date = said
      if isRight == false, let clockOffset {
        // A clock that is wrong knows no daylight saving time: between the stamp and what it shows now it has counted
        // every hour, also over a change of the zone's offset.
        let shown = receivedAt.addingTimeInterval(clockOffset)
        let change = timeZone.secondsFromGMT(for: said) - timeZone.secondsFromGMT(for: shown)
        date = said.addingTimeInterval(TimeInterval(change) - clockOffset)
      }
      let age = receivedAt.timeIntervalSince(date)
      if age >= -Self.aheadTolerance {
        let basis: EffectiveTime.Basis =
          switch isRight {
          case true?: .deviceClock
          case false?: .deviceClockCorrected
          case nil: .deviceClockUnchecked
          }
        effective = EffectiveTime(span: .instant(date), basis: basis)
        isLive = age <= Self.liveWithin
        stampIsUnusable = false
        return
      }
    }
    effective = EffectiveTime(span: .instant(receivedAt), basis: .received)
    isLive = true
    stampIsUnusable = stamp != nil
  }

  /// For a reading without a usable time stamp that turned out to be from the device's memory.
  ///
  /// The rule: an unstamped reading counts as live when it arrives, since a cuff connects when it has just measured and
  /// its commit waits for nothing. When another reading follows within ``shortestMeasurement``, the device is emptying
  /// its memory, oldest first, and the earlier of the two was not measured just now: only the last one of such a burst
  /// may have been.
  package static func fromMemory(receivedAt: Date, previousVisit: Date?) -> EffectiveTime {
    let earliest = previousVisit ?? receivedAt.addingTimeInterval(-oldestMemory)
    return EffectiveTime(span: .period(min(earliest, receivedAt), receivedAt), basis: .betweenVisits)
  }
}
