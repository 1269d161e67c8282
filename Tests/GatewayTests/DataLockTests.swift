import Backups
import Foundation
import Logging
import Testing

@testable import Gateway

/// One daemon a data directory.
@Suite struct DataLockTests {
  @Test("a lock is given once at a time, and leaves nothing behind")
  func once() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.path(percentEncoded: false)
    do {
      let lock = try DataLock(directory: path)
      #expect(throws: DataLock.Refusal.taken(directory: path)) { _ = try DataLock(directory: path) }
      withExtendedLifetime(lock) {}
    }
    _ = try DataLock(directory: path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
    #expect(throws: DataLock.Refusal.self) { _ = try DataLock(directory: path + "/nowhere") }
  }

  @Test("a second daemon with another socket is refused in clear words before it touches anything")
  func secondDaemon() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "data").path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let lock = try DataLock(directory: path)
    let socket = directory.appending(path: "other.sock").path(percentEncoded: false)
    let file = directory.appending(path: "vitalsd.yaml").path(percentEncoded: false)
    try "data: \(path)\nsocket: \(socket)\n".write(toFile: file, atomically: true, encoding: .utf8)
    let daemon = GatewayDaemon(
      start: try ConfigurationStart.load(path: file), printsToConsole: false,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let failure = await #expect(throws: GatewayFailure.self) { try await daemon.run() }
    #expect(failure?.description.contains("another vitalsd keeps its readings in \(path)") == true)
    #expect(failure?.description.contains("nothing was touched") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
    #expect(!FileManager.default.fileExists(atPath: socket))
    withExtendedLifetime(lock) {}
  }

  @Test("a process that forbids core files has none")
  func coreFiles() {
    #expect(CoreFiles.forbid())
    #expect(CoreFiles.areForbidden)
  }
}
