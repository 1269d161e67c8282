/// A national number of a person with the system under which one destination wants it.
package struct PersonIdentifier: Hashable, Sendable {
  package let number: NationalIdentifier
  /// `Identifier.system`, or the assigning authority of CX.4.
  package let system: String

  package init(_ number: NationalIdentifier, system: String) {
    self.number = number
    self.system = system
  }
}

extension NationalIdentifier.Kind {
  /// Those that a person has, not a facility.
  package static let ofPeople: [NationalIdentifier.Kind] = [.citizen, .health, .insuranceCard, .insuranceNumber]

  /// What it is in table 0203, for `Identifier.type` and CX.5. `NI` and `SB` are what the Ministry's draft guide gives the
  /// citizen's and the insurance number (hl7vn/vn-core-ig, NamingSystem); it has none for the health ID, and `NH` is the
  /// table's code for the number of a national health system.
  var typeCode: String {
    switch self {
    case .citizen: "NI"
    case .health: "NH"
    case .insuranceCard, .insuranceNumber: "SB"
    case .facility: "FI"
    }
  }
}
