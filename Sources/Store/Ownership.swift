import GRDB
import Observations

/// Whose the readings of one device are, as far as anybody has said. The one rule, for the transaction and for memory.
struct Ownership: Hashable, Sendable {
  enum Owner: Hashable {
    case patient(PatientID)
    /// The default person's, whose number this is from now on.
    case binds(number: Int, PatientID)
    case nobody

    var patient: PatientID? {
      switch self {
      case .patient(let patient), .binds(_, let patient): patient
      case .nobody: nil
      }
    }
  }

  /// Several people use it and no reading without a number is anybody's until it is claimed.
  var isShared = false
  /// Some number was once bound or spoken of.
  var isNumbered = false
  /// By the column `slot`, ``Devices/defaultSlot`` among them.
  var users: [Int: PatientID] = [:]

  /// The device's user number; nil for what is none: 255 says *unknown* (Blood Pressure Service, User ID).
  static func number(_ slot: Int?) -> Int? {
    slot.flatMap { $0 != 255 && (0...Int(UInt32.max)).contains($0) ? $0 : nil }
  }

  /// Whose a reading is.
  ///
  /// - A reading without a number is the default person's; of a shared device, nobody's.
  /// - A reading with one is that number's person's. While no number of the device was ever spoken of, the first one is
  ///   taken for the default person's: whoever pairs a cuff measures first. Any other number is nobody's.
  func owner(ofNumber slot: Int?) -> Owner {
    let defaultPerson = isShared ? nil : users[Devices.defaultSlot]
    guard let number = Self.number(slot) else { return defaultPerson.map { .patient($0) } ?? .nobody }
    if let patient = users[number] { return .patient(patient) }
    guard !isNumbered, let defaultPerson else { return .nobody }
    return .binds(number: number, defaultPerson)
  }

  mutating func bind(_ number: Int, to patient: PatientID) {
    isNumbered = true
    users[number] = patient
  }
}

extension Ownership {
  enum SQL {
    static let device = "SELECT shared, numbered FROM devices WHERE id = ?"
    static let users = "SELECT slot, patient FROM device_users WHERE device = ?"
  }

  init(_ db: Database, of device: DeviceID) throws {
    if let row = try Row.fetchOne(db.cachedStatement(sql: SQL.device), arguments: [device.rawValue]) {
      isShared = row[0]
      isNumbered = row[1]
    }
    for row in try Row.fetchAll(db.cachedStatement(sql: SQL.users), arguments: [device.rawValue]) {
      users[row[0]] = PatientID(rawValue: row[1])
    }
  }
}
