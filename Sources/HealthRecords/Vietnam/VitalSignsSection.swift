package import Foundation
package import Observations

/// Section 2.1 *Dấu hiệu sinh tồn, chỉ số nhân trắc học* of the health record of Decision 831/QĐ-BYT (11/3/2017), as far as
/// this gateway measures it, for the staff of a commune station to take over. The words are those of the Ministry's draft
/// guide (hl7vn/vn-core-ig, `qd_831.xml`); the labels of the paper form could not be had.
package struct VitalSignsSection: Sendable {
  /// One line of the section.
  package struct Item: Hashable, Sendable {
    /// As the section calls it.
    package let name: String
    package let unit: String
    /// What it is in LOINC.
    package let loinc: String
    package let code: MDCCode
  }

  /// *Tâm thu* is systolic, 8480-6; *tâm trương* is diastolic, 8462-4. The draft guide (`spec.xml`, lines 1265 and 1271)
  /// has the two codes exchanged: whoever follows it turns 120/80 into 80/120.
  package static let items = [
    Item(name: "Tâm thu", unit: "mmHg", loinc: "8480-6", code: MDC.pressBldNoninvSys),
    Item(name: "Tâm trương", unit: "mmHg", loinc: "8462-4", code: MDC.pressBldNoninvDia),
    Item(name: "Nhịp tim", unit: "lần/phút", loinc: "8867-4", code: MDC.pulsRateNonInv),
  ]

  /// Lines of the section that this gateway does not measure.
  static let others = ["Nhịp thở", "Nhiệt độ cơ thể", "Chiều cao", "Cân nặng", "BMI", "Vòng bụng"]

  package let patient: Patient
  /// Whose offset the times are written with.
  package let timeZone: TimeZone
  /// The sums for the last line of the page.
  private var sums: [MDCCode: (sum: Decimal, count: Int)] = [:]
  private var count = 0

  package init(patient: Patient, timeZone: TimeZone) {
    self.patient = patient
    self.timeZone = timeZone
  }

  /// Whether a reading stands in the section: a blood pressure that was measured, not played.
  package static func takes(_ reading: Observation) -> Bool {
    reading.kind == .bloodPressure && !reading.provenance.isSimulated && !reading.marks.contains(.notMeasured)
      && reading.quantity(MDC.pressBldNoninvSys) != nil && reading.quantity(MDC.pressBldNoninvDia) != nil
  }

  // MARK: Comma-separated values

  /// The first line, after the mark by which a spreadsheet knows UTF-8. Each column says its LOINC code.
  package static var head: String {
    "\u{FEFF}"
      + CSVText.line(
        ["Thời điểm đo"] + items.map { "\($0.name) (\($0.unit)) [LOINC \($0.loinc)]" } + ["Ghi chú", "Thiết bị"])
  }

  package func line(_ reading: Observation, by device: DeviceDescription) -> String {
    CSVText.line(
      [FHIRDateTime.text(reading.effective.end, in: timeZone)] + Self.items.map { Self.number(reading, $0) }
        + [Self.remarks(reading), CSVText.named(Self.model(device))])
  }

  // MARK: The page

  /// The page up to its table.
  package func pageHead(from: Date?, until: Date?, printedAt: Date) -> String {
    let period = [from.map { "từ \(day($0))" }, until.map { "đến trước \(day($0))" }].compactMap { $0 }
      .joined(separator: " ")
    return """
      <!DOCTYPE html>
      <html lang="vi">
      <head>
      <meta charset="utf-8">
      <title>Dấu hiệu sinh tồn – \(Self.escaped(patient.name))</title>
      <style>
      @page { size: A4; margin: 15mm; }
      body { font-family: "Noto Sans", "Liberation Sans", sans-serif; font-size: 11pt; }
      h1 { font-size: 14pt; } table { border-collapse: collapse; width: 100%; }
      th, td { border: 0.5pt solid #000; padding: 2pt 4pt; text-align: left; } td.n { text-align: right; }
      thead { display: table-header-group; } tr { break-inside: avoid; } .s { font-size: 9pt; }
      </style>
      </head>
      <body>
      <h1>2.1. Dấu hiệu sinh tồn, chỉ số nhân trắc học</h1>
      <p class="s">Theo mẫu Hồ sơ sức khỏe cá nhân (Quyết định 831/QĐ-BYT ngày 11/3/2017). Số đo do người dân tự đo tại nhà \
      bằng máy cá nhân, chưa được cơ sở y tế xác nhận.</p>
      <p>Họ và tên: <b>\(Self.escaped(patient.name))</b><br>Thời gian: \(period.isEmpty ? "tất cả số đo đã lưu" : period)<br>
      Ngày in: \(moment(printedAt))</p>
      <table>
      <thead><tr><th>Thời điểm đo</th>\(Self.items.map { "<th>\($0.name) (\($0.unit))</th>" }.joined())\
      <th>Ghi chú</th><th>Thiết bị</th></tr></thead>
      <tbody>

      """
  }

  /// One row of the page; it counts for the mean at the end.
  package mutating func row(_ reading: Observation, by device: DeviceDescription) -> String {
    count += 1
    for item in Self.items {
      guard let value = reading.quantity(item.code)?.inMillimetresOfMercury.value else { continue }
      let sum = sums[item.code] ?? (0, 0)
      sums[item.code] = (sum.sum + value, sum.count + 1)
    }
    let cells = Self.items.map { "<td class=\"n\">\(Self.number(reading, $0))</td>" }.joined()
    return "<tr><td>\(moment(reading.effective.end))</td>\(cells)<td>\(Self.remarks(reading))</td>"
      + "<td>\(Self.escaped(Self.model(device)))</td></tr>\n"
  }

  /// The end of the page: how many, and their mean.
  package var pageEnd: String {
    let means = Self.items.map { item -> String in
      guard let sum = sums[item.code] else { return "<td></td>" }
      var (exact, rounded) = (sum.sum / Decimal(sum.count), Decimal())
      NSDecimalRound(&rounded, &exact, 0, .plain)
      return "<td class=\"n\"><b>\(rounded)</b></td>"
    }.joined()
    return """
      </tbody>
      <tfoot><tr><td><b>Trung bình của \(count) lần đo</b></td>\(means)<td></td><td></td></tr></tfoot>
      </table>
      <p class="s">Không đo bằng thiết bị này: \(Self.others.map { "\($0): ……" }.joined(separator: "; ")).</p>
      <p class="s">Mã LOINC: \(Self.items.map { "\($0.name) \($0.loinc)" }.joined(separator: ", ")).</p>
      </body>
      </html>

      """
  }

  // MARK: What all say

  private static func number(_ reading: Observation, _ item: Item) -> String {
    reading.quantity(item.code)?.inMillimetresOfMercury.value.description ?? ""
  }

  static func model(_ device: DeviceDescription) -> String {
    [device.information.manufacturer, device.information.model ?? device.name].compactMap { $0 }.joined(separator: " ")
  }

  /// What the device said of the measurement, and what is not sure of its time.
  static func remarks(_ reading: Observation) -> String {
    var remarks = MeasurementFlag.allCases.filter(reading.flags.contains).map { flag in
      switch flag {
      case .bodyMovement: "cử động khi đo"
      case .cuffTooLoose: "vòng bít lỏng"
      case .irregularPulse: "mạch không đều"
      case .pulseAboveRange: "mạch cao quá khoảng đo"
      case .pulseBelowRange: "mạch thấp dưới khoảng đo"
      case .improperPosition: "sai tư thế"
      case .questionable: "máy nghi ngờ kết quả"
      }
    }
    switch reading.effective.basis {
    case .betweenVisits, .boxClockUnknown, .deviceClockUnchecked: remarks.append("thời điểm chưa chắc chắn")
    case .deviceClock, .deviceClockCorrected, .received, .window: break
    }
    return remarks.joined(separator: "; ")
  }

  /// `22/11/2026 07:30 (+07:00)`.
  private func moment(_ date: Date) -> String {
    let text = FHIRDateTime.text(date, in: timeZone)
    return "\(day(date)) \(text.dropFirst(11).prefix(5)) (\(text.suffix(6)))"
  }

  private func day(_ date: Date) -> String {
    let parts = FHIRDateTime.text(date, in: timeZone).prefix(10).split(separator: "-")
    return parts.reversed().joined(separator: "/")
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
