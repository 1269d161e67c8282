import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/accesses`: who read, exported and changed what, and who was refused.
struct AccessRoutes {
  let store: Store

  func add(to routes: Routes) {
    routes.own(.get, "accesses") { [store] _, _, scope in
      let names = try await Names(store, for: scope)
      return try Response.json(
        await store.accesses().filter { access in
          // Whoever looked at everybody looked at them.
          scope.takes(access.patient) || access.patient == nil && !access.refused && access.action.looks
        }.map { access in
          AccessRecord(
            action: access.action.rawValue, way: access.way.rawValue, uid: access.uid,
            patient: access.patient?.rawValue, patientName: names.name(access.patient), from: Timestamp(access.from),
            until: Timestamp(access.until), count: access.count, subject: access.subject,
            refused: access.refused ? true : nil)
        })
    }
  }
}
