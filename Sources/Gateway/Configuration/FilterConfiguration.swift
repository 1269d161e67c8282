import Foundation
import Observations
import Store
import YAMLDocuments

/// Reads `only` of a destination.
enum FilterConfiguration {
  static func faults(of node: YAMLNode, _ path: FieldPath, in document: YAMLDocument) -> [Diagnostic] {
    guard let since = node["only"]?["since"], let text = since.text, day(text, in: .gmt) == nil else { return [] }
    return [
      document.diagnostic(
        at: since, path.field("only").field("since"), "there is no day \(text); for example 2026-11-30",
        vi: "không có ngày \(text); ví dụ 2026-11-30")
    ]
  }

  static func filter(of node: YAMLNode, timeZone: TimeZone) -> DestinationFilter {
    guard let only = node["only"] else { return DestinationFilter() }
    return DestinationFilter(
      patients: (only["patients"]?.items).map { Set($0.compactMap(\.text).map(PatientID.init(rawValue:))) },
      kinds: (only["kinds"]?.items).map { Set($0.compactMap(\.text).compactMap(ObservationKind.init)) },
      since: only["since"]?.text.flatMap { day($0, in: timeZone) })
  }

  /// Its first instant; nil when no calendar has it.
  private static func day(_ text: String, in timeZone: TimeZone) -> Date? {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3 else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let components = DateComponents(
      calendar: calendar, timeZone: timeZone, year: parts[0], month: parts[1], day: parts[2])
    return components.isValidDate ? components.date : nil
  }
}
