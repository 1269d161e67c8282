/// Heads of columns, words in lists, and what the commands about people, devices and consents say.
enum ListText: String, TextSet {
  case time, person, reading, device, notes, name, id, added, profile, lastSeen, state, severity, alert
  case destination, who, relationship, granted, withdrawn
  case nobodyYet, noDevices, noReadings, noAlerts, noConsents, noPatients
  case bloodPressure, mean, pulse, heartRate, beats, oxygenSaturation, noValue
  case simulated, unprotected, possibleRepeat, sharesDeviceTime, clockUnusable, notMeasured
  case clockCorrected, clockUnchecked, timeReceived, timeBetweenVisits
  case timeProvisional, timeCorrected, timeUnknown, timeUncertain
  case bodyMovement, cuffTooLoose, irregularPulse, pulseAboveRange, pulseBelowRange, improperPosition, questionable
  case firing, resolved, noticeSeverity, warningSeverity, urgentSeverity, notStored, systolic, diastolic, meanName
  case pulseName, heartRateName, alertLine, alertStage, countedReadings, daysWithout, stageFirst, stageConfirmed
  case stageNotConfirmed, stageNotRepeated, stageStill, stageRuleChanged, oldReadings
  case connected, paired, troubled
  case identifierAsk, identifierKept, identifierRemoved, identifierNone, identifierUnreadable, noIdentifiers
  case identifierKind, identifierNumber
  case limits, adult, child, pregnancy, limitsOfAdults, limitsOfNobody
  case patientAdded, unpaired, pairAgain, consentGranted, consentWithdrawn, scanning, scanFound, scanNothing

