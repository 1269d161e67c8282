import LocalAPI

/// Why a command failed, and what to do.
enum ErrorText: String, TextSet {
  case error, socketMissing, socketMissingRemedy, nobodyListens, nobodyListensRemedy, permissionDenied
  case permissionDeniedRemedy, pathTooLong, protocolFailure, protocolFailureRemedy, brokenOff, timedOut, seeJournal
  case notFound, notAllowed, ambiguous, busy, bluetoothUnavailable, programMissing, programMissingRemedy
  case standardOutput, cannotWriteOutput, notASocket
  case noContacts, noDestinations
  case unknownPerson, unknownDevice, unknownReading, notFiring, nothingFires, unknownContact, unknownDestination
  case nameTaken, emptyName, unfitName, citizenNumberLength, urgentSilenceTooLong, silenceLength

  /// What the daemon refuses, with what to do; nil for a kind that is newer than this program.
  init?(kind: String) {
    let key: ErrorText? =
      switch kind {
      case APIError.Kind.unknownPerson: .unknownPerson
      case APIError.Kind.unknownDevice: .unknownDevice
      case APIError.Kind.unknownReading: .unknownReading
      case APIError.Kind.notFiring: .notFiring
      case APIError.Kind.nothingFires: .nothingFires
      case APIError.Kind.unknownContact: .unknownContact
      case APIError.Kind.unknownDestination: .unknownDestination
      case APIError.Kind.noContacts: .noContacts
      case APIError.Kind.noDestinations: .noDestinations
      case APIError.Kind.nameTaken: .nameTaken
      case APIError.Kind.emptyName: .emptyName
      case APIError.Kind.unfitName: .unfitName
      case APIError.Kind.citizenNumberLength: .citizenNumberLength
      case APIError.Kind.urgentSilenceTooLong: .urgentSilenceTooLong
      case APIError.Kind.silenceLength: .silenceLength
      default: nil
      }
    guard let key else { return nil }
    self = key
  }

