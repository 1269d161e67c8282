/// What `vitals learn` says while it records.
enum LearnText: String, TextSet {
  case looking, connected, value, ended, unconfirmed, wantsPairing, exists, notWritten, finishLater

  var sentence: Sentence {
    switch self {
    case .looking:
      Sentence("Looking for {address}. Switch it on now.", "Đang tìm {address}. Hãy bật máy ngay bây giờ.")
    case .connected:
      Sentence(
        "Recording. Measure now, as you always do; what it sends is recorded for up to {count} minutes.",
        "Đang ghi. Hãy đo như mọi khi; những gì máy gửi sẽ được ghi trong tối đa {count} phút.")
    case .value: Sentence("Values so far: {count}", "Số giá trị đã nhận: {count}")
    case .ended: Sentence("Recorded {count} values; {text}.", "Đã ghi {count} giá trị; {text}.")
    case .unconfirmed:
      Sentence(
        "Not acknowledged to the device: {count}. It will send them again.",
        "Chưa xác nhận với máy: {count}. Máy sẽ gửi lại.")
    case .wantsPairing:
      Sentence(
        "It refused {count} requests of an unpaired gateway. Record again without --no-pair, with the device ready to pair.",
        "Máy từ chối {count} yêu cầu vì chưa ghép nối. Hãy ghi lại không kèm --no-pair, khi máy ở chế độ ghép nối.")
    case .exists:
      Sentence(
        "{path} is there already: give another --name, or take it away.",
        "{path} đã có: hãy chọn --name khác, hoặc chuyển tệp đi.")
    case .notWritten:
      Sentence("{path} cannot be written: {text}.", "Không ghi được {path}: {text}.")
    case .finishLater:
      Sentence(
        "What was recorded so far is in {path}; to go on with it: vitals learn --import {path} --out {out} --name {name}",
        "Phần đã ghi nằm trong {path}; để làm tiếp: vitals learn --import {path} --out {out} --name {name}")
    }
  }
}
