import Hummingbird
import LocalAPI
import Store

/// `GET /v1/whoami`: the account that asks, and what it may do.
struct WhoAmIRoutes {
  let store: Store

  func add(to routes: Routes) {
    routes.own(.get, "whoami") { [store] _, context, scope in
      // Nobody without a standing comes this far.
      guard let standing = context.standing else { throw RequestFailure(APIError.Code.notAllowed, "no role") }
      let linked = try await Names(store, for: scope).patients.map { LocalAPI.Patient($0) }
      return try Response.json(
        WhoAmI(
          uid: standing.account.uid, user: standing.account.user, role: standing.role,
          patients: scope.patients == nil ? nil : linked))
    }
  }
}
