/// Whose readings are whose: what `assign`, `claim` and `disown` say.
enum OwnershipText: String, TextSet {
  case numberAssigned, numberNobodys, deviceAssigned, deviceNobodys, isShared, earlierStay
  case claimed, claimedBefore, nothingToClaim, disowned, disownedBefore, corrected, nobodyTold, told, toldRemedy
  case user, likely, notCorrected, shared, byNumber

  var sentence: Sentence {
    switch self {
    case .numberAssigned:
      Sentence(
        "From the next reading on, user {number} of {device} is {person}.",
        "Từ lần đo tới, người dùng số {number} của {device} là {person}.")
    case .numberNobodys:
      Sentence(
        "From the next reading on, user {number} of {device} is nobody known; what they measure waits to be claimed.",
        "Từ lần đo tới, người dùng số {number} của {device} chưa rõ là ai; kết quả sẽ chờ người nhận.")
    case .deviceAssigned:
      Sentence(
        "From the next reading on, what {device} measures without a user number is {person}'s.",
        "Từ lần đo tới, kết quả của {device} không kèm số người dùng là của {person}.")
    case .deviceNobodys:
      Sentence(
        "From the next reading on, what {device} measures without a user number is nobody's and waits to be claimed.",
        "Từ lần đo tới, kết quả của {device} không kèm số người dùng chưa là của ai và sẽ chờ người nhận.")
    case .isShared:
      Sentence(
        "{device} is shared: what it measures waits to be claimed, but for user numbers that somebody was given.",
        "{device} dùng chung: kết quả sẽ chờ người nhận, trừ các số người dùng đã gán cho ai đó.")
    case .earlierStay:
      Sentence(
        "Earlier readings stay as they are; 'vitals readings --unassigned' shows those to be claimed.",
        "Kết quả trước đây giữ nguyên; 'vitals readings --unassigned' cho thấy những kết quả chờ người nhận.")
    case .claimed:
      Sentence(
        "Recorded: these are {person}'s; {count} were nobody's.",
        "Đã ghi cho {person}: {count} kết quả trước đó chưa rõ của ai.")
    case .claimedBefore:
      Sentence("Nothing changed: these are {person}'s already.", "Không có gì thay đổi: vốn đã là của {person}.")
    case .nothingToClaim: Sentence("There is nothing to claim.", "Không có kết quả nào chờ người nhận.")
    case .disowned:
      Sentence(
        "Recorded: these are nobody's now; {count} were taken back.",
        "Đã ghi: không còn là của ai; đã gỡ {count} kết quả.")
    case .disownedBefore:
      Sentence("Nothing changed: these were nobody's already.", "Không có gì thay đổi: vốn chưa là của ai.")
    case .corrected:
      Sentence("Recorded: whoever was told knows better now.", "Đã ghi: những nơi đã nhận tin đều được báo lại.")
    case .nobodyTold:
      Sentence("Nothing changed: nobody was told.", "Không có gì thay đổi: chưa nơi nào nhận tin này.")
    case .told:
      Sentence(
        "Told, or may have been, under that name: {destinations}. A correction is sent there.",
        "Đã gửi, hoặc có thể đã gửi, dưới tên người đó: {destinations}. Máy sẽ gửi tin đính chính đến đó.")
    case .toldRemedy:
      Sentence(
        "'vitals status' says so while it has not arrived.",
        "Chừng nào tin chưa đến nơi, 'vitals status' sẽ cho biết.")
    case .user: Sentence("user {number}", "người dùng số {number}")
    case .likely: Sentence("perhaps {person}", "có thể của {person}")
    case .notCorrected: Sentence("to be corrected at {destinations}", "cần đính chính ở {destinations}")
    case .shared: Sentence("shared", "dùng chung")
    case .byNumber: Sentence("{number}: {person}", "{number}: {person}")
    }
  }
}
