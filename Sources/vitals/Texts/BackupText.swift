/// What `backup` says, and the help of `backup` and `restore`.
enum BackupText: String, TextSet {
  case backup, backupFile, backupForce, passphraseFile, generate, backupExamples
  case restore, restoreFile, restoreList, restoreForce, restoreFinish, restoreConfig, restoreExamples
  case ask, askAgain, different, short, monotonous, shortRemedy, noTerminal, noTerminalRemedy, emptyFile
  case exists, existsRemedy, coreFiles, progress, verifying, done, holds, leftOut, generated, ofAdapter, next

  var sentence: Sentence {
    switch self {
    case .backup:
      Sentence(
        "Write the household to one encrypted file, for another box.",
        "Ghi toàn bộ dữ liệu gia đình vào một tệp mã hóa để chuyển sang thiết bị khác.")
    case .backupFile: Sentence("The new file.", "Tệp mới.")
    case .backupForce: Sentence("In place of a file that is there.", "Ghi đè tệp đã có.")
    case .passphraseFile:
      Sentence(
        "A file whose first line is the passphrase; -: standard input.",
        "Tệp có dòng đầu là cụm mật khẩu; -: đầu vào chuẩn.")
    case .generate:
      Sentence(
        "Make a passphrase and show it once, to be written down.", "Tạo cụm mật khẩu và hiện một lần để chép lại.")
    case .backupExamples:
      Sentence(
        """
        Examples:
          vitals backup /media/stick/household.age
          vitals backup --generate household.age
          vitals backup --passphrase-file - household.age < passphrase.txt
        It holds people, identifiers, bonds, consents, waiting deliveries, alerts, readings, the configuration and its secrets.
        The format is age (age-encryption.org): 'age -d FILE | tar -x' opens it without this program.
        A backup keeps what is erased here later: make a new one after 'vitals erase', and destroy the old.
        """,
        """
        Ví dụ:
          vitals backup /media/stick/household.age
          vitals backup --generate household.age
          vitals backup --passphrase-file - household.age < mat-khau.txt
        Tệp gồm người, mã định danh, ghép nối, đồng ý, tin chờ gửi, cảnh báo, kết quả đo, cấu hình và các bí mật của nó.
        Định dạng là age (age-encryption.org): 'age -d TỆP | tar -x' mở được khi không có chương trình này.
        Bản sao lưu vẫn giữ những gì bị xóa sau đó: hãy tạo bản mới sau 'vitals erase' và hủy bản cũ.
        """)
    case .restore:
      Sentence(
        "Put the household in a backup in place on this box.",
        "Khôi phục dữ liệu gia đình từ bản sao lưu vào thiết bị này."
      )
    case .restoreFile: Sentence("The backup.", "Bản sao lưu.")
    case .restoreList: Sentence("Say what it holds, and restore nothing.", "Chỉ cho biết nội dung, không khôi phục.")
    case .restoreForce:
      Sentence(
        "Put aside what stands here already; it is kept.", "Cất dữ liệu đang có sang một bên; dữ liệu đó vẫn được giữ.")
    case .restoreFinish:
      Sentence(
        "Only finish a restore that was interrupted, or remove what it left.",
        "Chỉ hoàn tất lần khôi phục bị ngắt giữa chừng, hoặc xóa những gì nó để lại.")
    case .restoreConfig: Sentence("Where vitalsd.yaml is to be.", "Nơi đặt vitalsd.yaml.")
    case .restoreExamples:
      Sentence(
        """
        Examples:
          vitals restore --list household.age
          sudo systemctl stop vitalsd
          sudo vitals restore household.age
          sudo systemctl start vitalsd
          sudo vitals restore --force household.age   what stands here goes aside
        Everything is tried before anything is replaced; power that fails leaves the old or the new.
        """,
        """
        Ví dụ:
          vitals restore --list household.age
          sudo systemctl stop vitalsd
          sudo vitals restore household.age
          sudo systemctl start vitalsd
          sudo vitals restore --force household.age   cất dữ liệu đang có sang một bên
        Mọi thứ được kiểm tra trước khi thay; mất điện giữa chừng thì còn nguyên bản cũ hoặc bản mới.
        """)
    case .ask:
      Sentence("New passphrase for the backup (nothing is shown):", "Cụm mật khẩu mới cho bản sao lưu (không hiện ra):")
    case .askAgain: Sentence("Once more:", "Nhập lại:")
    case .different:
      Sentence("The two are not the same; nothing was written.", "Hai lần nhập không giống nhau; chưa ghi gì.")
    case .short:
      Sentence(
        "That passphrase has {count} characters; {least} is the least, for whoever has the file can guess without end.",
        "Cụm mật khẩu có {count} ký tự; cần ít nhất {least}, vì ai có tệp cũng có thể đoán mãi.")
    case .monotonous:
      Sentence(
        "That passphrase is made of too few different characters.", "Cụm mật khẩu có quá ít ký tự khác nhau.")
    case .shortRemedy:
      Sentence(
        "Four or five words that do not belong together do well; or say --generate.",
        "Bốn năm từ không liên quan với nhau là tốt; hoặc dùng --generate.")
    case .noTerminal:
      Sentence("There is no terminal to ask for the passphrase at.", "Không có màn hình dòng lệnh để hỏi cụm mật khẩu.")
    case .noTerminalRemedy:
      Sentence("Say --passphrase-file FILE, or --generate.", "Dùng --passphrase-file TỆP hoặc --generate.")
    case .emptyFile: Sentence("The first line of {path} is empty.", "Dòng đầu của {path} trống.")
    case .exists: Sentence("{path} is there already; nothing was written.", "{path} đã có; chưa ghi gì.")
    case .existsRemedy: Sentence("Name another file, or say --force.", "Chọn tên khác, hoặc dùng --force.")
    case .coreFiles:
      Sentence(
        "Core files could not be forbidden; one would hold readings and keys.",
        "Không cấm được tệp core; tệp như vậy sẽ chứa kết quả đo và khóa.")
    case .progress: Sentence("{size} kB", "{size} kB")
    case .verifying: Sentence("Reading it back…", "Đang đọc lại để kiểm tra…")
    case .done: Sentence("Written and read back: {path}, {size} kB.", "Đã ghi và đọc lại: {path}, {size} kB.")
    case .holds:
      Sentence(
        "People: {people}, devices: {devices} (paired: {bonds}), readings: {readings}, consents: {consents}, waiting "
          + "deliveries: {waiting}.",
        "Người: {people}, máy đo: {devices} (đã ghép nối: {bonds}), kết quả: {readings}, đồng ý: {consents}, tin chờ gửi: "
          + "{waiting}.")
    case .leftOut:
      Sentence(
        "Not in it, for the service cannot read it: {names}.", "Không có trong đó vì dịch vụ không đọc được: {names}.")
    case .generated:
      Sentence(
        "Passphrase: {words}\nWrite it down now. It is shown this once, and without it the file is of no use.",
        "Cụm mật khẩu: {words}\nHãy chép lại ngay. Chỉ hiện một lần; không có nó thì tệp vô dụng.")
    case .ofAdapter:
      Sentence(
        "This box's adapter does not take the gateway's own address: paired devices follow only with the same stick.",
        "Bộ thu của thiết bị này không nhận địa chỉ riêng của cổng: máy đã ghép nối chỉ đi theo cùng bộ thu đó.")
    case .next:
      Sentence(
        "Before the other box starts, stop this one (systemctl disable --now vitalsd): both would have the same Bluetooth "
          + "address, and both would send. What it reads from now on is not in the file.",
        "Trước khi chạy thiết bị kia, hãy dừng thiết bị này (systemctl disable --now vitalsd): hai bên sẽ có cùng địa chỉ "
          + "Bluetooth và cùng gửi tin. Kết quả đo từ bây giờ không có trong tệp.")
    }
  }
}
