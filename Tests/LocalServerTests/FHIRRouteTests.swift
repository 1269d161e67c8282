import Foundation
import LocalAPI
import Observations
import Store
import Testing

@Suite struct FHIRRouteTests {
  @Test func whatItCanIsSaid() async throws {
    try await ServedRecord.with { record in
      let answer = try await record.ask("metadata")
      #expect(answer.status == 200 && answer.type == "CapabilityStatement")
      #expect(answer.json["fhirVersion"] as? String == "4.0.1")
      #expect("\(answer.headers["Content-Type"] ?? "")".hasPrefix("application/fhir+json"))
    }
  }

  @Test func pagesHoldEverythingOnce() async throws {
    try await ServedRecord.with { record in
      let patient = try await record.fill(25)
      // Of each reading: the pressures, the pulse, the flags.
      var next: String? = "Observation?patient=\(patient.id)&_count=7"
      var ids: [String] = []
      var pages = 0
      while let url = next {
        let page = try await record.ask(url)
        #expect(page.status == 200)
        #expect(page.ids.count == 7 || page.link("next") == nil)
        #expect(page.link("self") != nil)
        ids += page.ids
        next = page.link("next")
        pages += 1
        // What comes meanwhile is newer than all of them, and moves none.
        if pages == 2 { try await record.served.commit(.timed(900, patient: patient.id)) }
      }
      #expect(ids.count == 75 && Set(ids).count == 75)
      #expect(pages == 11)
      let count = try await record.ask("Observation?patient=\(patient.id)&_summary=count")
      #expect(count.json["total"] as? Int == 78 && count.entries.isEmpty)
      // Each of them is there by its id.
      for id in ids.prefix(4) {
        let one = try await record.ask("Observation/\(id)")
        #expect(one.status == 200 && one.json["id"] as? String == id)
      }
    }
  }

  @Test(arguments: [
    ("code=http://loinc.org%7C85354-9", 5), ("code=85354-9,8867-4", 10), ("code=8480-6", 0), ("code=150020", 5),
    ("category=vital-signs", 10), ("status=final", 15), ("status=amended", 0), ("date=2026-11-22", 15),
    ("date=lt2026-11-22", 0), ("date=ge2026-11-22T07:30:02%2B07:00&date=lt2026-11-22T07:30:04%2B07:00", 6),
    ("date=ge2026-11-22T07:30:02+07:00", 9), ("_lastUpdated=ge2026-11-22", 15), ("_since=2027-01-01", 0),
    ("patient=p-nobody", 0), ("patient=Patient/p-nobody", 0), ("device=Device/d-none", 0),
    ("_id=none-150020", 0), ("identifier=urn:none%7Cx", 0), ("identifier=urn:vitals-gateway:reading%7C", 0),
    ("_count=0", 0), ("favourite=yes", 15), ("_format=json&_pretty=true", 15),
  ])
  func searchesFind(query: String, count: Int) async throws {
    try await ServedRecord.with { record in
      _ = try await record.fill(5)
      let answer = try await record.ask("Observation?\(query)")
      #expect(answer.status == 200, "\(answer.json)")
      #expect(answer.ids.count == count)
    }
  }

