/// The one layout that Blood Pressure Measurement (0x2A35) and Intermediate Cuff Pressure (0x2A36) share:
/// flags u8 · three SFLOAT · [Date Time] · [pulse SFLOAT] · [user u8] · [status u16].
struct PressureFrame: Hashable {
  let flags: UInt8
  let systolic: SFLOAT
  let diastolic: SFLOAT
  let meanArterialPressure: SFLOAT
  let timeStamp: DateTime?
  let pulseRate: SFLOAT?
  let userID: UserID?
  let status: BloodPressureStatus?
  let trailing: [UInt8]

  /// How a device departs from the layout.
  enum Layout {
    case standard
    /// Pulse and status big endian, and a user also where its flag is clear; see ``BeurerBloodPressureMeasurement``.
    case beurer
  }

  /// - Parameter names: what the three pressures are called here.
  init(
    _ bytes: [UInt8], names: (String, String, String), layout: Layout = .standard
  ) throws(DecodingFailure) {
    func word(_ raw: UInt16) -> UInt16 { layout == .beurer ? raw.byteSwapped : raw }
    var reader = ByteReader(bytes)
    flags = try reader.uint8("Flags")
    systolic = try reader.sfloat(names.0)
    diastolic = try reader.sfloat(names.1)
    meanArterialPressure = try reader.sfloat(names.2)
    timeStamp = flags & 0x02 != 0 ? try DateTime(from: &reader, in: "Time Stamp: ") : nil
    pulseRate = flags & 0x04 != 0 ? SFLOAT(raw: word(try reader.uint16("Pulse Rate"))) : nil
    userID = flags & 0x08 != 0 || layout == .beurer ? UserID(try reader.uint8("User ID")) : nil
    status =
      flags & 0x10 != 0 ? BloodPressureStatus(rawValue: word(try reader.uint16("Measurement Status"))) : nil
    trailing = reader.rest()
  }

  var unit: PressureUnit { flags & 0x01 == 0 ? .millimetreOfMercury : .kilopascal }
}

/// The unit of every pressure in a value (flags bit 0).
package enum PressureUnit: String, Hashable, Sendable {
  case millimetreOfMercury = "mmHg"
  case kilopascal = "kPa"
}

extension PressureFrame {
  /// `flags` and `unit`, the pressures as given, and what else was sent.
  func json(_ pressureMembers: [JSON.Member]) -> JSON {
    var members: [JSON.Member] = [.init("flags", .integer(Int(flags))), .init("unit", .string(unit.rawValue))]
    members += pressureMembers
    if let timeStamp { members.append(.init("timeStamp", timeStamp.json)) }
    if let pulseRate { members.append(.init("pulseRate", pulseRate.json)) }
    if let userID { members.append(.init("userID", userID.json)) }
    if let status { members.append(.init("status", status.json)) }
    if !trailing.isEmpty { members.append(.init("trailing", .octets(trailing))) }
    return .object(members)
  }
}
