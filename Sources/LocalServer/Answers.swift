import Foundation
import Hummingbird
import LocalAPI
import Logging
import Observations
import Store

/// A request that is not done, with its HTTP status by the error's code.
struct RequestFailure: Error {
  var error: APIError
  /// Who was named and is not to be known of: for the list of accesses, never for the client.
  var hidden: PatientID?

  init(_ error: APIError) { self.error = error }

  init(
    _ code: String, _ message: String, remedy: String? = nil, kind: String? = nil, _ parameters: [String: String]? = nil
  ) {
    self.init(APIError(code, message, remedy: remedy, kind: kind, parameters: parameters))
  }

  /// What went wrong underneath, for a client.
  init(_ any: any Error, logger: Logger) {
    switch any {
    case let failure as RequestFailure: self = failure
    case let error as APIError: self.init(error)
    case let failure as StoreFailure: self.init(Self.error(failure))
    case let failure as TextFailure: self.init(APIError.Code.invalid, failure.description)
    case let failure as HTTPError where failure.status == .notFound:
      self.init(APIError.Code.notFound, "there is no such path here", remedy: "see 'vitals --help'")
    case let failure as HTTPError:
      self.init(APIError.Code.invalid, failure.body ?? failure.status.reasonPhrase)
    case let error as DecodingError: self.init(APIError.Code.invalid, Self.sentence(error))
    default:
      // The type alone: what an unknown error describes may hold anything.
      logger.error("a request failed", metadata: ["error": "\(type(of: any))"])
      self.init(APIError.Code.failed, "something failed inside vitalsd", remedy: "see 'journalctl -u vitalsd'")
    }
  }

  var status: HTTPResponse.Status {
    switch error.error {
    case APIError.Code.notFound: .notFound
    case APIError.Code.notAllowed: .forbidden
    case APIError.Code.invalid: .badRequest
    case APIError.Code.ambiguous, APIError.Code.exists, APIError.Code.busy: .conflict
    case APIError.Code.bluetoothUnavailable, APIError.Code.storeUnavailable: .serviceUnavailable
    default: .internalServerError
    }
  }

  private static func error(_ failure: StoreFailure) -> APIError {
    switch failure {
    case .unknownPatient:
      APIError(APIError.Code.notFound, failure.description, remedy: "'vitals patients list' shows who is here")
    case .unknownDevice:
      APIError(APIError.Code.notFound, failure.description, remedy: "'vitals devices' shows the known devices")
    case .unknownReading(let id):
      APIError(
        APIError.Code.notFound, failure.description, remedy: "'vitals readings --ids' shows the readings",
        kind: APIError.Kind.unknownReading, parameters: ["id": id.rawValue])
    case .readingTaken:
      APIError(APIError.Code.exists, failure.description, remedy: "'vitals disown READING' takes it back")
    case .nameTaken: APIError(APIError.Code.exists, failure.description, kind: APIError.Kind.nameTaken)
    case .emptyName: APIError(APIError.Code.invalid, failure.description, kind: APIError.Kind.emptyName)
    default: APIError(APIError.Code.storeUnavailable, failure.description, remedy: "'vitals doctor' says what to do")
    }
  }

  private static func sentence(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
    return switch error {
    case .keyNotFound(let key, let context): "'\(place(context.codingPath + [key]))' is missing in the body"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "'\(place(context.codingPath))' in the body is of another type"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "the body is no JSON" : "'\(place(context.codingPath))' in the body is not understood"
    @unknown default: "the body is not understood"
    }
  }
}

/// Every error leaves as JSON `{error, message, remedy}`.
struct ErrorsAsJSON: RouterMiddleware {
  typealias Context = LocalContext

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      // Below it errors are told in FHIR's own form.
      if request.uri.path.split(separator: "/").first == "fhir" {
        return FHIRRoutes.response(FHIRFailure(error, logger: context.logger), to: request)
      }
      let failure = RequestFailure(error, logger: context.logger)
      return try Response.json(failure.error, status: failure.status)
    }
  }
}

extension Response {
  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    var data = try LocalJSON.line(value)
    data.append(UInt8(ascii: "\n"))
    return Response(
      status: status, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
  }

  static var nothing: Response { Response(status: .noContent) }

  /// One JSON object a line, for as long as `produce` writes and the client listens. What `produce` throws is the last
  /// line, since the status has been sent by then. It ends, too, when who asked may no longer see what they asked for.
  static func lines(
    _ request: Request, _ context: LocalContext,
    _ produce: @escaping @Sendable (inout LineWriter) async throws -> Void
  ) -> Response {
    let body = request.body
    return Response(
      status: .ok, headers: [.contentType: "application/x-ndjson"],
      body: ResponseBody { writer in
        // Only the other end closing tells that nobody listens: while nothing happens, nothing is written.
        try await body.consumeWithCancellationOnInboundClose { _ in
          var lines = LineWriter(writer: writer, stillMay: context.stillMay)
          do {
            try await produce(&lines)
          } catch is CancellationError {
            throw CancellationError()
          } catch {
            try await lines.end(with: RequestFailure(error, logger: context.logger).error)
          }
          try await lines.writer.finish(nil)
        }
      })
  }
}

/// Writes values as lines of a streamed answer.
struct LineWriter {
  var writer: any ResponseBodyWriter
  /// As of ``LocalContext/stillMay``.
  let stillMay: @Sendable () async throws -> Void

  /// - Throws: ``RequestFailure`` when who asked may no longer see it.
  mutating func write(_ value: some Encodable) async throws {
    try await stillMay()
    try await put(value)
  }

  mutating func end(with error: APIError) async throws { try await put(error) }

  private mutating func put(_ value: some Encodable) async throws {
    var data = try LocalJSON.line(value)
    data.append(UInt8(ascii: "\n"))
    try await writer.write(ByteBuffer(bytes: data))
  }
}

extension Request {
  /// The body as JSON.
  mutating func decoded<Value: Decodable>(_ type: Value.Type) async throws -> Value {
    let buffer = try await collectBody(upTo: 64 << 10)
    return try LocalJSON.value(type, from: Data(buffer.readableBytesView))
  }

  /// A query parameter; nil when it is absent or empty.
  func query(_ name: String) -> String? {
    guard let value = uri.queryParameters.get(name), !value.isEmpty else { return nil }
    return value
  }

  /// The same; for who named neither a number nor a time, the newest thousand: a strap that is worn all day makes half a
  /// million observations a year, and this process is a small one.
  func queryLimit(since: Date?) throws -> Int? {
    try queryLimit() ?? (since == nil ? 1000 : nil)
  }

  /// - Throws: ``RequestFailure`` when it is no number of at least 1.
  func queryLimit() throws -> Int? {
    guard let text = query("limit") else { return nil }
    guard let limit = Int(text), limit >= 1 else {
      throw RequestFailure(APIError.Code.invalid, "'limit' is '\(text)'; expected a number from 1")
    }
    return limit
  }

  /// - Throws: ``LocalAPI/TextFailure``.
  func querySince() throws -> Date? {
    try query("since").map { try Since.date($0, now: Date(), timeZone: .current) }
  }

  var queryFollow: Bool { query("follow") == "true" }
}

extension LocalContext {
  /// A part of the path, without percent signs.
  func part(_ name: String) throws -> String {
    let raw = try parameters.require(name)
    guard let text = raw.removingPercentEncoding else {
      throw RequestFailure(APIError.Code.invalid, "'\(raw)' has a broken percent sign")
    }
    return text
  }
}
