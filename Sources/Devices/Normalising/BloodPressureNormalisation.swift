package import Foundation
package import Observations
package import WireFormats

/// A blood-pressure measurement as an observation. Pure, so that it can be repeated from the kept bytes.
package struct BloodPressureNormalisation: Sendable {
  package var device: DeviceID
  package var profile: String
  /// The driver's name and version.
  package var driver: String
  package var authentication: LinkAuthentication
  package var isSimulated: Bool
  /// Device clock minus ours, in seconds, as last measured.
  package var clockOffset: TimeInterval?
  /// The zone that the device's clock is taken to show.
  package var timeZone: TimeZone

  package init(
    device: DeviceID, profile: String, driver: String, authentication: LinkAuthentication, isSimulated: Bool,
    clockOffset: TimeInterval?, timeZone: TimeZone
  ) {
    self.device = device
    self.profile = profile
    self.driver = driver
    self.authentication = authentication
    self.isSimulated = isSimulated
    self.clockOffset = clockOffset
    self.timeZone = timeZone
  }

  /// - Parameter bytes: those that `measurement` was decoded from.
  package func observation(
    _ measurement: BloodPressureMeasurement, bytes: [UInt8], receivedAt: Date
  ) -> (observation: Observation, time: ReadingTime) {
    let stamp = measurement.timeStamp.map(DeviceTime.init)
    let time = ReadingTime(
      stamp: stamp, stampIsPlausible: measurement.timeStamp?.isPlausible ?? false, clockOffset: clockOffset,
      receivedAt: receivedAt, timeZone: timeZone)
    // An unset clock that stands at nothing tells two readings apart no better than no stamp at all.
    let told = stamp.flatMap { $0.isBlank ? nil : $0 }
    var marks: Set<ObservationMark> = time.stampIsUnusable ? [.clockUnusable] : []
    if measurement.systolic.value == nil, measurement.diastolic.value == nil { marks.insert(.notMeasured) }
    let observation = Observation(
      id: .random(prefix: "o-"),
      identity: ReadingIdentity(
        device: device, time: told?.verbatim, format: BloodPressureMeasurement.uuid, bytes: bytes),
      kind: .bloodPressure, device: device, patient: nil,
      userSlot: measurement.userID?.number.map { Int($0) }, effective: time.effective,
      components: components(measurement), flags: measurement.status?.flags ?? [],
      marks: marks,
      provenance: Provenance(
        format: BloodPressureMeasurement.uuid, bytes: bytes, deviceTime: told, clockOffset: clockOffset,
        receivedAt: receivedAt, profile: profile, driver: driver, authentication: authentication,
        isSimulated: isSimulated))
    return (observation, time)
  }

  private func components(_ measurement: BloodPressureMeasurement) -> [ObservationComponent] {
    func pressure(_ number: SFLOAT) -> ComponentValue {
      ComponentValue(number, measurement.unit == .kilopascal ? .kilopascal : .millimetreOfMercury)
    }
    // Devices without a mean should send NaN, and some send 0, which no artery has.
    let mean = measurement.meanArterialPressure
    var components = [
      ObservationComponent(MDC.pressBldNoninvSys, pressure(measurement.systolic)),
      ObservationComponent(MDC.pressBldNoninvDia, pressure(measurement.diastolic)),
      ObservationComponent(MDC.pressBldNoninvMean, mean.value == 0 ? .absent(.notANumber) : pressure(mean)),
    ]
    if let pulse = measurement.pulseRate {
      components.append(ObservationComponent(MDC.pulsRateNonInv, ComponentValue(pulse, .perMinute)))
    }
    return components
  }
}

extension ComponentValue {
  /// A pressure in mmHg whatever it came in; a special value by the reason that it gives.
  init(_ number: SFLOAT, _ unit: UCUMUnit) {
    if let value = number.value {
      self = .quantity(Quantity(value, unit).inMillimetresOfMercury)
      return
    }
    switch number.special {
    case .notANumber: self = .absent(.notANumber)
    case .positiveInfinity: self = .absent(.positiveInfinity)
    case .negativeInfinity: self = .absent(.negativeInfinity)
    case .notAtThisResolution, .reserved, nil: self = .absent(.error)
    }
  }
}

extension BloodPressureStatus {
  /// What the device thinks of its own measurement. A reserved pulse range says nothing.
  var flags: Set<MeasurementFlag> {
    var flags: Set<MeasurementFlag> = []
    if bodyMovement { flags.insert(.bodyMovement) }
    if cuffTooLoose { flags.insert(.cuffTooLoose) }
    if irregularPulse { flags.insert(.irregularPulse) }
    switch pulseRateRange {
    case .above: flags.insert(.pulseAboveRange)
    case .below: flags.insert(.pulseBelowRange)
    case .within, .reserved: break
    }
    if improperPosition { flags.insert(.improperPosition) }
    return flags
  }
}

extension DeviceTime {
  /// Verbatim, also what no calendar has; 0 in year, month or day is *not known*.
  package init(_ dateTime: DateTime) {
    self.init(
      year: dateTime.year == 0 ? nil : Int(dateTime.year), month: dateTime.month == 0 ? nil : Int(dateTime.month),
      day: dateTime.day == 0 ? nil : Int(dateTime.day), hour: Int(dateTime.hours), minute: Int(dateTime.minutes),
      second: Int(dateTime.seconds))
  }
}
