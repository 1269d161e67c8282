package import Foundation

/// What the value of a change was made from, where it is not one reading's: whoever is told must not take a mean for a
/// measurement.
package enum AlertBasis: Hashable, Sendable, Codable {
  /// It has been beyond the limit for so many seconds.
  case held(TimeInterval)
  /// The mean of so many days of home readings.
  case mean(days: Int)
  /// The mean of so many newest readings, held against the person's usual one (``AlertTransition/openedWith``).
  case change(recent: Int)
  /// In how many of the last `of` readings the sign was seen; nil: on how many days.
  case count(CountRule.Sign, of: Int?)
  /// How many old readings were beyond a limit; the limit that the worst of them is beyond, nil when it is unknown.
  case old(RuleCondition?)
}
