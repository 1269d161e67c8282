/// What `vitals deliveries` and `vitals key` say, and their help.
enum DeliveryText: String, TextSet {
  case help, listHelp, showHelp, retryHelp, destinationOption, stateOption, idArgument, nameArgument, examples
  case alertContent, readingContent
  case number, destination, content, subject, firstTried, answer, none, tried, nothingTried, key, keyFile, keyExamples

  var sentence: Sentence {
    switch self {
    case .help:
      Sentence(
        "What is on its way: what waits, what was refused and why, try again.",
        "Dữ liệu đang gửi: đang chờ, bị từ chối và lý do, gửi lại.")
    case .listHelp: Sentence("What is on its way, the oldest first.", "Danh sách gửi, cũ nhất trước.")
    case .showHelp:
      Sentence(
        "One delivery, with all that the server said when it refused it.",
        "Một lần gửi, kèm toàn bộ câu trả lời của máy chủ khi từ chối.")
    case .retryHelp:
      Sentence(
        "Try now: what waits for a destination and what it refused, or one delivery.",
        "Thử ngay: những gì đang chờ và đã bị nơi nhận từ chối, hoặc một lần gửi.")
    case .destinationOption: Sentence("Only for this destination.", "Chỉ của nơi nhận này.")
    case .stateOption:
      Sentence(
        "Only those of this state.", "Chỉ những mục ở trạng thái này.")
    case .idArgument:
      Sentence("The delivery: its number ('vitals deliveries list').", "Số của lần gửi ('vitals deliveries list').")
    case .nameArgument:
      Sentence("The destination, or the number of one delivery.", "Tên nơi nhận, hoặc số của một lần gửi.")
    case .examples:
      Sentence(
        """
        Examples:
          vitals deliveries list --destination clinic --state rejected
          vitals deliveries show 42
          vitals deliveries retry 42
          vitals deliveries retry clinic
        'retry' also looks anew at whom the server knows: after a Patient was merged or registered there.
        """,
        """
        Ví dụ:
          vitals deliveries list --destination clinic --state rejected
          vitals deliveries show 42
          vitals deliveries retry 42
          vitals deliveries retry clinic
        'retry' cũng hỏi lại máy chủ về từng người: sau khi hồ sơ ở đó được gộp hoặc tạo mới.
        """)
    case .number: Sentence("NUMBER", "SỐ")
    case .destination: Sentence("DESTINATION", "NƠI NHẬN")
    case .content: Sentence("WHAT", "LOẠI")
    case .alertContent: Sentence("alert", "cảnh báo")
    case .readingContent: Sentence("observation", "kết quả đo")
    case .subject: Sentence("OF", "CỦA")
    case .firstTried: Sentence("FIRST TRIED", "LẦN THỬ ĐẦU")
    case .answer: Sentence("The server said:", "Máy chủ trả lời:")
    case .none: Sentence("Nothing is on its way.", "Không có gì đang gửi.")
    case .tried: Sentence("{count} deliveries are tried now.", "Đang thử gửi lại {count} mục.")
    case .nothingTried:
      Sentence("Nothing waits there, and nothing was refused.", "Không có gì đang chờ hay bị từ chối.")
    case .key:
      Sentence(
        "Make the key that asks a server for tokens, and show what to register there.",
        "Tạo khóa để xin mã truy cập từ máy chủ, và cho biết phần cần đăng ký ở đó.")
    case .keyFile:
      Sentence("The key's file; it is made if it is not there.", "Tệp khóa; nếu chưa có sẽ được tạo.")
    case .keyExamples:
      Sentence(
        "Example:\n  vitals key /etc/vitals/credentials/record\nThe private key never leaves the file.",
        "Ví dụ:\n  vitals key /etc/vitals/credentials/record\nKhóa bí mật không bao giờ rời khỏi tệp.")
    }
  }
}
