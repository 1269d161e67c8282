import Foundation
import WireFormats

#if canImport(Glibc)
  import Glibc
#endif

/// The same values through our decoders and through another one of `Tests/Oracle`, one process for all of them.
struct OracleComparison: Sendable {
  struct Disagreement: CustomStringConvertible {
    let uuid: String
    let bytes: [UInt8]
    let ours: String
    let oracle: String

    var description: String {
      "\(uuid) \(Hexadecimal.text(bytes))\n  ours:   \(ours)\n  oracle: \(oracle)"
    }
  }

  struct Report {
    var cases = 0
    /// How many of the values of each golden value's family both decoders took, and refused.
    var decoded: [Int: Int] = [:]
    var refused: [Int: Int] = [:]
    var disagreements = 0
    /// The first few.
    var examples: [Disagreement] = []
  }

  struct OracleEnded: Error, CustomStringConvertible {
    let script: String
    let answers: Int
    let status: Int32
    var description: String {
      "\(script) ended with status \(status) after \(answers) answers. It needs python3 (3.11) in PATH."
    }
  }

  /// What our decoders say of a value: its JSON, or `{"error":"<field>"}`.
  static func ours(_ uuid: String, _ bytes: [UInt8]) -> String {
    do {
      return try Characteristics.decode(uuid: uuid, bytes).json.text
    } catch {
      switch error {
      case .unknown: return #"{"error":"UUID"}"#
      case .malformed(_, _, let failure): return #"{"error":"\#(failure.field)"}"#
      }
    }
  }

  /// The same for formats that have no characteristic's number.
  static func answer(
    of decoders: [String: @Sendable ([UInt8]) throws(DecodingFailure) -> JSON], _ format: String, _ bytes: [UInt8]
  ) -> String {
    guard let decode = decoders[format] else { return #"{"error":"FORMAT"}"# }
    do {
      return try decode(bytes).text
    } catch {
      return #"{"error":"\#(error.field)"}"#
    }
  }

  let mutations: Mutations
  var script = "gatt_oracle.py"
  var ours: @Sendable (String, [UInt8]) -> String = OracleComparison.ours

  /// Pipes and a child process block, so all of this is on threads of its own: this one reads and compares, another writes,
  /// since either pipe may fill up while the other waits.
  func run() async throws -> Report {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Report, any Error>) in
      Thread { continuation.resume(with: Result { try compare() }) }.start()
    }
  }

  private func compare() throws -> Report {
    signal(SIGPIPE, SIG_IGN)  // an oracle that died is an error of this test, not the end of the process
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", GoldenValue.folder.appending(path: script).path]
    let (questions, answers) = (Pipe(), Pipe())
    process.standardInput = questions
    process.standardOutput = answers
    try process.run()

    let (mutations, input) = (mutations, questions.fileHandleForWriting)
    Thread {
      var lines = ""
      do {
        for mutation in mutations {
          lines += mutations.golden[mutation.index].uuid + " " + Hexadecimal.text(mutation.bytes) + "\n"
          if lines.utf8.count > 60_000 {
            try input.write(contentsOf: Data(lines.utf8))
            lines = ""
          }
        }
        try input.write(contentsOf: Data(lines.utf8))
      } catch {}  // the oracle has ended: the reader says so
      try? input.close()
    }.start()

    var report = Report()
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    let output = fdopen(dup(answers.fileHandleForReading.fileDescriptor), "r")
    defer {
      free(line)
      if let output { fclose(output) }
    }
    var missing = false
    for mutation in mutations {
      guard let output, case let length = getline(&line, &capacity, output), length > 0, let line else {
        missing = true
        break
      }
      let uuid = mutations.golden[mutation.index].uuid
      var ours = ours(uuid, mutation.bytes)
      report.cases += 1
      let isEqual = ours.withUTF8 { text in
        text.baseAddress.map { text.count == length - 1 && memcmp($0, line, length - 1) == 0 } ?? (length == 1)
      }
      if !isEqual {
        report.disagreements += 1
        if report.examples.count < 5 {
          let oracle = String(decoding: UnsafeRawBufferPointer(start: line, count: length - 1), as: UTF8.self)
          report.examples.append(Disagreement(uuid: uuid, bytes: mutation.bytes, ours: ours, oracle: oracle))
        }
      } else if ours.hasPrefix(#"{"error""#) {
        report.refused[mutation.index, default: 0] += 1
      } else {
        report.decoded[mutation.index, default: 0] += 1
      }
    }
    process.waitUntilExit()
    if missing || process.terminationStatus != 0 {
      throw OracleEnded(script: script, answers: report.cases, status: process.terminationStatus)
    }
    return report
  }
}
