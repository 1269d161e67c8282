package import Foundation
package import Observations

/// The resources that ``FHIRTransaction`` sends, as a server of this gateway's own holds them.
///
/// An id never changes: an Observation's is the local name of its reading and the MDC code of what it says of it, so that a
/// reading that is given to another person is the same resource with another subject.
package struct HeldRecord: Sendable {
  package let gateway: GatewayDescription
  package let naming: FHIRNaming
  package let timeZone: TimeZone

  package init(gateway: GatewayDescription, naming: FHIRNaming, timeZone: TimeZone) {
    self.gateway = gateway
    self.naming = naming
    self.timeZone = timeZone
  }

  /// The Observations of one reading: one, two or three, always in the same order.
  package func observations(_ reading: ObservationForRecord, lastUpdated: Date?) -> [HeldResource] {
    let isMade = reading.observation.kind == .homeAverage
    let entries = ReadingResources(
      reading: reading, naming: naming, timeZone: timeZone, patientURL: "Patient/\(reading.patient.id)",
      deviceURL: "Device/\(isMade ? Self.gatewayID : Self.id(of: reading.device.id))",
      gatewayURL: "Device/\(Self.gatewayID)",
      clockURL: CoincidentTimestamp(reading).map { "Observation/\(Self.id(of: $0))" },
      sourceURLs: (reading.observation.derivedFrom ?? []).map {
        "Observation/\($0)-\(MDC.pressBldNoninv.rawValue)"
      }, byDeviceTime: true
    ).entries
    var references: [String: String] = [:]
    let ids = entries.map { entry in
      let code = entry.resource["code"]?["coding"].elements.first?["code"].text ?? "0"
      // Without the check digit that a LOINC code ends in.
      let id = "\(reading.observation.id)-\(code.prefix { $0 != "-" })"
      references[entry.fullURL] = "Observation/\(id)"
      return id
    }
    return zip(entries, ids).map { entry, id in
      HeldResource(
        entry.resource.replacing(references: references), id: id, lastUpdated: lastUpdated, timeZone: timeZone)
    }
  }

  /// The reading that an Observation's id names; nil where it can name none.
  package static func reading(ofObservation id: String) -> ObservationID? {
    guard let dash = id.lastIndex(of: "-"), dash > id.startIndex, id[id.index(after: dash)...].allSatisfy(\.isNumber)
    else { return nil }
    return ObservationID(rawValue: String(id[..<dash]))
  }

  /// The comparison of clocks that a reading refers to; nil where there was none.
  package func clock(of reading: ObservationForRecord) -> HeldResource? {
    guard let clock = CoincidentTimestamp(reading) else { return nil }
    let entry = clock.entry(
      gateway: gateway, deviceURL: "Device/\(Self.id(of: reading.device.id))", gatewayURL: "Device/\(Self.gatewayID)",
      naming, timeZone)
    return HeldResource(entry.resource, id: Self.id(of: clock), lastUpdated: clock.moment, timeZone: timeZone)
  }

  /// What the id of a comparison of clocks says: the digest of its device, and the minute of its readings' arrival.
  package static func clock(ofObservation id: String) -> (device: String, minute: Range<Date>)? {
    let parts = id.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "clock", let minute = Int(parts[2]), abs(minute) < 1 << 40 else { return nil }
    let start = Date(timeIntervalSince1970: Double(minute) * 60)
    return (String(parts[1]), start..<start.addingTimeInterval(60))
  }

  private static func id(of clock: CoincidentTimestamp) -> String {
    let minute = Int(clock.moment.timeIntervalSince1970 / 60)
    return "clock-\(digest(of: clock.device.id))-\(minute)-\(clock.offset)"
  }

  package func patient(_ patient: Patient) -> HeldResource {
    HeldResource(
      PartyResources.patient(patient, naming).resource, id: patient.id.rawValue, lastUpdated: patient.addedAt,
      timeZone: timeZone)
  }

  package func device(_ device: DeviceDescription, measuring kind: ObservationKind) -> HeldResource {
    HeldResource(
      PartyResources.device(device, measuring: kind, naming).resource, id: Self.id(of: device.id), lastUpdated: nil,
      timeZone: timeZone)
  }

  /// This gateway.
  package var gatewayDevice: HeldResource {
    HeldResource(PartyResources.gateway(gateway).resource, id: Self.gatewayID, lastUpdated: nil, timeZone: timeZone)
  }

  package static let gatewayID = "gateway"

  /// A device's own name has colons, which an id may not have.
  package static func id(of device: DeviceID) -> String { "d-\(RecordIdentifier.digest(device.rawValue))" }

  /// A device in the id of a comparison of clocks.
  package static func digest(of device: DeviceID) -> String {
    String(RecordIdentifier.digest(device.rawValue).prefix(16))
  }

  /// The readings that an identifier may be of, by what stands in it.
  package enum IdentifiedReading: Hashable, Sendable {
    /// Of any device, with this time of its own.
    case deviceTime(String)
    /// Whose identity has this digest.
    case digest(String)
  }

  /// What to look for where a client asks for an identifier; both forms where it names no system.
  package func readings(identifiedBy token: TokenValue) -> [IdentifiedReading] {
    guard let value = token.code else { return [] }
    var found: [IdentifiedReading] = []
    if token.takes(system: RecordIdentifier.phdSystem),
      let seconds = value.split(separator: "-").last.flatMap({ Int($0) }),
      let time = DeviceTime(secondsSince2000: seconds)
    {
      found.append(.deviceTime(time.verbatim))
    }
    if token.takes(system: naming.readingSystem), let digest = value.split(separator: "-").first, digest.count == 32 {
      found.append(.digest(String(digest)))
    }
    return found
  }

  /// Whether an identity has this digest, as identifiers say it that nobody was named in.
  package static func has(_ identity: ReadingIdentity, digest: String) -> Bool {
    RecordIdentifier.digest(identity.rawValue) == digest
  }
}

extension DeviceTime {
  /// The digits that ``secondsSince2000`` counts to; nil for what no four-digit year has.
  init?(secondsSince2000 seconds: Int) {
    guard (0..<250_000_000_000).contains(seconds), let utc = TimeZone(secondsFromGMT: 0) else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = utc
    let parts = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds) + 946_684_800))
    guard let hour = parts.hour, let minute = parts.minute, let second = parts.second else { return nil }
    self.init(year: parts.year, month: parts.month, day: parts.day, hour: hour, minute: minute, second: second)
  }
}
