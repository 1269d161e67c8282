import Foundation
import GRDB
import Synchronization

/// What is wrong with the database as it lies there.
///
/// Only what SQLite calls CORRUPT or NOTADB is damage, names of the schema's versions that no version has, tables that no
/// version makes, a row that cannot be read, an instant that no clock says, and a file that is gone or empty beside copies of it. A full disk, one that fails or
/// cannot be written, and a file of a later version are none: nothing is touched then.
struct Damage: Equatable {
  /// In English, without anything that stands in the file.
  var reason: String

  /// Looks at the files; nil: nothing is wrong, or there are none yet.
  ///
  /// - Throws: ``StoreFailure/newerSchema(path:unknown:)``, and what is no damage.
  static func look(_ files: StoreFiles) throws -> Damage? {
    let size = StoreFiles.size(files.database)
    guard let size, size > 0 else {
      // SQLite would begin a new database, and throw the log away.
      let hasLog = StoreFiles.size(files.database + "-wal") ?? 0 > 0
      guard hasLog || !VerifiedCopies(files).all().isEmpty else { return nil }
      return Damage(reason: size == nil ? "the file was missing" : "the file was empty")
    }
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(25)
      let queue = try DatabaseQueue(path: files.database, configuration: configuration)
      defer { try? queue.close() }
      switch try queue.read({ db in try Migrations.origin(db) }) {
      case .known: break
      case .later(let unknown): throw StoreFailure.newerSchema(path: files.database, unknown: unknown)
      case .damaged: return Damage(reason: "the names of its schema's versions")
      }
      guard try queue.read(Migrations.isAsMade) else { return Damage(reason: "the list of its tables") }
      if StoreFiles.size(files.suspect) != nil { return Damage(reason: "a statement met damage while it ran") }
      let found = try queue.read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") }
      guard found == "ok" else { return Damage(reason: "quick_check") }
      return try queue.read(StoredSeconds.areSound) ? nil : Damage(reason: "an instant that no clock says")
    } catch let error where isMet(error) {
      return Damage(reason: (error as? DatabaseError)?.resultCode.description ?? "the names of its schema's versions")
    }
  }

  /// Whether what was thrown means that something else stands in a file than was written there.
  static func isMet(_ error: any Error) -> Bool {
    switch StoreFailure(error) {
    case .damaged, .corrupt: true
    default: false
    }
  }
}

/// Says that a running statement met damage, also to the next process.
final class DamageSignal: Sendable {
  /// So long after it was rebuilt, a row that cannot be read does not have the database rebuilt once more: a row that no
  /// rebuilding takes out must not start the daemon over and over.
  private static let patience = Duration.seconds(3600)

  private let files: StoreFiles
  private let rebuiltAt: ContinuousClock.Instant?
  private let stream: AsyncStream<StoreFailure>
  private let continuation: AsyncStream<StoreFailure>.Continuation

  /// - Parameter wasRepaired: it was rebuilt just now.
  init(_ files: StoreFiles, wasRepaired: Bool) {
    self.files = files
    rebuiltAt = wasRepaired ? .now : nil
    (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// - Returns: whether the next opening rebuilds the database because of it.
  @discardableResult func note(_ failure: StoreFailure) -> Bool {
    switch failure {
    case .damaged: break
    case .corrupt:
      if let rebuiltAt, rebuiltAt.duration(to: .now) < Self.patience { return false }
    default: return false
    }
    // Where this does not work, the check at opening is what finds it.
    try? StoreFiles.make(file: files.suspect)
    continuation.yield(failure)
    return true
  }

  /// What a row says; nil where something else stands in it than was written. Whoever asks for many then has the others, and
  /// the next opening sets this one apart.
  func readable<Value>(_ body: () throws -> Value) throws -> Value? {
    do {
      return try body()
    } catch {
      let failure = StoreFailure(error)
      guard case .corrupt = failure else { throw error }
      note(failure)
      return nil
    }
  }

  func close() { continuation.finish() }

  /// Nil: the store was closed, or the task cancelled.
  func next() async -> StoreFailure? { await stream.first { _ in true } }
}

extension Store {
  /// Waits until a statement meets damage in the file, or a row that cannot be read. The next opening then rebuilds it, whatever its check finds, so the
  /// process is to end. Nil: the store was closed, or the task cancelled. For one waiter.
  package func damage() async -> StoreFailure? { await signal.next() }

  /// What a thrown error means, and says where it means damage.
  func failure(_ error: any Error) async -> StoreFailure {
    var failure = StoreFailure(error)
    if (error as? DatabaseError)?.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY, await refersToNothing() {
      failure = .corrupt(detail: "what a row refers to is not there")
    }
    signal.note(failure)
    return failure
  }

  /// Whether some row refers to one that is not there: then it is not the statement that was wrong. All of the file is read for
  /// it, so a reader of the database's own does it and none of the threads that all tasks share.
  private func refersToNothing() async -> Bool {
    (try? await pool.read { db in try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") != nil }) ?? false
  }
}
