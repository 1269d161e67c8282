import Foundation
import LocalAPI
package import YAMLDocuments

/// That the files are not what the service runs by, for health and for the rule about it.
package enum RefusedConfiguration {
  /// Raises the warning, or ends it when nothing is wrong.
  ///
  /// - Parameters:
  ///   - isHeld: what holds is of before; false: the files hold, without the part that is wrong.
  ///   - path: of `vitalsd.yaml`, absolute: what to check.
  package static func say(_ faults: [Diagnostic], isHeld: Bool, of path: String, _ health: Health) {
    guard let first = faults.first else { return health.clear(HealthWarning.Kind.configurationRefused) }
    let fault = spoken(first)
    let more = faults.count > 1 ? " (and \(faults.count - 1) more)" : ""
    health.warn(
      HealthWarning.Kind.configurationRefused, .warning,
      (isHeld
        ? "The configuration was not taken, and the last good one holds: "
        : "The configuration holds without a part that has a fault: ") + "\(fault)\(more).",
      remedy: "'vitals check \(path)' shows all of it; once it is mended, run 'vitals reload'.",
      parameters: [
        "fault": fault, "count": "\(faults.count)", "path": path, "holds": isHeld ? "last-good" : "without-it",
      ])
  }

  /// The fault of the warning that stands; nil: none does.
  static func standing(in health: Health) -> String? {
    health.warnings.first { $0.kind == HealthWarning.Kind.configurationRefused }?.parameters["fault"]
  }

  /// As it may be logged and told to people outside: file, line, field and what was expected, without what stands there,
  /// which may be a secret in the wrong place.
  package static func spoken(_ fault: Diagnostic) -> String {
    let file = fault.file.split(separator: "/").suffix(2).joined(separator: "/")
    let place = fault.line > 0 ? "\(file):\(fault.line)" : file
    let message = withoutQuotes(withoutValue(fault.message))
    return fault.field.isEmpty ? "\(place): \(message)" : "\(place): \(fault.field): \(message)"
  }

  /// The words by which a schema says that a value is not as it should be come after the value, or before it.
  private static func withoutValue(_ message: String) -> String {
    for end in [" is not known", " has not the expected form", " is too small", " is too large"] {
      if let range = message.range(of: end) { return "what stands there" + message[range.lowerBound...] }
    }
    return message.range(of: ", found ").map { String(message[..<$0.lowerBound]) } ?? message
  }

  /// What stands in quotation marks is left out; an apostrophe is none.
  private static func withoutQuotes(_ text: String) -> String {
    let closers: [Character: Character] = ["'": "'", "\"": "\"", "“": "”", "‘": "’"]
    var result = ""
    var rest = Substring(text)
    while let character = rest.first {
      rest = rest.dropFirst()
      result.append(character)
      guard let closer = closers[character], !(result.dropLast().last?.isLetter ?? false),
        let end = rest.firstIndex(of: closer)
      else { continue }
      result += "…"
      result.append(closer)
      rest = rest[rest.index(after: end)...]
    }
    return result
  }
}
