package import Observations

/// One measurement of a cuff that speaks its maker's own language, in the terms that these languages share.
package struct CuffRecord: Hashable, Sendable {
  package enum Result: Hashable, Sendable {
    /// mmHg, and per minute; nil is what the device does not give.
    case pressures(systolic: Int, diastolic: Int, mean: Int?, pulseRate: Int?)
    /// The device says that it could not measure.
    case notMeasured
  }

  package var result: Result
  /// Verbatim; nil when the device gave no date.
  package var stamp: DeviceTime?
  /// Every field in its range, and the day there is.
  package var stampIsPlausible: Bool
  /// Whose it is by the device's own number.
  package var userSlot: Int?
  package var flags: Set<MeasurementFlag>
  /// As received.
  package var bytes: [UInt8]
  /// Those of ``bytes`` that are the same at each visit: a device may say where in its memory a record stands.
  package var identifying: [UInt8]
  /// Which of those of its user that have the same octets it is, from 1 in the order of the device's memory; nil for one
  /// that was not read from a memory. It tells two undated records of the same numbers apart, at each visit in the same
  /// way.
  package var occurrence: Int?

  package init(
    _ result: Result, stamp: DeviceTime? = nil, stampIsPlausible: Bool = true, userSlot: Int? = nil,
    flags: Set<MeasurementFlag> = [], bytes: [UInt8], identifying: [UInt8]? = nil, occurrence: Int? = nil
  ) {
    self.result = result
    self.stamp = stamp
    self.stampIsPlausible = stampIsPlausible
    self.userSlot = userSlot
    self.flags = flags
    self.bytes = bytes
    self.identifying = identifying ?? bytes
    self.occurrence = occurrence
  }

  /// The records of a whole memory, each with its ``occurrence``.
  package static func numbered(_ records: [CuffRecord]) -> [CuffRecord] {
    struct Key: Hashable {
      var user: Int?
      var bytes: [UInt8]
    }
    var counts: [Key: Int] = [:]
    return records.map { record in
      var record = record
      let number = counts[Key(user: record.userSlot, bytes: record.identifying), default: 0] + 1
      counts[Key(user: record.userSlot, bytes: record.identifying)] = number
      record.occurrence = number
      return record
    }
  }
}
