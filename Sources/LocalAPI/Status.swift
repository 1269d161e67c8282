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
    /// What it takes of the disk; nil when not told.
    package var room: Room?
    /// When the newest copy of the database was made that was found whole; nil: there is none, or it is not told.
    package var lastCopy: Timestamp?

    package init(ok: Bool, sentence: String? = nil, room: Room? = nil, lastCopy: Timestamp? = nil) {
      self.ok = ok
      self.sentence = sentence
      self.room = room
      self.lastCopy = lastCopy
    }

    /// What the store takes, and what was taken away so that it does not take more.
    package struct Room: Hashable, Sendable, Codable {
      /// Megabytes (2^20 bytes) in use.
      package var used: Int
      /// Megabytes that it may use.
      package var budget: Int
      /// How many readings were taken away, ever: other records have them.
      package var prunedReadings: Int
      /// When the newest of them had arrived; nil: none was taken away.
      package var prunedUntil: Timestamp?

      package init(used: Int, budget: Int, prunedReadings: Int, prunedUntil: Timestamp? = nil) {
        self.used = used
        self.budget = budget
        self.prunedReadings = prunedReadings
        self.prunedUntil = prunedUntil
      }
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

  /// What becomes of the signs of life that a monitor outside waits for.
  package struct Heartbeat: Hashable, Sendable, Codable {
    /// `ping`, `healthchecks`, `uptime-kuma`.
    package var kind: String
    /// Seconds from one to the next.
    package var every: Int
    /// When the monitor took one last; nil: none since start.
    package var lastTaken: Timestamp?
    /// Why the last was not taken; nil: it was.
    package var lastError: String?
    /// Why none is sent: `ingest`, `rules`, `store` do not go on, or `store-not-committing`; nil: they are sent.
    package var withheld: [String]?

    package init(
      kind: String, every: Int, lastTaken: Timestamp? = nil, lastError: String? = nil, withheld: [String]? = nil
    ) {
      self.kind = kind
      self.every = every
      self.lastTaken = lastTaken
      self.lastError = lastError
      self.withheld = withheld
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
  /// Nil: no monitor is configured.
  package var heartbeat: Heartbeat?

  package init(
    version: String, startedAt: Timestamp, adapter: Adapter, bluetooth: [AwaitedDevice],
    visits: [DeviceVisit]? = nil, store: Storage, destinations: [Destination], warnings: [HealthWarning],
    unreachable: [Unreachable],
    unassigned: Int? = nil, answers: Answers? = nil, heartbeat: Heartbeat? = nil
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
    self.heartbeat = heartbeat
  }
}
