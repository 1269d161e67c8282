import Foundation
import HealthRecords
import Observations
import Testing

/// Rows named like XML4, read back by the system's own parser.
@Suite struct XML4Tests {
  private func rows(_ readings: [Observation], by device: DeviceDescription = Samples.cuff) async throws -> [[String:
    String]]
  {
    var xml4 = XML4Rows(timeZone: Samples.zone)
    var text = XML4Rows.head
    for reading in readings { text += xml4.rows(reading, by: device) }
    text += XML4Rows.end
    let file = FileManager.default.temporaryDirectory.appending(path: "xml4-\(UUID().uuidString).xml")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let (status, output) = try await PackageFiles.run("xml4rows.py", [file.path])
    #expect(status == 0, "\(output)")
    return try JSONDecoder().decode([[String: String]].self, from: Data(output.utf8))
  }

  @Test func eachValueIsARowWithTheFieldsOfTheTable() async throws {
    let rows = try await rows([Samples.bloodPressure().observation])
    #expect(rows.map { $0["TEN_CHI_SO"] } == ["Tâm thu", "Tâm trương", "Nhịp tim"])
    #expect(rows.map { $0["GIA_TRI"] } == ["152", "94", "78"])
    #expect(rows.map { $0["DON_VI_DO"] } == ["mmHg", "mmHg", "lần/phút"])
    #expect(rows.map { $0["STT"] } == ["1", "2", "3"])
    #expect(rows.allSatisfy { $0["NGAY_KQ"] == "202603100700" && $0.count == 12 })
    #expect(rows[0]["MO_TA"]?.hasPrefix("LOINC 8480-6; OMRONHEALTHCARE HEM-9200T") == true)
    for field in ["MA_LK", "MA_DICH_VU", "MA_CHI_SO", "KET_LUAN", "MA_BS_DOC_KQ", "DU_PHONG"] {
      #expect(rows.allSatisfy { $0[field] == "" }, "\(field)")
    }
  }

  @Test func aNameFromTheAirStaysText() async throws {
    var device = Samples.cuff
    device.information.model = "</MO_TA><GIA_TRI>1&\u{1}]]>"
    let rows = try await rows([Samples.bloodPressure().observation], by: device)
    #expect(rows.count == 3 && rows[0]["GIA_TRI"] == "152")
    #expect(rows[0]["MO_TA"]?.contains("</MO_TA><GIA_TRI>1&]]>") == true)
  }
}
