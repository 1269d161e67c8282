import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

@Suite struct OpeningTests {
  @Test func everyCommitWaitsForTheDisk() async throws {
    let house = try await House.open()
    let (synchronous, journal, keys, timeout) = try await house.store.pool.writeWithoutTransaction { db in
      (
        try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"),
        try Int.fetchOne(db, sql: "PRAGMA foreign_keys"), try Int.fetchOne(db, sql: "PRAGMA busy_timeout")
      )
    }
    #expect(synchronous == 2)
    #expect(journal == "wal")
    #expect(keys == 1)
    #expect(timeout == 25_000)
  }

  @Test func filesAreTheOwnersOnly() async throws {
    let house = try await House.open()
    try await house.keep(reading(120, clock: 1))
    for file in ["vitals.sqlite", "vitals.sqlite-wal", "vitals.sqlite-shm"] {
      let mode =
        try FileManager.default.attributesOfItem(atPath: "\(house.directory)/\(file)")[.posixPermissions] as? Int
      #expect(mode == 0o600, "\(file)")
    }
  }

  @Test func whatWasOpenToOthersIsClosed() async throws {
    let house = try await House.open()
    try await house.store.close()
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: house.path)
    let store = try await Store.open(directory: house.directory)
    let mode = try FileManager.default.attributesOfItem(atPath: house.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    try await store.close()
  }

  @Test func aNewerSchemaIsRefusedAndUntouched() async throws {
    let house = try await House.open()
    try await house.keep(reading(120, clock: 1))
    try await house.store.write { db in
      try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99-from-the-future')")
    }
    try await house.store.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: house.path))
    await #expect(throws: StoreFailure.newerSchema(path: house.path, unknown: ["99-from-the-future"])) {
      try await Store.open(directory: house.directory)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: house.path)) == before)
    let attributes = try FileManager.default.attributesOfItem(atPath: house.directory + "/vitals.sqlite-wal")
    #expect(attributes[.size] as? Int ?? 0 == 0)
  }

  @Test func aDirectoryThatCannotBeIsSaid() async throws {
    let house = try await House.open()
    let failure = await #expect(throws: StoreFailure.self) { try await Store.open(directory: house.path + "/below") }
    guard case .cannotOpen = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }

  @Test func openedAgainItIsAllThere() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    let kept = try #require(try await house.keep(reading(185, clock: 1)).kept)
    try await house.store.close()
    let store = try await Store.open(directory: house.directory)
    #expect(try await store.observation(kept.id) == kept)
    #expect(try await store.patients() == [patient])
    #expect(try await store.openAlerts().map(\.firing?.observation) == [kept.id])
    try await store.close()
  }
}
