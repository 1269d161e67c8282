package import Foundation

/// What a finished series of home readings came to: the numbers that an ``AverageRule`` holds against its limits.
package struct HomeAverage: Hashable, Sendable {
  /// The readings that count, oldest first.
  package var readings: [RuleSample]
  /// mmHg, to one decimal place.
  package var systolic: Decimal
  /// mmHg, to one decimal place.
  package var diastolic: Decimal
}

/// By what protocol a mean of home readings is made; of an ``AverageRule``, without its limits.
package struct AverageProtocol: Hashable, Sendable, CustomStringConvertible {
  package var days: Int
  package var minimum: Int
  package var dropsFirstDay: Bool

  package init(_ rule: AverageRule) {
    days = rule.days
    minimum = rule.minimum
    dropsFirstDay = rule.dropsFirstDay
  }

  /// In words that a reader of a record understands.
  package var description: String {
    "\(days) days" + (dropsFirstDay ? ", the first day left out" : "")
      + "; of each half day the first \(AverageRule.readingsOfHalfDay) readings count; at least \(minimum) readings"
  }

  /// The averages of the series that are over.
  ///
  /// A series begins with the first day that has a reading and lasts ``days`` days of the household. One with too few readings
  /// is none, and the next day with a reading begins another. Series do not overlap, so that no reading counts twice.
  ///
  /// - Parameters:
  ///   - readings: of one person, oldest first, all measured or all played.
  ///   - standing: from the first to the last reading of each average that there is already.
  ///   - settled: a series counts as over when its last day is over and its last reading arrived before this: what comes from
  ///     a device's memory comes one after the other.
  package func averages(
    of readings: [RuleSample], beside standing: [ClosedRange<Date>], calendar: Calendar, now: Date, settled: Date
  ) -> [HomeAverage] {
    let measured = readings.filter { $0.values[.systolic] != nil && $0.values[.diastolic] != nil }
    // A day that an average ends on belongs to it.
    var taken = standing.map { $0.lowerBound..<day(after: $0.upperBound, calendar) }
    var found: [HomeAverage] = []
    var tried: Date?
    for reading in measured {
      let start = calendar.startOfDay(for: reading.instant)
      guard start != tried, let end = calendar.date(byAdding: .day, value: days, to: start) else { continue }
      tried = start
      guard end <= now, !taken.contains(where: { $0.lowerBound < end && start < $0.upperBound }) else { continue }
      let series = measured.filter { $0.instant >= start && $0.instant < end }
      let counted = AverageRule(conditions: [], days: days, minimum: minimum, dropsFirstDay: dropsFirstDay)
        .counted(series, calendar)
      guard counted.count >= minimum else { continue }
      // More of it may be on its way; what comes after has to wait for it.
      guard series.allSatisfy({ $0.receivedAt < settled }) else { break }
      guard let systolic = counted.compactMap({ $0.values[.systolic] }).mean,
        let diastolic = counted.compactMap({ $0.values[.diastolic] }).mean
      else { continue }
      taken.append(start..<end)
      found.append(HomeAverage(readings: counted, systolic: systolic, diastolic: diastolic))
    }
    return found
  }

  private func day(after date: Date, _ calendar: Calendar) -> Date {
    let start = calendar.startOfDay(for: date)
    return calendar.date(byAdding: .day, value: 1, to: start) ?? start.addingTimeInterval(86400)
  }
}