  var sentence: Sentence {
    switch self {
    case .time: Sentence("TIME", "THỜI GIAN")
    case .person: Sentence("PERSON", "NGƯỜI ĐO")
    case .reading: Sentence("READING", "KẾT QUẢ")
    case .device: Sentence("DEVICE", "THIẾT BỊ")
    case .notes: Sentence("NOTES", "GHI CHÚ")
    case .name: Sentence("NAME", "TÊN")
    case .id: Sentence("ID", "MÃ")
    case .added: Sentence("ADDED", "NGÀY THÊM")
    case .profile: Sentence("PROFILE", "LOẠI MÁY")
    case .lastSeen: Sentence("LAST SEEN", "LẦN CUỐI")
    case .state: Sentence("STATE", "TRẠNG THÁI")
    case .severity: Sentence("SEVERITY", "MỨC ĐỘ")
    case .alert: Sentence("ALERT", "CẢNH BÁO")
    case .destination: Sentence("DESTINATION", "NƠI NHẬN")
    case .who: Sentence("WHO READS IT", "NGƯỜI ĐƯỢC XEM")
    case .relationship: Sentence("RELATIONSHIP", "QUAN HỆ")
    case .granted: Sentence("GRANTED", "NGÀY ĐỒNG Ý")
    case .withdrawn: Sentence("WITHDRAWN", "NGÀY RÚT LẠI")
    case .nobodyYet: Sentence("nobody yet", "chưa rõ của ai")
    case .noDevices:
      Sentence("No devices yet. 'vitals pair' adds one.", "Chưa có thiết bị nào. Dùng 'vitals pair' để thêm.")
    case .noReadings: Sentence("No readings.", "Chưa có kết quả đo nào.")
    case .noAlerts: Sentence("No alerts.", "Không có cảnh báo nào.")
    case .noConsents:
      Sentence(
        "No consents: nothing leaves this house. 'vitals consent grant' records one.",
        "Chưa có sự đồng ý nào: không dữ liệu nào được gửi ra ngoài. Dùng 'vitals consent grant' để ghi nhận.")
    case .identifierAsk: Sentence("Number ({kind}):", "Mã số ({kind}):")
    case .identifierKept:
      Sentence(
        "{kind} of {name} is kept. It leaves for no destination that does not ask for it.",
        "Đã lưu {kind} của {name}. Mã số chỉ được gửi tới nơi nhận có yêu cầu trong cấu hình.")
    case .identifierRemoved: Sentence("{kind} of {name} is forgotten.", "Đã xóa {kind} của {name}.")
    case .identifierNone: Sentence("No number was given.", "Chưa nhập mã số.")
    case .identifierUnreadable: Sentence("The file {file} cannot be read.", "Không đọc được tệp {file}.")
    case .noIdentifiers: Sentence("No numbers are kept.", "Chưa lưu mã số nào.")
    case .identifierKind: Sentence("KIND", "LOẠI")
    case .identifierNumber: Sentence("NUMBER", "MÃ SỐ")
    case .noPatients:
      Sentence(
        "Nobody yet. 'vitals patients add NAME' adds somebody.", "Chưa có ai. Dùng 'vitals patients add TÊN' để thêm.")
    case .bloodPressure: Sentence("{systolic}/{diastolic} mmHg", "{systolic}/{diastolic} mmHg")
    case .mean: Sentence("mean {value}", "trung bình {value}")
    case .pulse: Sentence("pulse {value}", "mạch {value}")
    case .heartRate: Sentence("heart rate {value}", "nhịp tim {value}")
    case .oxygenSaturation: Sentence("oxygen saturation {value} %", "độ bão hòa oxy {value} %")
    case .beats: Sentence("{value} beats", "{value} nhịp")
    case .noValue: Sentence("?", "?")
    case .simulated: Sentence("SIMULATED", "MÔ PHỎNG")
    case .unprotected: Sentence("sent unprotected", "gửi không bảo vệ")
    case .possibleRepeat: Sentence("possible repeat", "có thể trùng lặp")
    case .sharesDeviceTime: Sentence("same device time as another", "trùng giờ máy với kết quả khác")
    case .clockUnusable: Sentence("device clock unusable", "đồng hồ thiết bị không dùng được")
    case .notMeasured: Sentence("nothing measured", "không đo được")
    case .clockCorrected: Sentence("device clock corrected", "đã chỉnh giờ thiết bị")
    case .clockUnchecked: Sentence("device clock unchecked", "chưa kiểm tra giờ thiết bị")
    case .timeReceived: Sentence("time of arrival", "giờ nhận được")
    case .timeBetweenVisits: Sentence("some time in between", "khoảng giữa hai lần kết nối")
    case .timeProvisional: Sentence("time not certain yet", "giờ chưa chắc chắn")
    case .timeCorrected: Sentence("time corrected since", "giờ đã được chỉnh lại sau")
    case .timeUnknown:
      Sentence("some time in between: the box's clock was not set", "trong khoảng này: đồng hồ máy chưa đúng")
    case .timeUncertain:
      Sentence("time uncertain: the box's clock is not set", "giờ không chắc chắn: đồng hồ máy chưa đúng")
    case .bodyMovement: Sentence("body moved", "người cử động khi đo")
    case .cuffTooLoose: Sentence("cuff too loose", "vòng bít lỏng")
    case .irregularPulse: Sentence("irregular pulse", "mạch không đều")
    case .pulseAboveRange: Sentence("pulse above range", "mạch cao hơn mức đo được")
    case .pulseBelowRange: Sentence("pulse below range", "mạch thấp hơn mức đo được")
    case .improperPosition: Sentence("improper position", "tư thế đo chưa đúng")
    case .questionable: Sentence("doubtful signal", "tín hiệu không chắc chắn")
    case .firing: Sentence("FIRING", "ĐANG BÁO ĐỘNG")
    case .resolved: Sentence("resolved", "đã hết")
    case .noticeSeverity: Sentence("notice", "lưu ý")
    case .warningSeverity: Sentence("warning", "cảnh báo")
    case .urgentSeverity: Sentence("URGENT", "KHẨN CẤP")
    case .systolic: Sentence("systolic", "huyết áp tâm thu")
    case .diastolic: Sentence("diastolic", "huyết áp tâm trương")
    case .meanName: Sentence("mean pressure", "huyết áp trung bình")
    case .pulseName: Sentence("pulse", "mạch")
    case .heartRateName: Sentence("heart rate", "nhịp tim")
    case .alertLine: Sentence("{what} {value} ({limit})", "{what} {value} ({limit})")
    case .alertStage: Sentence("{line}: {stage}", "{line}: {stage}")
    case .countedReadings: Sentence("so many readings:", "số lần đo như vậy:")
    case .daysWithout: Sentence("days without a reading:", "số ngày không đo:")
    case .stageFirst: Sentence("rest, then measure again", "nghỉ ngơi rồi đo lại")
    case .stageConfirmed: Sentence("confirmed by a second reading", "lần đo thứ hai xác nhận")
    case .stageNotConfirmed: Sentence("not confirmed by a second reading", "lần đo thứ hai không xác nhận")
    case .stageNotRepeated: Sentence("nobody measured again", "chưa ai đo lại")
    case .stageStill: Sentence("still so", "vẫn như vậy")
    case .stageRuleChanged: Sentence("closed, its rule was changed", "đã đóng vì quy tắc đổi")
    case .oldReadings:
      Sentence(
        "{count} older readings beyond a limit, the first at {since}",
        "{count} lần đo cũ vượt ngưỡng, lần đầu lúc {since}")
    case .notStored: Sentence("not stored", "chưa lưu")
    case .connected: Sentence("connected", "đang kết nối")
    case .troubled: Sentence("its readings do not come", "kết quả không về được")
    case .paired: Sentence("paired", "đã ghép nối")
    case .limits: Sentence("LIMITS", "NGƯỠNG")
    case .adult: Sentence("adult", "người lớn")
    case .child: Sentence("child", "trẻ em")
    case .pregnancy: Sentence("pregnancy", "thai kỳ")
    case .limitsOfAdults:
      Sentence(
        "The limits for adults hold for {name}. For a child or in pregnancy: vitals patients set {id} --group …",
        "Ngưỡng cho người lớn được dùng cho {name}. Với trẻ em hoặc khi mang thai: vitals patients set {id} --group …")
    case .limitsOfNobody:
      Sentence(
        "The limits for adults do not hold for {name}, so no reading of theirs alerts. Ask their doctor for limits, and write "
          + "them into rules.d with patients: [{id}], set-by and set-on.",
        "Ngưỡng cho người lớn không dùng cho {name}, nên kết quả đo chưa báo động. Hãy hỏi bác sĩ về ngưỡng, rồi ghi vào "
          + "rules.d với patients: [{id}], set-by và set-on.")
    case .patientAdded: Sentence("Added {name}: {id}", "Đã thêm {name}: {id}")
    case .unpaired:
      Sentence("Unpaired {name}. Its readings stay.", "Đã hủy ghép nối {name}. Các kết quả đo vẫn được giữ.")
    case .pairAgain:
      Sentence(
        "Before it is paired anew, delete the pairing on the device too.",
        "Trước khi ghép nối lại, hãy xóa ghép nối trên chính thiết bị.")
    case .consentGranted:
      Sentence(
        "Recorded: {person} agrees that {who} ({relationship}) gets their readings by {destination}, from now on.",
        "Đã ghi: {person} đồng ý để {who} ({relationship}) nhận kết quả đo qua {destination}, kể từ bây giờ.")
    case .consentWithdrawn:
      Sentence(
        "Recorded: {person} no longer agrees that {who} gets their readings by {destination}.",
        "Đã ghi: {person} không còn đồng ý để {who} nhận kết quả đo qua {destination}.")
    case .scanning: Sentence("Looking for {time}…", "Đang tìm trong {time}…")
    case .scanFound: Sentence("Devices found: {count}", "Số thiết bị tìm thấy: {count}")
    case .scanNothing:
      Sentence(
        "Nothing found. Hold the Bluetooth button of the device until its sign blinks, and try again.",
        "Không thấy thiết bị nào. Hãy nhấn giữ nút Bluetooth trên thiết bị đến khi nhấp nháy rồi thử lại.")
    }
  }
}

extension ListText {
  /// What an alert's value is of; nil: it has no word here.
  init?(measure: String) {
    switch measure {
    case "systolic": self = .systolic
    case "diastolic": self = .diastolic
    case "mean": self = .meanName
    case "pulse": self = .pulseName
    case "heart-rate": self = .heartRateName
    case "readings": self = .countedReadings
    case "days": self = .daysWithout
    default: return nil
    }
  }
}
