import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The one place where requests leave the house: HTTP/1.1 POST and GET, TLS 1.2 or later, no redirects, no proxies.
///
/// It runs on NIO's shared event loops; `vitalsd` sets their number to one at start. ``shutdown()`` must be called.
package final class OutboundHTTP: Sendable {
  /// A request's answer, whatever its status.
  struct Answer: Sendable {
    let status: Int
    let retryAfter: Duration?
    let body: [UInt8]
    /// The server's own clock when it answered; nil: it did not say.
    var date: Date? = nil
  }

  /// What a request is sent with beside its body.
  struct Security: Sendable {
    /// Who must have signed the server's certificate; nil: one whom the system trusts.
    var authority: CertificateAuthority?
    /// Our own certificate, for a server that asks for one.
    var identity: ClientIdentity?
  }

  /// No answer came.
  enum Failure: Error, Hashable, CustomStringConvertible {
    case timeLimit(host: String)
    /// No connection came about in time, so nothing was sent.
    case notReached(host: String)
    case cannotConnect(host: String, reason: String)
    /// No TLS came about: whose certificate it is must be looked at.
    ///
    /// - Parameter why: what is known to be wrong with a certificate, as a clause; nil: nothing is known.
    case insecure(host: String, why: String? = nil)
    case connectionLost(host: String)
    case answerTooLong(host: String)
    /// Of an answer that was to go on.
    case refused(host: String, status: Int)
    case cancelled

    var description: String {
      switch self {
      case .timeLimit(let host): "\(host) did not answer in time"
      case .notReached(let host): "no connection to \(host) in time"
      case .cannotConnect(let host, let reason): "no connection to \(host): \(reason)"
      case .insecure(let host, let why):
        "no connection to \(host): \(why ?? "the certificate is not trusted, or TLS failed")"
      case .connectionLost(let host): "\(host) ended the connection without an answer"
      case .answerTooLong(let host): "\(host) answered more than can be taken"
      case .refused(let host, 401), .refused(let host, 403):
        "\(host) does not let the box read there; check the access token"
      case .refused(let host, let status): "\(host) answered \(status)"
      case .cancelled: "stopped"
      }
    }

    /// Whether the request may have been taken all the same.
    var mayHaveArrived: Bool {
      switch self {
      case .timeLimit, .connectionLost, .answerTooLong: true
      case .notReached, .cannotConnect, .insecure, .refused, .cancelled: false
      }
    }
  }

  /// Answers in place of a server; nil: requests go out.
  typealias Script =
    @Sendable (
      _ body: [UInt8]?, _ url: DestinationURL, _ headers: [(String, String)]
    ) async throws(Failure) -> Answer

  private let client: HTTPClient
  private let script: Script?

  package convenience init() { self.init(script: nil) }

  /// - Parameter script: what a crowd of gateways asks in simulated time, when a process of its own can't keep up.
  init(script: Script?) {
    self.script = script
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration())
  }

  /// Closes what is open. Nothing can be sent afterwards.
  package func shutdown() async {
    // An error here says only that it was shut down before.
    try? await client.shutdown()
  }

  private static func tls(_ security: Security) -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if let authority = security.authority { tls.trustRoots = .certificates(authority.certificates) }
    if let identity = security.identity {
      tls.certificateChain = identity.chain.map { .certificate($0) }
      tls.privateKey = .privateKey(identity.key)
    }
    return tls
  }

  static func configuration(trusting authority: CertificateAuthority? = nil) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls(Security(authority: authority)), redirectConfiguration: .disallow,
      timeout: HTTPClient.Configuration.Timeout(connect: .seconds(10)))
    configuration.httpVersion = .http1Only
    // A refused connection is an answer for our own retry policy, not for the pool's.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.idleTimeout = .seconds(10)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 2
    return configuration
  }

  /// A POST to a destination that knows us by what stands in the request.
  ///
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
    try await send(
      .POST, body, to: url, headers: headers, limit: limit, at: address, Security(authority: authority))
  }

  /// A GET; the parameters are those of a POST.
  func get(
    _ url: DestinationURL, headers: [(String, String)], limit: Duration, at address: String? = nil,
    trusting authority: CertificateAuthority? = nil
  ) async throws(Failure) -> Answer {
    try await send(.GET, nil, to: url, headers: headers, limit: limit, at: address, Security(authority: authority))
  }

  /// - Parameters:
  ///   - body: nil: a GET.
  ///   - limit: for everything, from the connection to the last byte of the answer.
  func ask(
    _ body: [UInt8]?, of url: DestinationURL, headers: [(String, String)], limit: Duration, _ security: Security
  ) async throws(Failure) -> Answer {
    if let script { return try await script(body, url, headers) }
    return try await send(
      body == nil ? .GET : .POST, body, to: url, headers: headers, limit: limit, at: nil, security)
  }

  private func send(
    _ method: HTTPMethod, _ body: [UInt8]?, to url: DestinationURL, headers: [(String, String)], limit: Duration,
    at address: String?, _ security: Security
  ) async throws(Failure) -> Answer {
    var request = HTTPClientRequest(url: url.text)
    request.method = method
    request.headers.add(name: "User-Agent", value: "vitals-gateway")
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
    if security.authority != nil || security.identity != nil { request.tlsConfiguration = Self.tls(security) }
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
      let failure = Self.failure(error, url.host)
      guard case .insecure = failure else { throw failure }
      throw .insecure(host: url.host, why: await Self.wrongDates(url, at: address, security))
    }
  }

  /// Which certificate is not valid today, if that is why TLS failed.
  private static func wrongDates(_ url: DestinationURL, at address: String?, _ security: Security) async -> String? {
    let now = Date()
    let shown = await CertificateDates.ofServer(at: address ?? url.host, port: url.port, name: url.host, now: now)
    if let shown { return "its certificate \(shown); it is for those who run \(url.host) to renew it" }
    guard let identity = security.identity, let ours = CertificateDates(identity.chain, at: now) else { return nil }
    return "this gateway's certificate \(ours); put a renewed one into client-certificate"
  }

  private static func execute(
    _ request: HTTPClientRequest, _ client: HTTPClient, _ deadline: NIODeadline
  ) async throws -> Answer {
    let response = try await client.execute(request, deadline: deadline)
    let body = try await body(of: response, until: deadline)
    return Answer(
      status: Int(response.status.code),
      retryAfter: response.headers.first(name: "Retry-After").flatMap { RetryAfter.duration($0, now: Date()) },
      body: Array(body.readableBytesView), date: response.headers.first(name: "Date").flatMap(RetryAfter.date))
  }

  /// The client keeps its deadline only until the head is there; a server that falls silent after it would be waited for without
  /// end.
  private static func body(of response: HTTPClientResponse, until deadline: NIODeadline) async throws -> ByteBuffer {
    let reading = Task { try await response.body.collect(upTo: 1 << 20) }
    let timer = MultiThreadedEventLoopGroup.singleton.next().scheduleTask(deadline: deadline) { reading.cancel() }
    let read = await withTaskCancellationHandler {
      await reading.result
    } onCancel: {
      reading.cancel()
    }
    timer.cancel()
    try Task.checkCancellation()
    // What was read of it until then is no answer, whatever the cancelled reading makes of it.
    if reading.isCancelled { throw HTTPClientError.deadlineExceeded }
    return try read.get()
  }

  /// Only what cannot hold an address, a header or a body: errors of libraries go no further than here.
  static func failure(_ error: any Error, _ host: String) -> Failure {
    switch error {
    case is CancellationError: return .cancelled
    case is NIOTooManyBytesError: return .answerTooLong(host: host)
    case let error as HTTPClientError:
      switch error {
      case .cancelled, .alreadyShutdown: return .cancelled
      case .deadlineExceeded, .readTimeout: return .timeLimit(host: host)
      case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout: return .notReached(host: host)
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
      return .insecure(host: host)
    default: return .cannotConnect(host: host, reason: "\(type(of: error))")
    }
  }
}
