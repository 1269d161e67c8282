package import Foundation
import Observations
package import WireFormats

/// Turns a heart-rate stream into windows of equal length, counted from the first notification. Pure.
///
/// - Mean, minimum and maximum are over the rates as notified, each notification counting once (a strap sends one a
///   second); the mean is rounded to one decimal place.
/// - Beats are the RR-intervals that came in the window. A sensor that sends none has them counted from rate × time:
///   each rate stands for the time since the notification before, at most ``longestStep``, and for a second where none
///   came before.
/// - A notification without contact, or with a rate of 0, is no data: it is in no number. A window with nothing else
///   gives nothing.
/// - A window that the link's end cuts short is kept when its data reach over ``shortestCut`` or more.
package struct HeartRateWindows: Sendable {
  /// What one window holds.
  package struct Window: Hashable, Sendable {
    package var start: Date
    package var end: Date
    /// From 1, within the visit, over the windows that held data.
    package var sequence: Int
    /// Per minute.
    package var mean: Decimal
    package var minimum: Int
    package var maximum: Int
    package var beats: Int
  }

  package static let longestStep: TimeInterval = 5
  package static let shortestCut: TimeInterval = 10

  private struct Contents {
    var start: Date
    var first: Date
    var last: Date
    var rates: [Int] = []
    var intervals = 0
    var hasIntervals = false
    var countedBeats = 0.0
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
  package mutating func add(_ measurement: HeartRateMeasurement, at date: Date) -> Window? {
    add(rate: measurement.rate, intervals: measurement.rrIntervals?.count, at: date)
  }

  /// The same of a value that did not come as a Heart Rate Measurement.
  ///
  /// - Parameters:
  ///   - rate: beats per minute; nil is no data.
  ///   - intervals: how many RR-intervals came with it; nil from a sensor that sends none.
  package mutating func add(rate: Int?, intervals: Int? = nil, at date: Date) -> Window? {
    // Our clock was set back: what has been counted stands for itself, and counting begins anew.
    let wasSetBack = previous.map { date < $0 } ?? false
    var finished = wasSetBack ? cut() : nil
    if wasSetBack {
      origin = nil
      previous = nil
    }
    let start = windowStart(date)
    if let open = contents, open.start != start { finished = close(open, end: open.start.addingTimeInterval(length)) }
    let step = min(previous.map { date.timeIntervalSince($0) } ?? 1, Self.longestStep)
    previous = date
    guard let rate else { return finished }
    var open = contents ?? Contents(start: start, first: date, last: date)
    open.last = date
    open.rates.append(rate)
    if let intervals {
      open.hasIntervals = true
      open.intervals += intervals
    }
    open.countedBeats += Double(rate) / 60 * step
    contents = open
    return finished
  }

  /// The link has ended.
  ///
  /// - Returns: the window under way, when its data reach far enough.
  package mutating func finish() -> Window? { cut() }

  private mutating func windowStart(_ date: Date) -> Date {
    let origin = origin ?? date
    self.origin = origin
    return origin.addingTimeInterval((date.timeIntervalSince(origin) / length).rounded(.down) * length)
  }

  private mutating func cut() -> Window? {
    guard let open = contents else { return nil }
    guard open.last.timeIntervalSince(open.first) >= Self.shortestCut else {
      contents = nil
      return nil
    }
    return close(open, end: open.last)
  }

  private mutating func close(_ open: Contents, end: Date) -> Window? {
    contents = nil
    guard let minimum = open.rates.min(), let maximum = open.rates.max() else { return nil }
    sequence += 1
    var exact = Decimal(open.rates.reduce(0, +)) / Decimal(open.rates.count)
    var mean = Decimal()
    NSDecimalRound(&mean, &exact, 1, .plain)
    return Window(
      start: open.start, end: end, sequence: sequence, mean: mean, minimum: minimum, maximum: maximum,
      beats: open.hasIntervals ? open.intervals : Int(open.countedBeats.rounded()))
  }
}

extension HeartRateMeasurement {
  /// Beats per minute; nil where the sensor can tell that it has no contact, or counted nothing.
  package var rate: Int? {
    sensorContact == .notDetected || heartRate == 0 ? nil : Int(heartRate)
  }
}

extension HeartRateWindows.Window {
  /// As an observation. Its identity is made of the device, the window's start on our clock and its number in the visit:
  /// a strap has no clock and no memory, so nothing sends a window again.
  ///
  /// - Parameter format: what the values came as.
  func observation(
    of device: DeviceID, profile: String, driver: String, authentication: LinkAuthentication, isSimulated: Bool,
    receivedAt: Date, format: String = HeartRateMeasurement.uuid
  ) -> Observation {
    func perMinute(_ value: Decimal) -> ComponentValue { .quantity(Quantity(value, .perMinute)) }
    let time = start.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) + "#\(sequence)"
    return Observation(
      id: .random(prefix: "o-"),
      identity: ReadingIdentity(device: device, time: time, format: format + "-window", bytes: []),
      kind: .heartRate, device: device, patient: nil, userSlot: nil,
      effective: EffectiveTime(span: .period(start, end), basis: .window),
      components: [
        ObservationComponent(MDC.ecgHeartRate, statistic: .mean, perMinute(mean)),
        ObservationComponent(MDC.ecgHeartRate, statistic: .minimum, perMinute(Decimal(minimum))),
        ObservationComponent(MDC.ecgHeartRate, statistic: .maximum, perMinute(Decimal(maximum))),
        ObservationComponent(
          MDC.ecgHeartRate, statistic: .count, .quantity(Quantity(Decimal(beats), UCUMUnit(rawValue: "1")))),
      ],
      flags: [], marks: [],
      provenance: Provenance(
        format: format, bytes: [], deviceTime: nil, clockOffset: nil, receivedAt: receivedAt,
        profile: profile, driver: driver, authentication: authentication, isSimulated: isSimulated))
  }
}
