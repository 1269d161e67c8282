import LocalAPI

/// What `vitals doctor` says of findings that are no warning, by their kind.
enum DoctorText: String, TextSet {
  case starting, startingRemedy, antWithoutUSB, antWithoutUSBRemedy, antNotListening, antNotListeningRemedy
  case antStranger, antStrangerRemedy, kernelFault, kernelFaultRemedy, clockNotConfirmed, clockNotConfirmedRemedy
  case noDirectory, noDirectoryRemedy, littleRoom, littleRoomRemedy, notEncrypted, encryptionNotKnown
  case notEncryptedRemedy, storeSilent, storeSilentRemedy, noCopy, noCopyRemedy, deliveriesWait, deliveriesWaitRemedy
  case bluetoothOff, usbOff, inMemory, well

  /// What was found and what to do, of a kind of finding.
  static func pair(for kind: String) -> (title: DoctorText, remedy: DoctorText?)? {
    typealias Finding = DoctorReport.Check.Finding
    return switch kind {
    case Finding.bluetoothOff: (.bluetoothOff, nil)
    case Finding.usbOff: (.usbOff, nil)
    case Finding.inMemory: (.inMemory, nil)
    case Finding.adapterStarting: (.starting, .startingRemedy)
    case Finding.antWithoutUSB: (.antWithoutUSB, .antWithoutUSBRemedy)
    case Finding.antNotListening: (.antNotListening, .antNotListeningRemedy)
    case Finding.antStranger: (.antStranger, .antStrangerRemedy)
    case Finding.kernelFault: (.kernelFault, .kernelFaultRemedy)
    case Finding.clockNotConfirmed: (.clockNotConfirmed, .clockNotConfirmedRemedy)
    case Finding.noDirectory: (.noDirectory, .noDirectoryRemedy)
    case Finding.littleRoom: (.littleRoom, .littleRoomRemedy)
    case Finding.notEncrypted: (.notEncrypted, .notEncryptedRemedy)
    case Finding.encryptionNotKnown: (.encryptionNotKnown, .notEncryptedRemedy)
    case Finding.storeSilent: (.storeSilent, .storeSilentRemedy)
    case Finding.noCopy: (.noCopy, .noCopyRemedy)
    case Finding.deliveriesWait: (.deliveriesWait, .deliveriesWaitRemedy)
    default: nil
    }
  }

