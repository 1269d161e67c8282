package import Foundation
import GRDB
import Observations

/// What was done about a damaged database: kept in the new one.
package struct DatabaseRepair: Hashable, Sendable, Codable {
  package var at: Date
  /// What was found, in English; nothing that stands in the file.
  package var reason: String
  /// When the copy was made that was restored; nil: there was none that was whole.
  package var copyMadeAt: Date?
  /// Readings that the copy has.
  package var restored: Int
  /// Readings that only the damaged file had, and that could be read.
  package var salvaged: Int
  /// Readings that are known to have been in it and could not be read; nil: nobody knows how many.
  package var missing: Int?
  /// Tables of which something may be missing that is newer than the copy.
  package var incomplete: [String]
  /// The name of the damaged database below `damaged` in the data directory, without `.sqlite`.
  package var setAside: String

  static let setting = "repair"
}

/// Builds the database anew: from the newest copy that is whole, and from what can be read of the damaged one.
///
/// The new one is finished beside the old one; only then do they change places. Power that fails before leaves everything as
/// it was, and after that ``finish(_:)`` goes on where it ended.
struct DatabaseRebuild {
  let files: StoreFiles
  let damage: Damage
  let now: Date

  private var building: String { files.damaged + "/building.sqlite" }
  private static let finished = ".repaired"

  /// - Throws: ``StoreFailure/newerSchema(path:unknown:)`` for a copy of a later version, and what the disk says. Then
  ///   everything lies where it lay.
  func run() throws {
    try StoreFiles.make(directory: files.damaged)
    defer { removeUnfinished() }
    let stamp = StampedName(after: StoreFiles.names(in: files.damaged), at: now)
    do {
      try build(stamp)
    } catch let error where StoreFailure(error) == .fullDisk {
      removeUnfinished()
      guard try removeSpare() else { throw error }
      try build(stamp)
    }
    try StoreFiles.rename(building, to: files.damaged + "/" + stamp.text + Self.finished)
    try StoreFiles.synchronise(files.damaged)
    try Self.finish(files)
  }

  private func removeUnfinished() {
    for suffix in ["", "-journal"] { StoreFiles.remove(building + suffix) }
  }

  private func build(_ stamp: StampedName) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let copy = try restore()
    if copy == nil {
      StoreFiles.remove(building)
      try StoreFiles.make(file: building)
    }
    let queue = try DatabaseQueue(path: building, configuration: configuration)
    let salvage = Salvage(files: files, target: queue, copy: copy)
    var repair = try salvage.run()
    repair.at = now
    repair.reason = damage.reason
    repair.setAside = stamp.text
    let done = repair
    try queue.write { db in try Settings(db).set(DatabaseRepair.setting, try JSONText.encode(done)) }
    let found = try queue.read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") }
    try queue.close()
    guard found == "ok" else { throw StoreFailure.badCopy(detail: "the rebuilt database") }
    try StoreFiles.synchronise(building)
  }

  /// Makes room on a small disk: what was set aside earlier goes, and each copy but the newest that is whole. Without a
  /// database nothing at all would be kept.
  ///
  /// - Returns: whether there was anything.
  private func removeSpare() throws -> Bool {
    let copies = VerifiedCopies(files)
    // First: where this throws, everything lies where it lay.
    let newest = try newestWhole()
    let spare = newest == nil ? [] : copies.all().filter { $0 != newest }
    let sets = StoreFiles.names(in: files.damaged).filter { StampedName(prefixOf: $0) != nil }
    copies.removeUnfinished()
    for copy in spare { StoreFiles.remove(copy.path) }
    for name in sets { StoreFiles.remove(files.damaged + "/" + name) }
    return !spare.isEmpty || !sets.isEmpty
  }

  private func newestWhole() throws -> VerifiedCopy? {
    var configuration = Configuration()
    configuration.readonly = true
    return try firstWhole { copy in try DatabaseQueue(path: copy.path, configuration: configuration) }
  }

  /// Puts the newest copy that is whole in the new place; nil: there is none.
  private func restore() throws -> VerifiedCopy? {
    try firstWhole { copy in
      try StoreFiles.duplicate(copy.path, to: building)
      return try DatabaseQueue(path: building)
    }
  }

  /// - Parameter open: where a copy is looked at.
  private func firstWhole(_ open: (VerifiedCopy) throws -> DatabaseQueue) throws -> VerifiedCopy? {
    for copy in VerifiedCopies(files).all() {
      do {
        let queue = try open(copy)
        defer { try? queue.close() }
        let (origin, isAsMade, found) = try queue.read { db in
          (
            try Migrations.origin(db), try Migrations.isAsMade(db),
            try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
          )
        }
        if case .later(let unknown) = origin { throw StoreFailure.newerSchema(path: copy.path, unknown: unknown) }
        if origin == .known, isAsMade, found == "ok" { return copy }
      } catch {
        guard Damage.isMet(error) else { throw error }
      }
    }
    return nil
  }

  /// The damaged files get their names, and the rebuilt database its place. Nothing happens where none waits.
  static func finish(_ files: StoreFiles) throws {
    let names = StoreFiles.names(in: files.damaged)
    guard let name = names.filter({ $0.hasSuffix(finished) }).max() else { return }
    let set = files.damaged + "/" + name.dropLast(finished.count)
    // What is set aside already lies where it belongs. The log goes before the new database comes: it is not its own.
    for suffix in StoreFiles.suffixes where StoreFiles.size(files.database + suffix) != nil {
      try StoreFiles.rename(files.database + suffix, to: "\(set).sqlite\(suffix)")
    }
    try StoreFiles.synchronise(files.directory)
    try StoreFiles.synchronise(files.damaged)
    try StoreFiles.rename(files.damaged + "/" + name, to: files.database)
    StoreFiles.remove(files.suspect)
    try StoreFiles.synchronise(files.directory)
    let sets = Set(StoreFiles.names(in: files.damaged).compactMap { StampedName(prefixOf: $0) }).sorted()
    for old in sets.dropLast(StoreFiles.setAside) {
      for suffix in StoreFiles.suffixes { StoreFiles.remove("\(files.damaged)/\(old.text).sqlite\(suffix)") }
    }
  }
}
