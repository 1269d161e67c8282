import AlertRules
package import Foundation
import GRDB
package import Observations

/// Whose readings a device's user number is.
package struct DeviceUser: Hashable, Sendable {
  /// 0–4294967295 without 255; nil: readings without a number.
  package var slot: Int?
  package var patient: PatientID

  package init(slot: Int?, patient: PatientID) {
    self.slot = slot
    self.patient = patient
  }
}

/// A paired device as the store keeps it.
package struct DeviceRecord: Hashable, Sendable, Identifiable {
  package var description: DeviceDescription
  /// `public` or `random`, of the identity address; nil for other transports.
  package var addressKind: String?
  package var authentication: LinkAuthentication
  /// The cache of handles, opaque here.
  package var gattCache: Data?
  /// Whether it was seen to keep its subscriptions over a disconnect; nil: not known.
  package var keepsSubscriptions: Bool?
  /// Its clock minus ours, seconds, as last measured, and when.
  package var clockOffset: TimeInterval?
  package var clockReadAt: Date?
  /// Percent.
  package var battery: Int?
  package var pairedAt: Date
  package var lastSeen: Date?
  /// When its last session ended, and how: set by ``Store/recordVisit(_:at:end:)``.
  package var lastVisit: Date?
  package var lastEnd: String?
  /// Several people use it, so that no reading without a number is anybody's until it is claimed. Changed by
  /// ``Store/share(_:)`` and ``Store/assign(_:slot:to:)`` only.
  package internal(set) var isShared = false
  /// By slot, the default last. Changed by ``Store/assign(_:slot:to:)`` and by the first numbered reading.
  package internal(set) var users: [DeviceUser] = []

  package var id: DeviceID { description.id }

  package init(
    description: DeviceDescription, addressKind: String?, authentication: LinkAuthentication, pairedAt: Date,
    gattCache: Data? = nil, keepsSubscriptions: Bool? = nil, clockOffset: TimeInterval? = nil, clockReadAt: Date? = nil,
    battery: Int? = nil, lastSeen: Date? = nil, lastVisit: Date? = nil, lastEnd: String? = nil
  ) {
    self.description = description
    self.addressKind = addressKind
    self.authentication = authentication
    self.gattCache = gattCache
    self.keepsSubscriptions = keepsSubscriptions
    self.clockOffset = clockOffset
    self.clockReadAt = clockReadAt
    self.battery = battery
    self.pairedAt = pairedAt
    self.lastSeen = lastSeen
    self.lastVisit = lastVisit
    self.lastEnd = lastEnd
  }
}

extension DeviceRecord {
  /// What holds over a pairing of a device that was known.
  fileprivate mutating func learn(from known: DeviceRecord) {
    description.name = description.name ?? known.description.name
    if description.information == DeviceInformation() { description.information = known.description.information }
    gattCache = known.gattCache
    keepsSubscriptions = known.keepsSubscriptions
    clockOffset = known.clockOffset
    clockReadAt = known.clockReadAt
    battery = known.battery
    lastSeen = known.lastSeen
    lastVisit = known.lastVisit
    lastEnd = known.lastEnd
  }
}

extension DeviceRecord {
  /// Whether nobody but these people uses it.
  package func isUsed(onlyBy patients: Set<PatientID>) -> Bool {
    !isShared && users.allSatisfy { patients.contains($0.patient) }
  }

  /// What of it is these people's to know; nil: nothing, since none of them uses it. Of one that others use too neither who
  /// they are nor when it was last heard.
  package func part(of patients: Set<PatientID>) -> DeviceRecord? {
    guard users.contains(where: { patients.contains($0.patient) }) else { return nil }
    guard !isUsed(onlyBy: patients) else { return self }
    var part = self
    part.users.removeAll { !patients.contains($0.patient) }
    part.isShared = false
    (part.lastSeen, part.lastVisit, part.lastEnd) = (nil, nil, nil)
    return part
  }
}

/// The tables of devices and their users.
struct Devices {
  /// In `device_users`, the slot of whoever has no slot.
  static let defaultSlot = -1

  let db: Database
  init(_ db: Database) { self.db = db }

