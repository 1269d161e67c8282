import Foundation

/// Where the tests' Python lives.
enum PackageFiles {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let receivers = root.appending(path: "Tests/Receivers")

  struct MissingEnvironment: Error, CustomStringConvertible {
    let description = "no Python environment for validation at .lab/venv or $VITALS_VENV: run make test"
  }

  /// The interpreter that has the packages of Tests/Receivers/requirements.txt.
  static func validatingPython() throws -> URL {
    let folder =
      ProcessInfo.processInfo.environment["VITALS_VENV"].map { URL(filePath: $0) } ?? root.appending(path: ".lab/venv")
    let python = folder.appending(path: "bin/python")
    guard FileManager.default.isExecutableFile(atPath: python.path) else { throw MissingEnvironment() }
    return python
  }

  /// One of Tests/Receivers with the packages that it needs, and what it says.
  static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = try validatingPython()
    process.arguments = ["-B", receivers.appending(path: program).path] + arguments
    let log = FileManager.default.temporaryDirectory.appending(path: "\(program)-\(UUID().uuidString).log")
    defer { try? FileManager.default.removeItem(at: log) }
    try Data().write(to: log)
    let handle = try FileHandle(forWritingTo: log)
    process.standardOutput = handle
    process.standardError = handle
    let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return (status, String(decoding: try Data(contentsOf: log), as: UTF8.self))
  }
}
