import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// Databases of every earlier schema (`Fixtures/schema-N.sql`, made by `Fixtures/make.py`) are taken over, also when power
/// fails, or a step fails, in the middle.
@Suite struct SchemaUpgradeTests {
  private static let versions = Array(1...Migrations.migrator.migrations.count)

  private static func fixture(_ version: Int) throws -> String {
    let name = version < 10 ? "schema-0\(version).sql" : "schema-\(version).sql"
    return try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)"),
      encoding: .utf8)
  }

  /// A directory with the database of a fixture.
  private static func old(_ version: Int) throws -> String {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vitals-\(UUID().uuidString)").path
    try StoreFiles.make(directory: directory)
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: directory + "/vitals.sqlite", configuration: configuration)
    let sql = try fixture(version)
    try queue.write { db in try db.execute(sql: sql) }
    try queue.close()
    return directory
  }

  /// Everything that stood in the fixture stands in the store.
  private static func check(_ directory: String, _ version: Int, _ place: String) async throws {
    let store = try await Store.open(directory: directory)
    #expect(!store.wasRepaired, "\(place)")
    #expect(try await store.patients().map(\.name) == ["Lan", "Mai"], "\(place)")
    let rows = try await store.recordRows(RecordQuery(includesUnsettled: true, newestFirst: false), limit: 9)
    #expect(rows.map(\.observation.id.rawValue) == ["o-1", "o-2", "o-3", "o-4"], "\(place)")
    #expect(
      rows.map(\.observation.components[0].value)
        == [150, 190, 120, 130].map {
          .quantity(Quantity($0, .millimetreOfMercury))
        }, "\(place)")
    #expect(rows.map(\.observation.patient?.rawValue) == ["p-lan", "p-lan", "p-lan", nil], "\(place)")
    let consents = try await store.consents()
    #expect(
      consents.map(\.id) == [1, 2, 3] && consents.map { $0.withdrawnAt == nil } == [true, true, false], "\(place)")
    #expect(try await store.keys(.longTerm).map(\.value) == [Data([1, 2, 3, 4, 5, 6, 7, 8])], "\(place)")
    #expect(try await store.devices().count == 2, "\(place)")
    #expect(try await store.openAlerts().map(\.firing?.observation?.rawValue) == ["o-2"], "\(place)")
    #expect(try await store.staticRandomAddress() == "F1:02:03:04:05:06", "\(place)")
    // What leaves has the names that it had.
    let keys = try await store.read { db in
      try String.fetchAll(
        db, sql: "SELECT idempotency_key || ' ' || state FROM outbox WHERE withdraws IS NULL ORDER BY id")
    }
    #expect(
      keys == [
        "obs-o-1 delivered", "obs-o-2 waiting", "alert-47c63890a168cfd214ef98210f420d13-firing waiting",
        "obs-o-3 rejected",
      ], "\(place)")
    let broken = try await store.read { db in
      (
        try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count,
        try String.fetchOne(db, sql: "PRAGMA integrity_check")
      )
    }
    #expect(broken.0 == 0 && broken.1 == "ok", "\(place)")
    if version >= 11 { #expect(try await store.isErased(PatientID(rawValue: "p-gone")), "\(place)") }
    try await store.close()
  }

  @Test(arguments: versions) func isTakenOver(_ version: Int) async throws {
    let directory = try Self.old(version)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await Self.check(directory, version, "version \(version)")
    // The way back: the database as it was, for the version that wrote it.
    let copies = VerifiedCopies(StoreFiles(directory)).all()
    guard version < Self.versions.count else { return #expect(copies.isEmpty) }
    let copy = try #require(copies.first)
    #expect(copies.count == 1 && copy.migration == Migrations.migrator.migrations[version])
    let queue = try DatabaseQueue(path: copy.path)
    let applied = try await queue.read { db in try Migrations.migrator.appliedMigrations(db) }
    #expect(applied == Array(Migrations.migrator.migrations.prefix(version)))
    try queue.close()
  }

  /// Stops at the commit of one step: looks at the files as they are then, and makes it fail.
  private final class Cut: TransactionObserver, @unchecked Sendable {
    struct Fault: Error {}
    /// Which commit; counted down. Touched on the writer's thread only.
    var left: Int
    let atCut: () throws -> Void
    init(_ left: Int, atCut: @escaping () throws -> Void) {
      self.left = left
      self.atCut = atCut
    }
    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseWillCommit() throws {
      left -= 1
      guard left == 0 else { return }
      try atCut()
      throw Fault()
    }
    func databaseDidCommit(_ db: Database) {}
    func databaseDidRollback(_ db: Database) {}
  }

  /// At the last moment of every step: the step fails and is undone, or power fails and the files stay as they are then.
  @Test(arguments: versions.dropLast()) func isTakenOverInTwoGoes(_ version: Int) async throws {
    for step in 1...Self.versions.count - version {
      let place = "version \(version), step \(step)"
      let directory = try Self.old(version)
      let image = directory + "-image"
      defer {
        for path in [directory, image] { try? FileManager.default.removeItem(atPath: path) }
      }
      let pool = try DatabasePool(path: directory + "/vitals.sqlite")
      let cut = Cut(step) {
        try StoreFiles.make(directory: image)
        for suffix in ["", "-wal"] {
          try StoreFiles.duplicate("\(directory)/vitals.sqlite\(suffix)", to: "\(image)/vitals.sqlite\(suffix)")
        }
      }
      pool.add(transactionObserver: cut)
      #expect(throws: Cut.Fault.self, "\(place)") { try Migrations.migrator.migrate(pool) }
      #expect(cut.left == 0, "\(place)")
      pool.remove(transactionObserver: cut)
      let applied = try await pool.read { db in try Migrations.migrator.appliedMigrations(db) }
      #expect(applied.count == version + step - 1, "\(place)")
      try pool.close()
      try await Self.check(directory, version, place)
      // Every other: power that fails costs an opening.
      if (version + step) % 3 == 0 { try await Self.check(image, version, "\(place), power") }
    }
  }
}