  func records() throws -> [DeviceRecord] {
    try Row.fetchAll(db, sql: "SELECT * FROM devices WHERE removed_at IS NULL ORDER BY paired_at, id").map(record)
  }

  func record(_ id: DeviceID, orRemoved: Bool = false) throws -> DeviceRecord? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM devices WHERE id = ? AND (removed_at IS NULL OR ?)"),
      arguments: [id.rawValue, orRemoved]
    ).map(record)
  }

  private func record(_ row: Row) throws -> DeviceRecord {
    func date(_ column: String) -> Date? {
      (row[column] as Double?).map { Date(timeIntervalSince1970: $0) }
    }
    let id = DeviceID(rawValue: row["id"])
    guard let authentication = LinkAuthentication(rawValue: row["authentication"]) else {
      throw StoreFailure.corrupt(detail: "devices.authentication")
    }
    var record = DeviceRecord(
      description: DeviceDescription(
        id: id, address: row["address"], name: row["name"], profile: row["profile"],
        information: try JSONText.decode(DeviceInformation.self, row["information"])),
      addressKind: row["address_kind"], authentication: authentication,
      pairedAt: Date(timeIntervalSince1970: row["paired_at"]), gattCache: row["gatt_cache"],
      keepsSubscriptions: row["keeps_subscriptions"], clockOffset: row["clock_offset"],
      clockReadAt: date("clock_read_at"), battery: row["battery"], lastSeen: date("last_seen"),
      lastVisit: date("last_visit"), lastEnd: row["last_end"])
    record.isShared = row["shared"]
    record.users = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT slot, patient FROM device_users WHERE device = ? ORDER BY slot < 0, slot"),
      arguments: [id.rawValue]
    ).map { row in
      let slot: Int = row[0]
      return DeviceUser(slot: slot == Self.defaultSlot ? nil : slot, patient: PatientID(rawValue: row[1]))
    }
    return record
  }

  /// - Parameter column: a user number, or ``defaultSlot``; nobody for nil.
  private func setUser(_ patient: PatientID?, of device: DeviceID, column: Int, isBound: Bool = false) throws {
    guard let patient else {
      return try db.execute(
        sql: "DELETE FROM device_users WHERE device = ? AND slot = ?", arguments: [device.rawValue, column])
    }
    try db.execute(
      sql: """
        INSERT INTO device_users (device, slot, patient, bound) VALUES (?, ?, ?, ?)
        ON CONFLICT (device, slot) DO UPDATE SET patient = excluded.patient, bound = excluded.bound
        """,
      arguments: [device.rawValue, column, patient.rawValue, isBound])
  }

  /// Nobody was asked whose the number is; it goes when the default person does.
  func bind(_ bound: BoundNumber) throws {
    try setUser(bound.patient, of: bound.device, column: bound.number, isBound: true)
    try setNumbered(bound.device)
  }

  func setUser(_ patient: PatientID?, of device: DeviceID, number: Int) throws {
    try setUser(patient, of: device, column: number)
    try setNumbered(device)
  }

  /// The number that was taken for the earlier default person's is nobody's then: what it would be under a new one,
  /// nobody has said.
  func setDefault(_ patient: PatientID?, of device: DeviceID) throws {
    let earlier = try Ownership(db, of: device).users[Self.defaultSlot]
    if let earlier, earlier != patient {
      try db.execute(sql: "DELETE FROM device_users WHERE device = ? AND bound", arguments: [device.rawValue])
    }
    try setUser(patient, of: device, column: Self.defaultSlot)
  }

  func setShared(_ isShared: Bool, of device: DeviceID) throws {
    try db.execute(sql: "UPDATE devices SET shared = ? WHERE id = ?", arguments: [isShared, device.rawValue])
  }

  /// The next number is taken for the default person's again, unless somebody spoke of one.
  func rearm(_ device: DeviceID) throws {
    try db.execute(
      sql: """
        UPDATE devices SET numbered = EXISTS (SELECT 1 FROM device_users WHERE device = devices.id AND slot >= 0)
        WHERE id = ?
        """, arguments: [device.rawValue])
  }

  private func setNumbered(_ device: DeviceID) throws {
    try db.execute(sql: "UPDATE devices SET numbered = 1 WHERE id = ?", arguments: [device.rawValue])
  }

  func save(_ record: DeviceRecord) throws {
    let columns = [
      "id", "address", "address_kind", "name", "profile", "authentication", "information", "gatt_cache",
      "keeps_subscriptions", "clock_offset", "clock_read_at", "battery", "paired_at", "last_seen", "last_visit",
      "last_end", "removed_at",
    ]
    let sql = """
      INSERT INTO devices (\(columns.joined(separator: ", ")))
      VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
      ON CONFLICT (id) DO UPDATE SET \(columns.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
      """
    let description = record.description
    try db.cachedStatement(sql: sql).execute(arguments: [
      record.id.rawValue, description.address, record.addressKind, description.name, description.profile,
      record.authentication.rawValue, try JSONText.encode(description.information), record.gattCache,
      record.keepsSubscriptions, record.clockOffset, record.clockReadAt?.timeIntervalSince1970, record.battery,
      record.pairedAt.timeIntervalSince1970, record.lastSeen?.timeIntervalSince1970,
      record.lastVisit?.timeIntervalSince1970, record.lastEnd, nil,
    ])
  }
}

