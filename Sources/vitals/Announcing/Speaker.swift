import Dispatch
import Foundation

/// What can be heard in the room: a program that speaks or beeps.
struct Speaker: Sendable {
  /// What a program gets on its standard input. Never in its arguments: every user of the machine can read those.
  enum Input: Hashable, Sendable { case text, tone, nothing }

  /// One program with its options.
  struct Program: Hashable, Sendable {
    var words: [String]
    var input: Input

    var name: String { words.first ?? "" }
  }

  /// Why nothing was heard.
  struct Failure: Error, Hashable, Sendable {
    var program: String
    var reason: ChildProgram.Failure
  }

  /// Tried in this order, until one is heard.
  let programs: [Program]
  /// How long one may take, before it is ended.
  var limit: Duration = .seconds(30)

  /// Those that are installed, the best first.
  ///
  /// - Parameters:
  ///   - words: what a person asked for; it comes first, the others are for when it fails. Nil: nothing was asked for.
  ///   - isThere: whether a program of that name can be found.
  static func programs(
    asked words: [String]?, tone: Bool, language: Language, isThere: (String) -> Bool = Speaker.isInstalled
  ) -> [Program] {
    let known = [
      Program(words: ["espeak-ng", "-v", language.rawValue], input: .text),
      Program(words: ["espeak", "-v", language.rawValue], input: .text),
      Program(words: ["spd-say", "--pipe-mode", "--wait", "--language", language.rawValue], input: .text),
      Program(words: ["aplay", "-q"], input: .tone),
      Program(words: ["beep", "-f", "2000", "-l", "600", "-r", "3"], input: .nothing),
    ]
    let asked = words.map { [Program(words: $0, input: tone ? .tone : .text)] } ?? []
    return asked + known.filter { program in isThere(program.name) && program.name != asked.first?.name }
  }

  /// Whether `PATH` leads to a program of this name.
  static func isInstalled(_ name: String) -> Bool { path(of: name) != nil }

  private static func path(of name: String) -> String? {
    if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  /// Says it, and returns when it has been said.
  ///
  /// - Returns: why those before the one that was heard were not.
  /// - Throws: ``Failure`` of the last when none was heard.
  func say(_ text: String) async throws(Failure) -> [Failure] {
    var failures: [Failure] = []
    for program in programs {
      do throws(Failure) {
        try await run(program, Self.input(program.input, text))
        return failures
      } catch {
        failures.append(error)
      }
    }
    throw failures.last ?? Failure(program: "", reason: .notInstalled)
  }

  private static func input(_ input: Input, _ text: String) -> [UInt8] {
    switch input {
    case .text: Array((text + "\n").utf8)
    case .tone: tone
    case .nothing: []
    }
  }

  private func run(_ program: Program, _ input: [UInt8]) async throws(Failure) {
    guard let path = Self.path(of: program.name) else {
      throw Failure(program: program.name, reason: .notInstalled)
    }
    let limit = limit
    // Off the threads that tasks run on, which the global queue has too: it waits for as long as somebody speaks.
    let reason = await withCheckedContinuation { continuation in
      DispatchQueue(label: "vitals-speaking").async {
        continuation.resume(returning: ChildProgram(path: path, words: program.words).run(input, limit: limit))
      }
    }
    if let reason { throw Failure(program: program.name, reason: reason) }
  }

  /// Three tones of 880 Hz, 1.4 s in all: RIFF WAVE, PCM, one channel, 8 bits, 8000 samples a second (Multimedia Programming
  /// Interface and Data Specifications 1.0, *Waveform Audio File Format*).
  static let tone: [UInt8] = {
    let rate = 8000
    var samples: [UInt8] = []
    for part in 0..<5 {
      let count = part.isMultiple(of: 2) ? rate * 36 / 100 : rate * 16 / 100
      samples += (0..<count).map { index in
        guard part.isMultiple(of: 2) else { return 128 }
        return UInt8(128 + 110 * sin(2 * Double.pi * 880 * Double(index) / Double(rate)))
      }
    }
    func four(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    func two(_ value: Int) -> [UInt8] { Array(four(value).prefix(2)) }
    let format = two(1) + two(1) + four(rate) + four(rate) + two(1) + two(8)
    return Array("RIFF".utf8) + four(36 + samples.count) + Array("WAVEfmt ".utf8) + four(16) + format
      + Array("data".utf8) + four(samples.count) + samples
  }()
}
