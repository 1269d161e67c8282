import Foundation
import Glibc

/// The place of the socket file. The server binds in a directory that only we can enter; when mode and group are right the
/// file is moved to its place, so that there is no moment in which the wrong people could connect, and whatever stale
/// file was there is replaced in the same step.
struct SocketPlace {
  let path: String
  /// Where to bind.
  let hiddenPath: String
  private let hiddenDirectory: String

  /// - Throws: ``LocalServerFailure``.
  init(path: String) throws(LocalServerFailure) {
    self.path = path
    let directory = (path as NSString).deletingLastPathComponent
    let place = directory.isEmpty ? "." : directory
    try Self.refuseOccupied(path)
    do {
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    } catch {
      throw .cannotListen(path: path, reason: "its directory cannot be made")
    }
    var template = Array("\(place)/.s-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .cannotListen(path: path, reason: Self.reason()) }
    hiddenDirectory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    hiddenPath = hiddenDirectory + "/s"
  }

  /// Gives the bound socket its mode 0660 and the group, and moves it to its place.
  /// - Returns: whether it has the group `vitals`; false when there is no such group or we may not give it.
  /// - Throws: ``LocalServerFailure``.
  func publish(group: String) throws(LocalServerFailure) -> Bool {
    var hasGroup = false
    if let id = Self.groupID(group) { hasGroup = chown(hiddenPath, uid_t.max, id) == 0 }
    guard chmod(hiddenPath, 0o660) == 0, rename(hiddenPath, path) == 0 else {
      throw .cannotListen(path: path, reason: Self.reason())
    }
    rmdir(hiddenDirectory)
    return hasGroup
  }

  /// What tells our file from one that somebody put there later.
  func identity() -> FileIdentity? { Self.identity(path) }

  /// Removes what is left: the hidden directory, and the socket if it is still the one of `identity`.
  func clear(_ identity: FileIdentity?) {
    unlink(hiddenPath)
    rmdir(hiddenDirectory)
    if let identity, Self.identity(path) == identity { unlink(path) }
  }

  struct FileIdentity: Hashable {
    var device: Int
    var inode: Int
  }

  private static func identity(_ path: String) -> FileIdentity? {
    let attributes = attributes(path)
    guard let device = attributes?[.systemNumber] as? Int, let inode = attributes?[.systemFileNumber] as? Int else {
      return nil
    }
    return FileIdentity(device: device, inode: inode)
  }

  /// Of the path itself, not of what a link there points to; nil when nothing is there. By Foundation: `struct stat` is
  /// Dispatch's by Swift's count, and this has nothing to do with Dispatch.
  private static func attributes(_ path: String) -> [FileAttributeKey: Any]? {
    try? FileManager.default.attributesOfItem(atPath: path)
  }

  private static func refuseOccupied(_ path: String) throws(LocalServerFailure) {
    guard let attributes = attributes(path) else { return }
    guard attributes[.type] as? FileAttributeType == .typeSocket else { throw .notASocket(path: path) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < room else { throw .cannotListen(path: path, reason: "the path is too long") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    // Not blocking: a daemon that hangs with a full queue is there all the same.
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .cannotListen(path: path, reason: reason()) }
    defer { close(descriptor) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if result == 0 || errno == EAGAIN || errno == EINPROGRESS { throw .alreadyServed(path: path) }
    // Nobody listens on a file that a crash left behind.
    if errno != ECONNREFUSED, errno != ENOENT { throw .cannotListen(path: path, reason: reason()) }
  }

  private static func groupID(_ name: String) -> gid_t? {
    var group = Glibc.group()
    var found: UnsafeMutablePointer<Glibc.group>?
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    guard getgrnam_r(name, &group, &buffer, buffer.count, &found) == 0, let found else { return nil }
    return found.pointee.gr_gid
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
