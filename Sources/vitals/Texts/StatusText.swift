/// What `status` and `doctor` say.
enum StatusText: String, TextSet {
  case running, bluetooth, adapterReady, adapterStarting, adapterAbsent, adapterOff, adapterRival, adapterDisabled
  case adapterFailed, waitingFor, connectedTo, storeOK, storeFailing, noDestinations, destination, destinationError
  case room, pruned
  case heartbeatTaken, heartbeatNever, heartbeatNotTaken, heartbeatWithheld
  case answersRefused, noWarnings, warningLine, remedy, alertsReachNobody, alertsReachNobodyRemedy
  case allWell, somethingToDo, somethingBroken, verdictOK, verdictWarn, verdictFail
  case checkAdapter, checkPermissions, checkRivals, checkUSB, checkANT, checkKernel, checkClock, checkDisk,
    checkEncryption,
    checkStore, checkCopies, checkDestination, lastCopy

  var sentence: Sentence {
    switch self {
    case .running: Sentence("vitalsd {version}, running since {time}", "vitalsd {version}, chạy từ {time}")
    case .bluetooth: Sentence("Bluetooth: {text}", "Bluetooth: {text}")
    case .adapterReady: Sentence("ready", "sẵn sàng")
    case .adapterStarting: Sentence("starting", "đang khởi động")
    case .adapterAbsent: Sentence("no adapter is plugged in", "chưa cắm bộ thu phát")
    case .adapterOff: Sentence("switched off", "đang tắt")
    case .adapterRival: Sentence("another service uses the adapter", "dịch vụ khác đang dùng bộ thu phát")
    case .adapterDisabled: Sentence("off by configuration", "tắt theo cấu hình")
    case .adapterFailed: Sentence("failed", "bị lỗi")
    case .waitingFor: Sentence("Waiting for: {names}", "Đang chờ: {names}")
    case .connectedTo: Sentence("Connected: {names}", "Đang kết nối: {names}")
    case .storeOK: Sentence("Readings are being stored.", "Kết quả đo đang được lưu bình thường.")
    case .storeFailing: Sentence("READINGS CANNOT BE STORED. {text}", "KHÔNG LƯU ĐƯỢC KẾT QUẢ ĐO. {text}")
    case .room:
      Sentence(
        "They take {used} MB of at most {budget} MB.", "Kết quả đo chiếm {used} MB trong mức tối đa {budget} MB.")
    case .pruned:
      Sentence(
        "To keep that, {count} readings that other records have were removed here; the newest had arrived on {time}.",
        "Để không vượt mức này, đã xóa ở đây {count} kết quả đo mà nơi khác đã có; kết quả mới nhất trong số đó nhận lúc "
          + "{time}.")
    case .noDestinations:
      Sentence(
        "No destinations: readings stay on this machine.",
        "Không có nơi nhận nào: kết quả đo chỉ lưu trên máy này.")
    case .destination: Sentence("{name} ({kind}): {count} waiting", "{name} ({kind}): còn {count} mục chờ gửi")
    case .destinationError: Sentence("last error: {text}", "lỗi gần nhất: {text}")
    case .heartbeatTaken:
      Sentence(
        "Heartbeat ({kind}): taken outside at {time}.", "Tín hiệu sống ({kind}): bên ngoài nhận được lúc {time}.")
    case .heartbeatNever:
      Sentence(
        "Heartbeat ({kind}): not taken outside yet.", "Tín hiệu sống ({kind}): bên ngoài chưa nhận được lần nào.")
    case .heartbeatNotTaken:
      Sentence("  The last was not taken: {text}", "  Lần gần nhất không được nhận: {text}")
    case .heartbeatWithheld:
      Sentence(
        "  NONE IS SENT, so that somebody outside notices: {text}",
        "  KHÔNG GỬI NỮA, để bên ngoài nhận ra: {text}")
    case .answersRefused:
      Sentence(
        "Answers from outside: {count} taken; refused: {refused}.",
        "Trả lời từ xa: đã nhận {count}; không nhận: {refused}.")
    case .noWarnings: Sentence("No warnings.", "Không có gì bất thường.")
    case .warningLine: Sentence("{title} (since {time})", "{title} (từ {time})")
    case .remedy: Sentence("What to do: {text}", "Cách xử lý: {text}")
    case .alertsReachNobody:
      Sentence("ALERTS FOR {person} REACH NOBODY.", "CẢNH BÁO VỀ {person} KHÔNG ĐẾN ĐƯỢC VỚI AI.")
    case .alertsReachNobodyRemedy:
      Sentence(
        "Name a destination in the configuration, then 'vitals consent grant'.",
        "Hãy khai báo nơi nhận trong cấu hình, rồi dùng 'vitals consent grant'.")
    case .allWell: Sentence("All is well.", "Mọi thứ đều ổn.")
    case .somethingToDo: Sentence("It works, but see above.", "Vẫn chạy, nhưng xin xem các mục ở trên.")
    case .somethingBroken: Sentence("Something is wrong: see above.", "Có trục trặc: xin xem các mục ở trên.")
    case .verdictOK: Sentence("ok", "tốt")
    case .verdictWarn: Sentence("WARN", "LƯU Ý")
    case .verdictFail: Sentence("FAIL", "LỖI")
    case .checkAdapter: Sentence("Bluetooth adapter", "Bộ thu phát Bluetooth")
    case .checkPermissions: Sentence("Permissions", "Quyền truy cập")
    case .checkRivals: Sentence("Rival services", "Dịch vụ tranh chấp")
    case .checkUSB: Sentence("USB", "USB")
    case .checkANT: Sentence("ANT+ straps", "Đai đo nhịp tim ANT+")
    case .checkKernel: Sentence("Kernel", "Nhân hệ điều hành (kernel)")
    case .checkClock: Sentence("Clock", "Đồng hồ")
    case .checkDisk: Sentence("Disk", "Ổ đĩa")
    case .checkEncryption: Sentence("Encryption at rest", "Mã hóa nơi lưu")
    case .checkStore: Sentence("Store", "Kho dữ liệu")
    case .checkCopies: Sentence("Copies", "Bản sao")
    case .lastCopy:
      Sentence(
        "The database was last copied and verified at {time}.",
        "Dữ liệu được sao lưu và kiểm tra lần cuối lúc {time}.")
    case .checkDestination: Sentence("Destination", "Nơi nhận")
    }
  }
}
