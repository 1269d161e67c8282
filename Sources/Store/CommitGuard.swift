import Foundation
import GRDB
import Synchronization

/// Lets no commit count that the disk did not take, where the disk does not say so itself.
///
/// A file system that the kernel makes read-only by force (the emergency remount, SysRq u) still takes writes of files that
/// are open, into memory, and ext4 (6.1, 6.12) answers `fsync` with success and writes nothing: SQLite's commit then succeeds,
/// and a power cut loses it. So every transaction asks the file system before its commit and after it.
///
/// GRDB calls it on the writer's thread only.
final class CommitGuard: TransactionObserver, Sendable {
  /// What is asked of the file system that holds the readings.
  struct Disk: Sendable {
    var isReadOnly: @Sendable () -> Bool
    /// Waits until the database and its log are on the disk, whoever wrote them.
    var synchronise: @Sendable () throws -> Void

    init(isReadOnly: @escaping @Sendable () -> Bool, synchronise: @escaping @Sendable () throws -> Void) {
      self.isReadOnly = isReadOnly
      self.synchronise = synchronise
    }

    init(_ files: StoreFiles) {
      isReadOnly = { StoreFiles.isReadOnly(files.directory) }
      // Never by a descriptor of the database itself: closing it would take away the locks that SQLite holds on it, for as
      // long as this process lives (fcntl(2), "Advisory record locking"), and whoever looks at it with another program
      // would then remove its log under us.
      synchronise = { try StoreFiles.synchroniseAll(in: files.directory) }
    }
  }

  private let disk: Disk
  /// Read-only was seen since the files were last known to be on the disk: what is in memory of them may be nowhere else.
  private let isInDoubt = Atomic(false)

  init(_ disk: Disk) { self.disk = disk }

  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
  func databaseDidChange(with event: DatabaseEvent) {}
  func databaseDidRollback(_ db: Database) {}

  /// - Throws: ``StoreFailure/readOnly``, or why what is in doubt could not be brought to the disk; the transaction is then
  ///   rolled back. One that changes nothing is asked, too: "it is there already" is confirmed like "it is there now".
  func databaseWillCommit() throws {
    if disk.isReadOnly() {
      isInDoubt.store(true, ordering: .sequentiallyConsistent)
      throw StoreFailure.readOnly
    }
    guard isInDoubt.load(ordering: .sequentiallyConsistent) else { return }
    try disk.synchronise()
    isInDoubt.store(false, ordering: .sequentiallyConsistent)
  }

  func databaseDidCommit(_ db: Database) {
    if disk.isReadOnly() { isInDoubt.store(true, ordering: .sequentiallyConsistent) }
  }

  /// To be called in the writer's turn of a commit, after it: whether it counts. One that does not is in the file all the
  /// same, as far as this process sees, and counts once a later one did.
  ///
  /// - Throws: ``StoreFailure/readOnly``.
  func confirm() throws(StoreFailure) {
    if isInDoubt.load(ordering: .sequentiallyConsistent) { throw .readOnly }
  }
}
