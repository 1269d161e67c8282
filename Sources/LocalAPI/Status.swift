/// How the running gateway is: `GET /v1/status`.
package struct Status: Hashable, Sendable, Codable {
  package enum AdapterState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Powered, keys loaded, known devices awaited.
    case ready
    /// Being powered or set up.
    case starting
    /// No adapter is plugged in.
    case absent
    /// Blocked or switched off, and we may not switch it on.
    case off
    /// Another Bluetooth service owns the adapter.
    case rival
    /// Configuration says no Bluetooth.
    case disabled
    /// The kernel refused; the sentence says what.
    case failed
  }

  package struct Adapter: Hashable, Sendable, Codable {
    package var state: AdapterState
    /// One sentence, in English.
    package var sentence: String

    package init(state: AdapterState, sentence: String) {
      self.state = state
      self.sentence = sentence
    }
  }

  /// A Bluetooth device that the gateway waits for or talks to.
  package struct AwaitedDevice: Hashable, Sendable, Codable, Identifiable {
    package enum Link: String, Hashable, Sendable, Codable { case awaited, connected }
    package var id: String
    package var name: String?
    package var link: Link

    package init(id: String, name: String? = nil, link: Link) {
      self.id = id
      self.name = name
      self.link = link
    }
  }

  package struct Destination: Hashable, Sendable, Codable, Identifiable {
    package var name: String
    /// `fhir`, `webhook`.
    package var kind: String
    /// How many deliveries wait.
    package var waiting: Int
    /// The reason of the last failed delivery; nil when the last one went well.
    package var lastError: String?
    package var lastDelivered: Timestamp?
    package var id: String { name }

    private enum CodingKeys: String, CodingKey { case name, kind, waiting, lastError, lastDelivered }

    package init(name: String, kind: String, waiting: Int, lastError: String? = nil, lastDelivered: Timestamp? = nil) {
      self.name = name
      self.kind = kind
      self.waiting = waiting
      self.lastError = lastError
      self.lastDelivered = lastDelivered
    }
  }

  package struct Storage: Hashable, Sendable, Codable {
    /// False while commits fail.
    package var ok: Bool
    /// One sentence when not ok, in English.
    package var sentence: String?
    /// When the newest copy of the database was made that was found whole; nil: there is none, or it is not told.
    package var lastCopy: Timestamp?

    package init(ok: Bool, sentence: String? = nil, lastCopy: Timestamp? = nil) {
      self.ok = ok
      self.sentence = sentence
      self.lastCopy = lastCopy
    }
  }

  /// A person whose alerts no destination takes.
  package struct Unreachable: Hashable, Sendable, Codable {
    package var patient: String
    package var patientName: String

    package init(patient: String, patientName: String) {
      self.patient = patient
      self.patientName = patientName
    }
  }

  /// What became of answers to alerts that came from outside, since start.
  package struct Answers: Hashable, Sendable, Codable {
    package var taken: Int
    /// How many counted for nothing, by why: `forged`, `expired`, `used`, `ended`, `outdated`, `unknownContact`.
    package var refused: [String: Int]

    package init(taken: Int, refused: [String: Int] = [:]) {
      self.taken = taken
      self.refused = refused
    }
  }

  package var version: String
  package var startedAt: Timestamp
  package var adapter: Adapter
  package var bluetooth: [AwaitedDevice]
  /// Of every device that is, or was, visited, over any transport; nil when not told.
  package var visits: [DeviceVisit]?
  package var store: Storage
  package var destinations: [Destination]
  package var warnings: [HealthWarning]
  /// Alerts for these people reach nobody.
  package var unreachable: [Unreachable]
  /// How many measured readings are nobody's; nil when not told.
  package var unassigned: Int?
  /// Nil: nobody may answer from outside.
  package var answers: Answers?

  package init(
    version: String, startedAt: Timestamp, adapter: Adapter, bluetooth: [AwaitedDevice],
    visits: [DeviceVisit]? = nil, store: Storage, destinations: [Destination], warnings: [HealthWarning],
    unreachable: [Unreachable],
    unassigned: Int? = nil, answers: Answers? = nil
  ) {
    self.version = version
    self.startedAt = startedAt
    self.adapter = adapter
    self.bluetooth = bluetooth
    self.visits = visits
    self.store = store
    self.destinations = destinations
    self.warnings = warnings
    self.unreachable = unreachable
    self.unassigned = unassigned
    self.answers = answers
  }
}
