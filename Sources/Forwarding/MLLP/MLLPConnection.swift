import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// How a receiver is reached, and what proves who is who.
struct MLLPPeer: Sendable {
  var address: MLLPAddress
  /// Where the authority's certificates, ours and its key stand.
  var settings: DestinationSettings

  /// TLS 1.2 or later, with the files as they are now; nil: in clear.
  ///
  /// - Throws: what is wrong with a file.
  func tls() throws(DestinationFault) -> NIOSSLContext? {
    guard address.isEncrypted else { return nil }
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if let authority = try CertificateAuthority.of(settings) {
      tls.trustRoots = .certificates(authority.certificates)
    }
    if let identity = try ClientIdentity.of(settings) {
      tls.certificateChain = identity.chain.map { .certificate($0) }
      tls.privateKey = .privateKey(identity.key)
    }
    guard let context = try? NIOSSLContext(configuration: tls) else {
      // Each file was read: what is left is that the two don't fit.
      throw .certificateKeyUnreadable(path: settings.clientKeyFile ?? settings.clientCertificateFile ?? "")
    }
    return context
  }
}

/// The connection to one receiver: opened when there is something to send, kept while it is used, opened anew when it was
/// lost. One message at a time.
actor MLLPConnection {
  private struct Link {
    let channel: any Channel
    /// Why it ended, once it has.
    let ended: EventLoopFuture<MLLPFailure>
  }

  private let peer: MLLPPeer
  private var link: Link?
  /// The receiver has shown that a commit acknowledgement is all it gives: it is not waited for more again.
  private var givesCommitOnly: Bool

  /// How long a connection that nothing passes is kept. Readings of one visit share it; the next visit is hours away, and
  /// a router on the way forgets it before.
  static let idle: TimeAmount = .seconds(60)

  /// - Parameter givesCommitOnly: the receiver was asked for no more (MSH-15 and MSH-16).
  init(_ peer: MLLPPeer, givesCommitOnly: Bool) {
    self.peer = peer
    self.givesCommitOnly = givesCommitOnly
  }

  deinit { link?.channel.close(promise: nil) }

  /// Sends a message and waits for its answer.
  ///
  /// Where a connection that was kept turns out to have ended, the message is sent once more on a new one: it carries
  /// the same MSH-10.
  ///
  /// - Parameter limit: for the answer; a connection has ten seconds to come about.
  /// - Throws: ``MLLPFailure``, or what is wrong with a certificate's file.
  func send(_ message: [UInt8], controlID: String, limit: Duration) async throws -> MLLPAnswer {
    if let kept = link, kept.channel.isActive {
      do {
        return try await exchange(message, controlID, limit, on: kept)
      } catch MLLPFailure.connectionLost(_, begun: false) {
        try Task.checkCancellation()
      }
    }
    link = nil
    let fresh = try await open()
    link = fresh
    return try await exchange(message, controlID, limit, on: fresh)
  }

  private func exchange(
    _ message: [UInt8], _ controlID: String, _ limit: Duration, on link: Link
  ) async throws -> MLLPAnswer {
    let channel = link.channel
    let promise = channel.eventLoop.makePromise(of: MLLPAnswer.self)
    let request = MLLPRequest(
      message: message, controlID: controlID, limit: Self.amount(limit), takesCommit: givesCommitOnly, answer: promise)
    let answer = try await withTaskCancellationHandler {
      // A channel that has closed by now has no handler left that would fail the promise.
      channel.writeAndFlush(request).whenFailure { _ in link.ended.whenSuccess { promise.fail($0) } }
      return try await promise.futureResult.get()
    } onCancel: {
      channel.close(promise: nil)
    }
    if answer.isCommitAlone { givesCommitOnly = true }
    return answer
  }

  private func open() async throws -> Link {
    let host = peer.address.host
    let tls = try peer.tls()
    // An address has no name to be asked for; the certificate is then held against the address.
    let isNumeric = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let ended = loop.makePromise(of: MLLPFailure.self)
    do {
      let channel = try await ClientBootstrap(group: loop)
        .connectTimeout(.seconds(10))
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            if let tls {
              try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: isNumeric ? nil : host))
            }
            try pipeline.addHandler(IdleStateHandler(allTimeout: Self.idle))
            try pipeline.addHandler(MLLPHandler(host: host, ended: ended))
          }
        }
        .connect(host: host, port: peer.address.port).get()
      return Link(channel: channel, ended: ended.futureResult)
    } catch {
      ended.fail(error)
      throw MLLPFailure.of(error, host) ?? .cannotConnect(host: host, reason: "\(type(of: error))")
    }
  }

  private static func amount(_ duration: Duration) -> TimeAmount {
    .nanoseconds(duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
  }
}
