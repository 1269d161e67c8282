import Foundation
import HealthRecords
import Hummingbird
package import Logging
import NIOCore
package import Store

/// Answers the local record on a port of the loopback address, to whoever has the token: for programs of this machine that
/// cannot open a Unix socket. Nothing else is answered there.
package struct LoopbackServer: Sendable {
  private let port: Int
  private let token: @Sendable () -> String?
  private let store: Store
  private let record: LocalRecord
  private let logger: Logger
  /// Connections at once. Every user of the machine can open them, without the token; the programs that have it are one or two,
  /// each with a few connections.
  var mostConnections = 64
  /// As of ``Listener``.
  var listening: @Sendable (any Channel) -> Void = { _ in }

  /// - Parameters:
  ///   - port: 0: any that is free.
  ///   - token: the token as it is now, asked with each request, so that it can be changed; nil: it cannot be read, and
  ///     nobody is let in.
  package init(
    port: Int, token: @escaping @Sendable () -> String?, store: Store, record: LocalRecord, logger: Logger
  ) {
    self.port = port
    self.token = token
    self.store = store
    self.record = record
    self.logger = logger
  }

  /// Serves until the task is cancelled or nothing can be accepted any more. It can be called again.
  ///
  /// - Parameter ready: called once with the port.
  /// - Throws: ``LocalServerFailure``; not for being cancelled.
  package func run(ready: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
    let router = Router(context: LocalContext.self)
    router.add(middleware: BearerToken(token: token))
    FHIRRoutes(store: store, record: record, way: .port).add(to: router)
    let listener = Listener(
      name: "127.0.0.1:\(port)", address: .hostname("127.0.0.1", port: port), mostConnections: mostConnections,
      listening: listening, logger: logger)
    try await listener.run(router) { channel in
      let port = channel.localAddress?.port ?? port
      logger.info("local record", metadata: ["port": "\(port)"])
      ready(port)
    }
  }
}

/// Lets nobody past without the token.
struct BearerToken: RouterMiddleware {
  typealias Context = LocalContext

  /// Fewer could be tried out.
  static let shortest = 16

  let token: @Sendable () -> String?

  func handle(
    _ request: Request, context: LocalContext, next: (Request, LocalContext) async throws -> Response
  ) async throws -> Response {
    guard let token = token(), token.utf8.count >= Self.shortest else {
      let failure = FHIRFailure(
        .serviceUnavailable, .login,
        "the token's file cannot be read, or what is in it is shorter than \(Self.shortest) characters; "
          + "see 'fhir' in the configuration")
      return FHIRRoutes.response(failure.outcome.json, failure.status)
    }
    let words = (request.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bearer", Self.areEqual(String(words[1]), token) else {
      let failure = FHIRFailure(
        .unauthorized, .login, "a token is needed: Authorization: Bearer TOKEN, as the household set it")
      var response = FHIRRoutes.response(failure.outcome.json, failure.status)
      response.headers[.wwwAuthenticate] = "Bearer realm=\"vitals\""
      return response
    }
    return try await next(request, context)
  }

  /// In a time that says nothing of where they differ.
  static func areEqual(_ given: String, _ token: String) -> Bool {
    let (given, token) = (Array(given.utf8), Array(token.utf8))
    var difference = UInt(bitPattern: given.count ^ token.count)
    for index in given.indices { difference |= UInt(given[index] ^ token[index % token.count]) }
    return difference == 0
  }
}
