import Glibc
import NIOPosix

/// Looks up the addresses of hosts by the system's resolver, which blocks: with the router up and the internet away for 5 s
/// and more (resolv.conf(5), `timeout` and `attempts`).
struct NameLookups: Sendable {
  /// Lookups at a time, in the whole process. One that hangs leaves a thread to the others.
  static let most = 2

  /// Threads that nothing else needs: Dispatch's global queue shares its few with Swift's tasks. Never shut down, as the
  /// process needs them to its end.
  private static let pool: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: most)
    pool.start()
    return pool
  }()

  /// The numeric addresses of a host; empty where it has none. May block.
  var lookUp: @Sendable (_ host: String) -> [String] = { Self.system($0) }

  /// The numeric addresses of a host; empty where it has none, or the task is cancelled before its turn. One that is numeric
  /// already waits for nobody.
  func addresses(of host: String) async -> [String] {
    let numeric = Self.system(host, flags: AI_NUMERICHOST)
    guard numeric.isEmpty else { return numeric }
    return (try? await Self.pool.runIfActive { [lookUp] in lookUp(host) }) ?? []
  }

  private static func system(_ host: String, flags: Int32 = 0) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var addresses: [String] = []
    var next = list
    while let entry = next?.pointee {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
        addresses.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      next = entry.ai_next
    }
    return addresses
  }
}
