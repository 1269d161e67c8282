import Dispatch
import Foundation
import GRDB

/// What do we remember: one SQLite file, `vitals.sqlite`, with one writer.
///
/// Every `await` that returns without an error means *on disk*: the file is in WAL mode with `synchronous=FULL`. One
/// process has it open; the alert states are also kept in memory, so that a strap's samples cost no write.
package final class Store: Sendable {
  let pool: DatabasePool
  let memory: StoreMemory
  let listeners = ChangeListeners()
  let decoded: DecodedReadings
  /// Private words in the names of episodes; see ``RuleEngine``.
  let salt: String
  let files: StoreFiles
  let commits: CommitGuard
  let signal: DamageSignal
  let maintenance = Maintenance()
  /// Where copies are made and changed: it takes as long as the disk does.
  let copyQueue = DispatchQueue(label: "vitals-copies")
  /// What was done when the database was last found damaged; nil: it never was.
  package let repair: DatabaseRepair?
  /// Whether that was at this opening.
  package let wasRepaired: Bool

  private init(
    pool: DatabasePool, memory: StoreMemory, salt: String, files: StoreFiles, commits: CommitGuard,
    repair: DatabaseRepair?, wasRepaired: Bool
  ) {
    self.pool = pool
    self.memory = memory
    self.salt = salt
    self.files = files
    self.commits = commits
    self.repair = repair
    self.wasRepaired = wasRepaired
    signal = DamageSignal(files, wasRepaired: wasRepaired)
    decoded = DecodedReadings(signal)
  }

  /// Opens, or makes, `vitals.sqlite` in `directory` (made with mode 0700 when missing); the file's mode is 0600. One that is
  /// damaged is set aside and built anew first (``repair`` says what came of it); before a schema changes, a copy is made.
  ///
  /// - Throws: ``StoreFailure/newerSchema(path:unknown:)`` before anything was touched,
  ///   ``StoreFailure/notSynchronous(level:)``, ``StoreFailure/cannotOpen(path:reason:)``, or what SQLite says.
  package static func open(directory: String) async throws(StoreFailure) -> Store {
    try await open(directory: directory, disk: CommitGuard.Disk(StoreFiles(directory)))
  }

  /// - Parameter disk: what is asked of it for each commit.
  static func open(directory: String, disk: CommitGuard.Disk) async throws(StoreFailure) -> Store {
    let result: Result<Store, any Error> = await withCheckedContinuation { continuation in
      // Opening reads and syncs the disk: not on the threads that tasks run on, which the global queue has too.
      DispatchQueue(label: "vitals-opening").async {
        continuation.resume(returning: Result { try Store.openOrRebuild(directory, disk) })
      }
    }
    do { return try result.get() } catch { throw StoreFailure(error) }
  }

  /// What the check does not see may still be met when states and settings are read: then once more, from a rebuilt one.
  private static func openOrRebuild(_ directory: String, _ disk: CommitGuard.Disk) throws -> Store {
    do {
      return try openNow(directory, disk)
    } catch {
      guard Damage.isMet(error) else { throw error }
      try StoreFiles.make(file: StoreFiles(directory).suspect)
      return try openNow(directory, disk)
    }
  }

  private static func openNow(_ directory: String, _ disk: CommitGuard.Disk) throws -> Store {
    let files = StoreFiles(directory)
    try StoreFiles.make(directory: directory)
    try DatabaseRebuild.finish(files)
    let damage = try Damage.look(files)
    if let damage { try DatabaseRebuild(files: files, damage: damage, now: Date()).run() }
    // SQLite gives its -wal and -shm files the mode of this one.
    try StoreFiles.make(file: files.database)

    var configuration = Configuration()
    configuration.label = "vitals"
    configuration.maximumReaderCount = 2
    // Under the 30 s that an ATT transaction lives (Core Vol 3 Part F 3.3.3): a commit that waits for somebody's lock
    // ends while the confirmation can still be sent.
    configuration.busyMode = .timeout(25)
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -1000") }
    let pool = try DatabasePool(path: files.database, configuration: configuration)

    // Only now: opening a pool sets NORMAL after prepareDatabase ran, and a commit would then not wait for the disk.
    let level = try pool.writeWithoutTransaction { db -> Int in
      try db.execute(sql: "PRAGMA synchronous = FULL")
      return try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
    }
    guard level == 2 else { throw StoreFailure.notSynchronous(level: level) }
    let commits = CommitGuard(disk)
    pool.add(transactionObserver: commits, extent: .databaseLifetime)
    // By the writer: the last of several connections to close could be a reader, which leaves the log as it is.
    if let next = try pool.writeWithoutTransaction(Migrations.next) {
      // Without room for it the way back is missing; a box that keeps no readings would be worse.
      _ = try? VerifiedCopies(files).make(of: pool, before: next, now: Date())
    }
    try Migrations.migrator.migrate(pool)
    // An erasure that a power cut came between; it costs nothing when there is none. Where it fails it still waits: that is
    // no reason to keep no readings.
    try? pool.barrierWriteWithoutTransaction { db in try Store.clean(db, files, now: Date()) }

    return try pool.write { db in
      let salt = try Settings(db).getOrCreate("episode-salt") { Settings.hex(Settings.randomOctets(16)) }
      // All that ever were: which of them hold is asked of the clock each time, and it may not be right yet.
      let records = AlertRecords(db)
      let (states, known) = (try records.states(), try records.episodes())
      let earlier = try records.episodesFromBefore(states, known: known)
      let contents = StoreMemory.Contents(
        states: states, household: try Household(db), episodes: known.merging(earlier) { own, _ in own },
        silences: try Silences(db).holding(at: .distantPast))
      let repair = try Settings(db).value(DatabaseRepair.setting).flatMap {
        try? JSONText.decode(DatabaseRepair.self, $0)
      }
      return Store(
        pool: pool, memory: StoreMemory(contents), salt: salt, files: files, commits: commits, repair: repair,
        wasRepaired: damage != nil)
    }
  }

  /// Ends every stream of changes and closes the file; calls after this fail.
  package func close() async throws(StoreFailure) {
    listeners.close()
    signal.close()
    let pool = pool
    let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
      DispatchQueue(label: "vitals-closing").async { continuation.resume(returning: Result { try pool.close() }) }
    }
    do { try result.get() } catch { throw await failure(error) }
  }

  /// Whether its disk has become one that takes nothing: what a commit would find out.
  package var isReadOnly: Bool { StoreFiles.isReadOnly(files.directory) }

  /// A tick after each commit, from now on. Any number of listeners; the stream ends with ``close()``.
  package func changes() -> AsyncStream<StoreChange> { listeners.stream() }

  func changed(_ changes: [StoreChange]) { listeners.tell(changes) }

  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreFailure) -> Value {
    do { return try await pool.read(body) } catch { throw await failure(error) }
  }

  /// One transaction.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(StoreFailure) -> Value {
    try await write(body, remembering: { _, _ in })
  }

  /// The same for what memory holds, too.
  ///
  /// - Parameter remembering: puts what was committed into memory, before the next transaction begins: whoever does that later
  ///   undoes what another has put there meanwhile.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value,
    remembering: @escaping @Sendable (inout StoreMemory.Contents, Value) -> Void
  ) async throws(StoreFailure) -> Value {
    let (memory, commits) = (memory, commits)
    do {
      return try await pool.writeWithoutTransaction { db in
        let value = try db.transaction { try body(db) }
        memory.withContents { remembering(&$0, value) }
        try commits.confirm()
        return value
      }
    } catch { throw await failure(error) }
  }
}