extension Store {
  /// Paired devices, in the order they were paired.
  package func devices() async throws(StoreFailure) -> [DeviceRecord] {
    try await read { db in try Devices(db).records() }
  }

  /// Nil when it is not paired, or was removed.
  package func device(_ id: DeviceID) async throws(StoreFailure) -> DeviceRecord? {
    try await read { db in try Devices(db).record(id) }
  }

  /// Keeps a device whole, new, known, or once removed; its users stay as they are.
  package func saveDevice(_ record: DeviceRecord) async throws(StoreFailure) {
    try await write { db in try Devices(db).save(record) }
  }

  /// Keeps a device that was just paired, with its keys in place of any it had and its default user, in one transaction: a
  /// power cut leaves the pairing whole or not there. A device that is paired again is the same device: what was learned of
  /// it stays (its handles, which the next visit checks; its clock; its last visit), so do its users when `user` is nil,
  /// and a device that was said to be shared stays so.
  ///
  /// - Throws: ``StoreFailure/unknownPatient``.
  package func keepPaired(
    _ record: DeviceRecord, keys: [(table: KeyTable, key: StoredKey)], user: PatientID?
  ) async throws(StoreFailure) {
    try await writeHousehold { db in
      let devices = Devices(db)
      var record = record
      if let known = try devices.record(record.id) { record.learn(from: known) }
      // It names the device at the record: paired again, it is still the same one, read or not.
      let earlier = try devices.record(record.id, orRemoved: true)?.description.information.systemID
      record.description.information.systemID = record.description.information.systemID ?? earlier
      try devices.save(record)
      if let address = record.description.address { try BondKeys(db).remove(address: address, from: KeyTable.ofBond) }
      for (table, key) in keys { try BondKeys(db).save(key, in: table) }
      guard let user else { return }
      guard try People(db).patient(user) != nil else { throw StoreFailure.unknownPatient }
      let before = try Ownership(db, of: record.id)
      // Whoever said that it is shared has not taken that back.
      guard !before.isShared else { return }
      try devices.setDefault(user, of: record.id)
      if before.users[Devices.defaultSlot] != user { try devices.rearm(record.id) }
    }
  }

  /// Changes a device in one transaction.
  ///
  /// - Throws: ``StoreFailure/unknownDevice``.
  /// - Returns: the device as kept.
  @discardableResult
  package func updateDevice(
    _ id: DeviceID, _ change: @escaping @Sendable (inout DeviceRecord) -> Void
  ) async throws(StoreFailure) -> DeviceRecord {
    try await write { db in
      let devices = Devices(db)
      guard let known = try devices.record(id) else { throw StoreFailure.unknownDevice }
      var record = known
      change(&record)
      // A battery that is as full as yesterday is no reason to write to the card.
      if record != known { try devices.save(record) }
      return record
    }
  }

