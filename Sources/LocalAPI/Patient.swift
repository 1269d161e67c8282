/// A person whose readings are kept.
package struct Patient: Hashable, Sendable, Codable, Identifiable {
  /// Pseudonymous, `p-…`.
  package var id: String
  /// What the family calls them; stays in the house.
  package var name: String
  package var addedAt: Timestamp

  package init(id: String, name: String, addedAt: Timestamp) {
    self.id = id
    self.name = name
    self.addedAt = addedAt
  }
}

/// `POST /v1/patients`.
package struct NewPatient: Hashable, Sendable, Codable {
  package var name: String

  package init(name: String) { self.name = name }
}
