/// One measurement in ``ViatomBloodPressureFile``. 37 octets.
package struct ViatomBloodPressureRecord: Hashable, Sendable {
  static let size = 37

  /// Seconds since 1970 on the device's clock. The clock is set to a time without a zone, so it should be what the clock
  /// showed, as if in UTC; that is inferred.
  package let timestamp: UInt32
  /// The maker's number of a user's account; it says nothing of a place on the device.
  package let userID: UInt32
  /// As sent. 1 irregular pulse, 0 none.
  package let status: UInt8
  /// mmHg.
  package let systolic: UInt16
  /// mmHg.
  package let diastolic: UInt16
  /// mmHg. Other descriptions call this field the pulse.
  package let meanArterialPressure: UInt16
  /// Per minute.
  package let pulseRate: UInt16
  /// The 37 octets.
  package let raw: [UInt8]

  /// One record by itself.
  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)`` for any field;
  ///   ``DecodingFailure/trailing(field:offset:count:)`` for `Padding`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader, in: "")
    try reader.end(after: "Padding")
  }

  /// Reads the 37 octets inside the file.
  /// - Parameter record: what the names of the fields begin with, `Record 3: `.
  init(from reader: inout ByteReader, in record: String) throws(DecodingFailure) {
    let start = reader.offset
    timestamp = try reader.uint32(record + "Timestamp")
    userID = try reader.uint32(record + "User ID")
    status = try reader.uint8(record + "Status")
    _ = try reader.octets(4, record + "Reserved")
    systolic = try reader.uint16(record + "Systolic")
    diastolic = try reader.uint16(record + "Diastolic")
    meanArterialPressure = try reader.uint16(record + "Mean Arterial Pressure")
    pulseRate = try reader.uint16(record + "Pulse Rate")
    _ = try reader.octets(16, record + "Padding")
    raw = Array(reader.bytes[start..<reader.offset])
  }

  package var irregularPulse: Bool { status == 1 }

  package var json: JSON {
    .object([
      .init("timestamp", .integer(Int(timestamp))),
      .init("userID", .integer(Int(userID))),
      .init("status", .integer(Int(status))),
      .init("irregularPulse", .boolean(irregularPulse)),
      .init("systolic", .integer(Int(systolic))),
      .init("diastolic", .integer(Int(diastolic))),
      .init("meanArterialPressure", .integer(Int(meanArterialPressure))),
      .init("pulseRate", .integer(Int(pulseRate))),
    ])
  }
}
