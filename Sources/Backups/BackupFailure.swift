/// Why a file is not read as a backup. Nothing of what it holds is in it.
package enum BackupFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The system's words.
  case unreadable(reason: String)
  /// It does not begin as an age file does.
  case foreign
  /// An age file that no passphrase opens: it was encrypted to keys.
  case otherRecipients
  /// Opening it would take 2^`workFactor` rounds of scrypt, and as much memory.
  case tooMuchWork(workFactor: Int, most: Int)
  case wrongPassphrase
  /// The file ends where more must follow.
  case cutOff
  /// What stands near this octet is not what was written, or the file is cut off within the 64 KiB that begin there.
  case damaged(offset: Int64)
  /// Something stands behind its end.
  case trailing
  /// It is whole, and no backup of a household.
  case notOurs(detail: String)
  /// A later version of the program made it.
  case newer(format: Int)

  /// For programs.
  package var code: String {
    switch self {
    case .unreadable: "unreadable"
    case .foreign, .otherRecipients, .notOurs: "not-a-backup"
    case .tooMuchWork: "too-much-work"
    case .wrongPassphrase: "wrong-passphrase"
    case .cutOff: "cut-off"
    case .damaged, .trailing: "damaged"
    case .newer: "newer-format"
    }
  }

  package var description: String { sentence(isVietnamese: false) }

  /// What is wrong and what to do.
  package func sentence(isVietnamese: Bool) -> String {
    func say(_ english: String, _ vietnamese: String) -> String { isVietnamese ? vietnamese : english }
    return switch self {
    case .unreadable(let reason): say("it cannot be read: \(reason)", "không đọc được: \(reason)")
    case .foreign:
      say(
        "this is no backup: it does not begin as a file of the age format does; name a file that 'vitals backup' made",
        "đây không phải bản sao lưu: tệp không bắt đầu theo định dạng age; hãy chọn tệp do 'vitals backup' tạo ra")
    case .otherRecipients:
      say(
        "this age file was encrypted to keys and not with a passphrase; 'vitals backup' makes no such file",
        "tệp age này được mã hóa bằng khóa chứ không phải cụm mật khẩu; 'vitals backup' không tạo tệp như vậy")
    case .tooMuchWork(let factor, let most):
      say(
        "opening it takes 2^\(factor) rounds of scrypt, and 2^\(most) is the most that is done here; open it with 'age -d' "
          + "on a larger computer",
        "mở tệp này cần 2^\(factor) vòng scrypt, ở đây tối đa 2^\(most); hãy mở bằng 'age -d' trên máy mạnh hơn")
    case .wrongPassphrase:
      say(
        "this is not its passphrase (or its first lines were changed); try again: capitals, spaces and hyphens count",
        "sai cụm mật khẩu (hoặc các dòng đầu của tệp đã bị sửa); hãy thử lại: phân biệt chữ hoa, dấu cách, dấu gạch nối"
      )
    case .cutOff:
      say(
        "the file is cut off: its end is missing; copy it anew, or take another backup",
        "tệp bị cụt: thiếu phần cuối; hãy chép lại hoặc dùng bản sao lưu khác")
    case .damaged(let offset):
      say(
        "the file is damaged near octet \(offset), or cut off there; copy it anew, or take another backup",
        "tệp bị hỏng gần byte \(offset), hoặc bị cụt tại đó; hãy chép lại hoặc dùng bản sao lưu khác")
    case .trailing:
      say(
        "something stands behind the end of the file that does not belong to it; copy it anew, or take another backup",
        "sau phần cuối tệp có dữ liệu lạ; hãy chép lại hoặc dùng bản sao lưu khác")
    case .notOurs(let detail):
      say(
        "the file opens, and is no backup of a household: \(detail); name a file that 'vitals backup' made",
        "tệp mở được nhưng không phải bản sao lưu: \(detail); hãy chọn tệp do 'vitals backup' tạo ra")
    case .newer(let format):
      say(
        "a later version made it (format \(format), known here: \(BackupManifest.currentFormat)); install that version",
        "bản sao lưu do phiên bản mới hơn tạo (định dạng \(format), ở đây biết \(BackupManifest.currentFormat)); hãy cài "
          + "phiên bản đó")
    }
  }
}
