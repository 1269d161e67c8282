import Foundation

/// One segment of an HL7 v2 message with the usual delimiters `|^~\&` (HL7 v2.6 §2.5).
struct HL7Segment: Hashable {
  /// Three letters.
  let name: String
  /// By their numbers from 1, already escaped; those of `MSH` from 2, since MSH-1 is the separator itself.
  let fields: [Int: String]

  init(_ name: String, _ fields: [Int: String?]) {
    self.name = name
    self.fields = fields.compactMapValues { $0 }
  }

  /// Without its end. Empty fields at the end are left out (§2.5.3).
  var text: String {
    let last = fields.filter { !$0.value.isEmpty }.keys.max() ?? 0
    let first = name == "MSH" ? 2 : 1
    guard last >= first else { return name }
    return ([name] + (first...last).map { fields[$0] ?? "" }).joined(separator: "|")
  }
}

/// What stands in a field.
enum HL7Field {
  /// Escaped components; those that are nil at the end are left out.
  static func components(_ parts: String?...) -> String { components(parts) }

  static func components(_ parts: [String?]) -> String {
    joined(parts.map { $0.map(escaped) ?? "" }, separator: "^")
  }

  /// Components that are escaped, or made of subcomponents, already.
  static func joined(_ parts: [String], separator: String) -> String {
    var parts = parts
    while parts.last?.isEmpty == true { parts.removeLast() }
    return parts.joined(separator: separator)
  }

  /// Delimiters as escape sequences (§2.7.1). Control characters have no place in a message (§2.7.4): a line's end would end
  /// the segment, and 0x0B and 0x1C the block that carries it. They become spaces.
  static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "|": result.append(contentsOf: #"\F\"#.unicodeScalars)
      case "^": result.append(contentsOf: #"\S\"#.unicodeScalars)
      case "&": result.append(contentsOf: #"\T\"#.unicodeScalars)
      case "~": result.append(contentsOf: #"\R\"#.unicodeScalars)
      case "\\": result.append(contentsOf: #"\E\"#.unicodeScalars)
      case _ where scalar.properties.generalCategory == .control: result.append(" ")
      case _ where scalar == "\u{2028}" || scalar == "\u{2029}": result.append(" ")
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// DTM (§2.A.22) with seconds and the zone's offset at that moment: `20260310070005+0700`.
  static func time(_ date: Date, in timeZone: TimeZone) -> String {
    let text = FHIRDateTime.text(date, in: timeZone)
    return text.dropLast(6).filter(\.isNumber) + text.suffix(6).filter { $0 != ":" }
  }

  /// DTM without an offset: digits of a clock that has no zone.
  static func digits(_ date: Date, in timeZone: TimeZone) -> String {
    FHIRDateTime.text(date, in: timeZone).dropLast(6).filter(\.isNumber)
  }

  /// CWE of a coded term: identifier, text, coding system.
  static func term(_ code: String, _ text: String, _ system: String) -> String { components(code, text, system) }
}
