/// What can be wrong with the gateway, a destination or a device, as lists of alerts say it.
enum ConditionText: String, TextSet {
  case batteryLow = "battery-low"
  case clockWrong = "clock-wrong"
  case clockUnset = "clock-unset"
  case bondStale = "bond-stale"
  case undeliveredAlert = "undelivered-alert"
  case destinationDown = "destination-down"
  case destinationRefuses = "destination-refuses"
  case diskLow = "disk-low"
  case storeFailing = "store-failing"
  case databaseDamaged = "database-damaged"
  case adapterMissing = "adapter-missing"
  case configurationRefused = "configuration-refused"

  /// - Parameter component: of an alert; nil is returned for one about readings.
  init?(_ component: String) { self.init(rawValue: component) }

  var sentence: Sentence {
    switch self {
    case .batteryLow: Sentence("battery low", "sắp hết pin")
    case .clockWrong: Sentence("clock wrong", "đồng hồ sai giờ")
    case .clockUnset: Sentence("clock not set", "chưa chỉnh giờ")
    case .bondStale: Sentence("pairing lost", "mất ghép nối")
    case .undeliveredAlert: Sentence("alert not delivered", "cảnh báo chưa gửi được")
    case .destinationDown: Sentence("cannot be reached", "không gửi đến được")
    case .destinationRefuses: Sentence("refuses messages", "từ chối nhận tin")
    case .diskLow: Sentence("little room left", "sắp hết chỗ lưu")
    case .storeFailing: Sentence("readings are not stored", "không lưu được kết quả")
    case .databaseDamaged: Sentence("database damaged and rebuilt", "dữ liệu hỏng, đã dựng lại")
    case .adapterMissing: Sentence("no Bluetooth", "mất Bluetooth")
    case .configurationRefused: Sentence("configuration has a fault", "cấu hình có lỗi")
    }
  }
}
