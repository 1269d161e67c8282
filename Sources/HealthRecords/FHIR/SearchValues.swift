package import Foundation

/// A value of a token parameter: `code`, `system|code`, `|code` or `system|` (FHIR R4 search, 3.1.1.4.10).
package struct TokenValue: Hashable, Sendable {
  /// Nil: any; empty: none.
  package var system: String?
  /// Nil: any of the system.
  package var code: String?

  /// Nil for what is empty.
  package init?(parsing text: String) {
    let parts = SearchText.split(text, at: "|")
    switch parts.count {
    case 1 where !parts[0].isEmpty: (system, code) = (nil, parts[0])
    case 2 where !parts[1].isEmpty: (system, code) = (parts[0], parts[1])
    case 2 where !parts[0].isEmpty: (system, code) = (parts[0], nil)
    default: return nil
    }
  }

  func takes(system other: String) -> Bool { system == nil || system == other }

  func matches(system other: String?, code value: String?) -> Bool {
    (system == nil || system == (other ?? "")) && (code == nil || code == value)
  }
}

/// A value of a date parameter, with its prefix (FHIR R4 search, 3.1.1.4.7 and 3.1.1.4.5).
package struct DateValue: Hashable, Sendable {
  package enum Prefix: String, Hashable, Sendable, CaseIterable {
    case eq, ne, gt, lt, ge, le, sa, eb
  }

  package let prefix: Prefix
  /// What the text covers: a year, a day, a second; the second bound not included.
  package let range: Range<Date>

  /// - Parameter timeZone: of a date, and of a time that says none.
  /// - Returns: nil for what is no date of FHIR, has a prefix that is not known, or names no day.
  package init?(parsing text: String, timeZone: TimeZone) {
    var rest = Substring(text)
    var prefix = Prefix.eq
    if text.first?.isLetter == true {
      guard let named = Prefix(rawValue: String(text.prefix(2))) else { return nil }
      prefix = named
      rest = rest.dropFirst(2)
    }
    guard let range = Self.range(rest, timeZone) else { return nil }
    self.prefix = prefix
    self.range = range
  }

  private static func range(_ text: Substring, _ zone: TimeZone) -> Range<Date>? {
    // A `+` that was not escaped in a URL arrives as a space.
    let form =
      #/(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[-+ ]\d\d:\d\d)?)?)?)?/#
    guard let match = try? form.wholeMatch(in: text), let year = Int(match.1), year > 0 else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    if let offset = match.7 {
      guard let offset = Self.seconds(offset), let zone = TimeZone(secondsFromGMT: offset) else { return nil }
      calendar.timeZone = zone
    }
    let month = match.2.flatMap { Int($0) }
    let day = match.3.flatMap { Int($0) }
    let (hour, minute, second) = (match.4.flatMap { Int($0) }, match.5.flatMap { Int($0) }, match.6.flatMap { Int($0) })
    guard (1...12).contains(month ?? 1), (1...31).contains(day ?? 1), (0...23).contains(hour ?? 0),
      (0...59).contains(minute ?? 0), (0...60).contains(second ?? 0)
    else { return nil }
    let parts = DateComponents(
      year: year, month: month ?? 1, day: day ?? 1, hour: hour ?? 0, minute: minute ?? 0, second: second ?? 0)
    guard let start = calendar.date(from: parts),
      calendar.component(.day, from: start) == (day ?? 1) || second == 60
    else { return nil }
    let unit: Calendar.Component =
      month == nil ? .year : day == nil ? .month : hour == nil ? .day : second == nil ? .minute : .second
    guard let end = calendar.date(byAdding: unit, value: 1, to: start) else { return nil }
    return start..<end
  }

  private static func seconds(_ offset: Substring) -> Int? {
    if offset == "Z" { return 0 }
    let digits = offset.dropFirst().split(separator: ":").compactMap { Int($0) }
    guard digits.count == 2, digits[0] <= 14, digits[1] < 60 else { return nil }
    return (offset.first == "-" ? -1 : 1) * (digits[0] * 3600 + digits[1] * 60)
  }

  /// Whether a resource's time is one of these. A moment is said to the second, and so lasts one.
  package func matches(from start: Date, until end: Date) -> Bool {
    let first = Date(timeIntervalSince1970: start.timeIntervalSince1970.rounded(.down))
    let last = Date(timeIntervalSince1970: end.timeIntervalSince1970.rounded(.down) + 1)
    let isWithin = first >= range.lowerBound && last <= range.upperBound
    return switch prefix {
    case .eq: isWithin
    case .ne: !isWithin
    case .gt: last > range.upperBound
    case .lt: first < range.lowerBound
    case .ge: last > range.upperBound || isWithin
    case .le: first < range.lowerBound || isWithin
    case .sa: first >= range.upperBound
    case .eb: last <= range.lowerBound
    }
  }

  /// Bounds on the end of a resource's time that lose none that ``matches(from:until:)`` takes: from the first on, before
  /// the second.
  package var bounds: (from: Date?, until: Date?) {
    switch prefix {
    case .eq: (range.lowerBound, range.upperBound)
    case .gt, .sa: (range.upperBound.addingTimeInterval(-1), nil)
    case .ge: (range.lowerBound, nil)
    case .eb: (nil, range.lowerBound)
    // What began before may end whenever.
    case .lt, .le, .ne: (nil, nil)
    }
  }
}

/// The escapes of search values: a backslash before `,` `|` `$` and itself.
package enum SearchText {
  /// The parts between separators that no backslash stands before, with the backslashes taken off.
  package static func split(_ text: String, at separator: Character) -> [String] {
    parts(text, separator, keeps: false)
  }

  /// The same with the backslashes left on, for values that are split further.
  package static func list(_ text: String) -> [String] { parts(text, ",", keeps: true) }

  private static func parts(_ text: String, _ separator: Character, keeps: Bool) -> [String] {
    var parts = [""]
    var isEscaped = false
    for character in text {
      if isEscaped {
        if keeps { parts[parts.count - 1].append("\\") }
        parts[parts.count - 1].append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == separator {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }
}
