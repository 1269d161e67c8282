/// `POST /v1/devices/{id}/users`: whose readings a user number of a device is, from the next reading on.
package struct AssignRequest: Hashable, Sendable, Codable {
  /// 0–4294967295 without 255; nil: readings without a number.
  package var user: Int?
  /// Id or name; nil: nobody.
  package var patient: String?
  /// Several people use the device: readings without a number are nobody's until they are claimed. Neither `user` nor
  /// `patient` goes with it.
  package var shared: Bool?

  package init(user: Int? = nil, patient: String? = nil, shared: Bool? = nil) {
    self.user = user
    self.patient = patient
    self.shared = shared
  }
}

/// `POST /v1/claims`: unassigned readings that are somebody's; by their ids, or by device and number.
package struct ClaimRequest: Hashable, Sendable, Codable {
  package var readings: [String]?
  /// Id, address or name.
  package var device: String?
  /// 0–4294967295 without 255; nil: readings without a number, and then ``since`` is needed.
  package var user: Int?
  /// What ``Since`` reads.
  package var since: String?
  /// Id or name.
  package var patient: String

  package init(
    readings: [String]? = nil, device: String? = nil, user: Int? = nil, since: String? = nil, patient: String
  ) {
    self.readings = readings
    self.device = device
    self.user = user
    self.since = since
    self.patient = patient
  }
}

/// `POST /v1/disownings`: readings that are not whose they are said to be.
package struct DisownRequest: Hashable, Sendable, Codable {
  package var readings: [String]
  /// Everybody who was told has been told otherwise; nothing else is done.
  package var corrected: Bool?

  package init(readings: [String], corrected: Bool? = nil) {
    self.readings = readings
    self.corrected = corrected
  }
}

/// What became of readings that were claimed or disowned.
package struct OwnershipAnswer: Hashable, Sendable, Codable {
  /// All that were meant, as they are now, the oldest first.
  package var readings: [Reading]
  /// The ids of those that changed hands just now; with ``DisownRequest/corrected`` of those of which somebody had been told.
  package var changed: [String]
  /// The destinations that have, or may have, one of them under the name of somebody whose it is not. No correction is
  /// sent there.
  package var told: [String]

  package init(readings: [Reading], changed: [String], told: [String]) {
    self.readings = readings
    self.changed = changed
    self.told = told
  }
}

/// That somebody claimed or disowned a reading.
package struct OwnershipStep: Hashable, Sendable, Codable {
  /// `claimed`, `disowned`.
  package var action: String
  /// Whose it became, or was.
  package var patient: String
  package var patientName: String?
  /// The user of the gateway's machine who asked, by number; nil when not known.
  package var uid: UInt32?
  package var at: Timestamp

  package init(action: String, patient: String, patientName: String? = nil, uid: UInt32? = nil, at: Timestamp) {
    self.action = action
    self.patient = patient
    self.patientName = patientName
    self.uid = uid
    self.at = at
  }
}
