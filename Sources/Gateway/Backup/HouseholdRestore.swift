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
    var reader: BackupReader
    do throws(BackupFailure) {
      reader = try BackupReader(path: backup, passphrase)
    } catch { throw .backup(error) }
    // The service of the account vitals reads it, and only root changes it.
    try StagedFile.makeDirectory(directory, mode: 0o750, like: "/etc/vitals")
    let lock = try Self.lock(directory)
    do throws(RestorePlan.Failure) {
      try RestorePlan.finish(beside: configuration, holding: [lock])
    } catch { throw .plan(error) }
    try look()
    var work = Work(restore: self, manifest: reader.manifest, lock: lock)
    defer { work.removeStaging() }
    do throws(RestoreFailure) {
      return try await work.run(&reader, uid: uid, now: now, progress: progress)
    } catch {
      // What is left of the plan is said, whoever stopped it.
      if case .plan = error { throw error }
      throw Task.isCancelled ? .cancelled : error
    }
  }

  /// One restore at a time unpacks beside a configuration.
  private static func lock(_ directory: String) throws(RestoreFailure) -> DataLock {
    do throws(DataLock.Refusal) { return try DataLock(directory: directory) } catch {
      switch error {
      case .taken: throw .taken(directory: directory)
      case .impossible(_, let reason): throw .cannotWrite(path: directory, reason: reason)
      }
    }
  }

  /// What an interrupted restore left.
  package struct Remains: Hashable, Sendable, Codable {
    /// Whether there was a plan, which is done now.
    package var finished: Bool
    /// What had been unpacked by one that never got to its plan, and is removed now.
    package var removed: [String]
  }

  /// Finishes a restore that was interrupted, or clears away what one left that changed nothing.
  ///
  /// - Parameter configuration: where `vitalsd.yaml` is, or was to be.
  /// - Throws: ``RestoreFailure``.
  package static func finish(_ configuration: String) throws(RestoreFailure) -> Remains {
    let restore = HouseholdRestore(backup: "", configuration: configuration, replaces: false)
    let (configuration, directory) = (restore.configuration, restore.directory)
    guard try seeing({ () throws(RestorePlan.Failure) in try RestorePlan.exists(directory) }) else {
      return Remains(finished: false, removed: [])
    }
    let lock = try lock(directory)
    defer { withExtendedLifetime(lock) {} }
    do throws(RestorePlan.Failure) {
      if try RestorePlan.finish(beside: configuration, holding: [lock]) { return Remains(finished: true, removed: []) }
    } catch { throw .plan(error) }
    let staged = "\(directory)/\(RestorePlan.staging)"
    // Where the data was to be says the configuration that was unpacked first; so that goes last.
    let unpacked = "\(staged)/\(URL(filePath: configuration).lastPathComponent)"
    let owners = [configuration, unpacked].compactMap { path in
      (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { try? dataDirectory($0, file: configuration) }
    }
    var removed: [String] = []
    for (owner, path) in owners.map({ ($0, "\($0)/\(RestorePlan.dataStaging)") }) + [(directory, staged)] {
      guard try seeing({ () throws(RestorePlan.Failure) in try RestorePlan.exists(path) }) else { continue }
      let held = lock.isOf(owner) ? nil : try Self.lock(owner)
      defer { withExtendedLifetime(held) {} }
      do { try FileManager.default.removeItem(atPath: path) } catch {
        throw .cannotWrite(path: path, reason: "it cannot be removed")
      }
      removed.append(path)
    }
    return Remains(finished: false, removed: removed)
  }

  /// While nothing is committed, what cannot be looked at is nothing of a plan.
  private static func seeing<Value>(
    _ look: () throws(RestorePlan.Failure) -> Value
  ) throws(RestoreFailure) -> Value {
    do throws(RestorePlan.Failure) { return try look() } catch {
      guard case .cannotMove(let path, let reason) = error else { throw .plan(error) }
      throw .cannotWrite(path: path, reason: reason)
    }
  }

  /// Where a configuration has its data.
  private static func dataDirectory(_ text: String, file: String) throws(RestoreFailure) -> String {
    do {
      let document = try YAMLDocument(text: text, file: file)
      return try ConfigurationFile.load(document).dataDirectory.trimmingSuffix("/")
    } catch let failure as ConfigurationFailure {
      throw .configuration(failure.description)
    } catch {
      throw .configuration("\(error)")
    }
  }

  /// The state of one run.
  private struct Work {
    let restore: HouseholdRestore
    let manifest: BackupManifest
    let directory: String
    let staged: String
    var stagedData: String?
    var locks: [DataLock]
    var files = 0
    var moved: [String: String] = [:]
    var text: String?

    /// - Parameter lock: that on the directory of the configuration.
    init(restore: HouseholdRestore, manifest: BackupManifest, lock: DataLock) {
      self.restore = restore
      self.manifest = manifest
      locks = [lock]
      directory = restore.directory
      staged = "\(directory)/\(RestorePlan.staging)"
    }

    func removeStaging() {
      // A plan that is committed needs it.
      guard (try? RestorePlan.exists(RestorePlan.path(beside: restore.configuration))) == false else { return }
      for path in [staged, stagedData].compactMap({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }

    mutating func run(
      _ reader: inout BackupReader, uid: UInt32, now: Date, progress: (Int64) -> Void
    ) async throws(RestoreFailure) -> Report {
      try? FileManager.default.removeItem(atPath: staged)
      try StagedFile.makeDirectory(staged, mode: 0o700, like: nil)
      var data: String?
      while let entry = try Self.next(&reader) {
        if Task.isCancelled { throw .cancelled }
        if entry.path == BackupManifest.Place.database {
          guard data == nil else { throw .backup(.notOurs(detail: "it has two databases")) }
          data = try await stage(database: &reader, progress)
        } else {
          try stage(entry, &reader)
        }
      }
      guard let data, let stagedData else { throw .backup(.notOurs(detail: "it has no database")) }
      let devices = try await tryOut(stagedData, uid: uid, now: now)
      let plan = try plan(data, stagedData, now: now)
      let existing = try HouseholdRestore.seeing { () throws(RestorePlan.Failure) in
        var taken: [String] = []
        for move in plan.plan.moves { if try RestorePlan.isTaken(move.target) { taken.append(move.target) } }
        return taken
      }
      guard restore.replaces || existing.isEmpty else { throw .exists(existing) }
      // Only now, when nothing more is written there by a name: the service may have to finish it.
      StagedFile.give(stagedData, like: data)
      StagedFile.give(staged, like: directory)
      if Task.isCancelled { throw .cancelled }
      do {
        try plan.plan.commit(beside: restore.configuration)
      } catch {
        throw .cannotWrite(path: RestorePlan.path(beside: restore.configuration), reason: "\(error)")
      }
      do throws(RestorePlan.Failure) {
        try RestorePlan.finish(beside: restore.configuration, holding: locks, most: restore.mostRenames)
      } catch { throw .plan(error) }
      return Report(
        madeAt: manifest.madeAt, software: manifest.software, configuration: restore.configuration, data: data,
        contents: manifest.contents, files: files,
        setAside: plan.aside.filter { access($0, F_OK) == 0 }, moved: moved, missing: manifest.leftOut,
        pairAgain: manifest.bondsAreOfAdapter ? devices : [])
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
      if let running = try? ConfigurationFile.load(path: restore.configuration).dataDirectory,
        access(running, F_OK) == 0
      {
        try lock(running)
      }
      let database = "\(data)/vitals.sqlite"
      guard restore.replaces || access(database, F_OK) != 0 else { throw .exists([database]) }
      let staged = "\(data)/\(RestorePlan.dataStaging)"
      try? FileManager.default.removeItem(atPath: staged)
      try StagedFile.makeDirectory(staged, mode: 0o700, like: nil)
      stagedData = staged
      var count: Int64 = 0
      try StagedFile.write("\(staged)/vitals.sqlite", mode: 0o600) { give in
        try reader.archive.body { octets in
          if Task.isCancelled { throw RestoreFailure.cancelled }
          try give(octets)
          count += Int64(octets.count)
          progress(count)
        }
      }
      return data
    }

    private mutating func lock(_ directory: String) throws(RestoreFailure) {
      // One directory may have several spellings, and be that of the configuration.
      if locks.contains(where: { $0.isOf(directory) }) { return }
      do throws(DataLock.Refusal) {
        locks.append(try DataLock(directory: directory))
      } catch { throw .running(error) }
    }

    private func dataDirectory() throws(RestoreFailure) -> String {
      guard let text else {
        throw .backup(.notOurs(detail: "its vitalsd.yaml is not there, or not before its database"))
      }
      return try HouseholdRestore.dataDirectory(text, file: restore.configuration)
    }

    /// Opens it as the daemon will, which brings it to this version's schema, and writes down who restored it.
    ///
    /// - Returns: its devices that have keys.
    private func tryOut(_ staged: String, uid: UInt32, now: Date) async throws(RestoreFailure) -> [String] {
      let database = "\(staged)/vitals.sqlite"
      do throws(StoreFailure) {
        _ = try DatabaseCopy.inspect(database)
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
        StagedFile.give(database, like: URL(filePath: staged).deletingLastPathComponent().path)
        StagedFile.synchronise(database)
        return devices
      } catch { throw .database(error) }
    }

    // MARK: - The plan

    /// What is in the way goes aside, and what was restored comes: the data first, and `vitalsd.yaml` last.
    private func plan(
      _ data: String, _ stagedData: String, now: Date
    ) throws(RestoreFailure) -> (plan: RestorePlan, aside: [String]) {
      let name = try asideName(data, now: now)
      let (asideData, asideConfiguration) = ("\(data)/\(name)", "\(directory)/\(name)")
      var moves = Store.householdFiles.reversed().map { file in
        RestorePlan.Move(
          staged: file == "vitals.sqlite" ? "\(stagedData)/\(file)" : nil, target: "\(data)/\(file)",
          aside: "\(asideData)/\(file)")
      }
      let last = URL(filePath: restore.configuration).lastPathComponent
      let found = (try? FileManager.default.contentsOfDirectory(atPath: staged)) ?? []
      guard found.contains(last) else {
        throw .cannotWrite(path: staged, reason: "the configuration is no longer in it")
      }
      // Whole folders: a rule of the old household beside those of the new would be a mixture. These two are read though
      // no configuration names them.
      let unnamed = directory == "/etc/vitals" ? ["rules.d", "DeviceProfiles"] : []
      let chain = FileIdentity.chain(data)
      for name in Set(found + unnamed).subtracting([last]).sorted() + [last] {
        try add(name, data: data, chain: chain, aside: asideConfiguration, to: &moves)
      }
      return (
        RestorePlan(data: data, moves: moves, leftovers: [staged, stagedData]),
        FileIdentity(of: data) == FileIdentity(of: directory) ? [asideData] : [asideData, asideConfiguration]
      )
    }

    /// One that is nowhere yet, also when two restores are within one second.
    private func asideName(_ data: String, now: Date) throws(RestoreFailure) -> String {
      let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
      let first = RestorePlan.aside + now.formatted(style)
      return try HouseholdRestore.seeing { () throws(RestorePlan.Failure) in
        var (name, number) = (first, 2)
        while true {
          let isInData = try RestorePlan.exists("\(data)/\(name)")
          let isBeside = try RestorePlan.exists("\(directory)/\(name)")
          guard isInData || isBeside else { return name }
          name = "\(first)-\(number)"
          number += 1
        }
      }
    }

    /// Moves a name of the configuration's directory as a whole; what is the data directory, or has it below, stays, and what
    /// was restored goes into it piece by piece.
    ///
    /// - Parameter chain: the data directory and all above it.
    private func add(
      _ name: String, data: String, chain: Set<FileIdentity>, aside: String, to moves: inout [RestorePlan.Move]
    ) throws(RestoreFailure) {
      let (source, target) = ("\(staged)/\(name)", "\(directory)/\(name)")
      let parent = URL(filePath: target).deletingLastPathComponent().path(percentEncoded: false)
      let own = URL(filePath: target).lastPathComponent
      let isInData = FileIdentity(of: parent) == FileIdentity(of: data)
      let refusal = RestoreFailure.backup(
        .notOurs(detail: "a file of its configuration has a name that is the gateway's own (\(name))"))
      if isInData || own == name, RestorePlan.isReserved(own, configuration: restore.configuration) { throw refusal }
      if isInData, Store.householdFiles.contains(own) { throw refusal }
      let isThere = access(source, F_OK) == 0
      if let identity = FileIdentity(of: target), chain.contains(identity) {
        guard let children = isThere ? try? FileManager.default.contentsOfDirectory(atPath: source) : [] else {
          throw refusal
        }
        for child in children.sorted() {
          try add("\(name)/\(child)", data: data, chain: chain, aside: aside, to: &moves)
        }
      } else {
        moves.append(RestorePlan.Move(staged: isThere ? source : nil, target: target, aside: "\(aside)/\(name)"))
      }
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) && count > suffix.count ? String(dropLast(suffix.count)) : self
  }
}
