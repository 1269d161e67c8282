import Foundation
import Glibc

/// A connection to a Unix socket that is left open for as long as a test wants, by octets: no client of ours does that.
final class RawConnection: Sendable {
  struct Failure: Error {
    var call: String
    var errno: Int32
  }

  private let descriptor: Int32

  /// Waits in the kernel's queue if nobody accepts it; that counts as connected.
  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(call: "socket", errno: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw Failure(call: "connect", errno: errno) }
  }

  deinit { close(descriptor) }

  /// Asks for a path, and keeps the connection for more.
  func ask(_ path: String) throws {
    let octets = Array("GET \(path) HTTP/1.1\r\nHost: vitals\r\n\r\n".utf8)
    guard send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL)) == octets.count else {
      throw Failure(call: "send", errno: errno)
    }
  }

  /// What has come and was not taken yet; empty: the other end closed; nil: nothing.
  func come() throws -> String? {
    var octets = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &octets, octets.count, Int32(MSG_DONTWAIT))
    if count >= 0 { return String(decoding: octets.prefix(count), as: UTF8.self) }
    guard errno == EAGAIN else { throw Failure(call: "recv", errno: errno) }
    return nil
  }

  /// The same, waiting for it without a thread.
  func next() async throws -> String {
    while true {
      if let text = try come() { return text }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Whether the answer that comes, read to its end, has status 200.
  func isAnswered() async throws -> Bool {
    var text = ""
    while true {
      let more = try await next()
      guard !more.isEmpty else { return false }
      text += more
      let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
      let length = parts[0].lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) }
      if parts.count == 2, parts[1].utf8.count >= length ?? 0 { return text.hasPrefix("HTTP/1.1 200") }
    }
  }

  /// How many octets the answer has, read until the other end closes; nothing of it is missing.
  ///
  /// - Throws: ``Failure`` where it ends too early.
  func octetsOfTheAnswer() async throws -> Int {
    var text = ""
    while case let more = try await next(), !more.isEmpty { text += more }
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    let head = parts[0].lowercased()
    guard parts.count == 2, head.hasPrefix("http/1.1 200") else { throw Failure(call: "head", errno: 0) }
    // A stream ends with a piece of no length (RFC 9112, 7.1).
    let isWhole =
      if head.contains("transfer-encoding: chunked") {
        parts[1].hasSuffix("\r\n0\r\n\r\n")
      } else {
        head.contains("content-length: \(parts[1].utf8.count)")
      }
    guard isWhole else { throw Failure(call: "end after \(parts[1].utf8.count)", errno: 0) }
    return parts[1].utf8.count
  }

  /// The same of a question that is asked now.
  func answers(_ path: String) async throws -> Bool {
    try ask(path)
    return try await isAnswered()
  }
}
