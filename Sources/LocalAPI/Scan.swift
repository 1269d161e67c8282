/// `POST /v1/scan`: look for devices nearby; the answer is a stream of ``ScanEvent`` lines.
package struct ScanRequest: Hashable, Sendable, Codable {
  /// How long to look, in seconds, 1–600.
  package var seconds: Double
  /// Devices that no profile matches too.
  package var all: Bool

  package init(seconds: Double, all: Bool = false) {
    self.seconds = seconds
    self.all = all
  }
}

/// A device that advertises nearby.
package struct FoundDevice: Hashable, Sendable, Codable {
  package var address: String
  /// What it calls itself: a stranger's words, to be cleaned before they are shown.
  package var name: String?
  /// The matching profile, `vendor/model`; nil when none matches.
  package var profile: String?
  /// How sure the match is; higher is surer.
  package var score: Int?
  /// Received signal strength in dBm.
  package var rssi: Int
  /// True when it is already paired with this gateway.
  package var known: Bool?

  package init(
    address: String, name: String? = nil, profile: String? = nil, score: Int? = nil, rssi: Int, known: Bool? = nil
  ) {
    self.address = address
    self.name = name
    self.profile = profile
    self.score = score
    self.rssi = rssi
    self.known = known
  }
}

/// One line of a scan: `{"event": "found", …}`. A device comes again when something of it changed.
package enum ScanEvent: Hashable, Sendable, Codable {
  case found(FoundDevice)
  /// The time is over.
  case finished

  private enum CodingKeys: String, CodingKey { case event }
  private enum Event: String, Codable { case found, finished }

  package init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: CodingKeys.self).decode(Event.self, forKey: .event) {
    case .found: self = .found(try FoundDevice(from: decoder))
    case .finished: self = .finished
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .found(let device):
      try container.encode(Event.found, forKey: .event)
      try device.encode(to: encoder)
    case .finished:
      try container.encode(Event.finished, forKey: .event)
    }
  }
}
