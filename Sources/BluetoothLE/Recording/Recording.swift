/// What passed between a device and whoever talked to it: advertisements, links, ATT PDUs in both directions. Made by
/// ``SessionRecorder`` or read from a phone's log by ``HCITrace``; a profile for the device begins with it.
package struct Recording: Hashable, Sendable {
  /// One thing that happened.
  package struct Entry: Hashable, Sendable {
    /// Seconds since the beginning of the recording.
    package var at: Double
    /// What it was.
    package var event: Event

    /// - Parameter at: seconds since the beginning of the recording.
    package init(at: Double, _ event: Event) {
      self.at = at
      self.event = event
    }
  }

  /// What can happen.
  package enum Event: Hashable, Sendable {
    /// AD structures as received, scan response behind; the strength in dBm, 127 where it is not known.
    case advertisement(BluetoothAddress, rssi: Int8, data: [UInt8])
    /// A link has come about.
    case linkUp
    /// A PDU passed on it.
    case passage(ATTPassage)
    /// It has ended, with who ended it or why.
    case linkDown(String)
  }

  /// Entries that one recording may have: an hour of a strap that sends four times a second is a third of it.
  package static let mostEntries = 50_000

  /// Seconds since 1970, UTC, at its beginning.
  package var beginning: Double
  /// In the order in which they happened.
  package var entries: [Entry]
  /// What was made unrecognisable in it, in words.
  package var redacted: [String]

  /// - Parameter beginning: seconds since 1970.
  package init(beginning: Double, entries: [Entry] = [], redacted: [String] = []) {
    self.beginning = beginning
    self.entries = entries
    self.redacted = redacted
  }
}
