/// The visits to a device, over any transport: how far the one that goes on is, and how the last one ended.
package struct DeviceVisit: Hashable, Sendable, Codable, Identifiable {
  /// A visit that goes on.
  package struct Progress: Hashable, Sendable, Codable {
    package var since: Timestamp
    /// How many readings it has given so far, those that were known among them.
    package var readings: Int
    /// The record of the device's memory that is being read, from 1; nil where the device has none, or does not number
    /// them.
    package var record: Int?
    /// Of how many.
    package var records: Int?

    package init(since: Timestamp, readings: Int, record: Int? = nil, records: Int? = nil) {
      self.since = since
      self.readings = readings
      self.record = record
      self.records = records
    }
  }

  /// The end of a visit.
  package struct End: Hashable, Sendable, Codable {
    package var at: Timestamp
    /// Why, a sentence or two in English.
    package var reason: String
    /// One of ``EndKind``, for clients that say it in another language; nil: only ``reason`` says it.
    package var kind: String?

    package init(at: Timestamp, reason: String, kind: String? = nil) {
      self.at = at
      self.reason = reason
      self.kind = kind
    }
  }

  /// The kinds of ends that are the same sentence each time.
  package enum EndKind {
    /// The device had nothing more to say.
    package static let idle = "idle"
    /// The device, the radio or the cable ended the link.
    package static let linkEnded = "link-ended"
    /// The gateway ended it.
    package static let cancelled = "cancelled"
    /// A reading could not be stored; the device keeps it.
    package static let notStored = "not-stored"
  }

  /// The device's.
  package var id: String
  package var name: String?
  /// Nil: none goes on.
  package var progress: Progress?
  /// Nil: none has ended yet.
  package var lastEnd: End?

  package init(id: String, name: String? = nil, progress: Progress? = nil, lastEnd: End? = nil) {
    self.id = id
    self.name = name
    self.progress = progress
    self.lastEnd = lastEnd
  }
}
