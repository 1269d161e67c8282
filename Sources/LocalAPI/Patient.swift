/// A person whose readings are kept.
package struct Patient: Hashable, Sendable, Codable, Identifiable {
  /// Pseudonymous, `p-…`.
  package var id: String
  /// What the family calls them; stays in the house.
  package var name: String
  package var addedAt: Timestamp
  /// Whose limits hold for them: `adult`, `child` or `pregnancy`.
  package var group: String

  package init(id: String, name: String, addedAt: Timestamp, group: String = "adult") {
    self.id = id
    self.name = name
    self.addedAt = addedAt
    self.group = group
  }
}

/// `POST /v1/patients/group`.
package struct GroupChange: Hashable, Sendable, Codable {
  /// Id or name.
  package var patient: String
  package var group: String

  package init(patient: String, group: String) {
    self.patient = patient
    self.group = group
  }
}

/// `POST /v1/patients/identifiers`.
package struct IdentifierChange: Hashable, Sendable, Codable {
  /// Id or name.
  package var patient: String
  /// `cccd`, `health-id`, `bhyt-15` or `bhyt-10`.
  package var kind: String
  /// Nil: there is none any more.
  package var value: String?

  package init(patient: String, kind: String, value: String?) {
    self.patient = patient
    self.kind = kind
    self.value = value
  }
}

/// A national number of a person; `GET /v1/patients/identifiers`.
package struct PatientIdentifier: Hashable, Sendable, Codable {
  package var kind: String
  package var value: String

  package init(kind: String, value: String) {
    self.kind = kind
    self.value = value
  }
}

/// `POST /v1/patients`.
package struct NewPatient: Hashable, Sendable, Codable {
  package var name: String
  /// Nil: an adult.
  package var group: String?

  package init(name: String, group: String? = nil) {
    self.name = name
    self.group = group
  }
}