  /// Forgets a device: its keys, its cache and its users go, and so do the alerts of its own; its readings
  /// stay, with what they say of it.
  ///
  /// - Throws: ``StoreFailure/unknownDevice``.
  package func removeDevice(_ id: DeviceID, at now: Date = Date()) async throws(StoreFailure) {
    try await writeHousehold { db in
      guard let record = try Devices(db).record(id) else { throw StoreFailure.unknownDevice }
      if let address = record.description.address { try BondKeys(db).remove(address: address) }
      try db.execute(sql: "DELETE FROM device_users WHERE device = ?", arguments: [id.rawValue])
      try db.execute(
        sql: """
          UPDATE devices SET removed_at = ?, gatt_cache = NULL, keeps_subscriptions = NULL, shared = 0, numbered = 0
          WHERE id = ?
          """,
        arguments: [now.timeIntervalSince1970, id.rawValue])
    }
    try await restAlerts { $0.device == id }
  }

  /// Says whose readings a device's user number is, from the next reading on. An alert that fires for that user of the
  /// device, because nobody had named them, is put to rest: no reading would end it.
  ///
  /// - Parameters:
  ///   - slot: a user number; nil: readings without one. A device that was shared is then no longer so.
  ///   - patient: nil: nobody.
  /// - Throws: ``StoreFailure/unknownDevice``, ``StoreFailure/unknownPatient``.
  package func assign(_ device: DeviceID, slot: Int?, to patient: PatientID?) async throws(StoreFailure) {
    let bindsAny = try await writeHousehold { db in
      guard try Devices(db).record(device) != nil else { throw StoreFailure.unknownDevice }
      if let patient, try People(db).patient(patient) == nil { throw StoreFailure.unknownPatient }
      if let slot {
        try Devices(db).setUser(patient, of: device, number: slot)
      } else {
        try Devices(db).setDefault(patient, of: device)
        try Devices(db).setShared(false, of: device)
      }
      // Whichever number comes first will be the default person's.
      return try slot == nil && !Ownership(db, of: device).isNumbered
    }
    guard patient != nil else { return }
    try await restAlerts { bindsAny ? $0.device == device : $0 == .device(device, user: slot) }
  }

  /// Says that several people use a device: what it measures without a number, and with a number that nobody was given,
  /// is unassigned from the next reading on. Numbers that somebody was given stay theirs.
  ///
  /// - Throws: ``StoreFailure/unknownDevice``.
  package func share(_ device: DeviceID) async throws(StoreFailure) {
    try await writeHousehold { db in
      guard try Devices(db).record(device) != nil else { throw StoreFailure.unknownDevice }
      try Devices(db).setDefault(nil, of: device)
      try Devices(db).setShared(true, of: device)
    }
  }

  /// Puts the alerts of a device's nameless users to rest: no reading would end them.
  private func restAlerts(_ isOrphan: @escaping @Sendable (AlertSubject) -> Bool) async throws(StoreFailure) {
    let memory = memory
    try await write { db in
      let orphans = memory.withContents { contents in
        contents.states.values.filter { isOrphan($0.key.subject) && $0.isOpen }
      }
      for var state in orphans {
        state.phase = .resolved
        try AlertRecords(db).save(state)
      }
    } remembering: { contents, _ in
      for (key, state) in contents.states where isOrphan(key.subject) && state.isOpen {
        contents.states[key]?.phase = .resolved
      }
    }
  }

  /// A session with the device ended.
  ///
  /// - Parameter end: why, in a few words without patient data.
  /// - Throws: ``StoreFailure/unknownDevice``.
  package func recordVisit(_ id: DeviceID, at now: Date, end: String) async throws(StoreFailure) {
    try await updateDevice(id) { record in
      record.lastVisit = now
      record.lastSeen = now
      record.lastEnd = end
    }
  }

  /// When the previous session with it ended: the start of the period of a reading from its memory whose time is
  /// unusable. Nil: there was none, or it is not paired. During a session this is the one before.
  package func previousVisit(of id: DeviceID) async throws(StoreFailure) -> Date? {
    try await device(id)?.lastVisit
  }
}
