package import Foundation
import GRDB
import Observations

/// A copy of the database that was found whole when it was made.
package struct VerifiedCopy: Hashable, Sendable {
  package var madeAt: Date
  /// The migration that it was made before; nil: a daily one.
  package var migration: String?

  /// In octets.
  package var size: Int64 { StoreFiles.size(path) ?? 0 }

  let stamp: StampedName
  let path: String

  init?(_ name: String, in directory: String) {
    guard name.hasSuffix(".sqlite"), let stamp = StampedName(prefixOf: name) else { return nil }
    self.stamp = stamp
    madeAt = stamp.date
    path = directory + "/" + name
    if let mark = name.range(of: Self.mark) { migration = String(name[mark.upperBound...].dropLast(7)) }
  }

  fileprivate static let mark = "-before-"
}

/// The copies in the data directory.
struct VerifiedCopies {
  let files: StoreFiles
  init(_ files: StoreFiles) { self.files = files }

  /// The newest first.
  func all() -> [VerifiedCopy] {
    StoreFiles.names(in: files.copies).compactMap { VerifiedCopy($0, in: files.copies) }
      .sorted { $0.stamp > $1.stamp }
  }

  /// Makes a copy of what is committed now, tries it, and only then gives it its name; then the older ones that are too
  /// many go.
  ///
  /// The pages are copied as they are, the indices too, so that what is wrong with the copy is wrong with the database.
  ///
  /// - Parameter migration: the one that it is made before; nil: a daily copy.
  /// - Throws: ``StoreFailure/badCopy(detail:)``: it is not whole; ``StoreFailure/corrupt(detail:)``: it is, and a row of a daily
  ///   one cannot be read, which the copies before may have as it was. Nothing of it stays then.
  func make(of pool: DatabasePool, before migration: String? = nil, now: Date) throws -> VerifiedCopy {
    let names = StoreFiles.names(in: files.copies)
    let new = try draft(of: pool)
    // Before a migration it is the only way back, whatever stands in it.
    if migration == nil { try refuseUnreadable(new) }
    let stamp = StampedName(after: names, at: now)
    let name = stamp.text + (migration.map { VerifiedCopy.mark + $0 } ?? "") + ".sqlite"
    try StoreFiles.rename(new, to: files.copies + "/" + name)
    try StoreFiles.synchronise(files.copies)
    removeOld()
    guard let copy = VerifiedCopy(name, in: files.copies) else { throw StoreFailure.badCopy(detail: "name") }
    return copy
  }

  /// Makes a copy and tries it.
  ///
  /// - Returns: where it is; it has no name yet, and goes with the next one that is made.
  func draft(of pool: DatabasePool) throws -> String {
    try StoreFiles.make(directory: files.copies)
    removeUnfinished()
    let new = files.copies + "/" + Self.unfinished
    try StoreFiles.make(file: new)
    do {
      let queue = try DatabaseQueue(path: new)
      try pool.backup(to: queue)
      try queue.writeWithoutTransaction { db in
        // One file, which nothing beside it belongs to.
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
        let found = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
        guard found == ["ok"] else { throw StoreFailure.badCopy(detail: "integrity_check") }
      }
      try queue.close()
      try StoreFiles.synchronise(new)
    } catch {
      StoreFiles.remove(new)
      throw error
    }
    return new
  }

  /// By SQLite alone, and so not to the last letter: to decode all readings would take a small box minutes each day.
  private func refuseUnreadable(_ path: String) throws {
    let queue = try DatabaseQueue(path: path)
    let isThere = try queue.read { db in
      try [("observations", "id"), ("alert_events", "episode")].contains { table, name in
        try Int.fetchOne(
          db,
          sql: """
            SELECT 1 FROM \(table)
            WHERE CASE WHEN json_valid(content) THEN json_extract(content, '$.\(name)') IS NOT \(name) ELSE 1 END LIMIT 1
            """) != nil
      }
    }
    try queue.close()
    guard isThere else { return }
    StoreFiles.remove(path)
    throw StoreFailure.corrupt(detail: "a record cannot be read")
  }

  private static let unfinished = "unfinished"

  func removeUnfinished() {
    for name in StoreFiles.names(in: files.copies) where name.hasPrefix(Self.unfinished) {
      StoreFiles.remove(files.copies + "/" + name)
    }
  }

  /// For the room of a new one; never the last.
  ///
  /// - Returns: whether one was removed.
  func removeOldestDaily() -> Bool {
    let daily = all().filter { $0.migration == nil }
    guard daily.count > 1, let oldest = daily.last else { return false }
    StoreFiles.remove(oldest.path)
    return true
  }

  private func removeOld() {
    let all = all()
    let old =
      all.filter { $0.migration == nil }.dropFirst(StoreFiles.dailyCopies)
      + all.filter { $0.migration != nil }.dropFirst()
    for copy in old { StoreFiles.remove(copy.path) }
  }

  /// Writes the end of a consent into every copy, so that none brings it back; a copy that cannot take it goes.
  func withdraw(patient: PatientID, destination: DestinationID, grantee: String?, at now: Date) {
    change { db in
      _ = try People(db).withdraw(patient: patient, destination: destination, grantee: grantee, at: now)
    }
  }

  /// Changes every copy as the database was changed; a copy that cannot take it goes.
  func change(_ body: (Database) throws -> Void) {
    for copy in all() {
      do {
        let queue = try DatabaseQueue(path: copy.path)
        try queue.write(body)
        try queue.close()
      } catch {
        StoreFiles.remove(copy.path)
      }
    }
  }

  /// All copies, and all that was set aside: somebody was erased who stands in them.
  func removeEverything() throws {
    for directory in [files.copies, files.damaged] {
      let names = StoreFiles.names(in: directory)
      for name in names { StoreFiles.remove(directory + "/" + name) }
      guard StoreFiles.names(in: directory).isEmpty else {
        throw StoreFailure.cannotOpen(path: directory, reason: "not everything in it could be removed")
      }
      if !names.isEmpty { try StoreFiles.synchronise(directory) }
    }
  }
}
