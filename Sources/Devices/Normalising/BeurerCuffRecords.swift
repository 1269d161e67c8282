import Observations
import WireFormats

/// What two bits of a ``BeurerHIDRecord`` mean, which depends on the model and is the profile's to say.
struct BeurerFlags: Sendable {
  var yearIsIrregular: Bool
  var monthIsMovement: Bool
}

extension CuffRecord {
  /// Of a BM55, BM58 or BM65.
  init(_ record: BeurerHIDRecord, _ meaning: BeurerFlags) {
    var flags: Set<MeasurementFlag> = []
    if meaning.yearIsIrregular, record.yearFlag { flags.insert(.irregularPulse) }
    if meaning.monthIsMovement, record.monthFlag { flags.insert(.bodyMovement) }
    self.init(
      .pressures(
        systolic: Int(record.systolic), diastolic: Int(record.diastolic), mean: nil, pulseRate: Int(record.pulseRate)),
      stamp: DeviceTime(record.dateTime), stampIsPlausible: record.dateTime.isPlausible, userSlot: record.user,
      flags: flags, bytes: record.raw)
  }

  /// Of a BM96; nil for an electrocardiogram. Whether the person was at rest is not told: nothing of ours says it.
  init?(_ record: BeurerBM96Record) {
    guard case .bloodPressure(let systolic, let diastolic, let pulseRate) = record.result else { return nil }
    self.init(
      .pressures(systolic: Int(systolic), diastolic: Int(diastolic), mean: nil, pulseRate: Int(pulseRate)),
      stamp: DeviceTime(record.dateTime), stampIsPlausible: record.dateTime.isPlausible,
      userSlot: Int(record.user) + 1, bytes: record.raw, identifying: record.identifying)
  }
}
