package import Foundation
import Observations
package import WireFormats

/// Turns an oximeter's stream into windows of equal length, counted from the first notification. Pure.
///
/// - Mean, minimum and maximum of saturation and pulse are over the numbers as notified (SpO2PR-Normal), each notification
///   counting once; a mean is rounded to one decimal place.
/// - A special value is no data, and so is everything that the device calls a demonstration, a test, unavailable or
///   invalid. A window without a saturation gives nothing.
/// - A window that the link's end cuts short is kept when its data reach over ``HeartRateWindows/shortestCut`` or more.
package struct OximetryWindows: Sendable {
  /// Numbers of one kind over a window.
  package struct Summary: Hashable, Sendable {
    package var mean: Decimal
    package var minimum: Decimal
    package var maximum: Decimal

    /// Nil for no numbers.
    init?(_ numbers: [Decimal]) {
      guard let minimum = numbers.min(), let maximum = numbers.max() else { return nil }
      self.minimum = minimum
      self.maximum = maximum
      var exact = numbers.reduce(0, +) / Decimal(numbers.count)
      mean = Decimal()
      NSDecimalRound(&mean, &exact, 1, .plain)
    }
  }

  /// What one window holds.
  package struct Window: Hashable, Sendable {
    package var start: Date
    package var end: Date
    /// From 1, within the visit, over the windows that held data.
    package var sequence: Int
    /// Percent.
    package var saturation: Summary
    /// Per minute; nil when no pulse was counted.
    package var pulse: Summary?
    /// Whether the device doubted any of the numbers.
    package var isDoubted: Bool
  }

  private struct Contents {
    var start: Date
    var first: Date
    var last: Date
    var saturations: [Decimal] = []
    var pulses: [Decimal] = []
    var isDoubted = false
  }

  /// In seconds.
  package let length: TimeInterval
  private var origin: Date?
  private var previous: Date?
  private var contents: Contents?
  private var sequence = 0

  package init(length: TimeInterval) { self.length = length }

  /// Takes a notification.
  ///
  /// - Returns: the window that its time has ended, if that held data.
  package mutating func add(_ measurement: PLXContinuousMeasurement, at date: Date) -> Window? {
    var finished: Window?
    if let previous, date < previous {
      // Our clock was set back: what has been counted stands for itself, and counting begins anew.
      finished = finish()
      origin = nil
    }
    previous = date
    let origin = origin ?? date
    self.origin = origin
    let start = origin.addingTimeInterval((date.timeIntervalSince(origin) / length).rounded(.down) * length)
    if let open = contents, open.start != start { finished = close(open, end: open.start.addingTimeInterval(length)) }
    guard let values = measurement.values else { return finished }
    var open = contents ?? Contents(start: start, first: date, last: date)
    open.last = date
    if let saturation = values.saturation { open.saturations.append(saturation) }
    if let pulse = values.pulseRate { open.pulses.append(pulse) }
    open.isDoubted = open.isDoubted || measurement.isDoubted
    contents = open
    return finished
  }

  /// The link has ended.
  ///
  /// - Returns: the window under way, when its data reach far enough.
  package mutating func finish() -> Window? {
    guard let open = contents else { return nil }
    guard open.last.timeIntervalSince(open.first) >= HeartRateWindows.shortestCut else {
      contents = nil
      return nil
    }
    return close(open, end: open.last)
  }

  private mutating func close(_ open: Contents, end: Date) -> Window? {
    contents = nil
    guard let saturation = Summary(open.saturations) else { return nil }
    sequence += 1
    return Window(
      start: open.start, end: end, sequence: sequence, saturation: saturation, pulse: Summary(open.pulses),
      isDoubted: open.isDoubted)
  }
}

extension PLXContinuousMeasurement {
  /// Percent and per minute, each nil for a special value; nil where the device says that there is nothing to be had.
  var values: (saturation: Decimal?, pulseRate: Decimal?)? {
    guard measurementStatus?.saysNothingOfAPerson != true else { return nil }
    let (saturation, pulse) = (oxygenSaturation.spO2.value, oxygenSaturation.pulseRate.value)
    return saturation == nil && pulse == nil ? nil : (saturation, pulse)
  }

  /// The device doubts these numbers.
  var isDoubted: Bool { measurementStatus?.isDoubted ?? false || deviceAndSensorStatus?.isDoubted ?? false }
}

extension OximetryWindows.Window {
  /// As an observation, named as a window of a strap is.
  func observation(
    of device: DeviceID, profile: String, driver: String, authentication: LinkAuthentication, isSimulated: Bool,
    receivedAt: Date
  ) -> Observation {
    func components(_ code: MDCCode, _ summary: OximetryWindows.Summary?, _ unit: UCUMUnit) -> [ObservationComponent] {
      guard let summary else { return [] }
      return [
        ObservationComponent(code, statistic: .mean, .quantity(Quantity(summary.mean, unit))),
        ObservationComponent(code, statistic: .minimum, .quantity(Quantity(summary.minimum, unit))),
        ObservationComponent(code, statistic: .maximum, .quantity(Quantity(summary.maximum, unit))),
      ]
    }
    let time = start.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) + "#\(sequence)"
    return Observation(
      id: .random(prefix: "o-"),
      identity: ReadingIdentity(
        device: device, time: time, format: PLXContinuousMeasurement.uuid + "-window", bytes: []),
      kind: .oxygenSaturation, device: device, patient: nil, userSlot: nil,
      effective: EffectiveTime(span: .period(start, end), basis: .window),
      components: components(MDC.pulsOximSatO2, saturation, .percent)
        + components(MDC.pulsOximPulsRate, pulse, .perMinute),
      flags: isDoubted ? [.questionable] : [], marks: [],
      provenance: Provenance(
        format: PLXContinuousMeasurement.uuid, bytes: [], deviceTime: nil, clockOffset: nil, receivedAt: receivedAt,
        profile: profile, driver: driver, authentication: authentication, isSimulated: isSimulated))
  }
}
