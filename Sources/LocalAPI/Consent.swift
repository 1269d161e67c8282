/// A person's word that somebody at a destination may have their readings and alerts. Nothing leaves without one.
package struct Consent: Hashable, Sendable, Codable, Identifiable {
  package var id: String
  package var patient: String
  package var patientName: String?
  /// The destination's name in the configuration.
  package var destination: String
  /// Who reads there, in the person's words (“Dr Lan”, “my daughter”).
  package var who: String
  /// What they are to the person: `doctor`, `daughter`, `neighbour`, …
  package var relationship: String
  package var grantedAt: Timestamp
  /// Nil while it holds.
  package var withdrawnAt: Timestamp?

  package init(
    id: String, patient: String, patientName: String? = nil, destination: String, who: String, relationship: String,
    grantedAt: Timestamp, withdrawnAt: Timestamp? = nil
  ) {
    self.id = id
    self.patient = patient
    self.patientName = patientName
    self.destination = destination
    self.who = who
    self.relationship = relationship
    self.grantedAt = grantedAt
    self.withdrawnAt = withdrawnAt
  }
}

/// `POST /v1/consents`: four words, none with a default.
package struct ConsentRequest: Hashable, Sendable, Codable {
  /// Id or name.
  package var patient: String
  package var destination: String
  package var who: String
  package var relationship: String

  package init(patient: String, destination: String, who: String, relationship: String) {
    self.patient = patient
    self.destination = destination
    self.who = who
    self.relationship = relationship
  }
}

/// `DELETE /v1/consents`.
package struct ConsentWithdrawal: Hashable, Sendable, Codable {
  /// Id or name.
  package var patient: String
  package var destination: String
  /// Nil: everybody at that destination.
  package var who: String?

  package init(patient: String, destination: String, who: String? = nil) {
    self.patient = patient
    self.destination = destination
    self.who = who
  }
}
