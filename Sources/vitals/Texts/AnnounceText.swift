/// What is said aloud of an alert, and what `vitals announce` says of itself.
enum AnnounceText: String, TextSet {
  case urgent, warning, notice, ofPerson, ofNobody, ofBox, discreet, unanswered, simulated
  case listens, waits, announced, unheard, nothingSpeaks, speaksAgain
  case notInstalled, notStarted, lost, tookTooLong, endedBySignal, endedWithStatus
  case command, with, tone, least, every, times, discreetOption, examples

  var sentence: Sentence {
    switch self {
    case .urgent: Sentence("Urgent", "Khẩn cấp")
    case .warning: Sentence("Warning", "Cảnh báo")
    case .notice: Sentence("Notice", "Lưu ý")
    case .ofPerson: Sentence("{severity}. {person}: {what}.", "{severity}. {person}: {what}.")
    case .ofNobody: Sentence("{severity}. A reading: {what}.", "{severity}. Một kết quả đo: {what}.")
    case .ofBox: Sentence("{severity}. {what}.", "{severity}. {what}.")
    case .discreet: Sentence("{severity}. Please look at the box.", "{severity}. Hãy đến xem máy.")
    case .unanswered: Sentence("Nobody has answered.", "Chưa có ai trả lời.")
    case .simulated: Sentence("This is simulated.", "Đây là dữ liệu mô phỏng.")
    case .listens: Sentence("Alerts are listened for.", "Đang chờ cảnh báo.")
    case .waits:
      Sentence("The gateway is waited for: {text}", "Đang chờ chương trình nền: {text}")
    case .announced:
      Sentence("Announced, {severity}, {count} of {times}.", "Đã thông báo ({severity}), lần {count}/{times}.")
    case .unheard:
      Sentence(
        "'{program}' could not announce an alert: {reason}.", "'{program}' không thông báo được cảnh báo: {reason}.")
    case .notInstalled: Sentence("it is not installed", "chưa được cài")
    case .notStarted: Sentence("it does not start: {text}", "không khởi động được: {text}")
    case .lost: Sentence("it is not ours any more", "không còn theo dõi được nó")
    case .tookTooLong: Sentence("it took longer than {count} s", "chạy quá {count} giây")
    case .endedBySignal: Sentence("it ended by signal {number}", "bị dừng bởi tín hiệu {number}")
    case .endedWithStatus: Sentence("it ended with status {number}", "kết thúc với mã lỗi {number}")
    case .nothingSpeaks:
      Sentence(
        "Nothing here can speak or beep. Install espeak-ng or alsa-utils, or name a program by --with.",
        "Máy này không có gì để nói hay phát tiếng. Hãy cài espeak-ng hoặc alsa-utils, hoặc nêu chương trình bằng --with."
      )
    case .speaksAgain: Sentence("Alerts are heard again.", "Lại thông báo được cảnh báo.")
    case .command:
      Sentence(
        "Say alerts aloud, or beep, until somebody answers them.",
        "Đọc to cảnh báo, hoặc phát tiếng bíp, cho đến khi có người trả lời.")
    case .with:
      Sentence(
        "The program that speaks, with its options; it gets the text on its standard input. Default: what is installed of "
          + "espeak-ng, espeak, spd-say, aplay, beep; else the terminal's bell.",
        "Chương trình đọc, kèm tùy chọn; văn bản được đưa vào đầu vào chuẩn. Mặc định: cái có sẵn trong espeak-ng, espeak, "
          + "spd-say, aplay, beep; nếu không có thì là chuông của terminal.")
    case .tone:
      Sentence(
        "The program of --with plays sound: it gets a tone (WAV) instead of text.",
        "Chương trình ở --with phát âm thanh: nó nhận một tiếng bíp (WAV) thay cho văn bản.")
    case .least: Sentence("The mildest alert that is announced.", "Mức cảnh báo nhẹ nhất được thông báo.")
    case .every:
      Sentence("How often an urgent alert is repeated.", "Bao lâu thì lặp lại một cảnh báo khẩn cấp.")
    case .times:
      Sentence(
        "How often an urgent alert is announced in all, unless it gets worse.",
        "Số lần thông báo một cảnh báo khẩn cấp, nếu nó không nặng thêm.")
    case .discreetOption:
      Sentence("Say neither the name nor the value.", "Không đọc tên và trị số.")
    case .examples:
      Sentence(
        """
        Runs until it is ended; vitals-announce.service does so at start. It waits for the gateway when that is not there.

        Examples:
          vitals announce --lang vi
          vitals announce --with 'espeak-ng -v vi -s 140' --every 2m --times 20
          vitals announce --with 'aplay -q -D hdmi' --tone --discreet
        """,
        """
        Chạy cho đến khi bị dừng; vitals-announce.service làm việc này khi khởi động. Nếu chương trình nền chưa chạy thì chờ.

        Ví dụ:
          vitals announce --lang vi
          vitals announce --with 'espeak-ng -v vi -s 140' --every 2m --times 20
          vitals announce --with 'aplay -q -D hdmi' --tone --discreet
        """)
    }
  }
}
