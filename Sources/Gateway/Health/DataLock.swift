import Foundation
import Glibc

/// Held for as long as this process lives: one daemon has a data directory open, or alerts would be told twice and states in
/// memory would differ from the disk.
///
/// It is a lock on the directory itself (flock(2)), so that nothing is made, and nothing is left behind by a crash.
package final class DataLock: Sendable {
  /// Why it was not given.
  package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process has it.
    case taken(directory: String)
    /// The reason by the system.
    case impossible(directory: String, reason: String)

    package var description: String {
      switch self {
      case .taken(let directory):
        "another vitalsd keeps its readings in \(directory) already, and nothing was touched; stop that one first "
          + "('systemctl stop vitalsd'), or name another 'data' directory in this one's configuration"
      case .impossible(let directory, let reason): "the directory \(directory) cannot be locked: \(reason)"
      }
    }
  }

  private let descriptor: Int32

  /// - Parameter directory: it exists.
  /// - Throws: ``Refusal``.
  package init(directory: String) throws(Refusal) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .impossible(directory: directory, reason: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      close(descriptor)
      throw number == EWOULDBLOCK
        ? .taken(directory: directory)
        : .impossible(directory: directory, reason: String(cString: strerror(number)))
    }
    self.descriptor = descriptor
  }

  /// Whether this is the lock on `directory`, however that is spelled: a process that locks it twice refuses itself.
  package func isOf(_ directory: String) -> Bool {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { return false }
    return FileIdentity(information) == FileIdentity(of: directory)
  }

  /// Lets go of it, as the end of the process does.
  deinit { close(descriptor) }
}