  var sentence: Sentence {
    switch self {
    case .error: Sentence("Error: {text}", "Lỗi: {text}")
    case .socketMissing:
      Sentence("vitalsd is not running: there is no {path}.", "vitalsd chưa chạy: không có {path}.")
    case .socketMissingRemedy:
      Sentence(
        "Start it with 'systemctl start vitalsd', or name its socket by --socket or VITALS_SOCKET.",
        "Hãy chạy 'systemctl start vitalsd', hoặc chỉ rõ socket bằng --socket hay VITALS_SOCKET.")
    case .nobodyListens:
      Sentence("vitalsd has stopped: nobody listens at {path}.", "vitalsd đã dừng: không có ai nghe tại {path}.")
    case .nobodyListensRemedy:
      Sentence("Start it with 'systemctl start vitalsd'.", "Hãy chạy 'systemctl start vitalsd'.")
    case .permissionDenied: Sentence("You may not use {path}.", "Bạn không có quyền dùng {path}.")
    case .permissionDeniedRemedy:
      Sentence(
        "Join the group: 'sudo usermod -aG vitals $USER', then log in again.",
        "Hãy vào nhóm: 'sudo usermod -aG vitals $USER', rồi đăng nhập lại.")
    case .pathTooLong:
      Sentence("{path} is too long for a socket (107 octets).", "{path} quá dài cho một socket (107 byte).")
    case .protocolFailure:
      Sentence("The answer from {path} is not understood: {text}", "Không hiểu câu trả lời từ {path}: {text}")
    case .protocolFailureRemedy:
      Sentence(
        "Check that vitals and vitalsd have the same version.", "Hãy kiểm tra vitals và vitalsd có cùng phiên bản.")
    case .brokenOff: Sentence("vitalsd stopped in the middle.", "vitalsd dừng giữa chừng.")
    case .timedOut: Sentence("vitalsd did not answer within {count} s.", "vitalsd không trả lời trong {count} giây.")
    case .seeJournal: Sentence("See 'journalctl -u vitalsd'.", "Hãy xem 'journalctl -u vitalsd'.")
    case .notFound: Sentence("Not found: {text}", "Không tìm thấy: {text}")
    case .notAllowed: Sentence("Not allowed: {text}", "Không được phép: {text}")
    case .ambiguous: Sentence("That could be several: {text}", "Có nhiều mục khớp: {text}")
    case .busy: Sentence("Busy: {text}", "Đang bận: {text}")
    case .bluetoothUnavailable: Sentence("Bluetooth is not available: {text}", "Chưa dùng được Bluetooth: {text}")
    case .unknownPerson:
      Sentence(
        "Nobody here is called '{name}'. See 'vitals patients list'.",
        "Không có ai tên '{name}'. Xem danh sách: 'vitals patients list'.")
    case .unknownDevice:
      Sentence(
        "No known device is called '{name}'. See 'vitals devices'.",
        "Không có thiết bị nào tên '{name}'. Xem: 'vitals devices'.")
    case .unknownReading:
      Sentence(
        "There is no reading {id}. See 'vitals readings --ids'.",
        "Không có kết quả đo mã {id}. Xem: 'vitals readings --ids'.")
    case .notFiring:
      Sentence(
        "No alert '{id}' fires. See 'vitals alerts --open'.",
        "Không có cảnh báo '{id}' nào đang báo. Xem: 'vitals alerts --open'.")
    case .nothingFires: Sentence("No alert fires.", "Không có cảnh báo nào đang báo.")
    case .unknownContact:
      Sentence("No contact is called '{name}'. Known: {names}.", "Không có người liên hệ '{name}'. Hiện có: {names}.")
    case .unknownDestination:
      Sentence("No destination is called '{name}'. Known: {names}.", "Không có nơi nhận '{name}'. Hiện có: {names}.")
    case .noContacts:
      Sentence(
        "No contact is called '{name}', and there are none: name them under 'contacts' in the configuration.",
        "Không có người liên hệ '{name}'; cấu hình chưa khai báo ai ở mục 'contacts'.")
    case .noDestinations:
      Sentence(
        "No destination is called '{name}', and there are none: name one under 'destinations' in the configuration.",
        "Không có nơi nhận '{name}'; cấu hình chưa khai báo nơi nào ở mục 'destinations'.")
    case .nameTaken:
      Sentence(
        "Somebody has this name already; names differ in more than capitals.",
        "Đã có người trùng tên này; tên phải khác nhau, không chỉ ở chữ hoa và chữ thường.")
    case .emptyName: Sentence("A name is needed.", "Cần có tên.")
    case .unfitName:
      Sentence(
        "The name has characters that it may not have, is too long (at most 100), or begins with 'p-'.",
        "Tên có ký tự không hợp lệ, quá dài (tối đa 100), hoặc bắt đầu bằng 'p-'.")
    case .citizenNumberLength:
      Sentence(
        "A CCCD number has 12 digits; {count} characters were typed.",
        "Số CCCD phải có 12 chữ số; vừa nhập {count} ký tự.")
    case .urgentSilenceTooLong:
      Sentence(
        "What is urgent is silenced for at most 24 hours.", "Cảnh báo khẩn cấp chỉ được tạm tắt tối đa 24 giờ.")
    case .silenceLength:
      Sentence("A silence lasts from a minute to 31 days.", "Thời gian tạm tắt từ 1 phút đến 31 ngày.")
    case .standardOutput: Sentence("standard output", "đầu ra chuẩn")
    case .cannotWriteOutput:
      Sentence("cannot write to standard output: {text}", "không ghi được ra đầu ra chuẩn: {text}")
    case .notASocket: Sentence("{path} is not a socket.", "{path} không phải là socket.")
    case .programMissing: Sentence("The program vitalsd was not found.", "Không tìm thấy chương trình vitalsd.")
    case .programMissingRemedy:
      Sentence(
        "Install it beside this program, or put it in PATH.",
        "Hãy cài đặt cạnh chương trình này, hoặc thêm vào PATH.")
    }
  }
}
