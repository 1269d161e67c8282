/// Why a command failed, and what to do.
enum ErrorText: String, TextSet {
  case error, socketMissing, socketMissingRemedy, nobodyListens, nobodyListensRemedy, permissionDenied
  case permissionDeniedRemedy, pathTooLong, protocolFailure, protocolFailureRemedy, brokenOff, timedOut, seeJournal
  case notFound, notAllowed, ambiguous, busy, bluetoothUnavailable, programMissing, programMissingRemedy

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
    case .programMissing: Sentence("The program vitalsd was not found.", "Không tìm thấy chương trình vitalsd.")
    case .programMissingRemedy:
      Sentence(
        "Install it beside this program, or put it in PATH.",
        "Hãy cài đặt cạnh chương trình này, hoặc thêm vào PATH.")
    }
  }
}
