import Foundation
import LocalAPI

/// How a line is shown where colour is allowed.
enum Style: Hashable, Sendable {
  case plain, good, bad, warning, faint, simulated

  /// The parameters of ECMA-48's SGR.
  var code: String? {
    switch self {
    case .plain: nil
    case .good: "32"
    case .bad: "1;31"
    case .warning: "33"
    case .faint: "2"
    case .simulated: "35"
    }
  }
}

/// Where words and JSON go. With `--json` the words go to standard error, so that standard output is JSON alone.
struct Console: Sendable {
  /// One of the two ways out.
  struct Stream: Sendable {
    var colours: Bool
    /// How wide it is; nil: it is no terminal, or one that does not say.
    var columns: Int? = nil
    var write: @Sendable (String) -> Void
  }

  var language: Language
  var timeZone: TimeZone
  var json: Bool
  var output: Stream
  var error: Stream

  /// The stream for words.
  var words: Stream { json ? error : output }

  func text(_ key: some TextSet, _ values: [String: String] = [:]) -> String { language.text(key, values) }

  func say(_ text: String, _ style: Style = .plain) { words.write(Self.styled(text, style, words.colours) + "\n") }

  func say(_ key: some TextSet, _ values: [String: String] = [:], _ style: Style = .plain) {
    say(text(key, values), style)
  }

  /// A question: the line stays open for the answer.
  func ask(_ text: String) { words.write(Self.cleaned(text) + " ") }

  func complain(_ text: String, _ style: Style = .plain) {
    error.write(Self.styled(text, style, error.colours) + "\n")
  }

  /// A whole answer as JSON, indented.
  func document(_ value: some Encodable) throws {
    output.write(Self.jsonText(try LocalJSON.document(value, timeZone: timeZone)) + "\n")
  }

  /// One object of a stream.
  func line(_ value: some Encodable) throws {
    output.write(Self.jsonText(try LocalJSON.line(value, timeZone: timeZone)) + "\n")
  }

  static func styled(_ text: String, _ style: Style, _ colours: Bool) -> String {
    let text = cleaned(text)
    guard colours, let code = style.code else { return text }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }

  /// Names come over the air from anybody: what could move the cursor, ring, or turn the direction of writing becomes
  /// a replacement character.
  static func cleaned(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isDangerous) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { scalars.append(isDangerous(scalar) ? "\u{FFFD}" : scalar) }
    return String(scalars)
  }

  /// JSON escapes only the first 32; the rest of the same kind is escaped here. They can only stand inside strings.
  static func jsonText(_ data: Data) -> String {
    let text = String(decoding: data, as: UTF8.self)
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar != "\n", isDangerous(scalar) {
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// C0, DEL and C1 controls, line and paragraph separators, and the marks that turn the direction of writing.
  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension Console {
  /// That of this process.
  static func ofProcess(language: Language?, json: Bool) -> Console {
    let language = language ?? .ofProcess
    return Console(
      language: language, timeZone: .current, json: json, output: stream(STDOUT_FILENO, language),
      error: stream(STDERR_FILENO, language))
  }

  /// Colour for terminals only, and not where NO_COLOR (no-color.org) says otherwise.
  static func allowsColour(isTerminal: Bool, environment: [String: String]) -> Bool {
    isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  /// TIOCGWINSZ of ioctl_tty(2), which only a terminal answers; 0 where its size was never said.
  private static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  private static func stream(_ descriptor: Int32, _ language: Language) -> Stream {
    let colours = allowsColour(
      isTerminal: isatty(descriptor) == 1, environment: ProcessInfo.processInfo.environment)
    return Stream(colours: colours, columns: columns(of: descriptor)) { text in
      // Written at once and whole: a follower of lines sees each as it comes, and a crash loses none.
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          let reason = errno
          // Whoever read us has gone; the shell's number for that.
          if reason == EPIPE { exit(128 + SIGPIPE) }
          if descriptor == STDOUT_FILENO {
            stream(STDERR_FILENO, language).write(
              language.text(ErrorText.cannotWriteOutput, ["text": String(cString: strerror(reason))]) + "\n")
          }
          exit(CommandStatus.failed.rawValue)
        }
      }
    }
  }
}
