import Dispatch
import Foundation
import GRDB
import Glibc

/// What do we remember: one SQLite file, `vitals.sqlite`, with one writer.
///
/// Every `await` that returns without an error means *on disk*: the file is in WAL mode with `synchronous=FULL`. One
/// process has it open; the alert states are also kept in memory, so that a strap's samples cost no write.
package final class Store: Sendable {
  let pool: DatabasePool
  let memory: StoreMemory
  let listeners = ChangeListeners()
  let decoded = DecodedReadings()
  /// Private words in the names of episodes; see ``RuleEngine``.
  let salt: String

  private init(pool: DatabasePool, memory: StoreMemory, salt: String) {
    self.pool = pool
    self.memory = memory
    self.salt = salt
  }

  /// Opens, or makes, `vitals.sqlite` in `directory` (made with mode 0700 when missing); the file's mode is 0600.
  ///
  /// - Throws: ``StoreFailure/newerSchema(path:unknown:)`` before anything was touched,
  ///   ``StoreFailure/notSynchronous(level:)``, ``StoreFailure/cannotOpen(path:reason:)``, or what SQLite says.
  package static func open(directory: String) async throws(StoreFailure) -> Store {
    let result: Result<Store, any Error> = await withCheckedContinuation { continuation in
      // Opening reads and syncs the disk: not on the cooperative pool.
      DispatchQueue.global().async { continuation.resume(returning: Result { try Store.openNow(directory) }) }
    }
    do { return try result.get() } catch { throw StoreFailure(error) }
  }

  private static func openNow(_ directory: String) throws -> Store {
    let path = directory + "/vitals.sqlite"
    try prepareFile(directory: directory, path: path)
    try refuseNewerSchema(path)

    var configuration = Configuration()
    configuration.label = "vitals"
    configuration.maximumReaderCount = 2
    // Under the 30 s that an ATT transaction lives (Core Vol 3 Part F 3.3.3): a commit that waits for somebody's lock
    // ends while the confirmation can still be sent.
    configuration.busyMode = .timeout(25)
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -1000") }
    let pool = try DatabasePool(path: path, configuration: configuration)

    // Only now: opening a pool sets NORMAL after prepareDatabase ran, and a commit would then not wait for the disk.
    let level = try pool.writeWithoutTransaction { db -> Int in
      try db.execute(sql: "PRAGMA synchronous = FULL")
      return try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
    }
    guard level == 2 else { throw StoreFailure.notSynchronous(level: level) }
    try Migrations.migrator.migrate(pool)
    // An erasure that a power cut came between; it costs nothing when there is none. Where it fails it still waits: that is
    // no reason to keep no readings.
    try? pool.barrierWriteWithoutTransaction { db in try Store.clean(db, now: Date()) }

    return try pool.write { db in
      let salt = try Settings(db).getOrCreate("episode-salt") { Settings.hex(Settings.randomOctets(16)) }
      // All that ever were: which of them hold is asked of the clock each time, and it may not be right yet.
      let records = AlertRecords(db)
      let (states, known) = (try records.states(), try records.episodes())
      let earlier = try records.episodesFromBefore(states, known: known)
      let contents = StoreMemory.Contents(
        states: states, household: try Household(db), episodes: known.merging(earlier) { own, _ in own },
        silences: try Silences(db).holding(at: .distantPast))
      return Store(pool: pool, memory: StoreMemory(contents), salt: salt)
    }
  }

  private static func prepareFile(directory: String, path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StoreFailure.cannotOpen(path: directory, reason: "the directory cannot be made")
    }
    // SQLite gives its -wal and -shm files the mode of this one.
    let file = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if file >= 0 {
      Glibc.close(file)
    } else if errno != EEXIST || chmod(path, 0o600) != 0 {
      throw StoreFailure.cannotOpen(path: path, reason: String(cString: strerror(errno)))
    }
  }

  private static func refuseNewerSchema(_ path: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(25)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? queue.close() }
    let unknown = try queue.read { db in
      try db.tableExists("grdb_migrations")
        ? try Migrations.migrator.appliedIdentifiers(db).subtracting(Migrations.migrator.migrations) : []
    }
    guard unknown.isEmpty else { throw StoreFailure.newerSchema(path: path, unknown: unknown.sorted()) }
  }

  /// Ends every stream of changes and closes the file; calls after this fail.
  package func close() async throws(StoreFailure) {
    listeners.close()
    let pool = pool
    let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: Result { try pool.close() }) }
    }
    do { try result.get() } catch { throw StoreFailure(error) }
  }

  /// A tick after each commit, from now on. Any number of listeners; the stream ends with ``close()``.
  package func changes() -> AsyncStream<StoreChange> { listeners.stream() }

  func changed(_ changes: [StoreChange]) { listeners.tell(changes) }

  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreFailure) -> Value {
    do { return try await pool.read(body) } catch { throw StoreFailure(error) }
  }

  /// One transaction.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreFailure) -> Value {
    do { return try await pool.write(body) } catch { throw StoreFailure(error) }
  }
}
