/// What `vitals reload` says, and its help.
enum ReloadText: String, TextSet {
  case help, examples, taken, nothingChanged, notTaken, closedAlerts, closedDeliveries
  case rule, destination, contact, profile, setting, added, removed, changed

  var sentence: Sentence {
    switch self {
    case .help:
      Sentence(
        "Read configuration, rules, templates and device profiles anew, without a restart.",
        "Đọc lại cấu hình, quy tắc, mẫu tin và hồ sơ thiết bị mà không cần khởi động lại.")
    case .examples:
      Sentence(
        """
        Everything is taken, or nothing: when a file has a fault, the last good configuration holds. Devices that are being \
        read are not disturbed.

        Examples:
          vitals check /etc/vitals && vitals reload
          vitals reload --json
          systemctl reload vitalsd
        Exit code 1: a file has a fault, or needs a restart; nothing was changed.
        """,
        """
        Hoặc nhận tất cả, hoặc không nhận gì: nếu một tệp có lỗi thì cấu hình tốt gần nhất vẫn được dùng. Thiết bị đang được \
        đọc không bị gián đoạn.

        Ví dụ:
          vitals check /etc/vitals && vitals reload
          vitals reload --json
          systemctl reload vitalsd
        Mã thoát 1: một tệp có lỗi, hoặc cần khởi động lại; không có gì thay đổi.
        """)
    case .taken: Sentence("Read anew; changes: {count}.", "Đã đọc lại; số thay đổi: {count}.")
    case .nothingChanged: Sentence("Read anew; nothing changed.", "Đã đọc lại; không có gì thay đổi.")
    case .notTaken:
      Sentence(
        "Not taken, {count} wrong; the last good configuration holds.",
        "Không nhận, có {count} lỗi; vẫn dùng cấu hình tốt gần nhất.")
    case .closedAlerts:
      Sentence(
        "Open alerts closed, since their rule is another or no more: {count}. Whoever was told is told so.",
        "Cảnh báo đang mở đã đóng vì quy tắc bị đổi hoặc bỏ: {count}. Người đã được báo sẽ được báo điều này.")
    case .closedDeliveries:
      Sentence(
        "Waiting deliveries closed, since their destination is no more: {count}. 'vitals deliveries --state cancelled' "
          + "shows them.",
        "Tin đang chờ đã đóng vì nơi nhận không còn: {count}. Xem bằng 'vitals deliveries --state cancelled'.")
    case .rule: Sentence("rule", "quy tắc")
    case .destination: Sentence("destination", "nơi nhận")
    case .contact: Sentence("contact", "người liên hệ")
    case .profile: Sentence("device profile", "hồ sơ thiết bị")
    case .setting: Sentence("setting", "thiết lập")
    case .added: Sentence("added", "thêm mới")
    case .removed: Sentence("removed", "đã bỏ")
    case .changed: Sentence("changed", "đã đổi")
    }
  }
}
