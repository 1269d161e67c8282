import Foundation

/// Octets of a file, a piece at a time.
package final class ByteInput {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var position = 0
  /// Octets that were taken.
  package private(set) var offset: Int64 = 0

  /// - Throws: ``BackupFailure/unreadable(reason:)``.
  package init(path: String) throws(BackupFailure) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(reason: String(cString: strerror(errno))) }
  }

  deinit { close(descriptor) }

  /// The next `count` octets, fewer only where the file ends.
  package func take(_ count: Int) throws(BackupFailure) -> [UInt8] {
    try fill(count)
    let end = min(position + count, buffer.count)
    defer {
      offset += Int64(end - position)
      position = end
    }
    return Array(buffer[position..<end])
  }

  /// The next line without its line feed; nil: none ends within `most` octets.
  package func line(most: Int) throws(BackupFailure) -> String? {
    try fill(most + 1)
    let reach = buffer[position..<min(position + most + 1, buffer.count)]
    guard let end = reach.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = String(decoding: buffer[position..<end], as: UTF8.self)
    offset += Int64(end + 1 - position)
    position = end + 1
    return line
  }

  package var isAtEnd: Bool {
    get throws(BackupFailure) {
      try fill(1)
      return position == buffer.count
    }
  }

  /// Has `count` octets ready, or all that there are.
  private func fill(_ count: Int) throws(BackupFailure) {
    guard buffer.count - position < count else { return }
    buffer.removeSubrange(..<position)
    position = 0
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while buffer.count < count {
      let read = Foundation.read(descriptor, &piece, piece.count)
      if read == 0 { return }
      if read < 0 {
        if errno == EINTR { continue }
        throw .unreadable(reason: String(cString: strerror(errno)))
      }
      buffer += piece[..<read]
    }
  }
}
