package import Foundation
package import Observations
package import WireFormats

/// A spot check of an oximeter as an observation. Pure, so that it can be repeated from the kept bytes.
package struct OximetryNormalisation: Sendable {
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
    _ measurement: PLXSpotCheckMeasurement, bytes: [UInt8], receivedAt: Date
  ) -> (observation: Observation, time: ReadingTime) {
    let stamp = measurement.timeStamp.map(DeviceTime.init)
    let isPlausible = measurement.timeStamp?.isPlausible ?? false
    let time = ReadingTime(
      stamp: stamp, stampIsPlausible: isPlausible && !measurement.deviceClockIsNotSet, clockOffset: clockOffset,
      receivedAt: receivedAt, timeZone: timeZone)
    // An unset clock that stands at nothing tells two readings apart no better than no stamp at all.
    let told = stamp.flatMap { $0.isBlank ? nil : $0 }
    var marks: Set<ObservationMark> = time.stampIsUnusable ? [.clockUnusable] : []
    let saysNothing = measurement.measurementStatus?.saysNothingOfAPerson ?? false
    let hasNumber =
      measurement.oxygenSaturation.spO2.value != nil || measurement.oxygenSaturation.pulseRate.value != nil
    if saysNothing || !hasNumber { marks.insert(.notMeasured) }
    let isDoubted =
      measurement.measurementStatus?.isDoubted ?? false || measurement.deviceAndSensorStatus?.isDoubted ?? false
    // The number of a demonstration must not stand in anybody's record; the bytes keep it.
    func value(_ number: SFLOAT, _ unit: UCUMUnit) -> ComponentValue {
      saysNothing && number.value != nil ? .absent(.error) : ComponentValue(number, unit)
    }
    let observation = Observation(
      id: .random(prefix: "o-"),
      identity: ReadingIdentity(
        device: device, time: told?.verbatim, format: PLXSpotCheckMeasurement.uuid, bytes: bytes),
      kind: .oxygenSaturation, device: device, patient: nil, userSlot: nil, effective: time.effective,
      components: [
        ObservationComponent(MDC.pulsOximSatO2, value(measurement.oxygenSaturation.spO2, .percent)),
        ObservationComponent(MDC.pulsOximPulsRate, value(measurement.oxygenSaturation.pulseRate, .perMinute)),
      ],
      flags: isDoubted ? [.questionable] : [], marks: marks,
      provenance: Provenance(
        format: PLXSpotCheckMeasurement.uuid, bytes: bytes, deviceTime: told, clockOffset: clockOffset,
        receivedAt: receivedAt, profile: profile, driver: driver, authentication: authentication,
        isSimulated: isSimulated))
    return (observation, time)
  }
}

extension PLXMeasurementStatus {
  /// The numbers are a demonstration's or a test's, or the device itself calls them none.
  var saysNothingOfAPerson: Bool {
    [.dataForDemonstration, .dataForTesting, .measurementUnavailable, .invalidMeasurementDetected]
      .contains(where: contains)
  }

  /// The device doubts its numbers.
  var isDoubted: Bool { contains(.questionableMeasurementDetected) || contains(.earlyEstimatedData) }
}

extension PLXDeviceAndSensorStatus {
  /// The sensor is not where, or as, it has to be for numbers that can be relied on.
  var isDoubted: Bool {
    [
      .equipmentMalfunctionDetected, .signalProcessingIrregularityDetected, .inadequateSignalDetected,
      .poorSignalDetected, .lowPerfusionDetected, .erraticSignalDetected, .nonPulsatileSignalDetected,
      .questionablePulseDetected, .sensorInterferenceDetected, .sensorUnconnectedToUser, .unknownSensorConnected,
      .sensorDisplaced, .sensorMalfunctioning, .sensorDisconnected,
    ].contains(where: contains)
  }
}
