import Foundation
import GRDB
import Observations

/// A number of a device that was taken for its default person's.
struct BoundNumber: Hashable {
  var device: DeviceID
  var number: Int
  var patient: PatientID
}

/// Insert if new: which readings are one.
struct Intake {
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
  }

  let db: Database
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
      } else if let erased = try ErasedReadings(db).refused(untimed: observation.identity) {
        return .duplicate(erased)
      }
    } else if let id = try String.fetchOne(
      db.cachedStatement(sql: SQL.byIdentity), arguments: [observation.identity.rawValue])
    {
      return .duplicate(ObservationID(rawValue: id))
    } else if try ErasedReadings(db).holds(observation.identity) {
      return .duplicate(.erased)
    }

    let deviceTime = observation.provenance.deviceTime?.verbatim
    if let deviceTime, let sharesTime = SQL.sharesTime[observation.kind],
      try Int.fetchOne(
        db.cachedStatement(sql: sharesTime), arguments: [observation.device.rawValue, deviceTime]) != nil
    {
      kept.marks.insert(.sharesDeviceTime)
    }
    kept.userSlot = Ownership.number(observation.userSlot)
    let (owner, bound) = try owner(of: kept)
    kept.patient = owner

    try db.cachedStatement(
      sql: """
        INSERT INTO observations
          (id, identity, untimed_identity, kind, device, patient, device_time, effective_end, received_at, content)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      kept.id.rawValue, kept.identity.rawValue, isUntimed ? observation.identity.rawValue : nil, kept.kind.rawValue,
      kept.device.rawValue, kept.patient?.rawValue, deviceTime, kept.effective.end.timeIntervalSince1970,
      kept.provenance.receivedAt.timeIntervalSince1970, try JSONText.encode(kept),
    ])
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
    let owner = try Ownership(db, of: observation.device).owner(ofNumber: observation.userSlot)
    guard case .binds(let number, let patient) = owner else { return (owner.patient, nil) }
    let bound = BoundNumber(device: observation.device, number: number, patient: patient)
    try Devices(db).bind(bound)
    return (patient, bound)
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
