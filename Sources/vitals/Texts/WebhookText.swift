/// What `vitals webhooks` says, and its help.
enum WebhookText: String, TextSet {
  case help, listHelp, messagesHelp, testHelp, redeliverHelp, nameArgument, messageArgument, stateOption, examples
  case webhook, address, waiting, lastSuccess, lastFailure, nextAttempt, message, attempts, created, reason, number
  case none, noMessages, never, now, failure, tookTest, refusedTest, tookAgain, refusedAgain
  case stateWaiting, stateDelivered, stateRejected, stateCancelled

  var sentence: Sentence {
    switch self {
    case .help:
      Sentence("Webhooks: how they stand, try one, send a message again.", "Webhook: tình trạng, gửi thử, gửi lại.")
    case .listHelp: Sentence("How each webhook stands.", "Tình trạng của từng webhook.")
    case .messagesHelp:
      Sentence(
        "The newest messages of a webhook and what became of them.", "Các tin mới nhất của webhook và kết quả gửi.")
    case .testHelp:
      Sentence(
        "Send a signed test message now and say what the other side answered.",
        "Gửi ngay một tin thử có chữ ký và cho biết bên nhận trả lời gì.")
    case .redeliverHelp:
      Sentence(
        "Send a message once more, under the webhook-id that it always has.",
        "Gửi lại một tin với đúng webhook-id cũ.")
    case .nameArgument: Sentence("The webhook ('vitals webhooks list').", "Tên webhook ('vitals webhooks list').")
    case .messageArgument:
      Sentence(
        "The message: its number or its webhook-id ('vitals webhooks messages NAME').",
        "Tin: số thứ tự hoặc webhook-id ('vitals webhooks messages TÊN').")
    case .stateOption:
      Sentence(
        "Only those of this state.", "Chỉ những tin ở trạng thái này.")
    case .examples:
      Sentence(
        """
        Examples:
          vitals webhooks list
          vitals webhooks test daughter
          vitals webhooks messages daughter --state rejected
          vitals webhooks redeliver 42
        Exit code 1: the other side did not take the message.
        """,
        """
        Ví dụ:
          vitals webhooks list
          vitals webhooks test daughter
          vitals webhooks messages daughter --state rejected
          vitals webhooks redeliver 42
        Mã thoát 1: bên nhận không nhận tin.
        """)
    case .webhook: Sentence("WEBHOOK", "WEBHOOK")
    case .address: Sentence("ADDRESS", "ĐỊA CHỈ")
    case .waiting: Sentence("WAITING", "ĐANG CHỜ")
    case .lastSuccess: Sentence("LAST SUCCESS", "LẦN GỬI ĐƯỢC")
    case .lastFailure: Sentence("LAST FAILURE", "LẦN HỎNG CUỐI")
    case .nextAttempt: Sentence("NEXT ATTEMPT", "LẦN THỬ TỚI")
    case .number: Sentence("NUMBER", "SỐ")
    case .message: Sentence("MESSAGE", "MÃ TIN")
    case .attempts: Sentence("ATTEMPTS", "SỐ LẦN THỬ")
    case .created: Sentence("CREATED", "LÚC TẠO")
    case .reason: Sentence("LAST ERROR", "LỖI CUỐI")
    case .none:
      Sentence(
        "No webhooks. Name one under 'destinations' in vitalsd.yaml.",
        "Chưa có webhook nào. Thêm vào mục 'destinations' trong vitalsd.yaml.")
    case .noMessages: Sentence("No messages.", "Chưa có tin nào.")
    case .never: Sentence("never", "chưa lần nào")
    case .now: Sentence("now", "ngay bây giờ")
    case .failure: Sentence("{time}: {text}", "{time}: {text}")
    case .tookTest:
      Sentence("{name} took the test message {message}.", "{name} đã nhận tin thử {message}.")
    case .refusedTest:
      Sentence("{name} did not take the test message: {text}", "{name} không nhận tin thử: {text}")
    case .tookAgain: Sentence("{name} took {message} once more.", "{name} đã nhận lại tin {message}.")
    case .refusedAgain:
      Sentence("{name} did not take {message}: {text}", "{name} không nhận tin {message}: {text}")
    case .stateWaiting: Sentence("waiting", "đang chờ")
    case .stateDelivered: Sentence("delivered", "đã gửi")
    case .stateRejected: Sentence("refused", "bị từ chối")
    case .stateCancelled: Sentence("cancelled", "đã hủy")
    }
  }
}
