package import Foundation
package import Observations

/// Something that can be wrong with the gateway, a destination or a device, so that readings or alerts may not come
/// through though nothing was measured.
package struct GatewayCondition: Hashable, Sendable, Codable {
  /// By the names that rule files use.
  package enum Name: String, Hashable, Sendable, Codable, CaseIterable {
    /// A device's battery, in percent.
    case batteryLow = "battery-low"
    /// How far a device's clock is from ours, in minutes, whichever way.
    case clockWrong = "clock-wrong"
    /// A device's clock is more than a year off: nobody has set it since its batteries were put in.
    case clockUnset = "clock-unset"
    /// A device does not know the gateway any more.
    case bondStale = "bond-stale"
    /// An alert about somebody was tried and not taken, and waits.
    case undeliveredAlert = "undelivered-alert"
    /// A destination, or the way to it, fails.
    case destinationDown = "destination-down"
    /// What a destination answered last is that it will never take a delivery (410 and its like).
    case destinationRefuses = "destination-refuses"
    /// The room left where readings are kept, in megabytes.
    case diskLow = "disk-low"
    /// Readings cannot be stored.
    case storeFailing = "store-failing"
    /// The database was found damaged, and was built anew.
    case databaseDamaged = "database-damaged"
    /// There is no Bluetooth adapter, or none that can be used.
    case adapterMissing = "adapter-missing"
    /// The files of the configuration have a fault, and the last good configuration holds.
    case configurationRefused = "configuration-refused"

    package var subject: Subject {
      switch self {
      case .batteryLow, .clockWrong, .clockUnset, .bondStale: .device
      case .undeliveredAlert, .destinationDown, .destinationRefuses: .destination
      case .diskLow, .storeFailing, .databaseDamaged, .adapterMissing, .configurationRefused: .box
      }
    }

    /// What the number of a fact is in; nil: it is 1 or 0, for yes and no.
    package var unit: UCUMUnit? {
      switch self {
      case .batteryLow: .percent
      case .clockWrong: .minute
      case .diskLow: .megabyte
      default: nil
      }
    }
  }

  /// What a condition is about.
  package enum Subject: String, Hashable, Sendable { case device, destination, box }

  package var name: Name
  /// Only of a device's condition.
  package var device: DeviceID?
  /// Only of a destination's condition.
  package var destination: DestinationID?

  package init(_ name: Name, device: DeviceID) {
    self.name = name
    self.device = device
  }

  package init(_ name: Name, destination: DestinationID) {
    self.name = name
    self.destination = destination
  }

  /// Of the box itself.
  package init(_ name: Name) { self.name = name }

  /// Whose state the condition moves.
  package var subject: AlertSubject {
    if let device { return .equipment(device) }
    return destination.map { .destination($0) } ?? .box
  }
}

/// What is known of one condition.
package struct GatewayFact: Hashable, Sendable, Codable {
  package var condition: GatewayCondition
  /// In ``GatewayCondition/Name/unit``; 1 or 0 where it has none.
  package var value: Decimal
  /// What a person calls the device, from its model: never from a name that somebody gave it, which may be a person's.
  /// Nil: it is no device's, or nobody knows.
  package var label: String?
  /// What there is to know of it beside that it is so: of ``GatewayCondition/Name/configurationRefused`` the file, line and
  /// field and what was expected there. It holds no name, no value and no secret. Nil: nothing.
  package var detail: String?
  /// In an alert: since when it is so, or was, as far as the gateway has seen it. Nil in what is looked at.
  package var since: Date?
  /// Of `database-damaged`: what came of it.
  package var rebuilt: RebuiltDatabase?

  package init(_ condition: GatewayCondition, value: Decimal, label: String? = nil) {
    self.condition = condition
    self.value = value
    self.label = label
  }

  package init(_ condition: GatewayCondition, holds: Bool, label: String? = nil) {
    self.init(condition, value: holds ? 1 : 0, label: label)
  }
}

/// What a database that was damaged was built anew from.
package struct RebuiltDatabase: Hashable, Sendable, Codable {
  /// When the copy was made; nil: there was none.
  package var copyMadeAt: Date?
  /// Readings that the copy has.
  package var restored: Int
  /// Readings that only the damaged file had.
  package var salvaged: Int
  /// Readings that are lost; nil: nobody knows how many.
  package var missing: Int?

  package init(copyMadeAt: Date?, restored: Int, salvaged: Int, missing: Int?) {
    self.copyMadeAt = copyMadeAt
    self.restored = restored
    self.salvaged = salvaged
    self.missing = missing
  }
}

/// The state of the gateway and its devices as far as it is known, for the rules: a value, made where health is looked at.
///
/// What is not in here is not known: it neither begins nor ends anything. A gateway that has just been started has seen
/// no destination answer yet, and that is no news about one that was down.
package struct GatewayFacts: Hashable, Sendable {
  package private(set) var facts: [GatewayCondition: GatewayFact]
  /// The devices and destinations that there are. An alert about another one is put to rest without a word.
  package var subjects: Set<AlertSubject>

  package init(_ facts: [GatewayFact] = [], subjects: Set<AlertSubject> = []) {
    self.facts = Dictionary(facts.map { ($0.condition, $0) }, uniquingKeysWith: { _, last in last })
    self.subjects = subjects.union(facts.map(\.condition.subject))
  }

  /// Takes in what is known now of one condition.
  package mutating func note(_ fact: GatewayFact) {
    facts[fact.condition] = fact
    subjects.insert(fact.condition.subject)
  }

  /// In an order that is always the same.
  func known(_ name: GatewayCondition.Name) -> [GatewayFact] {
    facts.values.filter { $0.condition.name == name }.sorted {
      $0.condition.subject.description < $1.condition.subject.description
    }
  }

  func has(_ subject: AlertSubject) -> Bool { subject == .box || subjects.contains(subject) }

  func fact(_ name: GatewayCondition.Name, of subject: AlertSubject) -> GatewayFact? {
    facts.values.first { $0.condition.name == name && $0.condition.subject == subject }
  }
}

extension DeviceID {
  /// Stands where an alert has a device and is about the gateway itself.
  package static let gateway = DeviceID(rawValue: "gateway")
}
