import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// A certificate that is not valid today: what TLS refuses it for, and does not say in an error of NIOSSL.
enum CertificateDates: Hashable, CustomStringConvertible {
  /// The last instant at which it was valid.
  case expired(Date)
  /// The first instant at which it will be.
  case notYetValid(Date)

  /// To be put after “the certificate of …”.
  var description: String {
    switch self {
    case .expired(let date): "expired on \(Self.day(date))"
    case .notYetValid(let date): "is valid only from \(Self.day(date)) on (is this box's clock right?)"
    }
  }

  /// Nil: it is valid at this moment.
  init?(_ certificate: NIOSSLCertificate, at now: Date) {
    let until = Date(timeIntervalSince1970: TimeInterval(certificate.notValidAfter))
    let from = Date(timeIntervalSince1970: TimeInterval(certificate.notValidBefore))
    if until < now {
      self = .expired(until)
    } else if now < from {
      self = .notYetValid(from)
    } else {
      return nil
    }
  }

  /// Of our own certificate for a destination, or of one that signed it. Nil: it has none, or all are valid.
  init?(ofOur settings: DestinationSettings, at now: Date) {
    guard let identity = try? ClientIdentity.of(settings) else { return nil }
    self.init(identity.chain, at: now)
  }

  init?(_ chain: [NIOSSLCertificate], at now: Date) {
    guard let found = chain.lazy.compactMap({ CertificateDates($0, at: now) }).first else { return nil }
    self = found
  }

  /// Of what a server shows: asked by a handshake that goes no further than that, and sends nothing.
  ///
  /// - Parameters:
  ///   - address: a name or a numeric address.
  ///   - name: what the server is asked for by (SNI); nil: by no name.
  /// - Returns: nil: its certificates are valid at `now`, or it shows none.
  static func ofServer(at address: String, port: Int, name: String?, now: Date) async -> CertificateDates? {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let shown = loop.makePromise(of: [NIOSSLCertificate].self)
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    guard let context = try? NIOSSLContext(configuration: tls) else {
      shown.fail(CancellationError())
      return nil
    }
    let isNumeric = name.map { (try? SocketAddress(ipAddress: $0, port: 0)) != nil } ?? true
    let channel = try? await ClientBootstrap(group: loop)
      .connectTimeout(.seconds(5))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(
              context: context, serverHostname: isNumeric ? nil : name,
              customVerificationCallback: { certificates, verdict in
                shown.succeed(certificates)
                verdict.succeed(.failed)
              }))
        }
      }
      .connect(host: address, port: port).get()
    guard let channel else {
      shown.fail(CancellationError())
      return nil
    }
    // Whatever ends first; a promise that is kept already keeps what it has.
    channel.closeFuture.whenComplete { _ in shown.fail(CancellationError()) }
    let limit = loop.scheduleTask(in: .seconds(10)) { shown.fail(CancellationError()) }
    let certificates = try? await shown.futureResult.get()
    limit.cancel()
    channel.close(promise: nil)
    return certificates.flatMap { CertificateDates($0, at: now) }
  }

  private static func day(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day())
  }
}
