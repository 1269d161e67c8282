/// What `status` and `devices` say of the visits to devices.
enum VisitText: String, TextSet {
  case beingRead, readingRecord, lastRead, idle, linkEnded, cancelled, notStored

  var sentence: Sentence {
    switch self {
    case .beingRead:
      Sentence(
        "{name}: being read since {time}, readings so far: {count}",
        "{name}: đang đọc từ {time}, số kết quả đến lúc này: {count}")
    case .readingRecord:
      Sentence(
        "{name}: reading {record} of {records}, since {time}; stored so far: {count}",
        "{name}: đang đọc mục {record} trên {records}, từ {time}; đã lưu: {count}")
    case .lastRead:
      Sentence("{name}: last read {time}. {reason}", "{name}: đọc lần cuối {time}. {reason}")
    case .idle: Sentence("The device had nothing more to say.", "Thiết bị không còn gì để gửi.")
    case .linkEnded: Sentence("The link ended.", "Kết nối đã ngắt.")
    case .cancelled: Sentence("The gateway ended the visit.", "Chương trình nền đã dừng lần đọc.")
    case .notStored:
      Sentence(
        "A reading could not be stored; the device keeps it and sends it again.",
        "Không lưu được một kết quả đo; thiết bị vẫn giữ và sẽ gửi lại.")
    }
  }
}
