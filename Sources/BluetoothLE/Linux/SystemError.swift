internal import Glibc

/// An error number of the C library with its name in words.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number, as `errno` gave it.
  package let code: Int32

  package init(_ code: Int32) { self.code = code }

  package var description: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return "\(String(decoding: text, as: UTF8.self)) (\(code))"
  }
}
