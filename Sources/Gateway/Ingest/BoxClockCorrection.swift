import Devices
import Foundation
import Observations
import Store

/// The times of a reading that arrived while the box's own clock was not known to be right, once it is. Pure: from what the
/// device said, which is kept, and from the clock that only counts.
struct BoxClockCorrection {
  let timeZone: TimeZone

  /// Of the same boot: exact.
  ///
  /// - Parameter difference: the right time (seconds since 1970) minus the uptime.
  func corrected(_ before: Observation, _ time: UncertainTime, difference: TimeInterval) -> Observation {
    let received = Date(timeIntervalSince1970: difference + time.uptime)
    let shift = received.timeIntervalSince(before.provenance.receivedAt)
    var after = marked(before)
    after.provenance.receivedAt = received
    if let compared = time.compared {
      after.provenance.clockOffset = before.provenance.clockOffset.map { $0 + compared - difference }
    }
    if let said = byDevice(before, offset: after.provenance.clockOffset, receivedAt: received) {
      after.effective = said
      after.marks.remove(.clockUnusable)
      return after
    }
    switch (before.effective.basis, before.effective.span) {
    case (.betweenVisits, .period(let start, let end)):
      let boot = before.provenance.receivedAt.addingTimeInterval(-time.uptime)
      let earliest: Date
      if start == end {
        // The visit before was later than this one, by the clock as it stood: nothing bounds it.
        earliest = received.addingTimeInterval(-ReadingTime.oldestMemory)
      } else {
        earliest = start >= boot ? start.addingTimeInterval(shift) : start
      }
      after.effective.span = .period(min(earliest, end.addingTimeInterval(shift)), end.addingTimeInterval(shift))
    case (.deviceClockUnchecked, _), (.boxClockUnknown, _): break
    case (_, .instant(let date)): after.effective.span = .instant(date.addingTimeInterval(shift))
    case (_, .period(let start, let end)):
      after.effective.span = .period(start.addingTimeInterval(shift), end.addingTimeInterval(shift))
    }
    return after
  }

  /// Of an earlier boot, whose uptime nobody can compare with this one's: a period, unless the device's own clock says it.
  ///
  /// - Parameter known: the first moment after it at which the clock was seen to be right.
  func bounded(_ before: Observation, _ time: UncertainTime, known: Date) -> Observation {
    var after = marked(before)
    after.provenance.receivedAt = known
    if time.compared == nil, let said = byDevice(before, offset: before.provenance.clockOffset, receivedAt: known) {
      after.effective = said
      after.marks.remove(.clockUnusable)
      return after
    }
    // Compared with a clock that nobody knows any more.
    if time.compared != nil { after.provenance.clockOffset = nil }
    let earliest = min(time.knownUntil ?? known.addingTimeInterval(-ReadingTime.oldestMemory), known)
    let received = before.provenance.receivedAt
    // What came from the device's memory lies as long before its arrival as it lay by the clock of then.
    func age(_ date: Date) -> TimeInterval { max(0, received.timeIntervalSince(date)) }
    after.effective = EffectiveTime(
      span: .period(
        earliest.addingTimeInterval(-age(before.effective.start)), known.addingTimeInterval(-age(before.effective.end))),
      basis: .boxClockUnknown)
    return after
  }

  private func marked(_ observation: Observation) -> Observation {
    var observation = observation
    observation.marks.remove(.timeProvisional)
    observation.marks.insert(.timeCorrected)
    return observation
  }

  /// The device's own stamp, read by our clock as it is known now; nil where it gave none that counts. One that was not
  /// believed for another reason than our clock is not believed now.
  private func byDevice(_ before: Observation, offset: TimeInterval?, receivedAt: Date) -> EffectiveTime? {
    let provenance = before.provenance
    guard let stamp = provenance.deviceTime, (0...23).contains(stamp.hour), (0...59).contains(stamp.minute),
      (0...59).contains(stamp.second)
    else { return nil }
    func read(_ offset: TimeInterval?, _ received: Date) -> ReadingTime {
      ReadingTime(
        stamp: stamp, stampIsPlausible: true, clockOffset: offset, receivedAt: received, timeZone: timeZone)
    }
    switch before.effective.basis {
    case .deviceClock, .deviceClockCorrected, .deviceClockUnchecked: break
    case .received, .betweenVisits:
      let then = read(provenance.clockOffset, provenance.receivedAt)
      guard before.marks.contains(.clockUnusable), then.stampIsUnusable else { return nil }
    case .window, .boxClockUnknown: return nil
    }
    let now = read(offset, receivedAt)
    return now.stampIsUnusable ? nil : now.effective
  }
}
