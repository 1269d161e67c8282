package import Backups
package import Foundation
import Glibc
import Observations
import Store
import YAMLDocuments

/// Puts a backup in place on this box, whole or not at all.
///
/// Everything is first written beside where it belongs, the database is opened and tried, and only when the backup was read to
/// its end a ``RestorePlan`` makes it hold.
package struct HouseholdRestore: Sendable {
  /// What came of it.
  package struct Report: Hashable, Sendable, Codable {
    package var madeAt: Date
    package var software: String
    package var configuration: String
    package var data: String
    package var contents: BackupManifest.Contents
    package var files: Int
    /// Directories that hold what stood here before.
    package var setAside: [String]
    /// Files that lay elsewhere on the old box: where, and where they lie now.
    package var moved: [String: String]
    /// What the old configuration names and the backup does not have.
    package var missing: [String]
    /// Names or addresses of devices that were paired with the old adapter only.
    package var pairAgain: [String]
  }

  private static let staging = ".vitals-restore"

  package let backup: String
  /// Where `vitalsd.yaml` is to be.
  package let configuration: String
  package let replaces: Bool
  private let mostRenames: Int

  /// - Parameters:
  ///   - replaces: what stands here is put aside.
  ///   - mostRenames: then the power fails; only in tests.
  package init(backup: String, configuration: String, replaces: Bool, mostRenames: Int = .max) {
    self.backup = backup
    self.configuration = URL(filePath: configuration).standardizedFileURL.path(percentEncoded: false)
    self.replaces = replaces
    self.mostRenames = mostRenames
  }

  private var directory: String {
    URL(filePath: configuration).deletingLastPathComponent().standardizedFileURL.path(percentEncoded: false)
      .trimmingSuffix("/")
  }

  /// What can be known before the passphrase is asked for.
  package func look() throws(RestoreFailure) {
    if !replaces, access(configuration, F_OK) == 0 { throw .exists([configuration]) }
  }

  /// - Parameters:
  ///   - uid: who restores it, for the list of accesses.
  ///   - progress: told how many octets of the database were read.
  /// - Throws: ``RestoreFailure``.
  package func run(
    _ passphrase: Passphrase, uid: UInt32, now: Date, progress: (Int64) -> Void = { _ in }
  ) async throws(RestoreFailure) -> Report {
    do throws(RestorePlan.Failure) { try RestorePlan.finish(beside: configuration) } catch { throw .plan(error) }
    try look()
    var reader: BackupReader
    do throws(BackupFailure) {
      reader = try BackupReader(path: backup, passphrase)
    } catch { throw .backup(error) }
    // The service of the account vitals reads it, and only root changes it.
    try StagedFile.makeDirectory(directory, mode: 0o750, like: "/etc/vitals")
    var work = Work(restore: self, manifest: reader.manifest)
    defer { work.removeStaging() }
    return try await work.run(&reader, uid: uid, now: now, progress: progress)
  }

  /// The state of one run.
  private struct Work {
    let restore: HouseholdRestore
    let manifest: BackupManifest
    let directory: String
    let staged: String
    var stagedData: String?
    var locks: [DataLock] = []
    var files = 0
    var moved: [String: String] = [:]
    var text: String?

    init(restore: HouseholdRestore, manifest: BackupManifest) {
      self.restore = restore
      self.manifest = manifest
      directory = restore.directory
      staged = "\(directory)/\(HouseholdRestore.staging)"
    }

    func removeStaging() {
      // A plan that is committed needs it.
      guard access(RestorePlan.path(beside: restore.configuration), F_OK) != 0 else { return }
      for path in [staged, stagedData].compactMap({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }

    mutating func run(
      _ reader: inout BackupReader, uid: UInt32, now: Date, progress: (Int64) -> Void
    ) async throws(RestoreFailure) -> Report {
      try? FileManager.default.removeItem(atPath: staged)
      try StagedFile.makeDirectory(staged, mode: 0o700, like: directory)
      var data: String?
      while let entry = try Self.next(&reader) {
        if entry.path == BackupManifest.Place.database {
          guard data == nil else { throw .backup(.notOurs(detail: "it has two databases")) }
          data = try await stage(database: &reader, progress)
        } else {
          try stage(entry, &reader)
        }
      }
      guard let data, let stagedData else { throw .backup(.notOurs(detail: "it has no database")) }
      let contents = try await tryOut(stagedData, uid: uid, now: now)
      let plan = try plan(data, stagedData, now: now)
      let existing = plan.plan.moves.filter { RestorePlan.isTaken($0.target) }.map(\.target)
      guard restore.replaces || existing.isEmpty else { throw .exists(existing) }
      if !existing.isEmpty { try makeAside(plan.aside) }
      do {
        try plan.plan.commit(beside: restore.configuration)
      } catch {
        throw .cannotWrite(path: RestorePlan.path(beside: restore.configuration), reason: "\(error)")
      }
      let devices = manifest.bondsAreOfAdapter ? contents.devices : []
      do throws(RestorePlan.Failure) {
        try RestorePlan.finish(beside: restore.configuration, isLocked: true, most: restore.mostRenames)
      } catch { throw .plan(error) }
      return Report(
        madeAt: manifest.madeAt, software: manifest.software, configuration: restore.configuration, data: data,
        contents: manifest.contents, files: files,
        setAside: existing.isEmpty ? [] : plan.aside.filter { access($0, F_OK) == 0 }, moved: moved,
        missing: manifest.leftOut, pairAgain: devices)
    }

    private static func next(_ reader: inout BackupReader) throws(RestoreFailure) -> TarEntry? {
      do throws(BackupFailure) { return try reader.archive.nextEntry() } catch { throw .backup(error) }
    }

    // MARK: - Files of the configuration

    /// Below the directory of `vitalsd.yaml`; nil: it is for people who unpack by hand.
    private mutating func place(of entry: TarEntry) -> String? {
      let path = entry.path
      if path.hasPrefix(BackupManifest.Place.configuration) {
        let name = String(path.dropFirst(BackupManifest.Place.configuration.count))
        let own = URL(filePath: manifest.configuration).lastPathComponent
        return name == own ? URL(filePath: restore.configuration).lastPathComponent : name
      }
      if path.hasPrefix(BackupManifest.Place.credentials) { return path }
      if path.hasPrefix(BackupManifest.Place.elsewhere) {
        // Nothing is written outside: whoever restores as root says by hand where it goes.
        moved["/" + path.dropFirst(BackupManifest.Place.elsewhere.count)] = "\(directory)/\(path)"
        return path
      }
      return nil
    }

    private mutating func stage(_ entry: TarEntry, _ reader: inout BackupReader) throws(RestoreFailure) {
      guard let name = place(of: entry) else { return }
      guard entry.size <= 1 << 24 else { throw .backup(.notOurs(detail: "a file of its configuration is too large")) }
      let path = "\(staged)/\(name)"
      let isSecret = entry.path.hasPrefix(BackupManifest.Place.credentials)
      let parent = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false).trimmingSuffix("/")
      if parent != staged {
        try StagedFile.makeDirectory(parent, mode: isSecret ? 0o700 : 0o750, like: isSecret ? "/" : directory)
      }
      let octets: [UInt8]
      do throws(BackupFailure) { octets = try reader.archive.contents() } catch { throw .backup(error) }
      if path == "\(staged)/\(URL(filePath: restore.configuration).lastPathComponent)" {
        text = String(decoding: octets, as: UTF8.self)
      }
      // No right for others, and nothing that could be run.
      try StagedFile.write(path, mode: mode_t(entry.mode & 0o660 | 0o400)) { try $0(octets) }
      StagedFile.give(path, user: entry.user, group: entry.group, like: isSecret ? "/" : directory)
      files += 1
    }

    // MARK: - The database

    private mutating func stage(
      database reader: inout BackupReader, _ progress: (Int64) -> Void
    ) async throws(RestoreFailure) -> String {
      let data = try dataDirectory()
      // It is the service's; on a new box the package has made it.
      try StagedFile.makeDirectory(data, mode: 0o700, like: "/var/lib/vitals")
      try lock(data)
      if let running = try? ConfigurationFile.load(path: restore.configuration).dataDirectory, running != data,
        access(running, F_OK) == 0
      {
        try lock(running)
      }
      let database = "\(data)/vitals.sqlite"
      guard restore.replaces || access(database, F_OK) != 0 else { throw .exists([database]) }
      let staged = "\(data)/\(HouseholdRestore.staging)"
      try? FileManager.default.removeItem(atPath: staged)
      try StagedFile.makeDirectory(staged, mode: 0o700, like: data)
      stagedData = staged
      var count: Int64 = 0
      try StagedFile.write("\(staged)/vitals.sqlite", mode: 0o600) { give in
        try reader.archive.body { octets in
          try give(octets)
          count += Int64(octets.count)
          progress(count)
        }
      }
      return data
    }

    private mutating func lock(_ directory: String) throws(RestoreFailure) {
      do throws(DataLock.Refusal) {
        locks.append(try DataLock(directory: directory))
      } catch { throw .running(error) }
    }

    private func dataDirectory() throws(RestoreFailure) -> String {
      guard let text else {
        throw .backup(.notOurs(detail: "its vitalsd.yaml is not there, or not before its database"))
      }
      do {
        let document = try YAMLDocument(text: text, file: restore.configuration)
        return try ConfigurationFile.load(document).dataDirectory.trimmingSuffix("/")
      } catch let failure as ConfigurationFailure {
        throw .configuration(failure.description)
      } catch {
        throw .configuration("\(error)")
      }
    }

    /// Opens it as the daemon will, which brings it to this version's schema, and writes down who restored it.
    ///
    /// - Returns: its devices that have keys.
    private func tryOut(
      _ staged: String, uid: UInt32, now: Date
    ) async throws(RestoreFailure) -> (devices: [String], schema: String) {
      let database = "\(staged)/vitals.sqlite"
      do throws(StoreFailure) {
        let contents = try DatabaseCopy.inspect(database)
        let store = try await Store.open(directory: staged)
        try await store.recordAccess(.restore, .socket, uid: uid, patient: nil, at: now)
        let bonded = Set(try await store.keys(.longTerm).map(\.address))
        let devices = try await store.devices().map(\.description).filter { $0.address.map(bonded.contains) ?? false }
          .map { $0.name ?? $0.address ?? $0.id.rawValue }
        try await store.close()
        try DatabaseCopy.makeOneFile(database)
        let log = "\(database)-wal"
        guard (try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int) ?? 0 == 0 else {
          throw .badCopy(detail: "what was restored is not in one file")
        }
        StagedFile.give(database, user: "", group: "", like: URL(filePath: staged).deletingLastPathComponent().path)
        Self.synchronise(database)
        return (devices, contents.schema)
      } catch { throw .database(error) }
    }

    private static func synchronise(_ path: String) {
      let file = open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return }
      fsync(file)
      close(file)
    }

    // MARK: - The plan

    /// What is in the way goes aside, and what was restored comes: the data first, and `vitalsd.yaml` last.
    private func plan(
      _ data: String, _ stagedData: String, now: Date
    ) throws(RestoreFailure) -> (plan: RestorePlan, aside: [String]) {
      let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
      let name = "before-restore-\(now.formatted(style))"
      let (asideData, asideConfiguration) = ("\(data)/\(name)", "\(directory)/\(name)")
      var moves = Store.householdFiles.reversed().map { file in
        RestorePlan.Move(
          staged: file == "vitals.sqlite" ? "\(stagedData)/\(file)" : nil, target: "\(data)/\(file)",
          aside: "\(asideData)/\(file)")
      }
      let last = URL(filePath: restore.configuration).lastPathComponent
      let found: [String]
      do {
        found = try FileManager.default.contentsOfDirectory(atPath: staged)
      } catch { throw .cannotWrite(path: staged, reason: "it cannot be listed") }
      // Whole folders: a rule of the old household beside those of the new would be a mixture. These two are read though
      // no configuration names them.
      let unnamed = directory == "/etc/vitals" ? ["rules.d", "DeviceProfiles"] : []
      let names = Set(found + unnamed).subtracting([last])
      for name in names.sorted() + [last] {
        moves.append(
          RestorePlan.Move(
            staged: found.contains(name) ? "\(staged)/\(name)" : nil, target: "\(directory)/\(name)",
            aside: "\(asideConfiguration)/\(name)"))
      }
      return (
        RestorePlan(data: data, moves: moves, leftovers: [staged, stagedData]),
        data == directory ? [asideData] : [asideData, asideConfiguration]
      )
    }

    private func makeAside(_ directories: [String]) throws(RestoreFailure) {
      for path in directories {
        try StagedFile.makeDirectory(
          path, mode: 0o700, like: URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false))
      }
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) && count > suffix.count ? String(dropLast(suffix.count)) : self
  }
}
