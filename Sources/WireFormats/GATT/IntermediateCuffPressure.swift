/// Intermediate Cuff Pressure (0x2A36), notified while a measurement is under way (Blood Pressure Service 1.1.1 §3.2).
///
/// The frame of ``BloodPressureMeasurement`` with one pressure: the two others are unused. The service has them NaN; devices
/// send 0 as well, so they are read over and not given.
package struct IntermediateCuffPressure: GATTCharacteristic {
  package static let uuid = "2A36"
  package static let name = "Intermediate Cuff Pressure"

  private let frame: PressureFrame

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    frame = try PressureFrame(
      bytes, names: ("Current Cuff Pressure", "Diastolic (unused)", "Mean Arterial Pressure (unused)"))
  }

  /// As sent. Bit 0 unit, 1 time stamp, 2 pulse, 3 user, 4 status; see ``reservedFlags``.
  package var flags: UInt8 { frame.flags }
  /// Flags bits 5–7, reserved for future use: ignored in decoding.
  package var reservedFlags: UInt8 { frame.flags & 0xE0 }
  /// The unit of the pressures.
  package var unit: PressureUnit { frame.unit }
  /// In ``unit``.
  package var currentCuffPressure: SFLOAT { frame.systolic }
  /// On the device's clock; nil when not sent. It may be implausible: see ``DateTime/implausibleFields``.
  package var timeStamp: DateTime? { frame.timeStamp }
  /// Per minute; nil when not sent, a special value when not counted.
  package var pulseRate: SFLOAT? { frame.pulseRate }
  /// Nil when not sent.
  package var userID: UserID? { frame.userID }
  /// Nil when not sent.
  package var status: BloodPressureStatus? { frame.status }
  /// Octets after the last field that the flags announce; to be ignored, and a sign of a device that lays out its value
  /// otherwise than its flags say.
  package var trailing: [UInt8] { frame.trailing }

  package var json: JSON { frame.json([.init("currentCuffPressure", currentCuffPressure.json)]) }
}
