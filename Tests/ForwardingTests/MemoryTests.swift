import Foundation
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// With 10,000 readings waiting, and while they leave, no more than 10 MB over idle.
  ///
  /// Measured in a process that does nothing else: this test starts itself again, alone.
  @Test func memoryStaysFlatWithTenThousandWaiting() async throws {
    guard ProcessInfo.processInfo.environment["VITALS_MEASURE_MEMORY"] != nil else {
      let status = try await Self.again(filter: "memoryStaysFlatWithTenThousandWaiting")
      #expect(status == 0, "the measurement failed; its lines stand above")
      return
    }
    let shared = URL(filePath: "/dev/shm")
    let parent = FileManager.default.isWritableFile(atPath: shared.path) ? shared : nil
    try await Household.run(in: parent) { household in
      try await TestReceiver.run("fhir_receiver") { receiver in
        try await household.forwarding([Household.fhirSettings(receiver.address)]) { service in
          // Idle: everything has run once, and nothing waits.
          try await household.store(0..<50)
          try await eventually { await service.status().first?.waiting == 0 }
          let idle = try Self.residentKilobytes()

          try await receiver.control(#"{"mode": "503"}"#)
          try await household.store(50..<10_050)
          try await eventually { await service.status().first?.waiting == 10_000 }
          let failures = receiver.journal().count
          try await receiver.journal(atLeast: failures + 4)
          let waiting = try Self.residentKilobytes()

          try await receiver.control(#"{"mode": "up"}"#)
          var most = waiting
          try await eventually(within: .seconds(600)) {
            most = max(most, try Self.residentKilobytes())
            return await service.status().first?.waiting == 0
          }
          print("resident memory: idle \(idle) kB, 10,000 waiting \(waiting) kB, at most \(most) kB while they left")
          #expect(waiting - idle < 10_240)
          #expect(most - idle < 10_240)
        }
        #expect(receiver.created().count == 10_050)
      }
    }
  }

  private static func residentKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
  }

  private static func arguments(filter: String) -> [String] {
    var arguments: [String] = []
    var rest = CommandLine.arguments.dropFirst()
    while let argument = rest.popFirst() {
      switch argument {
      case "--filter", "--skip", "--xunit-output", "--event-stream-output-path", "--event-stream-output",
        "--configuration-path":
        _ = rest.popFirst()
      case "--parallel", "--no-parallel": break
      default: arguments.append(argument)
      }
    }
    return arguments + ["--filter", filter]
  }

  private static func again(filter: String) async throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: CommandLine.arguments[0])
    process.arguments = arguments(filter: filter)
    print("measuring in a process of its own: \(CommandLine.arguments)")
    process.environment = ProcessInfo.processInfo.environment.merging(["VITALS_MEASURE_MEMORY": "1"]) { $1 }
    return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
  }
}
