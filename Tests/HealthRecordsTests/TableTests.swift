import Foundation
import HealthRecords
import Observations
import Testing

@Suite struct TableTests {
  /// RFC 4180 read back by hand: no field here holds a comma.
  private func cells(_ line: String) -> [String] {
    line.trimmingCharacters(in: .newlines).split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func aReadingIsOneLine() {
    let table = ReadingTable(timeZone: Samples.zone)
    let line = table.line(Samples.bloodPressure().observation, of: Samples.patient, by: Samples.cuff)
    let row = Dictionary(uniqueKeysWithValues: zip(cells(ReadingTable.head), cells(line)))
    #expect(cells(line).count == ReadingTable.columns.count)
    #expect(line.hasSuffix("\r\n") && line.dropLast().allSatisfy { !$0.isNewline })
    #expect(row["start"] == "2026-03-10T07:00:05+07:00")
    #expect(row["systolic_mmHg"] == "152" && row["diastolic_mmHg"] == "94" && row["pulse_per_min"] == "78")
    #expect(row["patient_name"] == "Bà Nội" && row["flags"] == "irregular-pulse" && row["simulated"] == "no")
    #expect(row["device_time"] == "2026-03-10T07:00:00" && row["device_clock_offset_s"] == "-5")
    let strap = table.line(Samples.heartRateWindow().observation, of: nil, by: Samples.mute)
    let window = Dictionary(uniqueKeysWithValues: zip(cells(ReadingTable.head), cells(strap)))
    #expect(window["heart_rate_per_min"] == "71.5" && window["heart_rate_most_per_min"] == "88")
    #expect(window["patient"] == "" && window["systolic_mmHg"] == "")
  }

  /// Names come over the air; a spreadsheet must not calculate them.
  @Test func aNameIsNoFormula() {
    var device = Samples.cuff
    device.information.model = "=HYPERLINK(\"http://x\",\"y\")\n"
    let line = ReadingTable(timeZone: Samples.zone).line(
      Samples.bloodPressure().observation, of: nil, by: device)
    #expect(line.contains(#","'=HYPERLINK(""http://x"",""y"") ","#))
    #expect(line.filter(\.isNewline).count == 1)
  }

  /// Systolic is 8480-6 and diastolic 8462-4 (LOINC). The Vietnamese draft guide has them exchanged.
  @Test func theVietnameseNamesHaveTheRightCodes() throws {
    let systolic = try #require(VitalSignsSection.items.first { $0.name == "Tâm thu" })
    let diastolic = try #require(VitalSignsSection.items.first { $0.name == "Tâm trương" })
    #expect(systolic.loinc == "8480-6" && systolic.code == MDCCode(150_021))
    #expect(diastolic.loinc == "8462-4" && diastolic.code == MDCCode(150_022))
    // 152 over 94 stands under the right heads.
    let section = VitalSignsSection(patient: Samples.patient, timeZone: Samples.zone)
    let row = Dictionary(
      uniqueKeysWithValues: zip(
        cells(VitalSignsSection.head), cells(section.line(Samples.bloodPressure().observation, by: Samples.cuff))))
    #expect(row["Tâm thu (mmHg) [LOINC 8480-6]"] == "152")
    #expect(row["Tâm trương (mmHg) [LOINC 8462-4]"] == "94")
    #expect(row["Nhịp tim (lần/phút) [LOINC 8867-4]"] == "78")
    #expect(row["Ghi chú"] == "mạch không đều")
    #expect(VitalSignsSection.head.unicodeScalars.first == "\u{FEFF}")
  }

  /// And so does what is sent.
  @Test func theRecordHasTheRightCodes() throws {
    let panel = try #require(
      try ReadBundle(Samples.transaction(Samples.bloodPressure())).observation(MDC.pressBldNoninv))
    let components = try #require(panel["component"] as? [[String: Any]])
    let values = components.reduce(into: [String: Decimal]()) { values, component in
      let value = (component["valueQuantity"] as? [String: Any])?["value"] as? NSNumber
      for code in ReadBundle.codes(component["code"]) { values[code] = value?.decimalValue }
    }
    #expect(values["8480-6"] == 152 && values["8462-4"] == 94)
  }

  @Test func thePageIsPrinted() {
    var patient = Samples.patient
    patient.name = "Bà <Nội> & \"Mai\""
    var section = VitalSignsSection(patient: patient, timeZone: Samples.zone)
    var page = section.pageHead(from: Samples.moment, until: nil, printedAt: Samples.moment)
    page += section.row(Samples.bloodPressure().observation, by: Samples.cuff)
    page += section.row(
      Samples.bloodPressure(components: [
        ObservationComponent(MDC.pressBldNoninvSys, Samples.mmHg(131)),
        ObservationComponent(MDC.pressBldNoninvDia, Samples.mmHg(83)),
      ]).observation, by: Samples.cuff)
    page += section.pageEnd
    #expect(page.contains("Bà &lt;Nội&gt; &amp; &quot;Mai&quot;") && !page.contains("<Nội>"))
    #expect(page.contains("<td>10/03/2026 07:00 (+07:00)</td>"))
    #expect(page.contains("Trung bình của 2 lần đo</b></td><td class=\"n\"><b>142</b></td><td class=\"n\"><b>89</b>"))
    #expect(page.contains("tự đo tại nhà") && page.contains("Chiều cao"))
    #expect(page.filter { $0 == "<" }.count == page.filter { $0 == ">" }.count)
  }

  @Test func onlyMeasuredBloodPressuresStandThere() {
    #expect(VitalSignsSection.takes(Samples.bloodPressure().observation))
    #expect(!VitalSignsSection.takes(Samples.bloodPressure(isSimulated: true).observation))
    #expect(!VitalSignsSection.takes(Samples.bloodPressure(marks: [.notMeasured]).observation))
    #expect(!VitalSignsSection.takes(Samples.heartRateWindow().observation))
  }
}
