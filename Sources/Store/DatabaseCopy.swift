import Dispatch
import Foundation
import GRDB
import Glibc

/// How much of what a database holds.
package struct DatabaseContents: Hashable, Sendable {
  package var patients: Int
  package var devices: Int
  /// Devices whose keys it has.
  package var bonds: Int
  /// Consents that hold.
  package var consents: Int
  /// Deliveries that wait.
  package var waiting: Int
  package var readings: Int
  /// The newest step of its schema.
  package var schema: String

  init(_ db: Database) throws {
    func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM " + sql) ?? 0 }
    patients = try count("patients")
    devices = try count("devices WHERE removed_at IS NULL")
    bonds = try Int.fetchOne(db, sql: "SELECT count(DISTINCT address) FROM \(KeyTable.longTerm.rawValue)") ?? 0
    consents = try count("consents WHERE withdrawn_at IS NULL")
    waiting = try count("outbox WHERE state = 'waiting'")
    readings = try count("observations")
    let applied = try Migrations.migrator.appliedIdentifiers(db)
    schema = Migrations.migrator.migrations.last(where: applied.contains) ?? ""
  }
}

/// What was committed at one moment, as a file of its own that has no name: it goes with this object, or with the process.
package final class DatabaseCopy: Sendable {
  /// In octets.
  package let size: Int64
  package let contents: DatabaseContents
  private let descriptor: Int32
  private static let piece = 1 << 18
  /// A disk that is slow holds one thread, and none of those that tasks run on.
  private static let reading = DispatchQueue(label: "vitals-copy-reading")

  /// Opens the file at `path` and takes its name away.
  fileprivate init(takingOver path: String) throws {
    defer { StoreFiles.remove(path) }
    contents = try DatabaseCopy.contents(of: path)
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw StoreFailure.cannotOpen(path: path, reason: String(cString: strerror(errno))) }
    var information = stat()
    // One of unknown size would be given away as empty.
    guard fstat(file, &information) == 0 else {
      let reason = String(cString: strerror(errno))
      close(file)
      throw StoreFailure.cannotOpen(path: path, reason: reason)
    }
    (descriptor, size) = (file, Int64(information.st_size))
  }

  deinit { close(descriptor) }

  /// A piece from `offset` on, 256 KiB or what is left.
  package func read(at offset: Int64) async throws(StoreFailure) -> [UInt8] {
    let (octets, number): ([UInt8], Int32) = await withCheckedContinuation { continuation in
      Self.reading.async { [self] in
        var octets = [UInt8](repeating: 0, count: Self.piece)
        let count = pread(descriptor, &octets, octets.count, off_t(offset))
        continuation.resume(returning: (Array(octets.prefix(max(0, count))), count < 0 ? errno : 0))
      }
    }
    guard number == 0, !octets.isEmpty || offset >= size else { throw .io(code: 10) }
    return octets
  }

  /// Looks a database over that nobody has open, and changes nothing of it.
  ///
  /// - Throws: ``StoreFailure/newerSchema(path:unknown:)``, ``StoreFailure/damaged(code:)``,
  ///   ``StoreFailure/corrupt(detail:)`` for a database of something else.
  package static func inspect(_ path: String) throws(StoreFailure) -> DatabaseContents {
    do {
      return try contents(of: path) { db in
        switch try Migrations.origin(db) {
        case .known: break
        case .later(let unknown): throw StoreFailure.newerSchema(path: path, unknown: unknown)
        case .damaged: throw StoreFailure.corrupt(detail: "grdb_migrations")
        }
        guard try String.fetchAll(db, sql: "PRAGMA integrity_check(1)") == ["ok"] else {
          throw StoreFailure.damaged(code: 11)
        }
        guard try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") == nil else {
          throw StoreFailure.corrupt(detail: "foreign_key_check")
        }
        guard try !Migrations.migrator.appliedIdentifiers(db).isEmpty else {
          throw StoreFailure.corrupt(detail: "no schema of the gateway")
        }
      }
    } catch {
      throw StoreFailure(error)
    }
  }

  /// Brings what stands in the log of a database that nobody has open into its one file: the last connection that closed may
  /// have been a reader, which leaves the log as it is.
  package static func makeOneFile(_ path: String) throws(StoreFailure) {
    do {
      let queue = try DatabaseQueue(path: path)
      try queue.writeWithoutTransaction { db in _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE") }
      try queue.close()
    } catch {
      throw StoreFailure(error)
    }
  }

  private static func contents(
    of path: String, checking check: (Database) throws -> Void = { _ in }
  ) throws -> DatabaseContents {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? queue.close() }
    return try queue.read { db in
      try check(db)
      return try DatabaseContents(db)
    }
  }
}

extension Store {
  /// A verified copy of what is committed now, to be given away. Nothing waits for it but other copies; a reading that comes
  /// meanwhile is in it or is not.
  ///
  /// - Throws: as ``makeCopy(now:)``.
  package func copyToGive() async throws(StoreFailure) -> DatabaseCopy {
    let (pool, files) = (pool, files)
    do {
      return try await onCopies {
        let copies = VerifiedCopies(files)
        copies.removeUnfinished()
        try Self.refuseWithoutRoom(files)
        return try DatabaseCopy(takingOver: try copies.draft(of: pool))
      }
    } catch { throw await failure(error) }
  }

  /// What stands in a data directory and is the household's: the database and all that belongs to it.
  package static let householdFiles =
    StoreFiles.suffixes.map { "vitals.sqlite" + $0 } + StoreFiles.own + [configurationFile]
}
