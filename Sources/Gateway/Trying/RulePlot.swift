import AlertRules
import Foundation
import LocalAPI
import Observations

/// Values over time, drawn with characters: `·` a value, `!` one that made an alert fire, a line at each limit.
struct RulePlot {
  static let width = 64
  static let height = 12

  let component: AlertComponent
  /// Whose values they are; nil: nobody is known to own them.
  let person: String?
  private let points: [(at: Date, value: Decimal, fires: Bool)]
  private let limits: [Decimal]

  /// One for each person and component that a rule's change was about.
  static func all(_ samples: [RuleSample], _ transitions: [AlertTransition]) -> [RulePlot] {
    let pairs = transitions.compactMap { change in
      change.component.map { Pair(subject: subject(change), component: $0) }
    }
    return pairs.reduce(into: [Pair]()) { if !$0.contains($1) { $0.append($1) } }.compactMap { pair in
      RulePlot(pair, samples, transitions)
    }
  }

  private struct Pair: Hashable {
    var subject: AlertSubject
    var component: AlertComponent
  }

  private static func subject(_ change: AlertTransition) -> AlertSubject {
    change.patient.map { .patient($0) } ?? .device(change.device)
  }

  /// Nil with fewer than two different instants: there is nothing to see.
  private init?(_ pair: Pair, _ samples: [RuleSample], _ transitions: [AlertTransition]) {
    let fired = transitions.filter {
      $0.to == .firing && $0.component == pair.component && Self.subject($0) == pair.subject
    }
    let firing = Set(fired.map(\.at))
    points = samples.compactMap { sample in
      let owner: AlertSubject = sample.patient.map { .patient($0) } ?? .device(sample.device)
      guard owner == pair.subject, let value = sample.values[pair.component] else { return nil }
      return (sample.effective, value, firing.contains(sample.effective) || firing.contains(sample.instant))
    }
    guard let first = points.map(\.at).min(), let last = points.map(\.at).max(), first < last else { return nil }
    component = pair.component
    person = pair.subject.patient?.rawValue
    limits = Set(fired.map(\.limit)).sorted()
  }

  func lines(in timeZone: TimeZone) -> [String] {
    let values = points.map(\.value) + limits
    guard let low = values.min(), let high = values.max(), let first = points.map(\.at).min(),
      let last = points.map(\.at).max()
    else { return [] }
    let range = max(NSDecimalNumber(decimal: high - low).doubleValue, 1)
    func row(_ value: Decimal) -> Int {
      let share = NSDecimalNumber(decimal: value - low).doubleValue / range
      return Self.height - 1 - Int((share * Double(Self.height - 1)).rounded())
    }
    var cells = [[Character]](
      repeating: [Character](repeating: " ", count: Self.width), count: Self.height)
    for limit in limits { for column in 0..<Self.width { cells[row(limit)][column] = "-" } }
    // What fired is drawn last, so that nothing hides it.
    for point in points.sorted(by: { !$0.fires && $1.fires }) {
      let share = point.at.timeIntervalSince(first) / max(last.timeIntervalSince(first), 1)
      cells[row(point.value)][min(Self.width - 1, Int(share * Double(Self.width - 1)))] = point.fires ? "!" : "·"
    }
    let labels = labels(rows: row)
    let from = Timestamp(first).shown(in: timeZone)
    let to = Timestamp(last).shown(in: timeZone)
    let gap = String(repeating: " ", count: max(1, Self.width - from.count - to.count))
    return cells.enumerated().map { "\(labels[$0.offset] ?? "     ")|" + String($0.element) } + [
      "     +" + String(repeating: "-", count: Self.width), "      \(from)\(gap)\(to)",
    ]
  }

  private func labels(rows row: (Decimal) -> Int) -> [Int: String] {
    var labels: [Int: String] = [:]
    let values = [points.map(\.value).min(), points.map(\.value).max()].compactMap { $0 } + limits
    for value in values {
      let text = "\(value)"
      labels[row(value)] = String(repeating: " ", count: max(0, 4 - text.count)) + text.prefix(5) + " "
    }
    return labels
  }
}
