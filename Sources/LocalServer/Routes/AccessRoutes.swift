import Hummingbird
import LocalAPI
import Observations
import Store

/// `GET /v1/accesses`: who read, exported and erased what.
struct AccessRoutes {
  let store: Store

  func add(to group: RouterGroup<LocalContext>) {
    group.get("accesses") { [store] _, _ in
      let names = try await Names(store)
      return try Response.json(
        await store.accesses().map { access in
          AccessRecord(
            action: access.action.rawValue, way: access.way.rawValue, uid: access.uid,
            patient: access.patient?.rawValue, patientName: names.name(access.patient), from: Timestamp(access.from),
            until: Timestamp(access.until), count: access.count)
        })
    }
  }
}
