/// What the commands say of alerts that fire: who knows, who is next, what is silenced.
enum EpisodeText: String, TextSet {
  case alert, reading, told, notDelivered, notSentSimulated, next, held, unanswered, knownTo, knownToSomebody, nextAt
  case nothingFires, none, hiddenBy, bySilence
  case acknowledged, acknowledgedByNobody, acknowledgedByPatient
  case silenced, silencedUrgent, urgentStays, noSilences, lifted
  case name, until, rule, reason, alsoUrgent, everything, everybody, yes, no
  case change, where_ = "where"
  case delivered, waiting, waitsUntil, rejected, cancelled
  case stageAcknowledged, stageSomebody, stageRepliedTo, stageLinkPressed
  case stageEscalated, stageUnanswered, stageReopened, acknowledgedState

  var sentence: Sentence {
    switch self {
    case .alert: Sentence("ALERT", "CẢNH BÁO")
    case .reading: Sentence("READING", "KẾT QUẢ ĐO")
    case .told: Sentence("CALLED", "NGƯỜI ĐƯỢC GỌI")
    case .notDelivered: Sentence("{contact} (not delivered)", "{contact} (chưa gửi được)")
    case .notSentSimulated: Sentence("{contact} (not sent: simulated)", "{contact} (không gửi: mô phỏng)")
    case .next: Sentence("HOW IT STANDS", "TÌNH TRẠNG")
    case .held: Sentence("not told: {why}", "không báo: {why}")
    case .hiddenBy: Sentence("hidden by {rule}", "đã có cảnh báo nặng hơn của quy tắc {rule}")
    case .bySilence: Sentence("silence {id}", "lần tạm tắt {id}")
    case .unanswered: Sentence("NOBODY ANSWERED", "CHƯA AI TRẢ LỜI")
    case .knownTo: Sentence("{contact} knows, {time}", "{contact} đã biết, {time}")
    case .knownToSomebody:
      Sentence("somebody answered, not said who, {time}", "có người trả lời, chưa rõ là ai, {time}")
    case .nextAt: Sentence("step {step}, the next at {time}", "bước {step}, bước sau lúc {time}")
    case .nothingFires: Sentence("No alert fires.", "Không có cảnh báo nào đang báo động.")
    case .none: Sentence("nobody", "chưa gửi cho ai")
    case .acknowledged:
      Sentence(
        "Noted: {contact} knows. Nobody else is called, unless it gets worse.",
        "Đã ghi: {contact} đã biết. Không gọi thêm ai nữa, trừ khi nặng hơn.")
    case .acknowledgedByNobody:
      Sentence(
        "Noted, but the next people are still called: it was not said who knows. Say --by and a contact's name.",
        "Đã ghi, nhưng vẫn gọi những người tiếp theo: chưa rõ ai đã biết. Hãy thêm --by và tên người liên hệ.")
    case .acknowledgedByPatient:
      Sentence(
        "Noted, but the next people are still called: a patient's own answer does not stop that.",
        "Đã ghi, nhưng vẫn gọi những người tiếp theo: câu trả lời của chính bệnh nhân không dừng việc gọi.")
    case .silenced:
      Sentence(
        "Silent until {until}. 'vitals silence lift {id}' ends it before.",
        "Tạm tắt cảnh báo đến {until}. 'vitals silence lift {id}' để kết thúc sớm.")
    case .silencedUrgent:
      Sentence(
        "URGENT alerts are silent too. Look at the person in the meantime.",
        "Cảnh báo KHẨN CẤP cũng tạm tắt. Hãy để mắt đến người bệnh trong lúc này.")
    case .urgentStays:
      Sentence("What is urgent is told all the same.", "Cảnh báo khẩn cấp vẫn được báo.")
    case .noSilences: Sentence("Nothing is silenced.", "Không có cảnh báo nào đang bị tạm tắt.")
    case .lifted:
      Sentence(
        "The silence {id} is over. What still fires is told now.",
        "Đã kết thúc lần tạm tắt {id}. Cảnh báo nào còn sẽ được báo ngay.")
    case .name: Sentence("NAME", "TÊN")
    case .until: Sentence("UNTIL", "ĐẾN")
    case .rule: Sentence("RULE", "QUY TẮC")
    case .reason: Sentence("REASON", "LÝ DO")
    case .alsoUrgent: Sentence("URGENT TOO", "CẢ KHẨN CẤP")
    case .everything: Sentence("every rule", "mọi quy tắc")
    case .everybody: Sentence("everybody", "mọi người")
    case .yes: Sentence("yes", "có")
    case .no: Sentence("no", "không")
    case .change: Sentence("CHANGE", "THAY ĐỔI")
    case .where_: Sentence("WHERE IT WENT", "ĐÃ GỬI ĐẾN")
    case .delivered: Sentence("{who} at {time}", "{who} lúc {time}")
    case .waiting: Sentence("{who}: waits, {count} attempts", "{who}: đang chờ, đã thử {count} lần")
    case .waitsUntil: Sentence("{who}: waits until {time}", "{who}: chờ đến {time}")
    case .rejected: Sentence("{who}: refused", "{who}: bị từ chối")
    case .cancelled: Sentence("{who}: called off", "{who}: đã hủy")
    case .stageAcknowledged: Sentence("{contact} knows", "{contact} đã biết")
    case .stageSomebody: Sentence("somebody answered, not said who", "có người trả lời, chưa rõ là ai")
    case .stageRepliedTo:
      Sentence("{contact} knows, by a reply from outside", "{contact} đã biết, trả lời từ xa")
    case .stageLinkPressed:
      Sentence("{contact} knows, by the link of a message", "{contact} đã biết, bấm qua đường dẫn trong tin")
    case .stageEscalated: Sentence("nobody answered, the next are told", "chưa ai trả lời, báo người tiếp theo")
    case .stageUnanswered: Sentence("nobody answered at all", "không ai trả lời cả")
    case .stageReopened: Sentence("worse, or again: told anew", "nặng hơn hoặc lặp lại: báo lại")
    case .acknowledgedState: Sentence("known", "đã biết")
    }
  }
}
