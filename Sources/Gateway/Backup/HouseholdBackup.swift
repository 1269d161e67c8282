import Backups
package import Foundation
import Glibc
import LocalAPI
package import LocalServer
package import Store

/// Puts a household together for another box: a tar archive, not yet encrypted; whoever asked for it does that, and the
/// passphrase stays with them.
///
/// The configuration is the one that is run by, whatever is being edited; the secrets are as they are on the disk.
package struct HouseholdBackup: Sendable {
  package let loaded: LoadedConfiguration
  package let store: Store
  /// See ``BackupManifest/bondsAreOfAdapter``.
  package let bondsAreOfAdapter: Bool
  package let now: Date

  package init(loaded: LoadedConfiguration, store: Store, bondsAreOfAdapter: Bool, now: Date) {
    self.loaded = loaded
    self.store = store
    self.bondsAreOfAdapter = bondsAreOfAdapter
    self.now = now
  }

  private struct File {
    var entry: TarEntry
    var octets: [UInt8]
  }

  /// Octets of a file that a configuration may name; a larger one is no secret.
  private static let mostOctets = 1 << 20

  /// Makes the copy of the database and reads the files; what follows cannot fail but by the disk.
  package func prepare() async throws(StoreFailure) -> GatewayBackup {
    let copy = try await store.copyToGive()
    let contents = copy.contents
    let collected = collect()
    let manifest = BackupManifest(
      madeAt: now, software: Version.current, configuration: loaded.files.configuration.path,
      contents: BackupManifest.Contents(
        patients: contents.patients, devices: contents.devices, bonds: contents.bonds, consents: contents.consents,
        waiting: contents.waiting, readings: contents.readings, schema: contents.schema),
      bondsAreOfAdapter: bondsAreOfAdapter, leftOut: collected.leftOut.sorted())
    guard let json = try? manifest.json() else { throw .corrupt(detail: "the manifest of a backup") }
    let files =
      [Self.file(BackupManifest.name, json), Self.file("README.txt", Array(Self.readMe.utf8))] + collected.files
    let database = TarEntry(path: BackupManifest.Place.database, size: copy.size, mode: 0o600)
    let time = Int64(now.timeIntervalSince1970)
    var first: [UInt8] = []
    for file in files {
      guard let header = file.entry.header(time: time) else { continue }
      first += header + file.octets + file.entry.padding
    }
    guard let header = database.header(time: time) else { throw .corrupt(detail: "a database of more than 8 GiB") }
    first += header
    let beginning = first
    return GatewayBackup { give in
      try await give(beginning)
      var offset: Int64 = 0
      while offset < copy.size {
        let piece = try await copy.read(at: offset)
        offset += Int64(piece.count)
        try await give(piece)
      }
      try await give(database.padding + TarEntry.end)
    }
  }

  private static let readMe = """
    A backup of a vitals gateway: what it knows of the household, and its configuration. 'vitals restore FILE' puts it on
    another box. Without that program: 'age -d FILE | tar -x' opens it, data/vitals.sqlite is an SQLite 3 database, and the
    rest is text. It holds health data, keys and secrets: remove what you unpacked when you are done.

    """

  private static func file(_ path: String, _ octets: [UInt8]) -> File {
    File(entry: TarEntry(path: path, size: Int64(octets.count), mode: 0o600), octets: octets)
  }

  // MARK: - The configuration

  /// - Returns: the files, and what is named and could not be read.
  private func collect() -> (files: [File], leftOut: [String]) {
    let texts = loaded.files
    var files: [String: File] = [:]
    var leftOut: [String] = []
    func add(_ path: String, _ octets: [UInt8]) {
      let place = place(of: path)
      guard !RestorePlan.isReserved(place: place, configuration: texts.configuration.path) else {
        return leftOut.append(path)
      }
      var entry = TarEntry(path: place, size: Int64(octets.count), mode: 0o640)
      Self.describe(path, &entry)
      guard entry.header(time: 0) != nil else { return leftOut.append(path) }
      files[place] = File(entry: entry, octets: octets)
    }
    let own = texts.profiles.filter { profile in
      !InstalledProfiles.ofProgram.contains { profile.path.hasPrefix($0 + "/") }
    }
    for file in [texts.configuration] + (texts.rules ?? []) + texts.templates + own {
      add(file.path, Array(file.text.utf8))
    }
    // What a profile that the household made was made of.
    for profile in own {
      for name in ["session.yaml", "expected.yaml"] {
        let path = URL(filePath: profile.path).deletingLastPathComponent().appending(path: name)
          .path(percentEncoded: false)
        if case .success(let octets) = Self.read(path) { add(path, octets) }
      }
    }
    let named = NamedSecrets.named(in: loaded.document)
    let directory = URL(filePath: texts.configuration.path).deletingLastPathComponent()
    for path in named.paths.sorted() {
      let path =
        path.hasPrefix("/") ? path : directory.appending(path: path).standardizedFileURL.path(percentEncoded: false)
      if case .success(let octets) = Self.read(path) { add(path, octets) } else { leftOut.append(path) }
    }
    for name in named.credentials.sorted() {
      guard case .success(let octets) = Self.read(SystemdCredential.path(named: name)) else {
        leftOut.append(name)
        continue
      }
      files["\(BackupManifest.Place.credentials)\(name)"] = Self.file(
        "\(BackupManifest.Place.credentials)\(name)", octets)
    }
    return (files.sorted { $0.key < $1.key }.map(\.value), leftOut)
  }

  private func place(of path: String) -> String {
    let directory = Self.parts(loaded.files.configuration.path).dropLast()
    let parts = Self.parts(path)
    if parts.count > directory.count, parts.starts(with: directory) {
      return BackupManifest.Place.configuration + parts.dropFirst(directory.count).joined(separator: "/")
    }
    return BackupManifest.Place.elsewhere + parts.joined(separator: "/")
  }

  /// The names on the way to a file, without `//`, `.` and `..`: an archive with those is refused.
  private static func parts(_ path: String) -> [Substring] {
    let whole = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return whole.split(separator: "/").reduce(into: []) { parts, name in
      switch name {
      case ".": break
      case "..": _ = parts.popLast()
      default: parts.append(name)
      }
    }
  }

  private struct Unreadable: Error {}

  private static func read(_ path: String) -> Result<[UInt8], Unreadable> {
    guard let data = FileManager.default.contents(atPath: path), data.count <= mostOctets else {
      return .failure(Unreadable())
    }
    return .success(Array(data))
  }

  /// Whose file it is, by name: numbers of accounts differ from box to box.
  private static func describe(_ path: String, _ entry: inout TarEntry) {
    var information = stat()
    guard stat(path, &information) == 0 else { return }
    entry.mode = UInt16(truncatingIfNeeded: information.st_mode & 0o777)
    // Read as a file, since NSS could be waiting for a server that is away.
    entry.user = LocalAccounts.name(of: information.st_uid, in: "/etc/passwd") ?? ""
    entry.group = LocalAccounts.name(of: information.st_gid, in: "/etc/group") ?? ""
  }
}
