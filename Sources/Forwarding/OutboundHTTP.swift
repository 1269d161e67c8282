import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The one place where requests leave the house: HTTP/1.1 POST, TLS 1.2 or later, no redirects, no proxies.
///
/// It runs on NIO's shared event loops; `vitalsd` sets their number to one at start. ``shutdown()`` must be called.
package final class OutboundHTTP: Sendable {
  /// A request's answer, whatever its status.
  struct Answer: Sendable {
    let status: Int
    let retryAfter: Duration?
    let body: [UInt8]
  }

  /// No answer came.
  enum Failure: Error, Hashable, CustomStringConvertible {
    case timeLimit(host: String)
    case cannotConnect(host: String, reason: String)
    case connectionLost(host: String)
    case answerTooLong(host: String)
    /// Of an answer that was to go on.
    case refused(host: String, status: Int)
    case cancelled

    var description: String {
      switch self {
      case .timeLimit(let host): "\(host) did not answer in time"
      case .cannotConnect(let host, let reason): "no connection to \(host): \(reason)"
      case .connectionLost(let host): "\(host) ended the connection without an answer"
      case .answerTooLong(let host): "\(host) answered more than can be taken"
      case .refused(let host, 401), .refused(let host, 403):
        "\(host) does not let the box read there; check the access token"
      case .refused(let host, let status): "\(host) answered \(status)"
      case .cancelled: "stopped"
      }
    }
  }

  private let client: HTTPClient

  package init() {
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration())
  }

  /// Closes what is open. Nothing can be sent afterwards.
  package func shutdown() async {
    // An error here says only that it was shut down before.
    try? await client.shutdown()
  }

  private static func tls(_ authority: CertificateAuthority?) -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if let authority { tls.trustRoots = .certificates(authority.certificates) }
    return tls
  }

  static func configuration(trusting authority: CertificateAuthority? = nil) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls(authority), redirectConfiguration: .disallow,
      timeout: HTTPClient.Configuration.Timeout(connect: .seconds(10)))
    configuration.httpVersion = .http1Only
    // A refused connection is an answer for our own retry policy, not for the pool's.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.idleTimeout = .seconds(10)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 2
    return configuration
  }

  /// - Parameters:
  ///   - limit: for everything, from the connection to the last byte of the answer.
  ///   - address: the numeric address to connect to in place of asking for the host's again; the certificate is still
  /// held
  ///     against the host's name.
  ///   - authority: who must have signed that certificate; nil: one whom the system trusts.
  func post(
    _ body: [UInt8], to url: DestinationURL, headers: [(String, String)], limit: Duration, at address: String? = nil,
    trusting authority: CertificateAuthority? = nil
  ) async throws(Failure) -> Answer {
    var request = HTTPClientRequest(url: url.text)
    request.method = .POST
    request.headers.add(name: "User-Agent", value: "vitals-gateway")
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    request.body = .bytes(ByteBuffer(bytes: body))
    if let authority { request.tlsConfiguration = Self.tls(authority) }
    let nanoseconds = limit.components.seconds * 1_000_000_000 + limit.components.attoseconds / 1_000_000_000
    let deadline = NIODeadline.now() + .nanoseconds(nanoseconds)
    do {
      guard let address else { return try await Self.execute(request, client, deadline) }
      var configuration = Self.configuration()
      configuration.dnsOverride = [url.host: address]
      let pinned = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
      do {
        let answer = try await Self.execute(request, pinned, deadline)
        try? await pinned.shutdown()
        return answer
      } catch {
        try? await pinned.shutdown()
        throw error
      }
    } catch {
      throw Self.failure(error, url.host)
    }
  }

  private static func execute(
    _ request: HTTPClientRequest, _ client: HTTPClient, _ deadline: NIODeadline
  ) async throws -> Answer {
    let response = try await client.execute(request, deadline: deadline)
    let body = try await response.body.collect(upTo: 1 << 20)
    return Answer(
      status: Int(response.status.code),
      retryAfter: response.headers.first(name: "Retry-After").flatMap { RetryAfter.duration($0, now: Date()) },
      body: Array(body.readableBytesView))
  }

  /// Only what cannot hold an address, a header or a body: errors of libraries go no further than here.
  static func failure(_ error: any Error, _ host: String) -> Failure {
    switch error {
    case is CancellationError: return .cancelled
    case is NIOTooManyBytesError: return .answerTooLong(host: host)
    case let error as HTTPClientError:
      switch error {
      case .cancelled, .alreadyShutdown: return .cancelled
      case .deadlineExceeded, .readTimeout, .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
        return .timeLimit(host: host)
      case .remoteConnectionClosed: return .connectionLost(host: host)
      default: return .cannotConnect(host: host, reason: error.shortDescription)
      }
    case let error as NIOConnectionError:
      if error.dnsAError != nil || error.dnsAAAAError != nil {
        return .cannotConnect(host: host, reason: "the name is not known")
      }
      let codes = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }
      return .cannotConnect(host: host, reason: codes.first.map { String(cString: strerror($0)) } ?? "refused")
    case let error as IOError:
      return .cannotConnect(host: host, reason: String(cString: strerror(error.errnoCode)))
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
      return .cannotConnect(host: host, reason: "the certificate is not trusted, or TLS failed")
    default: return .cannotConnect(host: host, reason: "\(type(of: error))")
    }
  }
}
