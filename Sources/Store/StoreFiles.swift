import CLinux
import Foundation
import Glibc
import Observations

/// The files of a store in its directory: the database, its verified copies, and damaged databases that were set aside.
struct StoreFiles: Sendable {
  let directory: String
  init(_ directory: String) { self.directory = directory }

  /// How many daily copies are kept; beside them the newest that was made before a migration.
  static let dailyCopies = 3
  /// How many damaged databases are kept.
  static let setAside = 3

  static let suffixes = ["", "-wal", "-shm"]
  /// What stands in the directory beside the database.
  static let own = ["copies", "damaged", "vitals.sqlite-suspect"]

  var database: String { directory + "/vitals.sqlite" }
  var copies: String { directory + "/copies" }
  var damaged: String { directory + "/damaged" }
  /// Stands there since a running statement found damage, until the database was rebuilt.
  var suspect: String { database + "-suspect" }

  /// In octets; nil: there is no such file.
  static func size(_ path: String) -> Int64? {
    var information = stat()
    return stat(path, &information) == 0 ? Int64(information.st_size) : nil
  }

  static func make(directory: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw StoreFailure.cannotOpen(path: directory, reason: "the directory cannot be made")
    }
  }

  /// An empty file for its owner only; one that is there is made so.
  static func make(file path: String) throws {
    let file = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if file >= 0 {
      Glibc.close(file)
    } else if errno != EEXIST || chmod(path, 0o600) != 0 {
      throw StoreFailure.cannotOpen(path: path, reason: String(cString: strerror(errno)))
    }
  }

  /// Waits until a file, or the names in a directory, are on the disk.
  static func synchronise(_ path: String) throws {
    let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure(path) }
    defer { Glibc.close(file) }
    guard fsync(file) == 0 else { throw failure(path) }
  }

  /// Waits until all that was written to the file system of a directory is on its disk.
  static func synchroniseAll(in directory: String) throws {
    let file = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw failure(directory) }
    defer { Glibc.close(file) }
    guard vitals_syncfs(file) == 0 else { throw failure(directory) }
  }

  /// Whether the file system has become one that takes nothing, as a card that dies makes it.
  static func isReadOnly(_ directory: String) -> Bool {
    var information = statvfs()
    return statvfs(directory, &information) == 0 && information.f_flag & UInt(ST_RDONLY) != 0
  }

  /// Gives a file another name on the same disk, at once or not at all.
  static func rename(_ path: String, to new: String) throws {
    guard Glibc.rename(path, new) == 0 else { throw failure(path) }
  }

  /// A copy of its own, for its owner only, in place of one that is there.
  static func duplicate(_ path: String, to new: String) throws {
    remove(new)
    try make(file: new)
    let (from, to) = (Glibc.open(path, O_RDONLY | O_CLOEXEC), Glibc.open(new, O_WRONLY | O_CLOEXEC))
    defer {
      for file in [from, to] where file >= 0 { Glibc.close(file) }
    }
    guard from >= 0, to >= 0 else { throw failure(path) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(from, &buffer, buffer.count)
      if count == 0 { return }
      guard count > 0 else { throw failure(path) }
      var written = 0
      while written < count {
        let more = buffer.withUnsafeBytes {
          let rest = UnsafeRawBufferPointer(rebasing: $0[written..<count])
          return Glibc.write(to, rest.baseAddress, rest.count)
        }
        guard more > 0 else { throw failure(new) }
        written += more
      }
    }
  }

  static func remove(_ path: String) { unlink(path) }

  static func names(in directory: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
  }

  private static func failure(_ path: String) -> StoreFailure {
    switch errno {
    case ENOSPC, EDQUOT: .fullDisk
    case EROFS: .readOnly
    case EIO: .io(code: 10)
    default: .cannotOpen(path: path, reason: String(cString: strerror(errno)))
    }
  }
}

/// A file name that says which it is and when it was made: `000042-20261130T044619Z`. The number and not the date says
/// which is newer: a box without a battery for its clock begins in the past.
struct StampedName: Hashable, Comparable, Sendable {
  var number: Int
  /// In whole seconds.
  var date: Date

  private static let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)

  /// The next one after those among `names`.
  init(after names: [String], at date: Date) {
    number = (names.compactMap { StampedName(prefixOf: $0)?.number }.max() ?? 0) + 1
    self.date = date
  }

  init?(prefixOf name: String) {
    let parts = name.prefix { $0 != "." }.split(separator: "-", maxSplits: 2)
    guard parts.count >= 2, parts[0].count >= 6, let number = Int(parts[0]),
      let date = try? Self.style.parse(String(parts[1]))
    else { return nil }
    (self.number, self.date) = (number, date)
  }

  var text: String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "-" + date.formatted(Self.style)
  }

  static func < (left: StampedName, right: StampedName) -> Bool { left.number < right.number }
}
