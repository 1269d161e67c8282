/// An alert that fires now, and how far its telling is.
package struct Episode: Hashable, Sendable, Codable, Identifiable {
  /// What `vitals ack` takes.
  package var id: String
  /// The last step that said it fires.
  package var alert: Alert
  /// The contacts to whom something of it has been delivered, in the order in which they were called.
  package var told: [String]
  /// The contacts whose step of the ladder came, in its order: a message to them was made, or was not to leave (a played
  /// reading). Whether it arrived, ``told`` says.
  package var called: [String]
  /// From 1: the step of the ladder it is on; nil: it does not climb.
  package var step: Int?
  /// When the next people are told, or that nobody answered is said; nil: never.
  package var nextAt: Timestamp?
  /// Who said that they know: a contact, or ``somebody`` who did not say who they are; nil: nobody has.
  package var acknowledgedBy: String?
  package var acknowledgedAt: Timestamp?
  /// Everybody was told, and nobody answered.
  package var unanswered: Bool
  /// Why nobody is told: `silence ID`, `hidden by RULE`; nil: they are.
  package var held: String?

  /// Stands for the name of one who answered at the box without a name.
  package static let somebody = "somebody"

  package init(
    id: String, alert: Alert, told: [String], called: [String] = [], step: Int? = nil, nextAt: Timestamp? = nil,
    acknowledgedBy: String? = nil, acknowledgedAt: Timestamp? = nil, unanswered: Bool = false, held: String? = nil
  ) {
    self.id = id
    self.alert = alert
    self.told = told
    self.called = called
    self.step = step
    self.nextAt = nextAt
    self.acknowledgedBy = acknowledgedBy
    self.acknowledgedAt = acknowledgedAt
    self.unanswered = unanswered
    self.held = held
  }
}

/// `POST /v1/acknowledgements`.
package struct AcknowledgementRequest: Hashable, Sendable, Codable {
  /// Nil: every alert that fires for ``patient``.
  package var episode: String?
  /// Id or name; nil: anybody.
  package var patient: String?
  /// A contact of the configuration; nil: somebody at the box, which does not stop the ladder.
  package var by: String?

  package init(episode: String? = nil, patient: String? = nil, by: String? = nil) {
    self.episode = episode
    self.patient = patient
    self.by = by
  }
}

/// What became of it.
package struct AcknowledgementAnswer: Hashable, Sendable, Codable {
  package var episodes: [Episode]
  /// Whether the search for somebody who knows has ended.
  package var stopsLadder: Bool

  package init(episodes: [Episode], stopsLadder: Bool) {
    self.episodes = episodes
    self.stopsLadder = stopsLadder
  }
}

/// One change of an alert, and where it went.
package struct AlertHistoryLine: Hashable, Sendable, Codable {
  /// One telling.
  package struct Telling: Hashable, Sendable, Codable {
    package var destination: String
    /// The contacts whose it is now; empty: nobody's in particular.
    package var contacts: [String]
    /// As of ``Delivery/state``.
    package var state: String
    package var attempts: Int
    package var finishedAt: Timestamp?
    /// Held until then: somebody's quiet hours, or the next attempt.
    package var waitsUntil: Timestamp?
    /// The `webhook-id` of the message that tells it; nil: the destination is no webhook.
    package var message: String?

    package init(
      destination: String, contacts: [String], state: String, attempts: Int, finishedAt: Timestamp? = nil,
      waitsUntil: Timestamp? = nil, message: String? = nil
    ) {
      self.destination = destination
      self.contacts = contacts
      self.state = state
      self.attempts = attempts
      self.finishedAt = finishedAt
      self.waitsUntil = waitsUntil
      self.message = message
    }
  }

  package var alert: Alert
  /// When the gateway made the change.
  package var decidedAt: Timestamp
  package var tellings: [Telling]

  package init(alert: Alert, decidedAt: Timestamp, tellings: [Telling]) {
    self.alert = alert
    self.decidedAt = decidedAt
    self.tellings = tellings
  }
}

/// `POST /v1/silences`.
package struct SilenceRequest: Hashable, Sendable, Codable {
  /// Nil: every rule.
  package var rule: String?
  /// Id or name; nil: everybody.
  package var patient: String?
  /// Seconds from now, 60 to 31 days.
  package var seconds: Int
  package var reason: String
  /// Also what is urgent; then at most a day.
  package var urgent: Bool

  package init(rule: String? = nil, patient: String? = nil, seconds: Int, reason: String, urgent: Bool = false) {
    self.rule = rule
    self.patient = patient
    self.seconds = seconds
    self.reason = reason
    self.urgent = urgent
  }
}

/// Alerts that are not told for a while.
package struct Silence: Hashable, Sendable, Codable, Identifiable {
  package var id: String
  package var rule: String?
  package var patient: String?
  package var patientName: String?
  package var from: Timestamp
  package var until: Timestamp
  package var reason: String
  package var urgent: Bool

  package init(
    id: String, rule: String? = nil, patient: String? = nil, patientName: String? = nil, from: Timestamp,
    until: Timestamp, reason: String, urgent: Bool
  ) {
    self.id = id
    self.rule = rule
    self.patient = patient
    self.patientName = patientName
    self.from = from
    self.until = until
    self.reason = reason
    self.urgent = urgent
  }
}
