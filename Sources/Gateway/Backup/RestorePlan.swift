import Backups
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
    /// Whether there is a plan is not known.
    case unseen(path: String, reason: String)

    package var description: String { sentence(isVietnamese: false) }

    /// What is wrong and what to do.
    package func sentence(isVietnamese: Bool) -> String {
      func say(_ english: String, _ vietnamese: String) -> String { isVietnamese ? vietnamese : english }
      return switch self {
      case .busy(let refusal):
        say(
          "a restore is not finished, and another process works on its data: \(refusal)",
          "một lần khôi phục còn dang dở, và tiến trình khác đang dùng dữ liệu của nó: \(refusal)")
      case .cannotMove(let path, let reason):
        say(
          "a restore was interrupted and cannot be finished from here (\(path): \(reason)); run "
            + "'sudo vitals restore --finish', and start the service again",
          "một lần khôi phục bị gián đoạn và không thể hoàn tất từ đây (\(path): \(reason)); hãy chạy "
            + "'sudo vitals restore --finish' rồi khởi động lại dịch vụ")
      case .unreadable(let path):
        say(
          "a restore was interrupted, and what it still has to do cannot be read from \(path); what stands here may be partly "
            + "the old household. Remove that file (sudo rm '\(path)') and restore the backup again: sudo vitals restore --force "
            + "FILE",
          "một lần khôi phục bị gián đoạn, và không đọc được các bước còn lại từ \(path); dữ liệu ở đây có thể còn lẫn dữ liệu cũ. "
            + "Hãy xóa tệp đó (sudo rm '\(path)') rồi khôi phục lại: sudo vitals restore --force TỆP")
      case .unseen(let path, let reason):
        say(
          "whether a restore was interrupted cannot be seen here (\(path): \(reason)); run this as root (sudo)",
          "không xem được có lần khôi phục nào dang dở không (\(path): \(reason)); hãy chạy bằng quyền root (sudo)")
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

  /// Where what a backup holds is unpacked, beside the configuration and in the data directory. They may be one directory.
  static let staging = ".vitals-restore"
  static let dataStaging = ".vitals-restore-data"
  static let aside = "before-restore-"

  /// Whether a restore itself needs this name in the directory of `configuration`, or in that of the data.
  static func isReserved(_ name: some StringProtocol, configuration: String) -> Bool {
    let plan = URL(filePath: path(beside: configuration)).lastPathComponent
    return [staging, aside, plan].contains { name.hasPrefix($0) }
  }

  /// The same of a file's place in a backup.
  static func isReserved(place: String, configuration: String) -> Bool {
    guard place.hasPrefix(BackupManifest.Place.configuration) else { return false }
    let top = place.dropFirst(BackupManifest.Place.configuration.count).prefix { $0 != "/" }
    return isReserved(top, configuration: configuration)
  }

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
    // Whatever the umask is: the service reads it.
    fchmod(descriptor, 0o644)
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: try encoder.encode(self))
    try handle.synchronize()
    try handle.close()
    guard rename(draft, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    StagedFile.synchronise(path.parent)
  }

  /// Finishes what was interrupted; nothing where nothing was.
  ///
  /// - Parameters:
  ///   - locks: what the caller holds already.
  ///   - most: how many renames are done; fewer only in tests of an interruption.
  /// - Returns: whether there was anything.
  @discardableResult
  package static func finish(
    beside configuration: String, holding locks: [DataLock] = [], most: Int = .max
  ) throws(Failure) -> Bool {
    let path = Self.path(beside: configuration)
    guard let plan = try read(path) else { return false }
    var lock: DataLock?
    if !locks.contains(where: { $0.isOf(plan.data) }) {
      do throws(DataLock.Refusal) { lock = try DataLock(directory: plan.data) } catch { throw .busy(error) }
      // Whoever had the lock until now may have finished it; done twice, it would put aside what was restored.
      guard try read(path) == plan else { return false }
    }
    defer { withExtendedLifetime(lock) {} }
    var left = most
    for move in plan.moves { guard try move.perform(&left) else { return true } }
    for directory in plan.leftovers { try? FileManager.default.removeItem(atPath: directory) }
    guard left > 0 else { return true }
    guard unlink(path) == 0 else { throw .cannotMove(path: path, reason: String(cString: strerror(errno))) }
    StagedFile.synchronise(path.parent)
    return true
  }

  /// Nil: there is none.
  private static func read(_ path: String) throws(Failure) -> RestorePlan? {
    do throws(Failure) { guard try exists(path) else { return nil } } catch {
      if case .cannotMove(let path, let reason) = error { throw .unseen(path: path, reason: reason) }
      throw error
    }
    // One that another account may read is whole, and not to be removed.
    guard access(path, R_OK) == 0 else { throw .cannotMove(path: path, reason: String(cString: strerror(errno))) }
    guard let data = FileManager.default.contents(atPath: path),
      let plan = try? JSONDecoder().decode(RestorePlan.self, from: data)
    else { throw .unreadable(path: path) }
    return plan
  }

  /// Whether something to be kept stands there.
  static func isTaken(_ path: String) throws(Failure) -> Bool {
    guard let mode = try mode(path) else { return false }
    guard mode & S_IFMT == S_IFDIR else { return true }
    return (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty != true
  }

  static func exists(_ path: String) throws(Failure) -> Bool { try mode(path) != nil }

  /// Of what stands there, a link for itself; nil: nothing does. What may not be looked at could be anything.
  private static func mode(_ path: String) throws(Failure) -> mode_t? {
    var information = stat()
    if lstat(path, &information) == 0 { return information.st_mode }
    guard errno == ENOENT || errno == ENOTDIR else {
      throw .cannotMove(path: path, reason: String(cString: strerror(errno)))
    }
    return nil
  }
}

extension RestorePlan.Move {
  /// Does what is left of it: each step is there, or is not, and says by that whether it was done.
  ///
  /// - Returns: false: no more may be done.
  fileprivate func perform(_ left: inout Int) throws(RestorePlan.Failure) -> Bool {
    if let staged, try !RestorePlan.exists(staged) { return true }
    if staged == nil, try RestorePlan.exists(aside) { return true }
    // An empty directory, as the package makes it, is nothing to keep: what comes takes its place.
    if try RestorePlan.isTaken(target) {
      guard left > 0 else { return false }
      left -= 1
      try rename(target, try place())
    }
    if let staged {
      guard left > 0 else { return false }
      left -= 1
      try rename(staged, target)
    }
    return true
  }

  /// Where what stands here goes. A start in between may have put an example where the old household was taken away, or where
  /// there was none.
  private func place() throws(RestorePlan.Failure) -> String {
    var (place, number) = (aside, 2)
    while try RestorePlan.exists(place) {
      place = "\(aside).\(number)"
      number += 1
    }
    var above = aside.parent
    while try !RestorePlan.exists(above), above != "/" { above = above.parent }
    do throws(RestoreFailure) {
      try StagedFile.makeDirectory(aside.parent, mode: 0o700, like: above)
    } catch {
      guard case .cannotWrite(let path, let reason) = error else { return place }
      throw .cannotMove(path: path, reason: reason)
    }
    StagedFile.synchronise(above)
    return place
  }

  private func rename(_ from: String, _ to: String) throws(RestorePlan.Failure) {
    guard Glibc.rename(from, to) == 0 else {
      throw .cannotMove(path: from, reason: String(cString: strerror(errno)))
    }
    StagedFile.synchronise(to.parent)
    StagedFile.synchronise(from.parent)
  }
}

extension String {
  /// The directory that this path stands in.
  fileprivate var parent: String {
    let above = split(separator: "/").dropLast().joined(separator: "/")
    if hasPrefix("/") { return "/" + above }
    return above.isEmpty ? "." : above
  }
}