  @Test func itIsFoundByWhatItIsCalled() async throws {
    try await ServedRecord.with { record in
      let patient = try await record.fill(3)
      let newest = try await record.ask("Observation?_sort=-date&_count=1")
      let oldest = try await record.ask("Observation?_sort=date&_count=1")
      #expect(newest.ids != oldest.ids)
      let one = try #require(oldest.resources.first)
      let identifier = try #require((one["identifier"] as? [[String: String]])?.first)
      let token = "\(identifier["system"] ?? "")|\(identifier["value"] ?? "")"
      let escaped = try #require(token.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
      #expect(try await record.ask("Observation?identifier=\(escaped)").ids == oldest.ids)
      let id = try #require(oldest.ids.first)
      #expect(try await record.ask("Observation?_id=\(id),other-1").ids == [id])
      let device = try #require((one["device"] as? [String: String])?["reference"])
      #expect(try await record.ask("Observation?device=\(device)").ids.count == 9)
      #expect(try await record.ask(device).json["id"] as? String == String(device.dropFirst(7)))
      let devices = try await record.ask("Device")
      #expect(devices.ids.count == 2 && devices.json["total"] as? Int == 2)
      let body = "patient=Patient%2F\(patient.id)&_count=2"
      let posted = try await record.ask(
        "Observation/_search", method: "POST", headers: ["Content-Type": "application/x-www-form-urlencoded"],
        body: body)
      #expect(posted.status == 200 && posted.ids.count == 2)
      #expect(
        try await record.ask("Patient?identifier=urn:oid:2.999.84.1%7C\(patient.id)").ids == [patient.id.rawValue])
      // Every reference leads somewhere.
      let clock = try #require(
        ((one["extension"] as? [[String: Any]])?.compactMap {
          ($0["valueReference"] as? [String: String])?["reference"]
        })?
        .first { $0.contains("clock-") })
      #expect(try await record.ask(clock).status == 200)
    }
  }

  @Test func everythingOfAPerson() async throws {
    try await ServedRecord.with { record in
      let patient = try await record.fill(3)
      _ = try await record.store.addPatient(name: "Mai")
      let first = try await record.ask("Patient/\(patient.id)/$everything?_count=5")
      let types = first.entries.compactMap { ($0["resource"] as? [String: Any])?["resourceType"] as? String }
      #expect(types.prefix(3) == ["Patient", "Device", "Device"])
      let rest = try await record.ask(try #require(first.link("next")))
      #expect(rest.link("next") == nil)
      #expect(Set(first.ids + rest.ids).count == 1 + 9)
      #expect(!rest.ids.contains(patient.id.rawValue))
      let none = try await record.ask("Patient/\(patient.id)/$everything?start=2027-01-01")
      #expect(none.ids == [patient.id.rawValue])
    }
  }

  @Test(arguments: [
    ("Observation?date=yesterday", 400, "value"), ("Observation?date=ap2026", 400, "value"),
    ("Observation?_count=many", 400, "value"), ("Observation?_count=-1", 400, "value"),
    ("Observation?code=", 200, ""), ("Observation?code=%7C", 400, "value"), ("Observation?_sort=code", 400, "value"),
    ("Observation?code:text=x", 400, "not-supported"), ("Observation?patient:missing=true", 400, "not-supported"),
    ("Observation?_page=rubbish", 400, "value"), ("Observation?code=%C3%28", 400, "invalid"),
    ("Observation/none-1", 404, "not-found"), ("Observation/none", 404, "not-found"),
    ("Observation/clock-0-1-2", 404, "not-found"), ("Patient/p-nobody", 404, "not-found"),
    ("Device/none", 404, "not-found"), ("Patient/p-nobody/$everything", 404, "not-found"),
    ("Medication", 404, "not-supported"), ("Observation/a/_history", 404, "not-supported"), ("", 404, "not-supported"),
    ("Observation?_format=xml", 406, "not-supported"), ("Observation?_format=%3B", 406, "not-supported"),
    ("metadata?_format=%2C%3B%3B", 406, "not-supported"), ("Device?identifier=%7C", 400, "value"),
  ])
  func badQueriesAnswerOperationOutcome(path: String, status: Int, code: String) async throws {
    try await ServedRecord.with { record in
      let answer = try await record.ask(path)
      #expect(answer.status == status)
      guard status != 200 else { return }
      #expect(answer.type == "OperationOutcome")
      #expect(answer.issue["code"] as? String == code)
      #expect(answer.issue["severity"] as? String == "error")
      #expect(answer.issue["diagnostics"] as? String != nil)
    }
  }

  @Test func whatIsNotKnownIsRefusedWhereItIsAsked() async throws {
    try await ServedRecord.with { record in
      let strict = try await record.ask("Observation?favourite=yes", headers: ["Prefer": "handling=strict"])
      #expect(strict.status == 400 && strict.issue["code"] as? String == "not-supported")
      let lenient = try await record.ask("Observation?favourite=yes", headers: ["Prefer": "handling=lenient"])
      #expect(lenient.status == 200)
      let outcome = lenient.entries.last
      #expect((outcome?["search"] as? [String: String])?["mode"] == "outcome")
      #expect(lenient.link("self")?.contains("favourite") == false)
    }
  }

  @Test func itIsForReadingOnly() async throws {
    try await ServedRecord.with { record in
      for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = try await record.ask("Observation", method: method, body: method == "POST" ? "{}" : nil)
        #expect(answer.status == 405 && answer.type == "OperationOutcome", "\(method)")
        #expect(answer.headers["Allow"] as? String == "GET, HEAD")
      }
      let head = try await record.ask("metadata", method: "HEAD")
      #expect(head.status == 200 && head.body.isEmpty)
      #expect(try await record.ask("metadata", headers: ["Accept": "application/xml"]).status == 406)
      #expect(try await record.ask("metadata", headers: ["Accept": "text/html, */*;q=0.1"]).status == 200)
    }
  }

  @Test func whoHasNoTokenGetsNothing() async throws {
    try await ServedRecord.with { record in
      _ = try await record.fill(1)
      for token in [nil, "", "wrong", ServedRecord.token + "x", String(ServedRecord.token.dropLast())] as [String?] {
        let answer = try await record.ask("Observation", token: token)
        #expect(answer.status == 401 && answer.type == "OperationOutcome", "\(token ?? "none")")
        #expect(answer.headers.keys.contains { "\($0)".lowercased() == "www-authenticate" })
      }
      // And not the other things that the socket has.
      let other = record.base.replacing("/fhir", with: "/v1/readings")
      #expect(try await record.ask(other).status == 404)
    }
    for token in [nil, "short"] as [String?] {
      try await ServedRecord.with(token: { token }) { record in
        let answer = try await record.ask("metadata", token: token)
        #expect(answer.status == 503)
      }
    }
  }

  @Test func readersAreWrittenDown() async throws {
    try await ServedRecord.with { record in
      let patient = try await record.fill(2)
      _ = try await record.ask("Observation?patient=\(patient.id)")
      _ = try await record.ask("Observation?patient=\(patient.id)&_count=1")
      let found = try await record.store.accesses()
      #expect(found.map(\.count) == [2])
      #expect(found.first?.way == .port && found.first?.uid == nil)
      #expect(found.first?.patient == patient.id)
    }
  }

  /// Everything on the socket that shows somebody's data.
  @Test func readersOnTheSocketAreWrittenDown() async throws {
    try await ServedRecord.with { record in
      let patient = try await record.fill(2)
      let client = record.served.client
      var read = 0
      func expect(_ of: PatientID?) async throws {
        read += 1
        // Those of one kind are written together: at the latest for who reads the list.
        _ = try await client.accesses()
        let found = try await record.store.accesses().filter { $0.action == .read && $0.way == .socket }
        #expect(found.reduce(0) { $0 + $1.count } == read)
        #expect(found.contains { $0.patient == of && $0.uid == getuid() })
      }
      _ = try await client.readings(ReadingQuery(patient: "lan"))
      try await expect(patient.id)
      _ = try await client.patients()
      try await expect(nil)
      _ = try await client.alerts(patient: "lan")
      try await expect(patient.id)
      _ = try await client.episodes()
      try await expect(nil)
      _ = try await client.alertHistory(patient: "lan")
      try await expect(patient.id)
    }
  }

  @Test func whoWasErasedIsGone() async throws {
    try await ServedRecord.with { record in
      let patient = try await record.fill(2)
      let preview = try await record.served.client.erasurePreview("lan")
      #expect(preview.readings == 2 && preview.patient == patient.id.rawValue)
      let wrong = try await refusal {
        _ = try await record.served.client.erase(ErasureRequest(patient: "Lan", confirmation: "Mai"))
      }
      #expect(wrong.status == 400)
      #expect(try await record.ask("Observation").ids.count == 6)
      let erasure = try await record.served.client.erase(ErasureRequest(patient: "Lan", confirmation: " LAN"))
      #expect(erasure.readings == 2 && erasure.clean)
      let answer = try await record.ask("Patient/\(patient.id)")
      #expect(answer.status == 410 && answer.issue["code"] as? String == "deleted")
      #expect(try await record.ask("Observation").ids.isEmpty)
      #expect(try await record.served.client.accesses().last?.action == "erase")
    }
  }
}
