/// Blood Pressure Measurement (0x2A35), indicated (Blood Pressure Service 1.1.1 §3.1).
///
/// Only a value that ends too soon is refused. An impossible time stamp, a special value in the place of a number, reserved
/// bits and octets at the end are kept and said, since none of them takes the other numbers away.
package struct BloodPressureMeasurement: GATTCharacteristic {
  package static let uuid = "2A35"
  package static let name = "Blood Pressure Measurement"

  private let frame: PressureFrame

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    try self.init(bytes, layout: .standard)
  }

  init(_ bytes: [UInt8], layout: PressureFrame.Layout) throws(DecodingFailure) {
    frame = try PressureFrame(
      bytes, names: ("Systolic", "Diastolic", "Mean Arterial Pressure"), layout: layout)
  }

  /// As sent. Bit 0 unit, 1 time stamp, 2 pulse, 3 user, 4 status; see ``reservedFlags``.
  package var flags: UInt8 { frame.flags }
  /// Flags bits 5–7, reserved for future use: ignored in decoding.
  package var reservedFlags: UInt8 { frame.flags & 0xE0 }
  /// The unit of the pressures.
  package var unit: PressureUnit { frame.unit }
  /// In ``unit``.
  package var systolic: SFLOAT { frame.systolic }
  /// In ``unit``.
  package var diastolic: SFLOAT { frame.diastolic }
  /// In ``unit``. The field is always sent; a device that has no mean should send NaN, and some send 0.
  package var meanArterialPressure: SFLOAT { frame.meanArterialPressure }
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

  package var json: JSON {
    frame.json([
      .init("systolic", systolic.json),
      .init("diastolic", diastolic.json),
      .init("meanArterialPressure", meanArterialPressure.json),
    ])
  }
}
