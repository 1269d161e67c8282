import Foundation
import Glibc
import WireFormats

/// The file with a network's key: 16 hexadecimal digits, which may stand in groups. What is in it is never said.
enum ANTKeyFile {
  enum Failure: Error, Hashable, CustomStringConvertible {
    case notConfigured
    case unreadable(path: String, reason: String)
    case malformed(path: String)

    var description: String {
      switch self {
      case .notConfigured: "none is configured"
      case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
      case .malformed(let path): "\(path) does not hold 16 hexadecimal digits and nothing else"
      }
    }
  }

  static func key(at path: String?) throws(Failure) -> ANTNetworkKey {
    guard let path else { throw .notConfigured }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    // A key with its separators is shorter.
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    let text = String(decoding: buffer.prefix(count), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard count < buffer.count, let octets = try? Hexadecimal.bytes(text), let key = ANTNetworkKey(octets) else {
      throw .malformed(path: path)
    }
    return key
  }
}
