import Foundation
import WireFormats

/// The agent of `Tests/Lab/peripherals/x73_agent.py`, in a process of its own: a line to it, a line from it.
final class X73Agent {
  struct Ended: Error {}

  private let process = Process()
  private let questions = Pipe()
  private let answers = Pipe()
  private var left = ""

  init(_ arguments: String...) throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Lab/peripherals/x73_agent.py")
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", script.path] + arguments
    process.standardInput = questions
    process.standardOutput = answers
    try process.run()
  }

  deinit {
    try? questions.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  func line(_ question: String) throws -> String {
    try questions.fileHandleForWriting.write(contentsOf: Data((question + "\n").utf8))
    while true {
      if let end = left.firstIndex(of: "\n") {
        defer { left = String(left[left.index(after: end)...]) }
        return String(left[..<end])
      }
      let piece = answers.fileHandleForReading.availableData
      guard !piece.isEmpty else { throw Ended() }
      left += String(decoding: piece, as: UTF8.self)
    }
  }

  /// The APDUs that it answers.
  func apdus(_ question: String) throws -> [[UInt8]] {
    try line(question).split(separator: " ").map { try Hexadecimal.bytes(String($0)) }
  }

  /// What it has seen, by name.
  func seen(_ name: String) throws -> Int {
    let state = try JSONSerialization.jsonObject(with: Data(line("state").utf8)) as? [String: Any]
    return state?[name] as? Int ?? -1
  }

  func state() throws -> String {
    let state = try JSONSerialization.jsonObject(with: Data(line("state").utf8)) as? [String: Any]
    return state?["state"] as? String ?? "?"
  }
}
