import Foundation
import Observations
import Testing

/// A FHIR client that nobody wrote for this gateway (PyPI `fhirclient`) reads the local record, and checks that nobody wrote
/// for it judge what it gets (Tests/Receivers/fhir_reader.py).
@Suite struct IndependentClientTests {
  @Test func itPagesThroughTenThousandObservations() async throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let environment =
      ProcessInfo.processInfo.environment["VITALS_VENV"].map { URL(filePath: $0) } ?? root.appending(path: ".lab/venv")
    let python = environment.appending(path: "bin/python")
    try #require(
      FileManager.default.isExecutableFile(atPath: python.path), "no Python environment at .lab/venv: run make test")
    try await ServedRecord.with { record in
      // Three Observations each.
      let patient = try await record.fill(3_400)
      let (status, output) = try await run(
        python,
        [
          root.appending(path: "Tests/Receivers/fhir_reader.py").path, "--base", record.base, "--socket",
          record.served.socketPath, "--patient", patient.id.rawValue, "--expect", "10200",
        ])
      #expect(status == 0, "\(output)")
      #expect(output.contains("10200 Observations"), "\(output)")
    }
  }

  private func run(_ program: URL, _ arguments: [String]) async throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    // Not among the arguments, where every user of the machine could read it.
    process.environment = ProcessInfo.processInfo.environment.merging(["FHIR_TOKEN": ServedRecord.token]) { $1 }
    let log = FileManager.default.temporaryDirectory.appending(path: "fhir-reader-\(UUID().uuidString).log")
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
