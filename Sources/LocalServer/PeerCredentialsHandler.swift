import Logging
import NIOCore

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

/// Logs who connected, once a connection.
final class PeerCredentialsHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = NIOAny

  private let logger: Logger

  init(logger: Logger) { self.logger = logger }

  func handlerAdded(context: ChannelHandlerContext) {
    let logger = logger
    PeerCredentials.future(of: context.channel)?.whenSuccess { peer in
      logger.info("local connection", metadata: ["uid": "\(peer.uid)", "gid": "\(peer.gid)", "pid": "\(peer.pid)"])
    }
  }
}
