import Hummingbird
import LocalAPI
import Store

/// `POST /v1/reload`: reads the configuration anew. That a file is wrong is the answer, and no error of the request.
struct ReloadRoutes {
  let control: GatewayControl

  func add(to routes: Routes) {
    routes.administer(.post, "reload", noting: .reload) { [control] _, _ in
      try Response.json(await control.reload())
    }
  }
}
