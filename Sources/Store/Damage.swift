import Foundation
import GRDB
import Synchronization

/// What is wrong with the database as it lies there.
///
/// Only what SQLite calls CORRUPT or NOTADB is damage, names of the schema's versions that no version has, and a file that is gone or empty beside copies of it. A full disk, one
/// that fails or cannot be written, and a file of a later version are none: nothing is touched then.
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
      if StoreFiles.size(files.suspect) != nil { return Damage(reason: "a statement met damage while it ran") }
      let found = try queue.read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") }
      return found == "ok" ? nil : Damage(reason: "quick_check")
    } catch let error as DatabaseError where isDamage(error) {
      return Damage(reason: error.resultCode.description)
    }
  }

  static func isDamage(_ error: DatabaseError) -> Bool {
    error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
  }
}

/// Says once that a running statement met damage, also to the next process.
final class DamageSignal: Sendable {
  private let stream: AsyncStream<StoreFailure>
  private let continuation: AsyncStream<StoreFailure>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  func note(_ failure: StoreFailure, _ files: StoreFiles) {
    // Where this does not work, the check at opening is what finds it.
    try? StoreFiles.make(file: files.suspect)
    continuation.yield(failure)
  }

  func close() { continuation.finish() }

  /// Nil: the store was closed, or the task cancelled.
  func next() async -> StoreFailure? { await stream.first { _ in true } }
}

extension Store {
  /// Waits until a statement meets damage in the file. The next opening then rebuilds it, whatever its check finds, so the
  /// process is to end. Nil: the store was closed, or the task cancelled. For one waiter.
  package func damage() async -> StoreFailure? { await signal.next() }

  /// What a thrown error means, and says where it means damage.
  func failure(_ error: any Error) -> StoreFailure {
    let failure = StoreFailure(error)
    if case .damaged = failure { signal.note(failure, files) }
    return failure
  }
}
