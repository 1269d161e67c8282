import Foundation
import LocalAPI
import Observations
import Store
import Synchronization
import Testing

@Suite struct ExportRouteTests {
  private func text(_ record: ServedRecord, _ query: ExportQuery) async throws -> String {
    var bytes: [UInt8] = []
    try await record.served.client.export(query) { bytes += $0 }
    return try #require(String(validating: bytes, as: UTF8.self))
  }

  @Test func everythingIsInIt() async throws {
    try await ServedRecord.with { record in
      // More than one batch.
      let patient = try await record.fill(450)
      try await record.served.commit(.cuff(7, device: "ble:F0:F1:F2:F3:F4:F9"))
      #expect(try await record.served.client.exportCount(ExportQuery(.csv)).readings == 451)
      let csv = try await text(record, ExportQuery(.csv)).split(separator: "\r\n")
      #expect(csv.count == 452)
      #expect(Set(csv).count == 452)
      let mine = try await text(record, ExportQuery(.csv, since: "2026-11-22T07:30:10+07:00", patient: "Lan"))
      #expect(mine.split(separator: "\r\n").count == 441)
      let some = try await text(
        record,
        ExportQuery(.csv, since: "2026-11-22T07:30:10+07:00", until: "2026-11-22T07:30:20+07:00", patient: "Lan"))
      #expect(some.split(separator: "\r\n").count == 11)

      let lines = try await text(record, ExportQuery(.fhir)).split(separator: "\n")
      let resources = try lines.map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      let names = resources.map { "\($0["resourceType"] ?? "")/\($0["id"] ?? "")" }
      #expect(Set(names).count == names.count)
      #expect(names.count { $0.hasSuffix("-150020") } == 450)
      // What is referred to is in it.
      for line in lines {
        for match in line.matches(of: #/"reference":"([^"]+)"/#) { #expect(names.contains(String(match.1))) }
      }
      let messages = try await text(record, ExportQuery(.hl7, patient: "Lan")).split(separator: "\r\n")
      #expect(messages.count == 450)
      #expect(messages.allSatisfy { $0.hasPrefix(#"MSH|^~\&|"#) && $0.contains("|150020^MDC_PRESS_BLD_NONINV^MDC^") })
      #expect(Set(messages.map { $0.split(separator: "|", omittingEmptySubsequences: false)[9] }).count == 450)
      let section = try await text(record, ExportQuery(.qd831, patient: patient.id.rawValue))
      #expect(section.hasPrefix("\u{FEFF}Thời điểm đo,Tâm thu (mmHg) [LOINC 8480-6],Tâm trương (mmHg) [LOINC 8462-4]"))
      #expect(section.contains(",128,82,71,"))
      let count = try await record.served.client.exportCount(ExportQuery(.qd831, patient: "Lan"))
      #expect((count.readings, count.leftOut) == (450, nil))
      let page = try await text(record, ExportQuery(.qd831Page, patient: "Lan"))
      #expect(page.contains("Trung bình của 450 lần đo") && page.hasSuffix("</html>\n"))
      // Two of everybody, five of Lan.
      let exports = try await record.served.client.accesses().filter { $0.action == "export" }
      #expect(exports.map(\.count).sorted() == [2, 5])
    }
  }

  /// MSH-10 names a message once for all: of a reading that is another person's now it is another message.
  @Test func anotherPersonsMessageHasAnotherName() async throws {
    try await ServedRecord.with { record in
      let lan = try await record.fill(1)
      let minh = try await record.store.addPatient(name: "Minh")
      let id = try #require(try await record.store.observations().first?.id)
      func names() async throws -> [[Substring]] {
        try await text(record, ExportQuery(.hl7)).split(separator: "\r").compactMap { segment in
          let fields = segment.split(separator: "|", omittingEmptySubsequences: false)
          return fields[0].hasSuffix("MSH") ? [fields[9]] : fields[0] == "OBR" ? [fields[3]] : nil
        }
      }
      func give(_ patient: Observations.Patient) async throws {
        let policy = IngestPolicy()
        _ = try await record.store.disown([id], by: nil, policy: policy, now: Date())
        _ = try await record.store.claim([id], for: patient.id, by: nil, policy: policy, now: Date())
      }
      let first = try await names()
      #expect(first.count == 2)
      try await give(minh)
      let second = try await names()
      #expect(second.count == 2 && first[0] != second[0] && first[1] != second[1])
      // Given back, it is what it was.
      try await give(lan)
      #expect(try await names() == first)
    }
  }

  @Test func whatIsWrongIsSaidBeforeAnythingIsSent() async throws {
    try await ServedRecord.with { record in
      for (query, status) in [
        (ExportQuery(.csv, patient: "Nobody"), 404), (ExportQuery(.qd831), 400),
        (ExportQuery(.csv, since: "soon"), 400),
      ] {
        let refused = try await refusal { try await record.served.client.export(query) { _ in } }
        #expect(refused.status == status)
      }
    }
  }
}
