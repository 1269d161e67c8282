import Forwarding
import Foundation
import Glibc

/// The file of a key that asks for tokens. It is made where it is used, and its private half is never shown.
package struct SigningKeyFile {
  package enum Failure: Error, Hashable, CustomStringConvertible {
    case cannotWrite(path: String, reason: String)
    case noKey(path: String, reason: String)

    package var description: String { sentence(isVietnamese: false) }

    package func sentence(isVietnamese: Bool) -> String {
      func say(_ english: String, _ vietnamese: String) -> String { isVietnamese ? vietnamese : english }
      return switch self {
      case .cannotWrite(let path, let reason):
        say(
          "the key can't be written to \(path): \(reason); name a place that you may write to",
          "không ghi được khóa vào \(path): \(reason); hãy chọn nơi bạn được phép ghi")
      case .noKey(let path, let reason):
        say(
          "\(path) is there and holds no key to sign with: \(reason); name another file, and this one stays as it is",
          "\(path) đã có nhưng không chứa khóa ký: \(reason); hãy chọn tệp khác, tệp này được giữ nguyên")
      }
    }
  }

  /// What is registered at the server: a JWK Set.
  package let publicKeySet: String

  /// Of the key that is there, or of a new one.
  package init(path: String) throws(Failure) {
    if let data = FileManager.default.contents(atPath: path) {
      do {
        let keys = try ClientKey.all(in: String(decoding: data, as: UTF8.self), id: nil)
        publicKeySet = keys.map(\.publicKeySet).joined(separator: "\n")
      } catch {
        throw .noKey(path: path, reason: error.description)
      }
      return
    }
    let key = ClientKey()
    // Its owner's from the first byte on, and never over a file that came meanwhile.
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .cannotWrite(path: path, reason: String(cString: strerror(errno))) }
    let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data((key.pem + "\n").utf8))
      try handle.synchronize()
    } catch {
      unlink(path)
      throw .cannotWrite(path: path, reason: "the disk does not take it")
    }
    publicKeySet = key.publicKeySet
  }
}
