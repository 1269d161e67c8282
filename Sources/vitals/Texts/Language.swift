import ArgumentParser
import Foundation

/// A language that `vitals` speaks.
enum Language: String, CaseIterable, ExpressibleByArgument, Sendable {
  case en, vi

  /// `--lang` in the arguments, else the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set: its Vietnamese locales
  /// are Vietnamese, all others English.
  static func chosen(arguments: [String], environment: [String: String]) -> Language {
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { break }
      if argument.hasPrefix("--lang="), let language = Language(rawValue: String(argument.dropFirst(7))) {
        return language
      }
      if argument == "--lang", index + 1 < arguments.count, let language = Language(rawValue: arguments[index + 1]) {
        return language
      }
    }
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    guard let locale else { return .en }
    return locale == "vi" || locale.hasPrefix("vi_") || locale.hasPrefix("vi.") ? .vi : .en
  }

  /// Of this process: help is written before any argument is read, so it can't wait for the parsed option.
  static let ofProcess = chosen(arguments: CommandLine.arguments, environment: ProcessInfo.processInfo.environment)

  /// The sentence with each `{name}` replaced by the value of that name.
  func text(_ key: some TextSet, _ values: [String: String] = [:]) -> String {
    let pattern = key.sentence.in(self)
    var result = ""
    var rest = pattern[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let name = String(rest[rest.index(after: open)..<close])
      result += rest[..<open]
      result += values[name] ?? "{\(name)}"
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }
}
