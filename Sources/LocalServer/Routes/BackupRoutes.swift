import Hummingbird
import LocalAPI
import NIOCore
import Store

/// `GET /v1/backup`.
struct BackupRoutes {
  let control: GatewayControl

  func add(to routes: Routes) {
    routes.administer(.get, "backup", noting: .backup) { [control] request, _ in
      // Before the answer begins: what keeps it from being made is said in words.
      let backup = try await control.backup()
      let asked = request.body
      return Response(
        status: .ok, headers: [.contentType: "application/x-tar"],
        body: ResponseBody { writer in
          // What fails on the way breaks the connection: an answer that ends properly is whole.
          try await asked.consumeWithCancellationOnInboundClose { _ in
            var writer = writer
            try await backup.write { try await writer.write(ByteBuffer(bytes: $0)) }
            try await writer.finish(nil)
          }
        })
    }
  }
}
