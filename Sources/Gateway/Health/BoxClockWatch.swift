import Foundation
import Observations
import Store
import Synchronization

/// Looks at the box's clock, and says how far a reading's times can be believed.
package final class BoxClockWatch: Sendable {
  /// What outlives the process: the difference of the clock and the uptime while it was right, and when that was.
  struct Known: Sendable, Codable, Equatable {
    var boot: String
    var difference: TimeInterval
    var until: Date
  }

  private struct Contents {
    var timeline = BoxTimeline()
    var known: Known?
    var trust: BoxClock.Trust
  }

  let boot: String
  private let look: @Sendable () -> BoxClock.Sighting
  private let contents: Mutex<Contents>

  /// Whose word makes the clock right.
  var trust: BoxClock.Trust {
    get { contents.withLock { $0.trust } }
    set { contents.withLock { $0.trust = newValue } }
  }

  /// How far the clock may be from where a process before this one saw it right, in seconds, and still be taken as right.
  private static let holdover: TimeInterval = 5

  /// - Parameters:
  ///   - boot: the name of this boot.
  ///   - look: the clocks as they are when it is called.
  package init(
    trust: BoxClock.Trust, boot: String = BoxClock.boot,
    look: @escaping @Sendable () -> BoxClock.Sighting = { .now }
  ) {
    contents = Mutex(Contents(trust: trust))
    self.boot = boot
    self.look = look
  }

  /// The clock as it is now.
  struct Now: Sendable {
    var wall: Date
    var uptime: TimeInterval
    var difference: TimeInterval
    var isRight: Bool
  }

  /// Where it was last known to be right; nil: never.
  var known: Known? {
    get { contents.withLock { $0.known } }
    set { contents.withLock { $0.known = newValue } }
  }

  var isRight: Bool { now().isRight }

  @discardableResult
  func now() -> Now {
    let seen = look()
    return contents.withLock { contents in
      let difference = seen.wall.timeIntervalSince1970 - seen.uptime
      // A process that was started anew on a box that has lost its network since.
      let isHeld =
        contents.timeline.current == nil && contents.known?.boot == boot
        && abs((contents.known?.difference ?? .infinity) - difference) <= Self.holdover
      let isRight = contents.trust == .always || seen.state == .synchronised || isHeld
      contents.timeline.note(wall: seen.wall, uptime: seen.uptime, isRight: isRight)
      let now = Now(
        wall: seen.wall, uptime: seen.uptime, difference: difference,
        isRight: contents.timeline.current?.isRight ?? isRight)
      if now.isRight { contents.known = Known(boot: boot, difference: difference, until: seen.wall) }
      return now
    }
  }

  /// Our clock minus the uptime at `date`, where it was not right then; nil: it was.
  func wrongDifference(at date: Date) -> TimeInterval? {
    let now = now()
    guard trust == .synchronised else { return nil }
    return contents.withLock { contents in
      let stretch = contents.timeline.moment(date, uptime: now.uptime)?.stretch
      return stretch?.isRight == false ? stretch?.difference : nil
    }
  }

  /// The reading as it is to be kept: as it is; worked out, when it arrived before the clock was set right; or as
  /// provisional, while the clock is not. Played readings are of no time, and stay as they are.
  ///
  /// - Parameter compared: as of ``UncertainTime/compared``.
  func judge(
    _ observation: Observation, compared: TimeInterval?, timeZone: TimeZone
  ) -> (observation: Observation, uncertain: UncertainTime?) {
    let now = now()
    guard trust == .synchronised, !observation.provenance.isSimulated else { return (observation, nil) }
    let (moment, known) = contents.withLock {
      ($0.timeline.moment(observation.provenance.receivedAt, uptime: now.uptime), $0.known)
    }
    guard let moment else { return (observation, nil) }
    let time = UncertainTime(boot: boot, uptime: moment.uptime, compared: compared, knownUntil: known?.until)
    guard now.isRight else {
      var provisional = observation
      provisional.marks.insert(.timeProvisional)
      return (provisional, time)
    }
    guard !moment.stretch.isRight || compared != nil else { return (observation, nil) }
    return (
      BoxClockCorrection(timeZone: timeZone).corrected(observation, time, difference: now.difference), nil
    )
  }
}
