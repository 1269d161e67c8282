import Foundation
import HealthRecords
import LocalAPI
import Logging
import NIOCore
import Observations
import Store
import Testing

@testable import Gateway
@testable import LocalServer

/// The local servers come back by themselves when their listener fails; a socket that never was there ends the daemon.
@Suite(.timeLimit(.minutes(10))) struct LocalServiceTests {
  private let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  private let control = GatewayControl(
    status: {
      Status(
        version: "1", startedAt: Timestamp(.now), adapter: Status.Adapter(state: .ready, sentence: ""),
        bluetooth: [], store: Status.Storage(ok: true), destinations: [], warnings: [], unreachable: [], unassigned: 0)
    }, doctor: { DoctorReport(checks: []) },
    scan: { (_) async throws(APIError) in throw APIError(APIError.Code.busy, "") },
    pair: { (_) async throws(APIError) in throw APIError(APIError.Code.busy, "") },
    unpair: { (_) async throws(APIError) in }, policy: { IngestPolicy() })

  private let record = LocalRecord(
    held: HeldRecord(
      gateway: GatewayDescription(systemID: [0xFE, 0xED, 1, 2, 3, 4, 5, 6], softwareVersion: "1"),
      naming: FHIRNaming(patientSystem: "urn:oid:2.999"), timeZone: .gmt), softwareVersion: "1", startedAt: .now)

  private func withStore(_ body: (Store, String) async throws -> Void) async throws {
    // Short, since a socket's path has 107 octets.
    let directory = "/tmp/v-\(UUID().uuidString.prefix(12))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let store = try await Store.open(directory: directory + "/data")
    try await body(store, directory + "/vitals.sock")
    try await store.close()
  }

  @Test func theSocketComesBack() async throws {
    try await withStore { store, path in
      let (channels, listening) = AsyncStream.makeStream(of: (any Channel).self)
      var server = LocalServer(socketPath: path, store: store, control: control, logger: quiet)
      server.listening = { listening.yield($0) }
      let service = LocalSocketService(server: server, logger: quiet, pause: .milliseconds(10))
      let running = Task { try await service.run {} }
      var rounds = 0
      for await channel in channels {
        #expect(try await LocalClient(socketPath: path).status().version == "1")
        rounds += 1
        if rounds == 3 { break }
        channel.close(promise: nil)
      }
      running.cancel()
      try await running.value
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func aSocketThatNeverWasIsAnError() async throws {
    try await withStore { store, path in
      try Data("letter".utf8).write(to: URL(filePath: path))
      let server = LocalServer(socketPath: path, store: store, control: control, logger: quiet)
      await #expect(throws: LocalServerFailure.notASocket(path: path)) {
        try await LocalSocketService(server: server, logger: quiet).run {}
      }
    }
  }

  @Test func thePortOfTheRecordComesBack() async throws {
    try await withStore { store, _ in
      let (channels, listening) = AsyncStream.makeStream(of: (any Channel).self)
      var server = LoopbackServer(port: 0, token: { nil }, store: store, record: record, logger: quiet)
      server.listening = { listening.yield($0) }
      let health = Health(logger: quiet)
      let (ports, opened) = AsyncStream.makeStream(of: Int.self)
      let service = RecordPortService(server: server, health: health, pause: .milliseconds(10))
      let running = Task { await service.run { opened.yield($0) } }
      for await channel in channels.prefix(1) { channel.close(promise: nil) }
      for await port in ports.prefix(2) { #expect(port > 0) }
      #expect(health.warnings.isEmpty)
      running.cancel()
      await running.value
    }
  }

  @Test func aPortThatIsTakenIsTriedAgain() async throws {
    try await withStore { store, _ in
      let health = Health(logger: quiet)
      let (ports, opened) = AsyncStream.makeStream(of: Int.self)
      let first = Task { [quiet, record] in
        try await LoopbackServer(port: 0, token: { nil }, store: store, record: record, logger: quiet).run {
          opened.yield($0)
        }
      }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      let server = LoopbackServer(port: port, token: { nil }, store: store, record: record, logger: quiet)
      let service = RecordPortService(server: server, health: health, pause: .milliseconds(10))
      let running = Task { await service.run { opened.yield($0) } }
      while health.warnings.map(\.id) != [HealthWarning.Kind.recordPort] { try await Task.sleep(for: .milliseconds(5)) }
      first.cancel()
      try await first.value
      #expect(await iterator.next() == port)
      #expect(health.warnings.isEmpty)
      running.cancel()
      await running.value
    }
  }
}
