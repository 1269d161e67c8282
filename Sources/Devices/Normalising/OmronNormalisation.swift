package import Foundation
package import Observations
package import WireFormats

/// A record of an Omron cuff's memory as an observation. Pure, so that it can be repeated from the kept bytes.
package struct OmronNormalisation: Sendable {
  package var device: DeviceID
  package var profile: String
  /// The driver's name and version.
  package var driver: String
  /// What the octets are called: ``OmronMemoryMap/recordFormat``.
  package var format: String
  package var authentication: LinkAuthentication
  package var isSimulated: Bool
  /// Device clock minus ours in seconds, as last measured; nil when it never was.
  package var clockOffset: TimeInterval?
  /// As an earlier visit measured it: a stamp that lies ahead of us by ``clockOffset`` was made before the clock was set.
  package var earlierOffset: TimeInterval?
  /// The zone that the device's clock is taken to show.
  package var timeZone: TimeZone
  package var previousVisit: Date?

  package init(
    device: DeviceID, profile: String, driver: String, format: String, authentication: LinkAuthentication,
    isSimulated: Bool, clockOffset: TimeInterval?, earlierOffset: TimeInterval?, timeZone: TimeZone,
    previousVisit: Date?
  ) {
    self.device = device
    self.profile = profile
    self.driver = driver
    self.format = format
    self.authentication = authentication
    self.isSimulated = isSimulated
    self.clockOffset = clockOffset
    self.earlierOffset = earlierOffset
    self.timeZone = timeZone
    self.previousVisit = previousVisit
  }

  /// What tells this record from every other: the device's own words.
  package func identity(_ record: OmronRecord) -> ReadingIdentity {
    ReadingIdentity(
      device: device, time: DeviceTime(record.dateTime).verbatim, format: format, bytes: record.raw)
  }

  /// - Parameter user: whose bank it stands in, from 1.
  package func observation(
    _ record: OmronRecord, user: Int, receivedAt: Date
  ) -> (observation: Observation, isLive: Bool) {
    let (time, offset) = readingTime(record, receivedAt)
    // All of it is memory: without a time nothing says that it was measured just now.
    let effective =
      time.stampIsUnusable
      ? ReadingTime.fromMemory(receivedAt: receivedAt, previousVisit: previousVisit) : time.effective
    let observation = Observation(
      id: .random(prefix: "o-"), identity: identity(record), kind: .bloodPressure, device: device, patient: nil,
      userSlot: user, effective: effective,
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, .mmHg(Int(record.systolic))),
        ObservationComponent(MDC.pressBldNoninvDia, .mmHg(Int(record.diastolic))),
        ObservationComponent(
          MDC.pulsRateNonInv, .quantity(Quantity(Decimal(Int(record.pulseRate)), .perMinute))),
      ],
      flags: flags(record), marks: time.stampIsUnusable ? [.clockUnusable] : [],
      provenance: Provenance(
        format: format, bytes: record.raw, deviceTime: DeviceTime(record.dateTime), clockOffset: offset,
        receivedAt: receivedAt, profile: profile, driver: driver, authentication: authentication,
        isSimulated: isSimulated))
    return (observation, time.isLive && !time.stampIsUnusable)
  }

  private func readingTime(_ record: OmronRecord, _ receivedAt: Date) -> (ReadingTime, offset: TimeInterval?) {
    func time(_ offset: TimeInterval?) -> ReadingTime {
      ReadingTime(
        stamp: DeviceTime(record.dateTime), stampIsPlausible: record.dateTime.isPlausible, clockOffset: offset,
        receivedAt: receivedAt, timeZone: timeZone)
    }
    let now = time(clockOffset)
    guard now.stampIsUnusable, let earlierOffset, earlierOffset != clockOffset else { return (now, clockOffset) }
    let then = time(earlierOffset)
    return then.stampIsUnusable ? (now, clockOffset) : (then, earlierOffset)
  }

  /// Only what no source disputes. The cuff's fit and the position are not told: a cuff without the sensor stores either,
  /// and the position counts a series on others.
  private func flags(_ record: OmronRecord) -> Set<MeasurementFlag> {
    var flags: Set<MeasurementFlag> = []
    if record.irregularHeartbeat == true { flags.insert(.irregularPulse) }
    if record.bodyMovement == true { flags.insert(.bodyMovement) }
    return flags
  }
}

extension ComponentValue {
  fileprivate static func mmHg(_ number: Int) -> ComponentValue {
    .quantity(Quantity(Decimal(number), .millimetreOfMercury))
  }
}
