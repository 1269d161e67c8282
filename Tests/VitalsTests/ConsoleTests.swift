import Foundation
import LocalAPI
import Testing

@testable import vitals

@Suite struct ConsoleTests {
  @Test func colourIsForTerminalsOnly() {
    #expect(Console.allowsColour(isTerminal: true, environment: [:]))
    #expect(Console.allowsColour(isTerminal: true, environment: ["NO_COLOR": ""]))
    #expect(!Console.allowsColour(isTerminal: true, environment: ["NO_COLOR": "1"]))
    #expect(!Console.allowsColour(isTerminal: true, environment: ["TERM": "dumb"]))
    #expect(!Console.allowsColour(isTerminal: false, environment: [:]))
  }

  @Test func namesFromTheAirCannotMoveTheCursor() {
    let written = Written()
    written.console(colours: true).say("cuff \u{1B}[2J\u{9B}31m\u{202E}\nnext", .bad)
    #expect(
      written.output
        == "\u{1B}[1;31mcuff \u{FFFD}[2J\u{FFFD}31m\u{FFFD}\u{FFFD}next\u{1B}[0m\n")
  }

  @Test func jsonEscapesThemAndStaysJSON() throws {
    let written = Written()
    try written.console(json: true).line(["name": "a\u{9B}b\u{202E}c\u{1B}"])
    #expect(written.output == #"{"name":"a\u009bb\u202ec\u001b"}"# + "\n")
    let read = try LocalJSON.value([String: String].self, from: Data(written.output.utf8))
    #expect(read == ["name": "a\u{9B}b\u{202E}c\u{1B}"])
  }

  @Test func withJSONTheWordsGoToStandardError() throws {
    let written = Written()
    let console = written.console(json: true)
    console.say("words")
    try console.document([1, 2])
    #expect(written.error == "words\n")
    #expect(written.output == "[\n  1,\n  2\n]\n")
  }

  @Test func tableIsAligned() {
    let table = Table(
      heads: ["A", "NAME", "B"],
      rows: [
        Table.Row(cells: ["1", "Bà Mai", "x"]), Table.Row(cells: ["22", "血圧計", ""]),
      ])
    #expect(table.lines().map(\.text) == ["A   NAME    B", "1   Bà Mai  x", "22  血圧計"])
  }

  private static let wide = Table(
    heads: ["A", "NAME", "NUMBER", "REASON"], flexible: [1, 3],
    rows: [
      Table.Row(cells: ["1", "Bà Nguyễn Thị Tuyết Mai", "p-1", "hooks.example answered 503 twice"], style: .bad),
      Table.Row(cells: ["2", "Lan", "p-22", ""]),
    ])

  @Test func whatIsTooWideForATerminalIsCutWhereItIsWidest() {
    #expect(
      Self.wide.lines(within: 60).map(\.text) == [
        "A  NAME                     NUMBER  REASON",
        "1  Bà Nguyễn Thị Tuyết Mai  p-1     hooks.example answered…",
        "2  Lan                      p-22",
      ])
    #expect(
      Self.wide.lines(within: 50).map(\.text) == [
        "A  NAME                 NUMBER  REASON",
        "1  Bà Nguyễn Thị Tuyế…  p-1     hooks.example ans…",
        "2  Lan                  p-22",
      ])
    #expect(Self.wide.lines(within: 50).map(\.style) == [.faint, .bad, .plain])
    // No further: what is left would say nothing, and what may not be cut is whole.
    let narrow = Self.wide.lines(within: 5).map(\.text)
    #expect(narrow[1] == "1  Bà Nguyễn T…  p-1     hooks.examp…")
    #expect(Self.wide.lines(within: 200).map(\.text) == Self.wide.lines().map(\.text))
  }

  @Test func onlyATerminalHasItsTablesCut() {
    let (narrow, piped) = (Written(), Written())
    Self.wide.print(to: narrow.console(columns: 50))
    Self.wide.print(to: piped.console())
    #expect(narrow.output.contains("hooks.example ans…\n") && !piped.output.contains("…"))
    #expect(piped.output.contains("hooks.example answered 503 twice\n"))
  }

  /// Columns as wcwidth(3) of glibc counts them, letter for letter.
  @Test(arguments: [
    ("Bà Mai", 6), ("Nguye\u{302}\u{303}n Thi\u{323}", 10), ("Nguyễn Thị", 10), ("血圧計", 6), ("Mai 血", 6),
    ("a\u{200B}b", 2), ("👵", 2), ("", 0),
  ])
  func lettersCountByTheColumnsTheyTake(text: String, width: Int) {
    #expect(DisplayWidth.of(text) == width)
  }

  @Test func aCutEndsBetweenLetters() {
    #expect(
      DisplayWidth.cut("Nguye\u{302}\u{303}n", to: 6).unicodeScalars.elementsEqual(
        "Nguye\u{302}\u{303}n".unicodeScalars))
    #expect(
      DisplayWidth.cut("Nguye\u{302}\u{303}n Mai", to: 6).unicodeScalars.elementsEqual(
        "Nguye\u{302}\u{303}…".unicodeScalars))
    #expect(DisplayWidth.cut("血圧計", to: 4) == "血…")
    #expect(DisplayWidth.cut("血圧計", to: 5) == "血圧…")
    #expect(DisplayWidth.cut("Bà Mai", to: 4) == "Bà…")
    #expect(DisplayWidth.cut("Mai", to: 1) == "…" && DisplayWidth.cut("Mai", to: 0) == "")
  }

  @Test func streamOfReadingsInWords() {
    let english = ReadingWords(language: .en, timeZone: .hanoi)
    #expect(english.values(.cuff()) == "128/82 mmHg, pulse 71/min")
    #expect(english.time(.cuff()) == "2026-11-22 07:30 +07:00")
    #expect(english.notes(.cuff()) == "")
    #expect(english.values(.cuff(pulse: .absent(reason: "not-a-number"))) == "128/82 mmHg, pulse ?")
    let noted = Reading.cuff(
      flags: ["irregular-pulse", "newer-flag"], marks: ["possible-repeat"], simulated: true, basis: "received")
    #expect(
      english.notes(noted) == "SIMULATED, possible repeat, irregular pulse, newer-flag, time of arrival")
    let vietnamese = ReadingWords(language: .vi, timeZone: .hanoi)
    #expect(
      vietnamese.notes(noted) == "MÔ PHỎNG, có thể trùng lặp, mạch không đều, newer-flag, giờ nhận được")
    #expect(vietnamese.person(.cuff(patientName: nil)) == "p-1")
    #expect(english.notes(.cuff(authentication: "unauthenticated")) == "sent unprotected")
  }

  @Test func windowOfAStrapInWords() {
    var reading = Reading.cuff(basis: "window")
    reading.kind = "heart-rate"
    reading.effectiveEnd = Timestamp(morning.addingTimeInterval(60))
    reading.values = [
      "heartRate": .quantity(value: 71, unit: "/min"), "heartRateMinimum": .quantity(value: 64, unit: "/min"),
      "heartRateMaximum": .quantity(value: 80, unit: "/min"), "beats": .quantity(value: 72, unit: "1"),
    ]
    let words = ReadingWords(language: .en, timeZone: .hanoi)
    #expect(words.values(reading) == "heart rate 71/min (64–80), 72 beats")
    #expect(words.time(reading) == "2026-11-22 07:30–07:31 +07:00")
  }

  @Test func readingsTable() {
    let words = ReadingWords(language: .en, timeZone: .hanoi)
    let table = Table(heads: words.heads, rows: [words.row(.cuff()), words.row(.cuff(simulated: true))])
    #expect(
      table.lines().map(\.text) == [
        "TIME                     PERSON  READING                    DEVICE  NOTES",
        "2026-11-22 07:30 +07:00  Bà Mai  128/82 mmHg, pulse 71/min  UA-651",
        "2026-11-22 07:30 +07:00  Bà Mai  128/82 mmHg, pulse 71/min  UA-651  SIMULATED",
      ])
    #expect(table.lines().map(\.style) == [.faint, .plain, .simulated])
  }

  @Test func unreachablePeopleAreSaidInRedAtTheEnd() {
    let written = Written()
    let console = written.console(colours: true)
    console.warn(unreachable: [])
    #expect(written.output.isEmpty)
    console.warn(unreachable: [Status.Unreachable(patient: "p-1", patientName: "Bà Mai")])
    #expect(written.output.hasPrefix("\u{1B}[1;31mALERTS FOR Bà Mai REACH NOBODY.\u{1B}[0m\n"))
  }

  @Test func statusInWords() {
    let status = Status(
      version: "0.1.0", startedAt: Timestamp(morning),
      adapter: Status.Adapter(state: .rival, sentence: "bluetoothd owns hci0"),
      bluetooth: [
        Status.AwaitedDevice(id: "ble:A", name: "UA-651", link: .awaited),
        Status.AwaitedDevice(id: "ble:B", link: .connected),
      ],
      visits: [DeviceVisit(id: "ble:B", progress: .init(since: Timestamp(morning), readings: 0))],
      store: Status.Storage(ok: true),
      destinations: [Status.Destination(name: "clinic", kind: "fhir", waiting: 3, lastError: "connection refused")],
      warnings: [
        HealthWarning(
          id: "bluetooth-rival-service", severity: .error, title: "bluetoothd runs", remedy: "stop it",
          since: Timestamp(morning)),
        HealthWarning(
          id: "a-newer-one:x", severity: .notice, title: "Something newer", remedy: "", since: Timestamp(morning)),
        HealthWarning(
          id: "alerts-reach-nobody:p-1", severity: .warning, title: "said elsewhere", remedy: "",
          since: Timestamp(morning)),
      ], unreachable: [Status.Unreachable(patient: "p-1", patientName: "Bà Mai")])
    let english = Written()
    StatusCommand.show(status, english.console())
    #expect(
      english.output == """
        vitalsd 0.1.0, running since 2026-11-22 07:30 +07:00
        Bluetooth: bluetoothd owns hci0
        Connected: ble:B
        Waiting for: UA-651
        ble:B: being read since 2026-11-22 07:30 +07:00, readings so far: 0
        Readings are being stored.
        clinic (fhir): 3 waiting, last error: connection refused
        bluetoothd runs (since 2026-11-22 07:30 +07:00)
          What to do: stop it
        Something newer (since 2026-11-22 07:30 +07:00)

        """)
    let vietnamese = Written()
    StatusCommand.show(status, vietnamese.console(.vi))
    #expect(vietnamese.output.contains("Bluetooth: dịch vụ khác đang dùng bộ thu phát\n"))
    #expect(vietnamese.output.contains("Dịch vụ Bluetooth khác (bluetoothd) đang chạy. (từ 2026-11-22 07:30 +07:00)\n"))
    #expect(vietnamese.output.contains("Something newer (từ"))
  }

  @Test func visitsInWords() {
    let end = DeviceVisit.End(
      at: Timestamp(morning), reason: "The link ended: the device was unplugged.", kind: DeviceVisit.EndKind.linkEnded)
    func lines(_ visit: DeviceVisit) -> [String?] {
      [Language.en, .vi].map { VisitWords(language: $0, timeZone: .hanoi).line(visit) }
    }
    #expect(lines(DeviceVisit(id: "usb:0590:0028")) == [nil, nil])
    #expect(
      lines(
        DeviceVisit(
          id: "usb:0590:0028", name: "HEM-790IT",
          progress: .init(since: Timestamp(morning), readings: 11, record: 12, records: 40), lastEnd: end)) == [
          "HEM-790IT: reading 12 of 40, since 2026-11-22 07:30 +07:00; stored so far: 11",
          "HEM-790IT: đang đọc mục 12 trên 40, từ 2026-11-22 07:30 +07:00; đã lưu: 11",
        ])
    #expect(
      lines(DeviceVisit(id: "ble:A", progress: .init(since: Timestamp(morning), readings: 3))) == [
        "ble:A: being read since 2026-11-22 07:30 +07:00, readings so far: 3",
        "ble:A: đang đọc từ 2026-11-22 07:30 +07:00, số kết quả đến lúc này: 3",
      ])
    #expect(
      lines(DeviceVisit(id: "usb:0590:0028", name: "HEM-790IT", lastEnd: end)) == [
        "HEM-790IT: last read 2026-11-22 07:30 +07:00. The link ended: the device was unplugged.",
        "HEM-790IT: đọc lần cuối 2026-11-22 07:30 +07:00. Kết nối đã ngắt.",
      ])
    let written = Written()
    Devices.show(
      [Device(id: "usb:0590:0028", name: "HEM-790IT", profile: "a/b", simulated: false, lastEnd: end)],
      written.console())
    #expect(written.output.hasSuffix("HEM-790IT: last read 2026-11-22 07:30 +07:00. \(end.reason)\n"))
  }

  @Test func warningWithoutItsParameterStaysInEnglish() {
    func title(_ parameters: [String: String]) -> String {
      HealthWords(
        kind: HealthWarning.Kind.destinationFailing, parameters: parameters, title: "english", remedy: "english", .vi
      ).title
    }
    #expect(title([:]) == "english")
    #expect(title(["destination": "clinic"]) == "Không gửi được đến clinic.")
  }

  @Test(arguments: [
    (["press": "Hold SET.", "pressVi": "Giữ nút SET."], "Giữ nút SET. Sau đó chạy"),
    (
      ["press": "Hold SET."],
      "Nhấn giữ nút Bluetooth trên máy đo huyết áp cho đến khi biểu tượng Bluetooth nhấp nháy. Sau đó"
    ),
    ([:], "Nhấn giữ nút Bluetooth"),
  ])
  func aStaleBondSaysWhatToPress(press: [String: String], beginning: String) throws {
    let words = HealthWords(
      kind: HealthWarning.Kind.staleBond,
      parameters: press.merging(["device": "UA-651", "address": "F0:F1:F2:F3:F4:F5"]) { $1 }, title: "english",
      remedy: "english", .vi)
    #expect(words.title.hasPrefix("UA-651 đã mất ghép nối"))
    let remedy = try #require(words.remedy)
    #expect(remedy.hasPrefix(beginning) && remedy.hasSuffix("'vitals pair --again F0:F1:F2:F3:F4:F5'."))
  }

  @Test func aBondThatIsMissingAndOneThatIsNotAskedForAreNoStaleOnes() {
    func words(_ kind: String, _ bond: String) -> HealthWords {
      HealthWords(
        kind: kind, parameters: ["device": "UA-651", "address": "F0:F1:F2:F3:F4:F5", "bond": bond], title: "english",
        remedy: "english", .vi)
    }
    let missing = words(HealthWarning.Kind.staleBond, "none")
    #expect(missing.title.hasPrefix("UA-651 đã ghép nối nhưng không có khóa bảo vệ"))
    #expect(missing.remedy?.hasSuffix("'vitals pair --again F0:F1:F2:F3:F4:F5'.") == true)
    let clear = words(HealthWarning.Kind.untrustedLink, "in-clear")
    #expect(clear.title.hasPrefix("UA-651 có khóa bảo vệ, nhưng hồ sơ"))
    #expect(clear.remedy?.contains("'vitals unpair F0:F1:F2:F3:F4:F5' trước") == true)
  }

  @Test func devicesSayWhatIsWrongWithThem() {
    let warning = HealthWarning(
      id: "bluetooth-bond-stale:ble:A", severity: .error, title: "It has forgotten the pairing.", remedy: "Hold SET.",
      since: Timestamp(morning))
    let device = Device(id: "ble:A", name: "UA-651", profile: "a/b", simulated: false, warning: warning)
    let written = Written()
    Devices.show([device], written.console())
    #expect(written.output.contains("its readings do not come"))
    #expect(written.output.hasSuffix("It has forgotten the pairing.\n  What to do: Hold SET.\n"))
  }

  @Test func aDeviceOnACableThatMayNotBeOpenedIsSaidInBothLanguages() {
    let report = DoctorReport(checks: [
      DoctorReport.Check(
        id: DoctorReport.Check.Kind.usb, verdict: .fail, what: "The gateway may not open it.", remedy: "Do this.",
        kind: HealthWarning.Kind.usbAccessDenied, parameters: ["device": "Omron HEM-790IT"])
    ])
    let english = Written()
    Doctor.show(report, english.console())
    #expect(english.output.hasPrefix("[FAIL] USB: The gateway may not open it.\n  What to do: Do this.\n"))
    let vietnamese = Written()
    Doctor.show(report, vietnamese.console(.vi))
    #expect(
      vietnamese.output.hasPrefix(
        "[LỖI] USB: Đã cắm Omron HEM-790IT nhưng chương trình nền không có quyền mở.\n  Cách xử lý: Hãy cài"))
  }

  @Test func doctorInWords() {
    let report = DoctorReport(checks: [
      DoctorReport.Check(id: "disk", verdict: .ok, what: "20 GB free"),
      DoctorReport.Check(
        id: "destination:clinic", verdict: .fail, what: "no answer", remedy: "check the network",
        kind: HealthWarning.Kind.destinationFailing, parameters: ["destination": "clinic"]),
    ])
    let written = Written()
    Doctor.show(report, written.console())
    #expect(
      written.output == """
        [ok] Disk: 20 GB free
        [FAIL] Destination clinic: no answer
          What to do: check the network
        Something is wrong: see above.

        """)
    let vietnamese = Written()
    Doctor.show(report, vietnamese.console(.vi))
    #expect(vietnamese.output.contains("[LỖI] Nơi nhận clinic: Không gửi được đến clinic.\n"))
    #expect(vietnamese.output.hasPrefix("[tốt] Ổ đĩa: bình thường\n"))
  }

  @Test(arguments: [
    ("last-good", "Tệp cấu hình có lỗi nên vẫn dùng cấu hình tốt gần nhất: x"),
    ("without-it", "Đang dùng cấu hình hiện tại nhưng bỏ qua phần có lỗi: x"),
  ])
  func aRefusedConfigurationSaysWhatHolds(holds: String, title: String) {
    let words = HealthWords(
      kind: HealthWarning.Kind.configurationRefused,
      parameters: ["fault": "x", "path": "/etc/vitals/vitalsd.yaml", "holds": holds], title: "english",
      remedy: "english", .vi)
    #expect(words.title == title)
    #expect(words.remedy?.hasPrefix("Chạy 'vitals check /etc/vitals/vitalsd.yaml'") == true)
  }

  @Test func findingsOfDoctorAreSaidInVietnamese() {
    let report = DoctorReport(checks: [
      DoctorReport.Check(
        id: DoctorReport.Check.Kind.encryption, verdict: .warn, what: "in English", remedy: "in English",
        kind: DoctorReport.Check.Finding.notEncrypted, parameters: ["device": "/dev/sda1", "path": "/var/lib/vitals"]),
      DoctorReport.Check(
        id: DoctorReport.Check.Kind.clock, verdict: .warn, what: "in English", remedy: "in English",
        kind: DoctorReport.Check.Finding.clockNotConfirmed),
    ])
    let written = Written()
    Doctor.show(report, written.console(.vi))
    #expect(
      written.output.hasPrefix(
        """
        [LƯU Ý] Mã hóa nơi lưu: Thư mục dữ liệu nằm trên /dev/sda1, chưa được mã hóa: ai lấy được ổ đĩa đều đọc được.
          Cách xử lý: Hãy đặt /var/lib/vitals trên phân vùng LUKS hoặc mã hóa thư mục bằng fscrypt.
        [LƯU Ý] Đồng hồ: in English

        """))
  }

  @Test func whoWasCalledAndHasNothingIsSaid() {
    func row(simulated: Bool, by: String? = nil) -> [String] {
      let alert = Alert(
        id: "1", rule: "severe", severity: "urgent", state: "firing", episode: "e1", message: "", component: "systolic",
        value: 190, comparison: "at-least", limit: 180, unit: "mmHg", at: Timestamp(morning), simulated: simulated)
      return EpisodeWords.row(
        Episode(
          id: "3f09a1c2d4", alert: alert, told: ["mai"], called: ["mai", "lan"], acknowledgedBy: by,
          acknowledgedAt: by.map { _ in Timestamp(morning) }), Written().console(.vi)
      ).cells
    }
    #expect(row(simulated: false)[5] == "mai, lan (chưa gửi được)")
    #expect(row(simulated: true)[5] == "mai, lan (không gửi: mô phỏng)")
    #expect(
      row(simulated: false, by: Episode.somebody)[6] == "có người trả lời, chưa rõ là ai, 2026-11-22 07:30 +07:00")
    #expect(row(simulated: false, by: "mai")[6] == "mai đã biết, 2026-11-22 07:30 +07:00")
  }

  @Test func aDeliverySaysSinceWhenItIsTried() {
    var delivery = Delivery(
      id: "42", destination: "clinic", state: "waiting", content: "alert", subject: "severe", attempts: 3,
      lastError: "HTTP 503", createdAt: Timestamp(morning), firstAttemptAt: Timestamp(morning.addingTimeInterval(60)))
    let written = Written()
    Deliveries.Show.show(DeliveryDetail(delivery: delivery, answer: "busy"), written.console(.vi))
    #expect(
      written.output == """
        SỐ: 42
        NƠI NHẬN: clinic
        LOẠI: cảnh báo
        CỦA: severe
        LÚC TẠO: 2026-11-22 07:30 +07:00
        TRẠNG THÁI: đang chờ
        SỐ LẦN THỬ: 3
        LẦN THỬ ĐẦU: 2026-11-22 07:31 +07:00
        LỖI CUỐI: HTTP 503
        Máy chủ trả lời:
        busy

        """)
    delivery.firstAttemptAt = nil
    let untried = Written()
    Deliveries.Show.show(DeliveryDetail(delivery: delivery), untried.console())
    #expect(!untried.output.contains("FIRST TRIED"))
  }

  @Test func alertInWords() {
    let alert = Alert(
      id: "1", rule: "high", severity: "urgent", state: "firing", episode: "e1", patient: "p-1", patientName: "Bà Mai",
      message: "in English", component: "systolic", value: 185, comparison: "at-least", limit: 180, unit: "mmHg",
      at: Timestamp(morning), simulated: false, stored: false)
    let row = Alerts.row(alert, Written().console(.vi))
    #expect(
      row.cells == [
        "2026-11-22 07:30 +07:00", "Bà Mai", "ĐANG BÁO ĐỘNG", "KHẨN CẤP", "huyết áp tâm thu 185 mmHg (≥ 180)",
        "chưa lưu",
      ])
    #expect(row.style == .bad)
  }

  @Test func aSummaryInWords() {
    let alert = Alert(
      id: "1", rule: "old-readings", severity: "warning", state: "firing", episode: "e1", patient: "p-1",
      patientName: "Bà Mai",
      message: "in English", stage: "summary", component: "readings", value: 5, comparison: "at-least", limit: 1,
      unit: "", at: Timestamp(morning.addingTimeInterval(86_400)), simulated: false, since: Timestamp(morning))
    #expect(
      Alerts.row(alert, Written().console(.vi)).cells == [
        "2026-11-23 07:30 +07:00", "Bà Mai", "", "cảnh báo",
        "5 lần đo cũ vượt ngưỡng, lần đầu lúc 2026-11-22 07:30 +07:00", "",
      ])
  }

  @Test func anAlertAboutTheGatewayInWords() {
    var alert = Alert(
      id: "1", rule: "destination-down", severity: "warning", state: "firing", episode: "e1", message: "in English",
      component: "destination-down", value: 30, comparison: "at-least", limit: 30, unit: "min",
      at: Timestamp(morning), simulated: false, about: "clinic")
    #expect(
      Alerts.row(alert, Written().console(.vi)).cells == [
        "2026-11-22 07:30 +07:00", "", "ĐANG BÁO ĐỘNG", "cảnh báo", "không gửi đến được: clinic", "",
      ])
    alert.stage = "still"
    #expect(Alerts.sentence(alert, Written().console(.en)).hasPrefix("cannot be reached: clinic: "))
    // Every name that a rule may have is said in words.
    #expect(Set(ConditionText.allCases.map(\.rawValue)).count == 12)
  }

  @Test func foundDeviceInWords() {
    #expect(
      Scan.line(
        FoundDevice(
          address: "F0:F1:F2:F3:F4:F5", name: "UA-651", profile: "sig/blood-pressure", rssi: -62, known: true), .en)
        == "F0:F1:F2:F3:F4:F5   -62 dBm  UA-651  sig/blood-pressure  (paired)")
  }
}
