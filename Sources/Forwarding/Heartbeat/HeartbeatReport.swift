package import Foundation

/// What a beat says of the box: nothing that was measured, and nobody's name.
package struct HeartbeatReport: Hashable, Sendable {
  /// When the last reading came that a device measured; nil: none has. To the minute.
  package var lastReading: Date?
  /// The kinds of what is wrong with the box itself, such as `store-not-committing`; empty: nothing urgent.
  package var troubles: [String]
  /// The program's version.
  package var version: String

  package init(lastReading: Date?, troubles: [String], version: String) {
    self.lastReading = lastReading
    self.troubles = troubles
    self.version = version
  }

  /// One line for a person, such as `ok, last reading 2026-11-30T12:00Z`.
  var line: String {
    let state = troubles.isEmpty ? "ok" : "trouble: " + troubles.joined(separator: " ")
    return state + ", " + (minute.map { "last reading \($0)" } ?? "no reading yet")
  }

  /// `{"lastReading":"2026-11-30T12:00Z","state":"ok","version":"…"}`; `troubles` where there are some.
  var body: [UInt8] {
    struct Words: Encodable {
      var state: String
      var troubles: [String]?
      var lastReading: String?
      var version: String
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let words = Words(
      state: troubles.isEmpty ? "ok" : "trouble", troubles: troubles.isEmpty ? nil : troubles, lastReading: minute,
      version: version)
    return (try? encoder.encode(words)).map { Array($0) } ?? []
  }

  /// In UTC; seconds are nobody's business.
  private var minute: String? {
    lastReading.map { $0.formatted(Date.ISO8601FormatStyle(timeZone: .gmt)).prefix(16) + "Z" }
  }
}
