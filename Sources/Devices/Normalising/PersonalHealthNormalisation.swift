package import Foundation
package import Observations
package import WireFormats

/// Measurements of an IEEE 11073 agent as observations: blood pressure with its pulse (10407), oxygen saturation with its
/// pulse (10404), heart rate (10406, 10441). Pure, so that it can be repeated from the kept bytes.
///
/// Objects of one report, person and time are one reading. What is none of these kinds gives nothing.
package struct PersonalHealthNormalisation: Sendable {
  /// What the octets of the provenance are: those of the objects, as sent, one after the other.
  package static let format = "11073-20601"

  package var device: DeviceID
  package var profile: String
  /// The driver's name and version.
  package var driver: String
  package var isSimulated: Bool
  /// Device clock (Date-and-Time) minus ours, in seconds, as last measured.
  package var clockOffset: TimeInterval?
  /// When the agent's Relative-Time was 0, on our clock; nil when it was never read.
  package var relativeStart: Date?
  /// The zone that the device's clock is taken to show.
  package var timeZone: TimeZone

  package init(
    device: DeviceID, profile: String, driver: String, isSimulated: Bool, clockOffset: TimeInterval?,
    relativeStart: Date?, timeZone: TimeZone
  ) {
    self.device = device
    self.profile = profile
    self.driver = driver
    self.isSimulated = isSimulated
    self.clockOffset = clockOffset
    self.relativeStart = relativeStart
    self.timeZone = timeZone
  }

  /// When the agent's Relative-Time was 0: it counts 1/8 ms, and was `relativeTime` when the answer came.
  package static func relativeStart(_ relativeTime: UInt32, at date: Date) -> Date {
    date.addingTimeInterval(-TimeInterval(relativeTime) / 8_000)
  }

  /// The observations in what one event, or one entry of a segment, brought.
  package func observations(
    _ measurements: [ObjectMeasurement], receivedAt: Date
  ) -> [(observation: Observation, isLive: Bool)] {
    var groups: [(key: Group, members: [ObjectMeasurement])] = []
    for measurement in measurements {
      guard let kind = Self.kind(measurement) else { continue }
      let key = Group(kind: kind, person: measurement.person, time: measurement.time)
      if let index = groups.firstIndex(where: { $0.key == key }) {
        groups[index].members.append(measurement)
      } else {
        groups.append((key, [measurement]))
      }
    }
    return groups.compactMap { observation($0.key, $0.members, receivedAt) }
  }

  private struct Group: Hashable {
    let kind: ObservationKind
    let person: UInt16?
    let time: ObjectMeasurement.Time
  }

  private static let heartRates: Set<UInt32> = [
    147_842,  // MDC_ECG_HEART_RATE
    8_410_590,  // MDC_ECG_HEART_RATE_INSTANT
    8_454_258,  // MDC_HF_HR
  ]

  private static func kind(_ measurement: ObjectMeasurement) -> ObservationKind? {
    switch measurement.type.code32 {
    case MDC.pressBldNoninv.rawValue, MDC.pulsRateNonInv.rawValue: .bloodPressure
    case MDC.pulsOximSatO2.rawValue, MDC.pulsOximPulsRate.rawValue: .oxygenSaturation
    case let code where heartRates.contains(code): .heartRate
    default: nil
    }
  }

  /// The number that the reading is about; a pulse alone is no reading of a cuff or an oximeter.
  private static func isAbout(_ kind: ObservationKind, _ measurement: ObjectMeasurement) -> Bool {
    switch kind {
    case .bloodPressure: measurement.type.code32 == MDC.pressBldNoninv.rawValue
    case .oxygenSaturation: measurement.type.code32 == MDC.pulsOximSatO2.rawValue
    // No device measures it.
    case .homeAverage: false
    case .heartRate: true
    }
  }

  private func observation(
    _ group: Group, _ members: [ObjectMeasurement], _ receivedAt: Date
  ) -> (Observation, Bool)? {
    guard members.contains(where: { Self.isAbout(group.kind, $0) }) else { return nil }
    let status = members.reduce(0) { $0 | $1.status }
    let saysNothing = status & Self.nobodys != 0
    let components = members.flatMap { member in
      member.components.map { component in
        let value = Self.value(component)
        return ObservationComponent(
          MDCCode(component.term.code32), saysNothing && value.quantity != nil ? .absent(.error) : value)
      }
    }
    let (effective, isLive, stamp, isUnusable) = time(group.time, receivedAt)
    var marks: Set<ObservationMark> = isUnusable ? [.clockUnusable] : []
    let main = members.filter { Self.isAbout(group.kind, $0) }.flatMap(\.components)
    if saysNothing || main.allSatisfy({ Self.value($0).quantity == nil }) { marks.insert(.notMeasured) }
    let observation = Observation(
      id: .random(prefix: "o-"),
      identity: ReadingIdentity(
        device: device, time: Self.told(group.time, stamp), format: Self.format, bytes: Self.said(group, members)),
      kind: group.kind, device: device, patient: nil, userSlot: group.person.map { Int($0) }, effective: effective,
      components: components, flags: status & Self.doubted != 0 ? [.questionable] : [], marks: marks,
      provenance: Provenance(
        format: Self.format, bytes: members.flatMap(\.octets), deviceTime: stamp, clockOffset: clockOffset,
        receivedAt: receivedAt, profile: profile, driver: driver, authentication: .wired, isSimulated: isSimulated))
    return (observation, isLive)
  }

  /// A number of a demonstration, a test, or none at all must not stand in anybody's record.
  private static let nobodys =
    MeasurementStatus.invalid | MeasurementStatus.notAvailable | MeasurementStatus.calibrationOngoing
    | MeasurementStatus.testData | MeasurementStatus.demoData
  private static let doubted = MeasurementStatus.questionable | MeasurementStatus.earlyIndication

  /// What tells this reading from another, alike in an event and in a segment, which lay the same numbers out otherwise:
  /// person, terms and numbers.
  private static func said(_ group: Group, _ members: [ObjectMeasurement]) -> [UInt8] {
    func octets(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
    return octets(UInt32(group.person ?? 0xFFFF))
      + members.sorted { $0.handle < $1.handle }.flatMap(\.components).flatMap { component in
        switch component.number {
        case .basic(let number): octets(component.term.code32) + octets(UInt32(number.raw))
        case .simple(let number): octets(component.term.code32) + octets(number.raw)
        }
      }
  }

  private static func told(_ time: ObjectMeasurement.Time, _ stamp: DeviceTime?) -> String? {
    if let stamp { return stamp.isBlank ? nil : stamp.verbatim }
    return time.relative.map { "+\($0)" }
  }

  private func time(
    _ time: ObjectMeasurement.Time, _ receivedAt: Date
  ) -> (EffectiveTime, isLive: Bool, stamp: DeviceTime?, isUnusable: Bool) {
    if time.absolute == nil, time.baseOffset == nil, let relative = time.relative, let relativeStart {
      let date = relativeStart.addingTimeInterval(TimeInterval(relative) / 8_000)
      let age = receivedAt.timeIntervalSince(date)
      if age >= -ReadingTime.aheadTolerance {
        return (
          EffectiveTime(span: .instant(date), basis: .deviceClockCorrected), age <= ReadingTime.liveWithin, nil, false
        )
      }
    }
    let digits = time.absolute?.dateTime ?? time.baseOffset?.local
    let stamp = digits.map(DeviceTime.init)
    let reading = ReadingTime(
      stamp: stamp, stampIsPlausible: digits?.isPlausible ?? false, clockOffset: clockOffset, receivedAt: receivedAt,
      timeZone: timeZone)
    // Octets that are no digits are a stamp too, and say nothing.
    let isUnusable = reading.stampIsUnusable || digits == nil && time.absolute != nil
    return (reading.effective, reading.isLive, stamp, isUnusable)
  }

  private static func value(_ component: ObjectMeasurement.Component) -> ComponentValue {
    let units: [UInt16: UCUMUnit] = [
      3872: .millimetreOfMercury, 3843: .kilopascal, 2720: .perMinute, 544: .percent,
    ]
    guard let value = component.number.value else {
      switch component.number.special {
      case .notANumber: return .absent(.notANumber)
      case .positiveInfinity: return .absent(.positiveInfinity)
      case .negativeInfinity: return .absent(.negativeInfinity)
      case .notAtThisResolution, .reserved, nil: return .absent(.error)
      }
    }
    // A number without a unit, or with one that the quantity does not have, is nobody's guess to make.
    guard let unit = component.unit.flatMap({ units[$0] }) else { return .absent(.error) }
    return .quantity(Quantity(value, unit).inMillimetresOfMercury)
  }
}

extension BaseOffsetTime {
  /// The digits of the agent's own wall clock.
  fileprivate var local: DateTime? {
    // From 1900 to 1970.
    let instant = Date(timeIntervalSince1970: TimeInterval(seconds) - 2_208_988_800 + TimeInterval(offset) * 60)
    var calendar = Calendar(identifier: .gregorian)
    guard let utc = TimeZone(secondsFromGMT: 0) else { return nil }
    calendar.timeZone = utc
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: instant)
    return DateTime(
      year: UInt16(clamping: parts.year ?? 0), month: UInt8(clamping: parts.month ?? 0),
      day: UInt8(clamping: parts.day ?? 0), hours: UInt8(clamping: parts.hour ?? 0),
      minutes: UInt8(clamping: parts.minute ?? 0), seconds: UInt8(clamping: parts.second ?? 0))
  }
}
