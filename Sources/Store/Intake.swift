import Foundation
import GRDB
import Observations

/// A number of a device that was taken for its default person's.
struct BoundNumber: Hashable {
  var device: DeviceID
  var number: Int
  var patient: PatientID
}

/// Insert if new: which readings are one. One of it serves one transaction: whose the devices are, and whether anything was
/// ever erased, is looked up once.
final class Intake {
  enum Outcome {
    /// With the number that it made the default person's, if it did.
    case new(Observation, bound: BoundNumber?)
    case duplicate(ObservationID)
  }

  enum SQL {
    static let byIdentity = "SELECT id FROM observations WHERE identity = ?"
    static let latestUntimed =
      "SELECT id, confirmation FROM observations WHERE untimed_identity = ? ORDER BY seq DESC LIMIT 1"
    static let countUntimed = "SELECT COUNT(*) FROM observations WHERE untimed_identity = ?"
    /// By kind, and with the condition of its index first: a bound value that an index's condition is compared with has
    /// SQLite compile the statement anew for each (sqlite3_prepare_v2, "might influence the choice of query plan").
    static let sharesTime = Dictionary(
      uniqueKeysWithValues: ObservationKind.allCases.map { kind in
        (
          kind,
          """
          SELECT 1 FROM observations
          WHERE device_time IS NOT NULL AND device = ? AND kind = '\(kind.rawValue)' AND device_time = ? LIMIT 1
          """
        )
      })
    static let person = "SELECT 1 FROM patients WHERE id = ?"
    static let insert = """
      INSERT INTO observations
        (id, identity, untimed_identity, kind, device, patient, device_time, effective_end, received_at, content)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """
  }

  private let db: Database
  private lazy var byIdentity = Result { try DirectStatement(db, sql: SQL.byIdentity) }
  private lazy var inserting = Result { try DirectStatement(db, sql: SQL.insert) }
  private var sharesTime: [ObservationKind: DirectStatement] = [:]
  private lazy var erased = Result { try ErasedReadings(db).isEmpty ? nil : ErasedReadings(db) }
  private var owners: [DeviceID: Ownership] = [:]

  init(_ db: Database) { self.db = db }

  func insert(_ observation: Observation) throws -> Outcome {
    var kept = observation
    let isUntimed = Self.isUntimed(observation)
    if isUntimed {
      let base = observation.identity.rawValue
      if let row = try Row.fetchOne(db.cachedStatement(sql: SQL.latestUntimed), arguments: [base]) {
        switch row["confirmation"] as String {
        case "none": return .duplicate(ObservationID(rawValue: row["id"]))
        case "sent": kept.marks.insert(.possibleRepeat)
        default: break
        }
        let earlier = try Int.fetchOne(db.cachedStatement(sql: SQL.countUntimed), arguments: [base]) ?? 0
        kept.identity = ReadingIdentity(rawValue: "\(base)#\(earlier + 1)")
      } else if let erased = try erased.get()?.refused(untimed: observation.identity) {
        return .duplicate(erased)
      }
    } else if let id = try byIdentity.get().text({ try $0.add(observation.identity.rawValue) }) {
      return .duplicate(ObservationID(rawValue: id))
    } else if try erased.get()?.holds(observation.identity) == true {
      return .duplicate(.erased)
    }

    let deviceTime = observation.provenance.deviceTime?.verbatim
    if let deviceTime, try hasTime(deviceTime, observation) { kept.marks.insert(.sharesDeviceTime) }
    kept.userSlot = Ownership.number(observation.userSlot)
    let (owner, bound) = try owner(of: kept)
    kept.patient = owner

    let content = try JSONText.octets(of: kept)
    try inserting.get().run { row in
      try row.add(kept.id.rawValue)
      try row.add(kept.identity.rawValue)
      try row.add(isUntimed ? observation.identity.rawValue : nil)
      try row.add(kept.kind.rawValue)
      try row.add(kept.device.rawValue)
      try row.add(kept.patient?.rawValue)
      try row.add(deviceTime)
      try row.add(kept.effective.end.timeIntervalSince1970)
      try row.add(kept.provenance.receivedAt.timeIntervalSince1970)
      try row.add(utf8: content)
    }
    return .new(kept, bound: bound)
  }

  /// Whether nothing that the device said tells this reading from another of the same bytes. A sequence number stands
  /// in the identity without being a device time, hence the comparison.
  static func isUntimed(_ observation: Observation) -> Bool {
    let provenance = observation.provenance
    guard provenance.deviceTime == nil, observation.effective.basis != .window, !provenance.bytes.isEmpty else {
      return false
    }
    return observation.identity
      == ReadingIdentity(device: observation.device, time: nil, format: provenance.format, bytes: provenance.bytes)
  }

  /// A person that the caller named but nobody knows is no reason to lose a reading: it is kept as nobody's, and so
  /// leaves for nowhere.
  private func owner(of observation: Observation) throws -> (PatientID?, BoundNumber?) {
    if let patient = observation.patient {
      let isKnown = try Int.fetchOne(db.cachedStatement(sql: SQL.person), arguments: [patient.rawValue]) != nil
      return (isKnown ? patient : nil, nil)
    }
    let known = try owners[observation.device] ?? Ownership(db, of: observation.device)
    owners[observation.device] = known
    let owner = known.owner(ofNumber: observation.userSlot)
    guard case .binds(let number, let patient) = owner else { return (owner.patient, nil) }
    let bound = BoundNumber(device: observation.device, number: number, patient: patient)
    try Devices(db).bind(bound)
    owners[observation.device]?.bind(number, to: patient)
    return (patient, bound)
  }

  /// Whether the device has given another reading of this kind and time.
  private func hasTime(_ time: String, _ observation: Observation) throws -> Bool {
    let kind = observation.kind
    guard let statement = try sharesTime[kind] ?? SQL.sharesTime[kind].map({ try DirectStatement(db, sql: $0) })
    else { return false }
    sharesTime[kind] = statement
    return try statement.finds { row in
      try row.add(observation.device.rawValue)
      try row.add(time)
    }
  }
}

extension ObservationID {
  /// Stands for a reading that was kept once and has been erased: nothing has this name.
  static let erased = ObservationID(rawValue: "erased")

  /// The same of one without a time, by the hash that is left of it: whoever confirms it says so under this name.
  static func erased(untimed digest: Data) -> ObservationID {
    ObservationID(rawValue: "\(erased):\(Settings.hex([UInt8](digest)))")
  }

  /// The hash in a name of ``erased(untimed:)``.
  var erasedDigest: Data? {
    let parts = rawValue.split(separator: ":")
    guard parts.count == 2, parts[0] == Self.erased.rawValue else { return nil }
    return Settings.octets(String(parts[1])).map { Data($0) }
  }
}
