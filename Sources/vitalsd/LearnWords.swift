import Gateway

/// What `learn` says to a person at its end, in the languages of `vitals`.
struct LearnWords {
  let isVietnamese: Bool

  private func say(_ english: String, _ vietnamese: String) -> String { isVietnamese ? vietnamese : english }

  func damage(_ reason: String, of file: String) -> String {
    say(
      "\(file): \(reason); what stood before that is in the folder",
      "\(file): \(reason); những gì đứng trước chỗ đó đã có trong thư mục")
  }

  func text(_ report: LearnRequest.Report) -> String {
    var lines = [
      say("Written to \(report.folder): ", "Đã ghi vào \(report.folder): ") + report.files.joined(separator: ", "),
      say("Values in the session: \(report.values)", "Số giá trị trong phiên: \(report.values)"),
      say("Made unrecognisable: ", "Đã che: ")
        + (report.redacted.isEmpty ? say("nothing", "không có gì") : report.redacted.joined(separator: ", ")),
    ]
    lines.append(
      report.valuesKept
        ? say(
          "session.yaml has the measured values as they came. They are somebody's: replace them before you publish it.",
          "session.yaml chứa các giá trị đo thật. Đó là dữ liệu của một người: hãy thay trước khi công bố.")
        : say(
          "session.yaml has made-up numbers, or zeros where the layout is not known; times of measuring are as they came.",
          "session.yaml chỉ có số giả, hoặc số 0 nơi chưa rõ cách ghi; thời điểm đo vẫn giữ nguyên."))
    lines.append(
      say(
        "recording.jsonl has the measured values: keep it to yourself. What a maker's own fields or manufacturer data say "
          + "of a device or a person was not recognised: look for it before you publish anything.",
        "recording.jsonl chứa giá trị đo thật: đừng đưa cho người khác. Những gì trường riêng của hãng nói về máy hay "
          + "người dùng không được nhận ra: hãy xem kỹ trước khi công bố."))
    if report.passedOver > 0 {
      lines.append(say("Packets passed over: \(report.passedOver)", "Số gói bị bỏ qua: \(report.passedOver)"))
    }
    if let driver = report.driver { lines.append(say("Driver: \(driver)", "Trình điều khiển: \(driver)")) }
    if report.missing.isEmpty {
      lines.append(say("Next: vitals check \(report.folder)", "Tiếp theo: vitals check \(report.folder)"))
    } else {
      lines.append(say("Still to be filled in (vitals check names them):", "Còn phải điền (vitals check sẽ nêu):"))
      lines += report.missing.map { "  " + $0 }
    }
    return lines.joined(separator: "\n")
  }
}
