import Foundation
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// The one thing that can be reached from outside, where the configuration wants it: the page of a link by which an alert is
/// answered. `GET` and `HEAD /answer/TOKEN` show it and do nothing; `POST` of its button answers. It knows no other path and
/// says nothing of readings.
///
/// It speaks plain HTTP: what makes it reachable, a proxy or a tunnel, speaks TLS for it.
package struct AnswerServer: Sendable {
  private let host: String
  private let port: Int
  private let authority: String?
  private let control: AnswerControl
  private let logger: Logger
  private let allowance: RequestAllowance

  /// A household opens a link now and then.
  private static let mostConnections = 64
  private static let mostBody = 256

  /// - Parameters:
  ///   - host: the address to listen at.
  ///   - port: 0: one that is free, see ``run(ready:)``.
  ///   - address: where the page can be reached from outside, `https://host[:port][/path]`; nil: as it is asked for.
  ///   - refill: after how long one more request for what is none of this box's is looked at.
  package init(
    host: String, port: Int, address: String?, control: AnswerControl, logger: Logger, refill: Duration = .seconds(2)
  ) {
    self.host = host
    self.port = port
    authority = address.flatMap { Self.authority(of: $0) }
    self.control = control
    self.logger = logger
    allowance = RequestAllowance(most: 30, refill: refill)
  }

  /// Serves until the task is cancelled.
  ///
  /// - Parameter ready: called once with the port, when it can be reached.
  /// - Throws: ``LocalServerFailure/cannotListenOutside(address:reason:)``; not for being cancelled.
  package func run(ready: @escaping @Sendable (_ port: Int) -> Void = { _ in }) async throws(LocalServerFailure) {
    var quiet = logger
    // It would write down each path, and a path is somebody's answer.
    quiet.logLevel = .critical
    let name = "the page for answers"
    let failures = AcceptFailures(name: name, logger: logger)
    let application = Application(
      router: router(),
      server: .http1(
        configuration: .init(
          idleTimeout: .seconds(15),
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 100))),
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port), serverName: nil,
        availableConnectionsDelegate: ConnectionLimit(Self.mostConnections, of: name, logger: logger)),
      onServerRunning: { channel in
        try? await channel.pipeline.addHandler(failures, position: .first).get()
        ready(channel.localAddress?.port ?? 0)
      },
      logger: quiet)
    do {
      try await application.run()
    } catch {
      if Task.isCancelled || error is CancellationError { return }
      let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(type(of: error))"
      throw .cannotListenOutside(address: "\(host):\(port)", reason: reason)
    }
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    router.add(middleware: PlainRefusals())
    router.get("answer/:token") { [self] request, context in await look(request, context) }
    router.head("answer/:token") { [self] request, context in
      var response = await look(request, context)
      response.body = ResponseBody()
      return response
    }
    router.post("answer/:token") { [self] request, context in await take(request, context) }
    return router
  }

  private func look(_ request: Request, _ context: BasicRequestContext) async -> Response {
    guard let token = context.parameters.get("token") else { return Self.response(.unknown) }
    guard control.isOurs(token) || allowance.take() else { return Self.tooMany }
    return Self.response(await control.look(token))
  }

  private func take(_ request: Request, _ context: BasicRequestContext) async -> Response {
    guard let token = context.parameters.get("token") else { return Self.response(.unknown) }
    guard control.isOurs(token) || allowance.take() else { return Self.tooMany }
    let body = (try? await request.body.collect(upTo: Self.mostBody)).map { String(buffer: $0) } ?? ""
    let authorities = Set([request.head.authority?.lowercased(), authority].compactMap { $0 })
    guard HumanPress.isOne(request.headers, body: body, authorities: authorities) else {
      return Self.response(.forbidden, AnswerPageText.notPressed())
    }
    return Self.response(await control.take(token))
  }

  private static func response(_ page: AnswerPage) -> Response {
    let status: HTTPResponse.Status =
      switch page {
      case .open, .taken: .ok
      case .unknown: .notFound
      case .used, .over: .gone
      case .unavailable: .serviceUnavailable
      }
    return response(status, AnswerPageText.html(page))
  }

  private static func response(_ status: HTTPResponse.Status, _ html: String) -> Response {
    Response(
      status: status,
      headers: [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
        PageFields.contentSecurityPolicy: AnswerPageText.policy,
        // Not no-referrer: the form's own Origin would be null then (Fetch, *append a request Origin header*).
        PageFields.referrerPolicy: "same-origin", PageFields.frameOptions: "DENY",
        PageFields.robots: "noindex, nofollow", PageFields.contentTypeOptions: "nosniff",
      ], body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
  }

  private static var tooMany: Response {
    Response(status: .tooManyRequests, headers: [.retryAfter: "60", .cacheControl: "no-store"])
  }

  /// `host[:port]` of an address, in lower case.
  private static func authority(of address: String) -> String? {
    guard let parts = URLComponents(string: address), let host = parts.host else { return nil }
    return (parts.port.map { "\(host):\($0)" } ?? host).lowercased()
  }
}

/// What is not found here, or asked for by another method, is answered with nothing but its status.
private struct PlainRefusals: RouterMiddleware {
  typealias Context = BasicRequestContext

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError {
      return Response(status: error.status)
    } catch {
      return Response(status: .internalServerError)
    }
  }
}
