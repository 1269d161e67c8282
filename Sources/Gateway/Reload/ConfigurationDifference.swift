import AlertRules
import Devices
import Forwarding
import Foundation
import LocalAPI
import LocalServer
import Observations

extension ReloadAnswer.Change {
  /// What is another in `new` than in `old`, by name.
  static func all(from old: LoadedConfiguration, to new: LoadedConfiguration) -> [ReloadAnswer.Change] {
    let (before, after) = (old.configuration, new.configuration)
    var changes = named(.rule, old.rules.rules, new.rules.rules, \.id.rawValue)
    changes += named(.destination, before.destinations, after.destinations, \.id.rawValue)
    changes += named(.contact, before.escalation.contacts, after.escalation.contacts, \.id.rawValue)
    changes += named(.profile, old.library.profiles, new.library.profiles, \.name)
    var (ladder, ladderAfter) = (before.escalation, after.escalation)
    (ladder.contacts, ladderAfter.contacts) = ([], [])
    let settings: [(isSame: Bool, name: String)] = [
      (before.timeZone == after.timeZone, "timezone"), (before.clockTrust == after.clockTrust, "clock"),
      (before.strapWindow == after.strapWindow, "strap"), (before.ant == after.ant, "ant"),
      (before.emergencyNumber == after.emergencyNumber, "emergency-number"),
      (before.answers == after.answers, "answers"), (ladder == ladderAfter, "escalation"),
      (before.access == after.access, "access"),
    ]
    return changes
      + settings.filter { !$0.isSame }.map { ReloadAnswer.Change(what: .setting, name: $0.name, change: .changed) }
  }

  private static func named<Thing: Equatable>(
    _ what: What, _ old: [Thing], _ new: [Thing], _ name: (Thing) -> String
  ) -> [ReloadAnswer.Change] {
    let before = Dictionary(old.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    let after = Dictionary(new.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
    return Set(before.keys).union(after.keys).sorted().compactMap { name in
      switch (before[name], after[name]) {
      case (nil, _?): ReloadAnswer.Change(what: what, name: name, change: .added)
      case (_?, nil): ReloadAnswer.Change(what: what, name: name, change: .removed)
      case (let one, let other) where one != other: ReloadAnswer.Change(what: what, name: name, change: .changed)
      default: nil
      }
    }
  }
}
