/// Blood Pressure Measurement (0x2A35) as Beurer's BM48, BM59, BM85 and ELITE 900 send it: pulse and status are big endian,
/// a user follows although flags bit 3 is clear, and the mean arterial pressure is 0 for *not measured*. Flags are 0x56.
///
/// Nothing in the value says that it is of this kind: read as the specification has it, it decodes, with a pulse beyond all
/// measure and one octet over. So which devices it is used for is said by their profile.
/// Source: derdilla's blood-pressure-monitor-fl.
package struct BeurerBloodPressureMeasurement: Hashable, Sendable {
  /// The fields as they are meant. A user is always there.
  package let measurement: BloodPressureMeasurement

  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)``, by the names of ``BloodPressureMeasurement``.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    measurement = try BloodPressureMeasurement(bytes, layout: .beurer)
  }

  package var json: JSON { measurement.json }
}