  var sentence: Sentence {
    switch self {
    case .well: Sentence("as it should be", "bình thường")
    case .bluetoothOff:
      Sentence("Bluetooth is switched off in the configuration.", "Cấu hình đang tắt Bluetooth.")
    case .usbOff: Sentence("USB is switched off in the configuration.", "Cấu hình đang tắt USB.")
    case .inMemory:
      Sentence(
        "The data directory lies in memory: nothing of it outlives a boot.",
        "Thư mục dữ liệu nằm trong bộ nhớ tạm: khởi động lại máy là mất hết.")
    case .starting: Sentence("The Bluetooth adapter is starting.", "Bộ thu phát Bluetooth đang khởi động.")
    case .startingRemedy: Sentence("Wait a moment.", "Hãy chờ một lát.")
    case .antWithoutUSB:
      Sentence(
        "ANT+ straps are configured, and USB, which an ANT stick needs, is switched off in the configuration.",
        "Cấu hình có đai đo ANT+ nhưng lại tắt USB, mà USB ANT cần đến.")
    case .antWithoutUSBRemedy:
      Sentence(
        "Set usb: {enabled: true} in vitalsd.yaml and restart the service, or take ant out of it.",
        "Hãy đặt usb: {enabled: true} trong vitalsd.yaml rồi khởi động lại dịch vụ, hoặc bỏ mục ant.")
    case .antNotListening:
      Sentence(
        "ANT+ straps are configured, and no ANT stick listens.",
        "Cấu hình có đai đo ANT+ nhưng không có USB ANT nào đang thu."
      )
    case .antNotListeningRemedy:
      Sentence(
        "Plug in an ANT stick (0fcf:1008 or 0fcf:1009); 'journalctl -u vitalsd' says why one does not work.",
        "Hãy cắm USB ANT (0fcf:1008 hoặc 0fcf:1009); 'journalctl -u vitalsd' cho biết vì sao không chạy.")
    case .antStranger:
      Sentence(
        "The ANT stick hears only straps that are not in the configuration.",
        "USB ANT chỉ thu được đai đo không có trong cấu hình.")
    case .antStrangerRemedy:
      Sentence(
        "A strap of yours: name its number in vitalsd.yaml (ant: {straps: [{number: N}]}), restart the service, and say "
          + "whose it is: vitals assign ant:120:N --patient NAME. A neighbour's: leave it.",
        "Nếu là đai của nhà mình: khai báo số của nó trong vitalsd.yaml (ant: {straps: [{number: N}]}), khởi động lại dịch "
          + "vụ rồi cho biết là của ai: vitals assign ant:120:N --patient TÊN. Nếu của hàng xóm: bỏ qua.")
    case .kernelFault:
      Sentence("This kernel has a known fault: {fault}", "Nhân hệ điều hành này có lỗi đã biết: {fault}")
    case .kernelFaultRemedy:
      Sentence(
        "Run: apt install linux-image-6.12-amd64, and restart the box.",
        "Hãy chạy: apt install linux-image-6.12-amd64, rồi khởi động lại máy.")
    case .clockNotConfirmed:
      Sentence(
        "Nobody says that the box's clock is right. Waiting: {readings} readings, {deliveries} deliveries.",
        "Chưa có nguồn nào xác nhận đồng hồ của máy đúng. Đang chờ: {readings} kết quả đo, {deliveries} lần gửi.")
    case .clockNotConfirmedRemedy: HealthText.clockUnsynchronisedRemedy.sentence
    case .noDirectory:
      Sentence("The data directory cannot be looked at.", "Không xem được thư mục dữ liệu.")
    case .noDirectoryRemedy:
      Sentence(
        "See that {path} exists and belongs to the service.",
        "Hãy xem {path} có tồn tại và thuộc về dịch vụ không.")
    case .littleRoom:
      Sentence("Only {count} MB are free for readings.", "Chỉ còn {count} MB cho kết quả đo.")
    case .littleRoomRemedy:
      Sentence("Free some room on the disk of {path}.", "Hãy giải phóng bớt ổ đĩa chứa {path}.")
    case .notEncrypted:
      Sentence(
        "The data directory lies on {device}, which is not encrypted: whoever takes the disk can read it.",
        "Thư mục dữ liệu nằm trên {device}, chưa được mã hóa: ai lấy được ổ đĩa đều đọc được.")
    case .encryptionNotKnown:
      Sentence(
        "Whether the data directory lies on an encrypted volume is not known.",
        "Chưa biết thư mục dữ liệu có nằm trên ổ được mã hóa hay không.")
    case .notEncryptedRemedy:
      Sentence(
        "Put {path} on a LUKS volume or encrypt the folder with fscrypt.",
        "Hãy đặt {path} trên phân vùng LUKS hoặc mã hóa thư mục bằng fscrypt.")
    case .storeSilent: Sentence("The store does not answer.", "Kho dữ liệu không trả lời.")
    case .storeSilentRemedy: Sentence("Look at the disk of {path}.", "Hãy kiểm tra ổ đĩa chứa {path}.")
    case .noCopy: Sentence("There is no copy of the database yet.", "Chưa có bản sao dữ liệu nào.")
    case .noCopyRemedy:
      Sentence(
        "The first is made five minutes after the start.", "Bản sao đầu tiên được tạo năm phút sau khi khởi động.")
    case .deliveriesWait:
      Sentence(
        "{destination}: {count} deliveries wait; the last try failed: {reason}",
        "{destination}: {count} mục đang chờ gửi; lần thử gần nhất bị lỗi: {reason}")
    case .deliveriesWaitRemedy:
      Sentence(
        "See that the address is right and the server runs; deliveries are tried again by themselves.",
        "Hãy xem địa chỉ có đúng và máy chủ có đang chạy không; máy sẽ tự gửi lại.")
    }
  }
}
