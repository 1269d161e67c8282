import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/accesses`: who read, exported and changed what, and who was refused.
struct AccessRoutes {
  let store: Store
  let notes: AccessNotes

  func add(to routes: Routes) {
    routes.own(.get, "accesses") { [self] _, _, scope in
      await notes.writeCounted()
      let names = try await Names(store, for: scope)
      return try Response.json(
        await store.accesses(within: scope.patients).map { access in
          AccessRecord(
            action: access.action.rawValue, way: access.way.rawValue, uid: access.uid,
            patient: access.patient?.rawValue, patientName: names.name(access.patient), from: Timestamp(access.from),
            until: Timestamp(access.until), count: access.count, subject: access.subject,
            refused: access.refused ? true : nil)
        })
    }
  }
}
