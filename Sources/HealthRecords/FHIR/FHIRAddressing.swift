package import Observations

/// What a resource is found under at any server: its type and the identifier that it is sent with.
package struct ResourceName: Hashable, Sendable {
  package let type: String
  package let system: String
  package let value: String

  package init(type: String, system: String, value: String) {
    self.type = type
    self.system = system
    self.value = value
  }

  var identifier: RecordIdentifier { RecordIdentifier(system: system, value: value) }

  /// The search that finds it, percent-encoded, without `?`.
  package var condition: String { identifier.condition }

  /// The logical id that it is given where the server takes the ids that a client assigns: the same whenever the name is
  /// (FHIR R4 `id`: at most 64 of letters, digits, `-` and `.`).
  package var assignedID: String { "vg-" + RecordIdentifier.digest("\(type)|\(system)|\(value)") }
}

/// A resource as one server has it.
package struct ServerResource: Hashable, Sendable {
  /// The logical id there.
  package let id: String
  /// The version that the server gave it last; nil: it says none.
  package let version: String?

  package init(id: String, version: String? = nil) {
    self.id = id
    self.version = version
  }
}

/// How a Bundle names what a server has, and asks it to create what it has not.
package struct FHIRAddressing: Hashable, Sendable {
  /// By what a repeated upload adds nothing.
  package enum Creation: String, Hashable, Sendable {
    /// POST with `ifNoneExist`.
    case conditional
    /// PUT to an id that is derived from the identifier (update as create).
    case update
  }

  /// How a reading says whose it is.
  package enum Naming: Hashable, Sendable {
    /// By a Patient with the gateway's pseudonym alone, created when the server has none.
    case create
    /// By `Patient?identifier=…` (conditional reference): the server must have exactly one.
    case reference
    /// By the server's own ids.
    case known([PatientID: String])
  }

  package var creation: Creation
  package var patient: Naming
  /// What the server has, of the names in question. A party of these is referred to and not sent, a new Observation is
  /// not sent again, a replaced one is replaced in each place.
  package var known: [ResourceName: [ServerResource]]

  package init(
    creation: Creation = .conditional, patient: Naming = .create, known: [ResourceName: [ServerResource]] = [:]
  ) {
    self.creation = creation
    self.patient = patient
    self.known = known
  }
}
