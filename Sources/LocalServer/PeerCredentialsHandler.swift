import Logging
import NIOCore
import Synchronization

/// Who is at the other end of a Unix socket, as the kernel says: `struct ucred` of unix(7), which Swift's Glibc lacks.
struct PeerCredentials: Sendable {
  var pid: Int32 = 0
  var uid: UInt32 = 0
  var gid: UInt32 = 0

  /// SOL_SOCKET and SO_PEERCRED of the kernel's generic ABI.
  private static let level = NIOBSDSocket.OptionLevel(rawValue: 1)
  private static let option = NIOBSDSocket.Option(rawValue: 17)

  /// Nil when the channel is no socket.
  static func future(of channel: any Channel) -> EventLoopFuture<PeerCredentials>? {
    (channel as? any SocketOptionProvider)?.unsafeGetSocketOption(level: level, name: option)
  }
}

/// The accounts that connected before, so that the log is told who is new and not each time that somebody asks: a program
/// that shows the readings asks every few seconds, and who read what is written down elsewhere (``AccessNotes``).
final class SeenAccounts: Sendable {
  private let seen = Mutex<Set<UInt32>>([])

  /// Whether this account did not connect before. A machine has few.
  func isNew(_ uid: UInt32) -> Bool { seen.withLock { $0.count < 1024 && $0.insert(uid).inserted } }
}

/// Logs who connected: an account's first connection, and the others for whoever looks closely.
final class PeerCredentialsHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = NIOAny

  private let logger: Logger
  private let seen: SeenAccounts

  init(logger: Logger, seen: SeenAccounts) { (self.logger, self.seen) = (logger, seen) }

  func handlerAdded(context: ChannelHandlerContext) {
    let (logger, seen) = (logger, seen)
    PeerCredentials.future(of: context.channel)?.whenSuccess { peer in
      logger.log(
        level: seen.isNew(peer.uid) ? .info : .debug, "local connection",
        metadata: ["uid": "\(peer.uid)", "gid": "\(peer.gid)", "pid": "\(peer.pid)"])
    }
  }
}
