package import Foundation
package import Observations

/// Somebody who is told of alerts, by the name that `vitalsd.yaml` gives them. It stands in the history of an alert.
package struct ContactID: LocalIdentifier {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
}

/// What a contact is to the people of the house.
package enum ContactRole: String, Hashable, Sendable, Codable, CaseIterable {
  case patient, caregiver, clinician

  /// Whether this one's word that they know ends the search for somebody who does. A patient's own does not: whoever is
  /// unwell at 190/120 may press whatever stops the noise.
  package var stopsLadder: Bool { self != .patient }
}

/// Somebody who is told, and where.
package struct Contact: Hashable, Sendable, Identifiable {
  package var id: ContactID
  package var role: ContactRole
  /// Of the texts made for them.
  package var language: AlertLanguage
  package var destinations: [DestinationID]
  /// When they are left alone with what is not urgent; nil: never.
  package var quiet: QuietHours?
  /// How much they are told within an hour; nil: as everybody.
  package var flood: FloodLimit?

  package init(
    id: ContactID, role: ContactRole, language: AlertLanguage = .vi, destinations: [DestinationID],
    quiet: QuietHours? = nil, flood: FloodLimit? = nil
  ) {
    self.flood = flood
    self.id = id
    self.role = role
    self.language = language
    self.destinations = destinations
    self.quiet = quiet
  }
}

/// A part of each day, in the contact's own zone, in which only urgent alerts are told; the others wait for its end.
package struct QuietHours: Hashable, Sendable {
  /// Minutes after midnight; later than ``until`` when it goes over midnight.
  package var from: Int
  package var until: Int
  package var timeZone: TimeZone

  package init(from: Int, until: Int, timeZone: TimeZone) {
    self.from = from
    self.until = until
    self.timeZone = timeZone
  }

  /// When the quiet that holds at `now` ends; nil: none holds. By the wall clock: on the day that clocks change it is an
  /// hour longer or shorter, and an end that the clock leaps over is the next minute that exists.
  package func end(at now: Date) -> Date? {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let parts = calendar.dateComponents([.hour, .minute], from: now)
    let minute = (parts.hour ?? 0) * 60 + (parts.minute ?? 0)
    let holds = from < until ? (from..<until).contains(minute) : minute >= from || minute < until
    guard holds, from != until else { return nil }
    return calendar.nextDate(
      after: now, matching: DateComponents(hour: until / 60, minute: until % 60, second: 0),
      matchingPolicy: .nextTime)
  }
}
