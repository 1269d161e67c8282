import Observations
import WireFormats

extension CuffRecord {
  /// Nil where the systolic pressure is disputed: half a blood pressure would look like a whole one. Another value that is
  /// disputed is left out.
  init?(_ reading: ContecReading, of user: ContecCommand.User) {
    guard let systolic = reading.systolic, let diastolic = reading.diastolic else { return nil }
    self.init(
      .pressures(systolic: systolic, diastolic: diastolic, mean: reading.mean, pulseRate: reading.pulseRate),
      stamp: DeviceTime(reading.dateTime), stampIsPlausible: reading.dateTime.isPlausible,
      userSlot: Int(user.rawValue), bytes: reading.raw,
      // A reading itself does not say whose it is, and two people may have the same in one minute.
      identifying: [user.rawValue] + reading.identifying)
  }
}
