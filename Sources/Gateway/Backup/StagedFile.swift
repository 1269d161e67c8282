import Backups
import Foundation
import Glibc

/// Writes what a backup holds to places that nobody reads yet.
enum StagedFile {
  /// A directory, and those above it below `root`, for its owner and group.
  ///
  /// - Parameter like: whose it is where we may say so: as this directory; nil: ours.
  static func makeDirectory(_ path: String, mode: mode_t, like: String?) throws(RestoreFailure) {
    var information = stat()
    if stat(path, &information) == 0 { return }
    let parent = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    var above = stat()
    if stat(parent, &above) != 0 { try makeDirectory(parent, mode: mode, like: like) }
    guard mkdir(path, mode) == 0 else { throw failure(path) }
    // What is above may be another account's, which could have put a link there since.
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    // Whatever the umask is.
    guard fchmod(descriptor, mode) == 0 else { throw failure(path) }
    if let like, stat(like, &information) == 0 { _ = fchown(descriptor, information.st_uid, information.st_gid) }
  }

  /// - Parameter give: calls its argument with each piece.
  static func write(
    _ path: String, mode: mode_t, _ give: (_ piece: ([UInt8]) throws -> Void) throws -> Void
  ) throws(RestoreFailure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    do {
      try give { octets throws in
        var rest = octets[...]
        while !rest.isEmpty {
          let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { throw failure(path) }
          rest = rest.dropFirst(count)
        }
      }
    } catch let error as RestoreFailure {
      throw error
    } catch let error as BackupFailure {
      throw .backup(error)
    } catch {
      throw .cannotWrite(path: path, reason: "\(type(of: error))")
    }
    guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw failure(path) }
  }

  /// Gives a file to the accounts of these names where they are on this box and we may; else as `like` is owned. A link is
  /// not followed.
  static func give(_ path: String, user: String = "", group: String = "", like: String) {
    var information = stat()
    guard stat(like, &information) == 0 else { return }
    _ = lchown(
      path, LocalAccounts.number(of: user, in: "/etc/passwd") ?? information.st_uid,
      LocalAccounts.number(of: group, in: "/etc/group") ?? information.st_gid)
  }

  /// Waits until a file, or the names in a directory, are on the disk.
  static func synchronise(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  static func failure(_ path: String) -> RestoreFailure {
    .cannotWrite(path: path, reason: String(cString: strerror(errno)))
  }
}
