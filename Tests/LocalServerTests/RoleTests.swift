import Foundation
import LocalAPI
import LocalServer
import Logging
import Observations
import Store
import Testing

/// Who may do what at the socket: every route, every role, one's own and another's.
@Suite(.timeLimit(.minutes(5))) struct RoleTests {
  /// A request of a route, about Lan where it is about somebody, that changes nothing that a later one needs.
  struct Probe: Sendable {
    var path: String
    var body: String?
    /// What whoever may is answered.
    var status: Int
    /// What Mai's account is answered; nil: the same.
    var maisStatus: Int?

    init(_ path: String, _ body: String? = nil, _ status: Int = 200, mai: Int? = nil) {
      self.path = path
      self.body = body
      self.status = status
      maisStatus = mai
    }
  }

  /// `LAN` stands for her id. A route that is missing here fails ``everyRouteIsProbed()``.
  static let probes: [String: Probe] = {
    var probes: [String: Probe] = [
      "GET /v1/status": Probe("/v1/status"),
      "GET /v1/doctor": Probe("/v1/doctor"),
      "GET /v1/whoami": Probe("/v1/whoami"),
      "GET /v1/devices": Probe("/v1/devices"),
      "DELETE /v1/devices/{id}": Probe("/v1/devices/nothing", nil, 404),
      "GET /v1/patients": Probe("/v1/patients"),
      "POST /v1/patients": Probe("/v1/patients", #"{"name":""}"#, 400),
      "POST /v1/patients/group": Probe("/v1/patients/group", #"{"patient":"LAN","group":"adult"}"#),
      "GET /v1/patients/identifiers": Probe("/v1/patients/identifiers?patient=LAN", mai: 404),
      "POST /v1/patients/identifiers": Probe("/v1/patients/identifiers", #"{"patient":"LAN","kind":"cccd"}"#),
      "POST /v1/reload": Probe("/v1/reload", "{}"),
      "GET /v1/readings": Probe("/v1/readings?patient=LAN", mai: 404),
      "POST /v1/devices/{id}/users": Probe("/v1/devices/\(RoleHouse.lanCuff)/users", #"{"patient":"LAN"}"#),
      "POST /v1/claims": Probe("/v1/claims", #"{"readings":["nothing"],"patient":"LAN"}"#, 404),
      "POST /v1/disownings": Probe("/v1/disownings", #"{"readings":["nothing"]}"#, 404),
      "GET /v1/alerts": Probe("/v1/alerts?patient=LAN", mai: 404),
      "GET /v1/episodes": Probe("/v1/episodes"),
      "POST /v1/acknowledgements": Probe("/v1/acknowledgements", #"{"episode":"nothing"}"#, 404),
      "GET /v1/alert-history": Probe("/v1/alert-history?patient=LAN", mai: 404),
      "GET /v1/silences": Probe("/v1/silences"),
      "POST /v1/silences": Probe(
        "/v1/silences", #"{"seconds":60,"reason":"x","rule":"nothing","urgent":false}"#, 404),
      "DELETE /v1/silences/{id}": Probe("/v1/silences/nothing", nil, 404),
      "GET /v1/consents": Probe("/v1/consents"),
      "POST /v1/consents": Probe(
        "/v1/consents", #"{"patient":"LAN","destination":"clinic","who":"Dr","relationship":"doctor"}"#, 201),
      "DELETE /v1/consents": Probe(
        "/v1/consents", #"{"patient":"LAN","destination":"nowhere"}"#, 404),
      "GET /v1/deliveries": Probe("/v1/deliveries"),
      "GET /v1/deliveries/{id}": Probe("/v1/deliveries/0", nil, 404),
      "POST /v1/deliveries/retry": Probe("/v1/deliveries/retry", #"{"destination":"clinic"}"#),
      "GET /v1/webhooks": Probe("/v1/webhooks"),
      "GET /v1/webhooks/{name}/messages": Probe("/v1/webhooks/nothing/messages", nil, 404),
      "POST /v1/webhooks/{name}/test": Probe("/v1/webhooks/nothing/test", nil, 404),
      "POST /v1/webhooks/messages/{id}/redeliver": Probe("/v1/webhooks/messages/nothing/redeliver", nil, 404),
      "POST /v1/scan": Probe("/v1/scan", #"{"seconds":1,"all":false}"#),
      "POST /v1/pairings": Probe("/v1/pairings", "{}", 503),
      "GET /v1/pairings/{id}/events": Probe("/v1/pairings/nothing/events", nil, 404),
      "POST /v1/pairings/{id}/answers": Probe("/v1/pairings/nothing/answers", "{}", 404),
      "DELETE /v1/pairings/{id}": Probe("/v1/pairings/nothing", nil, 404),
      "GET /v1/export/count": Probe("/v1/export/count?format=csv&patient=LAN", mai: 404),
      "GET /v1/export": Probe("/v1/export?format=csv&patient=LAN", mai: 404),
      "GET /v1/backup": Probe("/v1/backup", nil, 503),
      "GET /v1/erasures": Probe("/v1/erasures?patient=LAN"),
      "POST /v1/erasures": Probe("/v1/erasures", #"{"patient":"LAN","confirmation":"no"}"#, 400),
      "GET /v1/accesses": Probe("/v1/accesses"),
      "GET /fhir": Probe("/fhir", nil, 404),
      "GET /fhir/**": Probe("/fhir/Patient/LAN", mai: 404),
      "HEAD /fhir": Probe("/fhir", nil, 404),
      "HEAD /fhir/**": Probe("/fhir/Patient/LAN", mai: 404),
    ]
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
      probes["\(method) /fhir"] = Probe("/fhir", nil, 405)
      probes["\(method) /fhir/**"] = Probe("/fhir/Patient/LAN", nil, 405)
    }
    return probes
  }()

  private func server() async throws -> [RouteDeclaration] {
    var control = GatewayControl.quiet()
    control.record = .sample
    var found: [RouteDeclaration] = []
    try await Served.with(control) { served in
      found =
        LocalServer(
          socketPath: served.socketPath, store: served.store, control: control,
          logger: .init(label: "test", level: .critical)
        ).routes
    }
    return found
  }

  @Test func everyRouteIsProbed() async throws {
    let names = try await server().map(\.name)
    #expect(Set(names) == Set(Self.probes.keys))
    #expect(names.count == Set(names).count)
  }

  /// The page says what the server does, which the other tests hold it to.
  @Test func thePageHasEveryRoute() async throws {
    let expected = try await server().map { route in
      let cells =
        switch route.role {
        case .own: ["–", "theirs", route.everybody == nil ? "yes" : "one person", "yes"]
        case .operate: ["–", "–", "yes", "yes"]
        case .administer: ["–", "–", "–", "yes"]
        }
      return "| `\(route.name)` | \(cells.joined(separator: " | ")) |"
    }
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Gateway/Gateway.docc/Roles.md")
    let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("| `") && $0.contains(" /") && !$0.hasPrefix("| `vitals ") }
    #expect(rows.sorted() == expected.sorted(), "the table of routes in Roles.md")
  }

  @Test(arguments: RoleHouse.Caller.allCases) func everyRoute(caller: RoleHouse.Caller) async throws {
    let routes = try await server()
    try await RoleHouse.with { house in
      for route in routes {
        let probe = try #require(Self.probes[route.name])
        let lan = house.lan.rawValue
        let answer = try await house.ask(
          caller, route.method, probe.path.replacing("LAN", with: lan), body: probe.body?.replacing("LAN", with: lan))
        let isAllowed =
          switch caller {
          case .unknown, .stranger: false
          case .mai: route.role == .own
          case .operating: route.role <= .operate
          case .administering: true
          }
        let expected = isAllowed ? caller == .mai ? probe.maisStatus ?? probe.status : probe.status : 403
        #expect(answer.status == expected, "\(caller) \(route.name): \(answer.body)")
        if !isAllowed, route.method != "HEAD" {
          #expect(answer.body.contains("needs the role '\(route.role)'"), "\(caller) \(route.name): \(answer.body)")
        }
        if caller == .mai {
          for sign in try house.signs() where !(probe.path + (probe.body ?? "")).contains("LAN") || sign != lan {
            #expect(!answer.body.contains(sign), "\(route.name) tells Mai of '\(sign)': \(answer.body)")
          }
        }
      }
      // Nothing was done by whom it was refused.
      #expect(try await house.served.store.patients().count == 2)
      #expect(try await house.served.store.consents().filter { $0.withdrawnAt == nil }.count >= 2)
    }
  }

  /// Without naming anybody, and by every kind of search: what comes is theirs, and something comes.
  @Test(arguments: [
    "/v1/devices", "/v1/patients", "/v1/readings", "/v1/alerts", "/v1/episodes", "/v1/alert-history", "/v1/silences",
    "/v1/consents", "/v1/export?format=csv", "/v1/export?format=fhir", "/v1/export?format=hl7",
    "/v1/export?format=qd831", "/v1/accesses", "/v1/status", "/fhir/Observation", "/fhir/Observation?_sort=date",
    "/fhir/Patient", "/fhir/Device",
  ])
  func listsAreTheirs(path: String) async throws {
    try await RoleHouse.with { house in
      // Something to see in the list of accesses.
      _ = try await house.ask(.operating, "GET", "/v1/readings?patient=\(house.lan)")
      _ = try await house.ask(.operating, "GET", "/v1/readings?patient=\(house.mai)")
      let all = try await house.ask(.administering, "GET", path)
      let mine = try await house.ask(.mai, "GET", path)
      // The export of the section is one person's.
      if !path.hasSuffix("qd831") {
        #expect(all.status == 200)
        #expect(try house.signs().contains { all.body.contains($0) }, "the signs of Lan are none: \(all.body)")
      }
      #expect(mine.status == 200)
      for sign in try house.signs() { #expect(!mine.body.contains(sign), "'\(sign)' in \(mine.body)") }
      if !path.hasSuffix("qd831"), !path.hasSuffix("status") {
        #expect(
          [house.mai.rawValue, RoleHouse.maiCuff, "UA-651"].contains { mine.body.contains($0) }, "\(mine.body)")
      }
    }
  }

  /// One who is there and is another's is answered as one who is not there.
  @Test func anotherIsNobody() async throws {
    try await RoleHouse.with { house in
      let lan = house.lan.rawValue
      for (path, real, none) in [
        ("/v1/readings?patient=X", lan, "p-none"), ("/v1/readings?patient=X", "Lan%20Thi", "Lan%20Tho"),
        ("/v1/readings?device=X", "Lan's%20cuff", "Tho's%20cuff"),
        ("/v1/readings?device=X", RoleHouse.lanCuff, "ble:00:00:00:00:00:00"),
        ("/v1/alerts?patient=X", lan, "p-none"), ("/v1/alert-history?patient=X", lan, "p-none"),
        ("/v1/alert-history?episode=X", try #require(try house.signs().last), "0000"),
        ("/v1/export?format=csv&patient=X", lan, "p-none"), ("/v1/export/count?format=csv&patient=X", lan, "p-none"),
        ("/fhir/Patient/X", lan, "p-none"), ("/fhir/Patient/X/$everything", lan, "p-none"),
        ("/fhir/Observation?patient=X", lan, "p-none"),
        ("/fhir/Observation?_id=X", "\(RoleHouse.lanReading)-150020", "o-none-150020"),
        ("/fhir/Observation/X", "\(RoleHouse.lanReading)-150020", "o-none-150020"),
      ] {
        let there = try await house.ask(.mai, "GET", path.replacing("X", with: real))
        let nowhere = try await house.ask(.mai, "GET", path.replacing("X", with: none))
        #expect(there.status == nowhere.status, "\(path)")
        func plain(_ body: String, _ name: String) -> String {
          body.replacing(name, with: "X").replacing(name.removingPercentEncoding ?? name, with: "X")
        }
        #expect(plain(there.body, real) == plain(nowhere.body, none), "\(path)")
      }
      // Whoever may learns that it is there.
      #expect(try await house.ask(.operating, "GET", "/fhir/Observation/\(RoleHouse.lanReading)-150020").status == 200)
      // What was asked for and hidden is written down, with whom; what nobody is called is not.
      let refused = try await house.served.store.accesses().filter(\.refused)
      #expect(Set(refused.map(\.patient)) == [house.lan])
      #expect(Set(refused.map(\.uid)) == [RoleHouse.Caller.mai.rawValue])
    }
  }

  /// A next link holds where to go on, not whose it was: who follows it sees theirs.
  @Test func pagesAreTheirs() async throws {
    try await RoleHouse.with { house in
      func next(_ body: String) -> String? {
        guard let link = body.firstMatch(of: /"relation":"next","url":"http:\/\/localhost(\/fhir[^"]*)"/) else {
          return nil
        }
        return String(link.1)
      }
      var path: String? = "/fhir/Observation?_count=1"
      var pages = 0
      while let asked = path, pages < 100 {
        let page = try await house.ask(.mai, "GET", asked)
        #expect(page.status == 200)
        for sign in try house.signs() { #expect(!page.body.contains(sign)) }
        path = next(page.body)
        pages += 1
      }
      // Of each of three readings one, at least.
      #expect(pages >= 3)
      let wide = try await house.ask(.operating, "GET", "/fhir/Observation?_count=1")
      let followed = try await house.ask(.mai, "GET", try #require(next(wide.body)))
      #expect(followed.status == 200)
      for sign in try house.signs() { #expect(!followed.body.contains(sign)) }
      let every = try await house.ask(.operating, "GET", "/fhir/Patient/\(house.lan)/$everything?_count=1")
      #expect(try await house.ask(.mai, "GET", try #require(next(every.body))).status == 404)
    }
  }

  @Test func everybodyAtOnceIsForWhoAdministers() async throws {
    try await RoleHouse.with { house in
      for path in ["/v1/export?format=csv", "/v1/export?format=csv&patient=", "/v1/export/count?format=csv"] {
        #expect(try await house.ask(.operating, "GET", path).status == 403)
        #expect(try await house.ask(.administering, "GET", path).status == 200)
      }
      let refused = try await house.served.store.accesses().filter { $0.refused && $0.action == .export }
      #expect(refused.map(\.uid) == [RoleHouse.Caller.operating.rawValue])
    }
  }

  /// Linked to two, an account sees two, and says whose it takes out.
  @Test func anAccountOfTwo() async throws {
    try await RoleHouse.with { house in
      house.link(to: [house.mai, house.lan])
      let readings = try await house.client(.mai).readings(ReadingQuery())
      #expect(Set(readings.map(\.patient)) == [house.mai.rawValue, house.lan.rawValue])
      #expect(try await house.ask(.mai, "GET", "/v1/export?format=csv").status == 400)
      #expect(try await house.ask(.mai, "GET", "/v1/export?format=csv&patient=\(house.lan)").status == 200)
      house.link(to: [])
      #expect(try await house.client(.mai).readings(ReadingQuery()).isEmpty)
      #expect(try await house.client(.mai).whoAmI().patients == [])
    }
  }

  /// Of a cuff that two people use each sees that it is theirs.
  @Test func aDeviceOfTwo() async throws {
    try await RoleHouse.with { house in
      let id = DeviceID(rawValue: RoleHouse.maiCuff)
      try await house.served.store.assign(id, slot: 1, to: house.mai)
      try await house.served.store.assign(id, slot: 2, to: house.lan)
      let device = try #require(try await house.client(.mai).devices().first)
      #expect(device.id == RoleHouse.maiCuff && device.progress == nil && device.connected == nil)
      #expect(Set(device.users?.map(\.patient) ?? []) == [house.mai.rawValue])
      #expect(try await house.client(.mai).status().bluetooth.isEmpty)
      let whole = try await house.client(.operating).devices().first { $0.id == RoleHouse.maiCuff }
      #expect(whole?.progress != nil && whole?.users?.count == 3)
    }
  }

  /// A reading that was taken from Mai and given to Lan tells neither of the other.
  @Test func handsThatItWentThrough() async throws {
    try await RoleHouse.with { house in
      let store = house.served.store
      let reading = try #require(try await store.observations(ObservationFilter(patient: house.lan)).last)
      _ = try await store.disown([reading.id], by: nil, policy: RoleHouse.policy, now: Date())
      _ = try await store.claim([reading.id], for: house.mai, by: nil, policy: RoleHouse.policy, now: Date())
      let answer = try await house.ask(.mai, "GET", "/v1/readings?limit=1000")
      #expect(answer.body.contains(reading.id.rawValue))
      for sign in [house.lan.rawValue, "Lan Thi", "disowned"] { #expect(!answer.body.contains(sign), "\(answer.body)") }
      #expect(try await house.ask(.operating, "GET", "/v1/readings?limit=1000").body.contains("disowned"))
    }
  }

  @Test func streamsAreTheirs() async throws {
    try await RoleHouse.with { house in
      struct Enough: Error {}
      let last = Observation.cuff(30, systolic: 120, patient: house.mai)
      let (listed, continuation) = AsyncStream.makeStream(of: Void.self)
      let client = house.client(.mai)
      let follower = Task {
        var seen: [LocalAPI.Reading] = []
        do {
          try await client.followReadings(ReadingQuery()) { reading in
            seen.append(reading)
            if seen.count == 3 { continuation.yield() }
            if reading.id == last.id.rawValue { throw Enough() }
          }
        } catch is Enough {}
        return seen
      }
      for await _ in listed.prefix(1) {}
      try await house.served.commit(.cuff(20, patient: house.lan, device: RoleHouse.lanCuff), RoleHouse.policy)
      try await house.served.commit(.cuff(21, device: RoleHouse.lanCuff), RoleHouse.policy)
      try await house.served.commit(last, RoleHouse.policy)
      let seen = try await follower.value
      #expect(seen.count == 4)
      #expect(Set(seen.map(\.patient)) == [house.mai.rawValue])
    }
  }

  @Test func alertStreamsAreTheirs() async throws {
    try await RoleHouse.with { house in
      struct Enough: Error {}
      let (listed, continuation) = AsyncStream.makeStream(of: Void.self)
      let client = house.client(.mai)
      let follower = Task {
        var seen: [Alert] = []
        do {
          try await client.followAlerts { alert in
            seen.append(alert)
            if seen.count == 1 { continuation.yield() }
            if alert.state == "acknowledged" { throw Enough() }
          }
        } catch is Enough {}
        return seen
      }
      for await _ in listed.prefix(1) {}
      for patient in [house.lan, house.mai] {
        _ = try await house.served.store.acknowledge(
          episode: nil, patient: patient, by: nil, policy: RoleHouse.policy, now: Date())
      }
      #expect(Set(try await follower.value.map(\.patient)) == [house.mai.rawValue])
    }
  }

  /// Who changed what stands in the list, by the account; a refusal too.
  @Test func changesAreWrittenDown() async throws {
    try await RoleHouse.with { house in
      let (mai, lan) = (house.mai, house.lan)
      func ask(_ caller: RoleHouse.Caller, _ method: String, _ path: String, _ body: String? = nil) async throws {
        _ = try await house.ask(caller, method, path, body: body)
      }
      try await ask(.operating, "POST", "/v1/devices/\(RoleHouse.maiCuff)/users", #"{"patient":"Mai"}"#)
      try await ask(.operating, "POST", "/v1/acknowledgements", #"{"patient":"Mai"}"#)
      try await ask(.operating, "DELETE", "/v1/silences/s-\(lan)")
      try await ask(.operating, "DELETE", "/v1/devices/\(RoleHouse.lanCuff)")
      try await ask(.operating, "DELETE", "/v1/devices/nothing")
      try await ask(.mai, "DELETE", "/v1/consents", #"{"patient":"Mai","destination":"clinic"}"#)
      try await ask(.mai, "POST", "/v1/erasures", #"{"patient":"Lan Thi","confirmation":"Lan Thi"}"#)
      try await ask(.unknown, "GET", "/v1/readings")
      let found = try await house.served.store.accesses()
      func line(_ access: Access) -> String {
        "\(access.uid.map { String($0) } ?? "?") \(access.refused ? "not " : "")\(access.action) "
          + "\(access.patient == mai ? "mai" : access.patient == lan ? "lan" : "-") \(access.subject ?? "-")"
      }
      #expect(
        found.map(line) == [
          "1003 assign mai \(RoleHouse.maiCuff)", "1003 acknowledge mai -", "1003 silence lan s-\(lan)",
          "1003 unpair - \(RoleHouse.lanCuff)", "1002 withdraw mai clinic", "1002 not erase - -", "? not read - -",
        ])
      // Mai sees what was done about her, and not what was done about Lan.
      let seen = try await house.client(.mai).accesses()
      #expect(seen.map(\.action) == ["assign", "acknowledge", "withdraw"])
      // However much was done about others meanwhile.
      let newest = try await house.served.store.accesses(within: [mai], limit: 2)
      #expect(newest.map(\.action) == [.acknowledge, .withdraw])
    }
  }

  /// A stream lasts for days; what it shows is what a new request would show.
  @Test(arguments: [RoleHouse.Caller.mai, .operating])
  func anOpenStreamEndsWithTheRightToIt(_ caller: RoleHouse.Caller) async throws {
    try await RoleHouse.with { house in
      var heard: [Int] = []
      func change(_ number: Int) async throws {
        try await house.served.commit(.cuff(number, patient: house.mai, device: RoleHouse.maiCuff), RoleHouse.policy)
      }
      do {
        try await house.client(caller).followReadings(ReadingQuery(limit: 1)) { _ in
          heard.append(heard.count)
          switch heard.count {
          case 1: try await change(20)
          case 2:
            if caller == .mai { house.link(to: [house.lan]) } else { house.expel(caller) }
            try await change(21)
          default: Issue.record("told after the right was taken away")
          }
        }
        Issue.record("the stream ended without a word")
      } catch LocalClientError.refused(_, let error) {
        #expect(error.error == APIError.Code.notAllowed)
      }
      #expect(heard.count == 2)
    }
  }

  @Test func theSameHoldsForAlerts() async throws {
    try await RoleHouse.with { house in
      var heard = 0
      do {
        try await house.client(.operating).followAlerts(limit: 1) { _ in
          heard += 1
          house.expel(.operating)
          try await house.served.commit(
            .cuff(20, systolic: 120, patient: house.mai, device: RoleHouse.maiCuff), RoleHouse.policy)
        }
      } catch LocalClientError.refused(_, let error) {
        #expect(error.error == APIError.Code.notAllowed)
      }
      #expect(heard == 1)
    }
  }
}
