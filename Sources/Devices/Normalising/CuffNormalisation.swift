import Foundation
import Observations

/// A ``CuffRecord`` as an observation. Pure, so that it can be repeated from the kept bytes.
struct CuffNormalisation: Sendable {
  let device: DeviceID
  let profile: String
  /// The driver's name and version.
  let driver: String
  /// What the octets of a record are called.
  let format: String
  let authentication: LinkAuthentication
  let isSimulated: Bool
  /// Device clock minus ours in seconds, as last measured; nil when it never was.
  let clockOffset: TimeInterval?
  /// As an earlier visit measured it: a stamp that lies ahead of us by ``clockOffset`` was made before the clock was set.
  let earlierOffset: TimeInterval?
  /// The zone that the device's clock is taken to show.
  let timeZone: TimeZone
  let previousVisit: Date?

  init(
    _ session: DeviceSession, driver: String, format: String, clockOffset: TimeInterval?,
    earlierOffset: TimeInterval? = nil
  ) {
    device = session.device
    profile = session.profile.name
    self.driver = driver
    self.format = format
    authentication = session.authentication
    isSimulated = session.isSimulated
    self.clockOffset = clockOffset
    self.earlierOffset = earlierOffset
    timeZone = session.timeZone
    previousVisit = session.previousVisit
  }

  /// Of a device on a cable, whose clock is not read.
  init(_ session: USBSession, driver: String, format: String) {
    device = session.device
    profile = session.profile.name
    self.driver = driver
    self.format = format
    authentication = .wired
    isSimulated = session.isSimulated
    clockOffset = nil
    earlierOffset = nil
    timeZone = session.timeZone
    previousVisit = session.previousVisit
  }

  /// What tells this record from every other: the device's own words, and where it gave no date its number among equals.
  func identity(_ record: CuffRecord) -> ReadingIdentity {
    var time = record.stamp?.verbatim
    if let number = record.occurrence, number > 1 || time == nil {
      let user = record.userSlot.map { "user\($0)" } ?? ""
      time = (time ?? user) + "#\(number)"
    }
    return ReadingIdentity(device: device, time: time, format: format, bytes: record.identifying)
  }

  /// One that lay in the device's memory: without a usable date it has the period since the visit before.
  func fromMemory(_ record: CuffRecord, receivedAt: Date) -> (observation: Observation, isLive: Bool) {
    let (time, offset) = time(record, receivedAt)
    let isDated = record.stamp != nil && !time.stampIsUnusable
    let effective =
      isDated ? time.effective : ReadingTime.fromMemory(receivedAt: receivedAt, previousVisit: previousVisit)
    let observation = observation(record, effective, isDated ? [] : [.clockUnusable], offset, receivedAt)
    return (observation, time.isLive && isDated)
  }

  /// One that the device sent of itself.
  ///
  /// - Parameter believedFor: how many seconds a date may lie before its arrival and still be believed; nil for any.
  func pushed(
    _ record: CuffRecord, receivedAt: Date, believedFor: TimeInterval? = nil
  ) -> (observation: Observation, time: ReadingTime) {
    var (time, offset) = time(record, receivedAt)
    if let believedFor, record.stamp != nil, !time.stampIsUnusable,
      receivedAt.timeIntervalSince(time.effective.end) > believedFor
    {
      time.effective = EffectiveTime(span: .instant(receivedAt), basis: .received)
      (time.isLive, time.stampIsUnusable) = (true, true)
    }
    let marks: Set<ObservationMark> = time.stampIsUnusable ? [.clockUnusable] : []
    return (observation(record, time.effective, marks, offset, receivedAt), time)
  }

  private func time(_ record: CuffRecord, _ receivedAt: Date) -> (time: ReadingTime, offset: TimeInterval?) {
    func time(_ offset: TimeInterval?) -> ReadingTime {
      ReadingTime(
        stamp: record.stamp, stampIsPlausible: record.stampIsPlausible, clockOffset: offset, receivedAt: receivedAt,
        timeZone: timeZone)
    }
    let now = time(clockOffset)
    guard now.stampIsUnusable, let earlierOffset, earlierOffset != clockOffset else { return (now, clockOffset) }
    let then = time(earlierOffset)
    return then.stampIsUnusable ? (now, clockOffset) : (then, earlierOffset)
  }

  private func observation(
    _ record: CuffRecord, _ effective: EffectiveTime, _ marks: Set<ObservationMark>, _ offset: TimeInterval?,
    _ receivedAt: Date
  ) -> Observation {
    var marks = marks
    if record.result == .notMeasured { marks.insert(.notMeasured) }
    return Observation(
      id: .random(prefix: "o-"), identity: identity(record), kind: .bloodPressure, device: device, patient: nil,
      userSlot: record.userSlot, effective: effective, components: components(record.result), flags: record.flags,
      marks: marks,
      provenance: Provenance(
        format: format, bytes: record.bytes, deviceTime: record.stamp, clockOffset: offset, receivedAt: receivedAt,
        profile: profile, driver: driver, authentication: authentication, isSimulated: isSimulated))
  }

  private func components(_ result: CuffRecord.Result) -> [ObservationComponent] {
    switch result {
    case .notMeasured:
      // What stands in the place of the numbers is left from an attempt that failed.
      return [MDC.pressBldNoninvSys, MDC.pressBldNoninvDia].map { ObservationComponent($0, .absent(.error)) }
    case .pressures(let systolic, let diastolic, let mean, let pulseRate):
      func mmHg(_ number: Int) -> ComponentValue { .quantity(Quantity(Decimal(number), .millimetreOfMercury)) }
      var components = [
        ObservationComponent(MDC.pressBldNoninvSys, mmHg(systolic)),
        ObservationComponent(MDC.pressBldNoninvDia, mmHg(diastolic)),
      ]
      if let mean { components.append(ObservationComponent(MDC.pressBldNoninvMean, mmHg(mean))) }
      if let pulseRate {
        // A heart that was heard has a rate.
        let value: ComponentValue =
          pulseRate == 0 ? .absent(.error) : .quantity(Quantity(Decimal(pulseRate), .perMinute))
        components.append(ObservationComponent(MDC.pulsRateNonInv, value))
      }
      return components
    }
  }
}
