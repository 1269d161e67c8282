/// The household's record: what `export`, `erase` and `accesses` say, and their help.
enum RecordText: String, TextSet {
  case export, exportFHIR, exportCSV, exportHL7, exportQD831, exportPage, exportUntil, exportPatient, exportOutput
  case exportXML4
  case exportExamples, exportBegins, exportProgress, exportDone, exportLeftOut, cannotWrite, cannotWriteRemedy
  case erase, erasePatient, eraseYes, eraseExamples, eraseWhat, eraseFirst, eraseSecond, eraseNothing, erased
  case eraseDestinations, eraseDestinationsRemedy, eraseOtherFiles, eraseNotClean, eraseStays
  case accesses, accessesExamples, noAccesses, when, who, what, whose, requests, everybody, byPort
  case read, exported, erasedWord, pairedWord, unpairedWord, assignedWord, claimedWord, disownedWord, patientWord
  case acknowledgedWord, silencedWord, consentWord, withdrawnWord, deliveredWord, scannedWord, reloadedWord, refusedWord
  case backedUpWord, restoredWord

  var sentence: Sentence {
    switch self {
    case .export:
      Sentence("Write the kept readings to a file or to standard output.", "Xuất kết quả đo ra tệp hoặc ra màn hình.")
    case .exportFHIR:
      Sentence("FHIR R4, one resource a line (NDJSON).", "FHIR R4, mỗi dòng một tài nguyên (NDJSON).")
    case .exportCSV: Sentence("A table, one reading a line (CSV).", "Bảng, mỗi dòng một lần đo (CSV).")
    case .exportHL7:
      Sentence(
        "HL7 v2.6 ORU^R01, one message a reading, each ended by a line feed.",
        "HL7 v2.6 ORU^R01, mỗi lần đo một bản tin, kết thúc bằng dấu xuống dòng.")
    case .exportQD831:
      Sentence(
        "The vital signs of the health record of Decision 831/QĐ-BYT, in Vietnamese (CSV); with --patient.",
        "Mục dấu hiệu sinh tồn theo Quyết định 831/QĐ-BYT (CSV); cần --patient.")
    case .exportXML4:
      Sentence(
        "Rows named like XML4 of Decision 130/QĐ-BYT, for a facility's own software; no claim. With --patient.",
        "Các dòng theo tên trường XML4 của Quyết định 130/QĐ-BYT để phần mềm cơ sở y tế lấy vào; không phải hồ sơ đề nghị "
          + "thanh toán. Cần --patient.")
    case .exportPage:
      Sentence("With --qd831: a page to print (HTML).", "Cùng --qd831: trang để in (HTML).")
    case .exportUntil:
      Sentence(
        "Before then: a date is its midnight, so that day is not in it.",
        "Trước lúc đó: ngày tính từ nửa đêm, không gồm ngày ấy.")
    case .exportPatient: Sentence("Only this person.", "Chỉ người này.")
    case .exportOutput:
      Sentence(
        "To this file, whole or not at all, readable by you only; else standard output.",
        "Ghi ra tệp này, trọn vẹn hoặc không ghi, chỉ bạn đọc được; nếu không nêu thì ra màn hình.")
    case .exportExamples:
      Sentence(
        """
        Examples:
          vitals export --csv --since 30d --output readings.csv
          vitals export --fhir --patient Mai > mai.ndjson
          vitals export --qd831 --page --patient Mai --since 2026-11-01 \\
            --until 2026-12-01 --output mai.html
        Times have the offset of the configured time zone. Who exported what is written down: 'vitals accesses'.
        """,
        """
        Ví dụ:
          vitals export --csv --since 30d --output ket-qua.csv
          vitals export --fhir --patient Mai > mai.ndjson
          vitals export --qd831 --page --patient Mai --since 2026-11-01 \\
            --until 2026-12-01 --output mai.html
        Giờ ghi kèm múi giờ trong cấu hình. Việc xuất được ghi lại: 'vitals accesses'.
        """)
    case .exportBegins: Sentence("{count} readings to export.", "Có {count} kết quả đo cần xuất.")
    case .exportProgress: Sentence("{count} lines, {size} kB", "{count} dòng, {size} kB")
    case .exportDone: Sentence("Done: {count} lines, {size} kB.", "Xong: {count} dòng, {size} kB.")
    case .exportLeftOut:
      Sentence(
        "{count} readings were left out: simulated, not measured, or of another kind.",
        "Đã bỏ qua {count} kết quả: mô phỏng, không đo được hoặc thuộc loại khác.")
    case .cannotWrite: Sentence("{path} cannot be written: {text}", "Không ghi được {path}: {text}")
    case .cannotWriteRemedy:
      Sentence(
        "Nothing was left there. Choose another place, or make room.",
        "Không để lại gì ở đó. Hãy chọn chỗ khác hoặc dọn bớt đĩa.")
    case .erase: Sentence("Erase a person for good.", "Xóa vĩnh viễn dữ liệu của một người.")
    case .erasePatient: Sentence("Whom: id or name.", "Ai: mã hoặc tên.")
    case .eraseYes:
      Sentence("Ask nothing: for scripts.", "Không hỏi lại: dùng trong script.")
    case .eraseExamples:
      Sentence(
        """
        Examples:
          vitals export --csv --patient Mai --output mai.csv
          vitals erase Mai
        Readings, alerts, consents and the name are taken out of the database, and its file is written anew. What a \
        destination was sent stays there: the command names them. A device that sends its memory again brings nothing back.
        """,
        """
        Ví dụ:
          vitals export --csv --patient Mai --output mai.csv
          vitals erase Mai
        Kết quả đo, cảnh báo, sự đồng ý và tên bị xóa khỏi cơ sở dữ liệu, và tệp được ghi lại từ đầu. Nơi nhận đã được gửi \
        thì vẫn còn: lệnh sẽ nêu tên. Máy đo gửi lại bộ nhớ cũng không đưa dữ liệu cũ trở lại.
        """)
    case .eraseWhat:
      Sentence(
        "{person} ({id}): {readings} readings and {alerts} alerts would be erased for good.",
        "{person} ({id}): {readings} kết quả đo và {alerts} cảnh báo sẽ bị xóa vĩnh viễn.")
    case .eraseFirst: Sentence("Go on? Type 'yes':", "Tiếp tục? Gõ 'có':")
    case .eraseSecond: Sentence("Now type the name or id of the person:", "Bây giờ gõ tên hoặc mã của người đó:")
    case .eraseNothing: Sentence("Nothing was erased.", "Chưa xóa gì.")
    case .erased:
      Sentence(
        "Erased: {readings} readings and {alerts} alerts of {id}.",
        "Đã xóa {readings} kết quả đo và {alerts} cảnh báo của {id}.")
    case .eraseDestinations: Sentence("Copies are, or may be, at: {names}.", "Có thể còn bản sao tại: {names}.")
    case .eraseDestinationsRemedy:
      Sentence("Ask whoever runs them to erase theirs.", "Hãy yêu cầu bên quản lý những nơi đó xóa.")
    case .eraseOtherFiles:
      Sentence(
        "Other files lie beside the database and were not looked at: {names}.",
        "Cạnh cơ sở dữ liệu còn tệp khác chưa được kiểm tra: {names}.")
    case .eraseNotClean:
      Sentence(
        "The database could not be written anew: erased values may still stand in its free space. It is done when vitalsd "
          + "next starts with room on its disk.",
        "Chưa ghi lại được tệp dữ liệu: giá trị đã xóa có thể còn trong vùng trống. Sẽ làm khi vitalsd khởi động lại và đĩa "
          + "còn chỗ.")
    case .eraseStays:
      Sentence(
        "Exports, recordings of 'vitals learn' and backups are where you put them. The configuration may name the person "
          + "(patient ids, rules, access), and so does its kept copy: take them out, then run 'vitals reload'.",
        "Tệp đã xuất, bản ghi của 'vitals learn' và bản sao lưu vẫn ở nơi bạn để. Cấu hình và bản sao được giữ của nó có "
          + "thể còn nêu người này (mã bệnh nhân, quy tắc, quyền truy cập): hãy bỏ đi rồi chạy 'vitals reload'.")
    case .accesses:
      Sentence(
        "Who read, exported or changed what, and who was refused.",
        "Ai đã đọc, xuất hoặc thay đổi gì, và ai bị từ chối.")
    case .accessesExamples: Sentence("Example:\n  vitals accesses --json", "Ví dụ:\n  vitals accesses --json")
    case .noAccesses: Sentence("Nobody yet.", "Chưa có ai.")
    case .when: Sentence("LAST", "LẦN CUỐI")
    case .who: Sentence("USER", "NGƯỜI DÙNG")
    case .what: Sentence("WHAT", "VIỆC")
    case .whose: Sentence("WHOSE", "CỦA AI")
    case .requests: Sentence("REQUESTS", "SỐ LẦN")
    case .everybody: Sentence("everybody", "mọi người")
    case .byPort: Sentence("by the port", "qua cổng mạng")
    case .read: Sentence("read", "đọc")
    case .exported: Sentence("exported", "xuất")
    case .erasedWord: Sentence("erased", "xóa")
    case .pairedWord: Sentence("paired", "ghép nối")
    case .unpairedWord: Sentence("unpaired", "hủy ghép nối")
    case .assignedWord: Sentence("assigned", "gán thiết bị")
    case .claimedWord: Sentence("claimed", "nhận kết quả đo")
    case .disownedWord: Sentence("disowned", "gỡ kết quả đo")
    case .patientWord: Sentence("person added or changed", "thêm hoặc sửa người")
    case .acknowledgedWord: Sentence("acknowledged", "xác nhận cảnh báo")
    case .silencedWord: Sentence("silence set or lifted", "tạm tắt hoặc bật lại")
    case .consentWord: Sentence("consent granted", "ghi nhận đồng ý")
    case .withdrawnWord: Sentence("consent withdrawn", "rút lại đồng ý")
    case .deliveredWord: Sentence("sent again", "gửi lại")
    case .scannedWord: Sentence("looked for devices", "tìm thiết bị")
    case .reloadedWord: Sentence("configuration reloaded", "nạp lại cấu hình")
    case .backedUpWord: Sentence("household backed up", "sao lưu toàn bộ")
    case .restoredWord: Sentence("restored from a backup", "khôi phục từ bản sao lưu")
    case .refusedWord: Sentence("refused: {what}", "bị từ chối: {what}")
    }
  }
}
