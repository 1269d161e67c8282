import Hummingbird
import LocalAPI
import Store

/// `POST /v1/scan`.
struct ScanRoutes {
  let control: GatewayControl

  func add(to routes: Routes) {
    routes.operate(.post, "scan", noting: .scan) { [control] request, context in
      var request = request
      let scan = try await request.decoded(ScanRequest.self)
      guard (1...600).contains(scan.seconds) else {
        throw RequestFailure(APIError.Code.invalid, "'seconds' is \(scan.seconds); expected 1 to 600")
      }
      // Before the answer begins, so that a refusal has its status.
      let found = try await control.scan(scan)
      return Response.lines(request, context) { lines in
        for await device in found { try await lines.write(ScanEvent.found(device)) }
        try await lines.write(ScanEvent.finished)
      }
    }
  }
}
