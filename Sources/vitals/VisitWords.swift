import Foundation
import LocalAPI

/// The visits to devices in words, the same for every transport.
struct VisitWords {
  let language: Language
  let timeZone: TimeZone

  /// A line for each device: how far its visit is, or how its last one ended; none for a device that was never visited.
  static func show(_ visits: [DeviceVisit], _ console: Console) {
    let words = VisitWords(language: console.language, timeZone: console.timeZone)
    for visit in visits {
      if let line = words.line(visit) { console.say(line, visit.progress == nil ? .faint : .plain) }
    }
  }

  func line(_ visit: DeviceVisit) -> String? {
    let name = visit.name ?? visit.id
    if let progress = visit.progress {
      let values = [
        "name": name, "count": String(progress.readings), "time": progress.since.shown(in: timeZone),
      ]
      guard let record = progress.record, let records = progress.records else {
        return language.text(VisitText.beingRead, values)
      }
      return language.text(
        VisitText.readingRecord, values.merging(["record": String(record), "records": String(records)]) { $1 })
    }
    return visit.lastEnd.map { end in
      language.text(
        VisitText.lastRead, ["name": name, "time": end.at.shown(in: timeZone), "reason": reason(end)])
    }
  }

  /// The daemon's sentence in English; ours for its kind in other languages.
  private func reason(_ end: DeviceVisit.End) -> String {
    guard language != .en else { return end.reason }
    let key: VisitText? =
      switch end.kind {
      case DeviceVisit.EndKind.idle: .idle
      case DeviceVisit.EndKind.linkEnded: .linkEnded
      case DeviceVisit.EndKind.cancelled: .cancelled
      case DeviceVisit.EndKind.notStored: .notStored
      default: nil
      }
    return key.map { language.text($0) } ?? end.reason
  }
}
