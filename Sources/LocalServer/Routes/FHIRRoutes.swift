import Foundation
import HealthRecords
import Hummingbird
import Store

/// `GET /fhir/…`: the household's record as FHIR R4, for reading only. `POST /fhir/Observation/_search` searches too.
struct FHIRRoutes {
  let store: Store
  let record: LocalRecord
  let way: Access.Way

  private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]

  /// At the socket: each account sees what its role lets it see.
  func add(to routes: Routes) {
    each { method, path in
      routes.own(method, path) { [self] request, context, scope in try await answer(request, context, scope) }
    }
  }

  /// At the port: whoever has the token sees everybody.
  func add(to router: Router<LocalContext>) {
    each { method, path in
      router.on(RouterPath("/" + path), method: method) { [self] request, context in
        do {
          return try await answer(request, context, .everybody)
        } catch {
          return Self.response(FHIRFailure(error, logger: context.logger), to: request)
        }
      }
    }
  }

  private func each(_ add: (HTTPRequest.Method, String) -> Void) {
    for method in Self.methods {
      for path in ["fhir", "fhir/**"] { add(method, path) }
    }
  }

  private func answer(_ request: Request, _ context: LocalContext, _ scope: Scope) async throws -> Response {
    let desk = RecordDesk(
      store: store, record: record, way: way, request: try await parsed(request), uid: context.uid, scope: scope)
    return Self.response(try await desk.answer(), .ok, isHead: request.method == .head)
  }

  /// What is said in place of an answer.
  static func response(_ failure: FHIRFailure, to request: Request) -> Response {
    var response = response(failure.outcome.json, failure.status, isHead: request.method == .head)
    if failure.status == .methodNotAllowed { response.headers[.allow] = "GET, HEAD" }
    return response
  }

  private func parsed(_ request: Request) async throws -> FHIRRequest {
    switch request.method {
    case .get, .head: return try FHIRRequest(request, form: nil)
    case .post where request.uri.path.hasSuffix("/_search"):
      guard request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true else {
        throw FHIRFailure(
          .unsupportedMediaType, .invalid, "a search by POST has a body of application/x-www-form-urlencoded")
      }
      var request = request
      let body = try await request.collectBody(upTo: 64 << 10)
      var parsed = try FHIRRequest(request, form: String(buffer: body))
      parsed.path.removeLast()
      return parsed
    default:
      throw FHIRFailure(
        .methodNotAllowed, .notSupported, "\(request.method.rawValue) is not done here: this record is for reading only"
      )
    }
  }

  static func response(_ json: JSONValue, _ status: HTTPResponse.Status, isHead: Bool = false) -> Response {
    let bytes = json.bytes
    var response = Response(
      status: status,
      headers: [.contentType: "\(FHIRTransaction.contentType); charset=utf-8", .cacheControl: "no-store"],
      body: isHead ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    if isHead { response.headers[.contentLength] = String(bytes.count) }
    return response
  }
}
