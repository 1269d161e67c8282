import Foundation
import Glibc

/// What a restore still has to rename: one file beside `vitalsd.yaml`, there from the moment that everything is on the disk
/// until everything is in its place. Before it is there, all is as it was; once it is there, every start finishes it first.
/// So power that fails leaves the old household or the new one, and nobody runs a mixture.
package struct RestorePlan: Hashable, Sendable, Codable {
  /// One place: what stands there goes aside, and what was restored takes it.
  package struct Move: Hashable, Sendable, Codable {
    /// Nil: nothing takes the place.
    package var staged: String?
    package var target: String
    package var aside: String

    package init(staged: String?, target: String, aside: String) {
      self.staged = staged
      self.target = target
      self.aside = aside
    }
  }

  /// Why it is not finished.
  package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process works on the same data.
    case busy(DataLock.Refusal)
    case cannotMove(path: String, reason: String)
    case unreadable(path: String)

    package var description: String {
      switch self {
      case .busy(let refusal): "a restore is not finished, and another process works on its data: \(refusal)"
      case .cannotMove(let path, let reason):
        "a restore was interrupted and cannot be finished from here (\(path): \(reason)); run "
          + "'sudo vitals restore --finish', and start the service again"
      case .unreadable(let path):
        "a restore was interrupted, and what it still has to do cannot be read from \(path); run 'vitals restore' again"
      }
    }
  }

  package var data: String
  package var moves: [Move]
  /// Directories that are empty afterwards.
  package var leftovers: [String]

  package init(data: String, moves: [Move], leftovers: [String]) {
    self.data = data
    self.moves = moves
    self.leftovers = leftovers
  }

  package static func path(beside configuration: String) -> String { configuration + ".restoring" }

  /// From here on the new household holds.
  ///
  /// - Throws: what the disk says; then nothing has changed.
  func commit(beside configuration: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let path = Self.path(beside: configuration)
    let draft = path + ".new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: try encoder.encode(self))
    try handle.synchronize()
    try handle.close()
    guard rename(draft, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    Self.synchronise(directoryOf: path)
  }

  /// Finishes what was interrupted; nothing where nothing was.
  ///
  /// - Parameters:
  ///   - isLocked: the caller holds the lock on the data.
  ///   - most: how many renames are done; fewer only in tests of an interruption.
  /// - Returns: whether there was anything.
  @discardableResult
  package static func finish(
    beside configuration: String, isLocked: Bool = false, most: Int = .max
  ) throws(Failure) -> Bool {
    let path = Self.path(beside: configuration)
    guard let data = FileManager.default.contents(atPath: path) else {
      guard exists(path) else { return false }
      throw .unreadable(path: path)
    }
    guard let plan = try? JSONDecoder().decode(RestorePlan.self, from: data) else { throw .unreadable(path: path) }
    var lock: DataLock?
    if !isLocked {
      do throws(DataLock.Refusal) { lock = try DataLock(directory: plan.data) } catch { throw .busy(error) }
    }
    defer { withExtendedLifetime(lock) {} }
    var left = most
    for move in plan.moves { guard try move.perform(&left) else { return true } }
    for directory in plan.leftovers { try? FileManager.default.removeItem(atPath: directory) }
    guard left > 0 else { return true }
    guard unlink(path) == 0 else { throw .cannotMove(path: path, reason: String(cString: strerror(errno))) }
    synchronise(directoryOf: path)
    return true
  }

  /// Whether something to be kept stands there.
  static func isTaken(_ path: String) -> Bool {
    var information = stat()
    guard lstat(path, &information) == 0 else { return false }
    guard information.st_mode & S_IFMT == S_IFDIR else { return true }
    return (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty != true
  }

  fileprivate static func exists(_ path: String) -> Bool {
    var information = stat()
    return lstat(path, &information) == 0
  }

  /// Waits until the names in the directory of `path` are on the disk.
  fileprivate static func synchronise(directoryOf path: String) {
    let directory = open(
      URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }
}

extension RestorePlan.Move {
  /// Does what is left of it: each step is there, or is not, and says by that whether it was done.
  ///
  /// - Returns: false: no more may be done.
  fileprivate func perform(_ left: inout Int) throws(RestorePlan.Failure) -> Bool {
    if let staged, !RestorePlan.exists(staged) { return true }
    // An empty directory, as the package makes it, is nothing to keep: what comes takes its place.
    if RestorePlan.isTaken(target), !RestorePlan.exists(aside) {
      guard left > 0 else { return false }
      left -= 1
      try rename(target, aside)
    }
    if let staged {
      guard left > 0 else { return false }
      left -= 1
      try rename(staged, target)
    }
    return true
  }

  private func rename(_ from: String, _ to: String) throws(RestorePlan.Failure) {
    guard Glibc.rename(from, to) == 0 else {
      throw .cannotMove(path: from, reason: String(cString: strerror(errno)))
    }
    RestorePlan.synchronise(directoryOf: to)
    RestorePlan.synchronise(directoryOf: from)
  }
}
