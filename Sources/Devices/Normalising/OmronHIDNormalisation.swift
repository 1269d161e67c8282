import Foundation
import Observations
import WireFormats

/// A record of an Omron cuff on a cable as an observation. Pure, so that it can be repeated from the kept bytes.
struct OmronHIDNormalisation {
  var device: DeviceID
  var profile: String
  /// The driver's name and version.
  var driver: String
  var format: String
  var isSimulated: Bool
  /// The zone that the device's clock is taken to show.
  var timeZone: TimeZone
  var previousVisit: Date?

  /// What tells this record from every other: the device's own words.
  func identity(_ record: OmronHIDRecord) -> ReadingIdentity {
    ReadingIdentity(device: device, time: DeviceTime(record.dateTime).verbatim, format: format, bytes: record.raw)
  }

  /// - Parameter user: whose bank it stands in, from 1.
  func observation(
    _ record: OmronHIDRecord, user: Int, receivedAt: Date
  ) -> (observation: Observation, isLive: Bool) {
    let stamp = DeviceTime(record.dateTime)
    // The cuff does not say what its clock shows.
    let time = ReadingTime(
      stamp: stamp, stampIsPlausible: record.dateTime.isPlausible, clockOffset: nil, receivedAt: receivedAt,
      timeZone: timeZone)
    // All of it is memory: without a time nothing says that it was measured just now.
    let effective =
      time.stampIsUnusable
      ? ReadingTime.fromMemory(receivedAt: receivedAt, previousVisit: previousVisit) : time.effective
    var flags: Set<MeasurementFlag> = []
    if record.irregularHeartbeat { flags.insert(.irregularPulse) }
    if record.bodyMovement { flags.insert(.bodyMovement) }
    func number(_ value: Int, _ unit: UCUMUnit) -> ComponentValue { .quantity(Quantity(Decimal(value), unit)) }
    let observation = Observation(
      id: .random(prefix: "o-"), identity: identity(record), kind: .bloodPressure, device: device, patient: nil,
      userSlot: user, effective: effective,
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, number(Int(record.systolic), .millimetreOfMercury)),
        ObservationComponent(MDC.pressBldNoninvDia, number(Int(record.diastolic), .millimetreOfMercury)),
        ObservationComponent(MDC.pulsRateNonInv, number(Int(record.pulseRate), .perMinute)),
      ],
      flags: flags, marks: time.stampIsUnusable ? [.clockUnusable] : [],
      provenance: Provenance(
        format: format, bytes: record.raw, deviceTime: stamp, clockOffset: nil, receivedAt: receivedAt,
        profile: profile, driver: driver, authentication: .wired, isSimulated: isSimulated))
    return (observation, time.isLive && !time.stampIsUnusable)
  }
}
