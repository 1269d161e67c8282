/// What is said while a device is paired.
enum PairingText: String, TextSet {
  case lookingFor, pressButton, waitLong, stopHint, found, foundUnnamed, isThisIt, whichOne, numbered, notThatNumber
  case takingIt, securing
  case passkeyShown, typePasskey, sixDigits, passkeyNotTypable, passkeyStdinEnded, passkeyStdinWrong
  case compare, compareAsk, compareNobody, yesOrNo, typeOnDevice, passkeyWrong, passkeyWrongLast
  case bondedAuthenticated, bonded, unauthenticated, listening
  case information, clockRight, clockAhead, clockBehind, clockUnknown
  case whose, whoseAsk, whoseFirst, addPerson, unclearPerson
  case measureNow, firstReading, done, doneFor
  case inputEnded
  case nothingFound, nothingFoundRemedy, refusedByDevice, refusedByDeviceRemedy, deviceLeft, deviceLeftRemedy
  case bluetoothUnavailable, bluetoothUnavailableRemedy, unsupported, unsupportedRemedy, noSuchPatient
  case noSuchPatientRemedy, cancelled, notAnswered, notAnsweredRemedy, notStored, notStoredRemedy, passkeyFailed
  case passkeyFailedRemedy
  case consentNeeded, consentUser, consentAnother, consentCode, consentNewCode, consentNotUser, consentNotCode
  case consentWrong, consentNotRegistered, consentGiven, consentNotTypable, consentStdinWrong, consentFailed
  case consentFailedRemedy
  case seeHelp, sayHow, sayWho
  case knownAlready, againAlone, anotherDevice, anotherDeviceRemedy, noSuchDevice, noSuchDeviceRemedy
  case years, days, hours, minutes, seconds

  var sentence: Sentence {
    switch self {
    case .lookingFor: Sentence("Looking for: {names}", "Đang tìm: {names}")
    case .pressButton:
      Sentence(
        "Press and hold the Bluetooth button on the cuff until its Bluetooth sign blinks.",
        "Nhấn giữ nút Bluetooth trên máy đo huyết áp cho đến khi biểu tượng Bluetooth nhấp nháy.")
    case .waitLong:
      Sentence(
        "Waiting up to {time}. Nobody needs to type anything.", "Máy sẽ chờ tối đa {time}. Không ai cần gõ gì cả.")
    case .stopHint: Sentence("Ctrl-C stops.", "Nhấn Ctrl-C để dừng.")
    case .found:
      Sentence("Found {name} ({profile}), {address}, {rssi} dBm", "Đã thấy {name} ({profile}), {address}, {rssi} dBm")
    case .foundUnnamed: Sentence("a device without a name", "thiết bị không tên")
    case .isThisIt: Sentence("Is this yours? [Y/n]", "Đây có phải máy của mình không? [C/k]")
    case .whichOne:
      Sentence("Which one is yours? Type its number:", "Máy nào là của mình? Hãy gõ số thứ tự:")
    case .numbered: Sentence("  {number}. {name} ({profile}), {address}", "  {number}. {name} ({profile}), {address}")
    case .notThatNumber:
      Sentence("Please type a number from 1 to {count}.", "Vui lòng gõ một số từ 1 đến {count}.")
    case .takingIt: Sentence("Taking {name}, {address}.", "Chọn {name}, {address}.")
    case .securing: Sentence("Pairing with {address}…", "Đang ghép nối với {address}…")
    case .passkeyShown:
      Sentence("The device now shows six digits.", "Trên màn hình thiết bị hiện ra sáu chữ số.")
    case .typePasskey: Sentence("Type the six digits:", "Hãy gõ sáu chữ số đó:")
    case .sixDigits:
      Sentence("That is not six digits. Look at the device again.", "Chưa đủ sáu chữ số. Vui lòng xem lại thiết bị.")
    case .passkeyNotTypable:
      Sentence(
        "The device shows six digits and there is nobody to type them. Run 'vitals pair' in a terminal.",
        "Thiết bị hiện sáu chữ số nhưng không có ai gõ vào. Hãy chạy 'vitals pair' trong cửa sổ dòng lệnh.")
    case .passkeyStdinEnded:
      Sentence(
        "The device asks for six digits, and standard input has no more lines.",
        "Thiết bị cần sáu chữ số, nhưng đầu vào chuẩn đã hết dòng.")
    case .passkeyStdinWrong:
      Sentence(
        "The line from standard input is not six digits.", "Dòng đọc từ đầu vào chuẩn không phải sáu chữ số.")
    case .compare: Sentence("The device should show: {number}", "Trên thiết bị phải hiện số: {number}")
    case .compareAsk: Sentence("Is it the same number? [y/n]", "Hai số có giống nhau không? [c/k]")
    case .compareNobody:
      Sentence(
        "The device shows a number that a person must compare. Run 'vitals pair' in a terminal.",
        "Thiết bị hiện một số cần người so sánh. Hãy chạy 'vitals pair' trong cửa sổ dòng lệnh.")
    case .yesOrNo: Sentence("Please type y or n.", "Vui lòng gõ c (có) hoặc k (không).")
    case .typeOnDevice: Sentence("Type this number on the device: {number}", "Hãy nhập số này trên thiết bị: {number}")
    case .passkeyWrong:
      Sentence(
        "That number was wrong. Tries left: {count}. Wait until the device shows a new one.",
        "Số vừa gõ chưa đúng. Còn {count} lần thử. Vui lòng chờ thiết bị hiện số mới.")
    case .passkeyWrongLast: Sentence("That number was wrong too.", "Số vừa gõ vẫn chưa đúng.")
    case .bondedAuthenticated:
      Sentence(
        "Paired. The number proved that it is this device and no other.",
        "Ghép nối xong. Con số đã xác nhận đúng là thiết bị này.")
    case .bonded: Sentence("Paired. Its readings come encrypted.", "Ghép nối xong. Kết quả đo được mã hóa khi gửi.")
    case .unauthenticated:
      Sentence(
        "This device cannot pair: its readings come unprotected and are marked so.",
        "Thiết bị này không ghép nối được: kết quả đo gửi đi không được bảo vệ và sẽ được ghi chú như vậy.")
    case .listening:
      Sentence(
        "Added, not paired: the gateway listens to what it sends to everybody. That is not protected, and its readings are marked so.",
        "Đã thêm, không ghép nối: hệ thống nghe những gì thiết bị phát cho mọi người. Dữ liệu này không được bảo vệ nên kết quả sẽ được ghi chú như vậy."
      )
    case .information: Sentence("It is: {text}", "Thiết bị: {text}")
    case .clockRight: Sentence("Its clock is right.", "Đồng hồ của thiết bị chạy đúng.")
    case .clockAhead:
      Sentence(
        "Its clock is {time} ahead. The gateway allows for it.",
        "Đồng hồ của thiết bị nhanh {time}. Hệ thống sẽ tự điều chỉnh.")
    case .clockBehind:
      Sentence(
        "Its clock is {time} behind. The gateway allows for it.",
        "Đồng hồ của thiết bị chậm {time}. Hệ thống sẽ tự điều chỉnh.")
    case .clockUnknown:
      Sentence("It does not tell what its clock says.", "Thiết bị không cho biết giờ của nó.")
    case .whose: Sentence("  {number}. {name}", "  {number}. {name}")
    case .whoseAsk:
      Sentence("Whose is it? Type the number, or a new name:", "Thiết bị này của ai? Gõ số thứ tự hoặc tên mới:")
    case .whoseFirst: Sentence("Whose is it? Type the name:", "Thiết bị này của ai? Vui lòng gõ tên:")
    case .addPerson: Sentence("Add {name} as a new person? [Y/n]", "Thêm {name} làm người mới? [C/k]")
    case .unclearPerson:
      Sentence(
        "Several people have this name. Please type the number.",
        "Có nhiều người trùng tên này. Vui lòng gõ số thứ tự.")
    case .measureNow:
      Sentence(
        "Now take one measurement, sitting still, to see that everything works.",
        "Bây giờ xin ngồi yên và đo một lần để kiểm tra mọi thứ hoạt động tốt.")
    case .firstReading: Sentence("The first reading: {text}", "Kết quả đo đầu tiên: {text}")
    case .done: Sentence("Done: {name} is ready.", "Xong: {name} đã sẵn sàng.")
    case .doneFor: Sentence("Done: {name} is ready for {person}.", "Xong: {name} đã sẵn sàng cho {person}.")
    case .inputEnded: Sentence("The input ended; stopping.", "Đầu vào đã kết thúc; dừng lại.")
    case .nothingFound: Sentence("No device was found.", "Không tìm thấy thiết bị nào.")
    case .nothingFoundRemedy:
      Sentence(
        "Bring the device near, hold its Bluetooth button until the sign blinks, and try again.",
        "Hãy đặt thiết bị lại gần, nhấn giữ nút Bluetooth đến khi biểu tượng nhấp nháy rồi thử lại.")
    case .refusedByDevice: Sentence("The device refused to pair.", "Thiết bị từ chối ghép nối.")
    case .refusedByDeviceRemedy:
      Sentence(
        "If it is paired with a phone, delete it there and delete the pairing on the device (see its booklet), switch the "
          + "phone's Bluetooth off, and try again.",
        "Nếu thiết bị đang ghép với điện thoại, hãy xóa ghép nối trên điện thoại và trên thiết bị (xem sách hướng dẫn), "
          + "tắt Bluetooth của điện thoại rồi thử lại.")
    case .deviceLeft: Sentence("The device went away before the end.", "Thiết bị ngắt kết nối giữa chừng.")
    case .deviceLeftRemedy:
      Sentence(
        "Check its batteries, hold its Bluetooth button again, and try again.",
        "Hãy kiểm tra pin, nhấn giữ lại nút Bluetooth rồi thử lại.")
    case .bluetoothUnavailable: Sentence("Bluetooth is not available now.", "Hiện chưa dùng được Bluetooth.")
    case .bluetoothUnavailableRemedy:
      Sentence("'vitals doctor' says what is wrong.", "Lệnh 'vitals doctor' sẽ cho biết trục trặc ở đâu.")
    case .unsupported: Sentence("This device is not one that we can read.", "Chưa đọc được loại thiết bị này.")
    case .unsupportedRemedy:
      Sentence(
        "'vitals scan' shows which devices nearby are supported.",
        "Lệnh 'vitals scan' cho biết thiết bị nào ở gần được hỗ trợ.")
    case .noSuchPatient: Sentence("There is no such person here.", "Không có người này trong danh sách.")
    case .noSuchPatientRemedy:
      Sentence(
        "'vitals patients list' shows who is here, 'vitals patients add' adds somebody.",
        "Dùng 'vitals patients list' để xem danh sách, 'vitals patients add' để thêm người.")
    case .cancelled: Sentence("Pairing was stopped.", "Đã dừng ghép nối.")
    case .notAnswered: Sentence("Nobody answered in time.", "Không có câu trả lời kịp lúc.")
    case .notAnsweredRemedy:
      Sentence("Start again when you are at the device.", "Hãy bắt đầu lại khi đang ở cạnh thiết bị.")
    case .notStored: Sentence("The pairing could not be written to disk.", "Không ghi được ghép nối vào ổ đĩa.")
    case .notStoredRemedy:
      Sentence("'vitals doctor' looks at the disk.", "Lệnh 'vitals doctor' sẽ kiểm tra ổ đĩa.")
    case .passkeyFailed: Sentence("The six digits were wrong each time.", "Sáu chữ số đều không đúng.")
    case .passkeyFailedRemedy:
      Sentence(
        "Start again: the device shows new digits each time.",
        "Hãy bắt đầu lại: mỗi lần thiết bị sẽ hiện số mới.")
    case .consentNeeded:
      Sentence(
        "The device keeps each person's readings behind a code of that person (see its booklet).",
        "Thiết bị giữ kết quả đo của mỗi người sau một mã riêng của người đó (xem sách hướng dẫn).")
    case .consentUser:
      Sentence(
        "User number on the device ('new' to make one, Enter for none):",
        "Số người dùng trên thiết bị (gõ 'mới' để tạo người dùng, Enter nếu không có):")
    case .consentAnother:
      Sentence(
        "Another user's number ('new' to make one, Enter when there is none):",
        "Số của người dùng khác (gõ 'mới' để tạo người dùng, Enter nếu hết):")
    case .consentCode: Sentence("The code of this user:", "Mã của người dùng này:")
    case .consentNewCode:
      Sentence("A code for the new user, up to four digits:", "Mã cho người dùng mới, tối đa bốn chữ số:")
    case .consentNotUser:
      Sentence("Please type a number from 0 to 254, or 'new'.", "Vui lòng gõ một số từ 0 đến 254, hoặc 'mới'.")
    case .consentNotCode:
      Sentence("The code is a number of up to four digits.", "Mã là một số có tối đa bốn chữ số.")
    case .consentWrong:
      Sentence(
        "The device does not take this number with this code. Tries left: {count}. Look both up on the device.",
        "Thiết bị không nhận số và mã này. Còn {count} lần thử. Vui lòng xem lại cả hai trên thiết bị.")
    case .consentNotRegistered:
      Sentence(
        "The device made no new user; all its places may be taken. Tries left: {count}.",
        "Thiết bị không tạo người dùng mới; có thể đã hết chỗ. Còn {count} lần thử.")
    case .consentGiven:
      Sentence(
        "The device opens the readings of user {number}.", "Thiết bị đã mở kết quả đo của người dùng số {number}.")
    case .consentNotTypable:
      Sentence(
        "The device asks for a user's code and there is nobody to type it. Run 'vitals pair --again' in a terminal.",
        "Thiết bị cần mã của người dùng nhưng không có ai gõ vào. Hãy chạy 'vitals pair --again' trong cửa sổ dòng lệnh."
      )
    case .consentStdinWrong:
      Sentence(
        "The line from standard input is not a user's number (or 'new') and a code.",
        "Dòng đọc từ đầu vào chuẩn không phải là số người dùng (hoặc 'mới') kèm mã.")
    case .consentFailed:
      Sentence("The device opened nobody's readings.", "Thiết bị không mở kết quả đo của ai cả.")
    case .consentFailedRemedy:
      Sentence(
        "Look up the user's number and code on the device (see its booklet), or let it make a new user; then try again.",
        "Hãy xem số và mã của người dùng trên thiết bị (xem sách hướng dẫn), hoặc để thiết bị tạo người dùng mới, rồi thử lại."
      )
    case .years: Sentence("{count} years", "{count} năm")
    case .days: Sentence("{count} days", "{count} ngày")
    case .hours: Sentence("{count} h", "{count} giờ")
    case .minutes: Sentence("{count} min", "{count} phút")
    case .seconds: Sentence("{count} s", "{count} giây")
    case .seeHelp: Sentence("See 'vitals pair --help'.", "Hãy xem 'vitals pair --help'.")
    case .sayHow:
      Sentence(
        "Standard input is no terminal, so nobody can be asked: add --yes, --address or --wait.",
        "Đầu vào không phải cửa sổ dòng lệnh nên không hỏi được ai: hãy thêm --yes, --address hoặc --wait.")
    case .knownAlready:
      Sentence(
        "It is known here already: it is paired again and keeps its readings.",
        "Thiết bị này đã có ở đây: sẽ ghép nối lại, các kết quả đo vẫn được giữ.")
    case .againAlone:
      Sentence(
        "--again stands without --address, --profile and --patient: the device keeps them ('vitals assign' changes whose "
          + "it is).",
        "--again không đi cùng --address, --profile và --patient: thiết bị giữ nguyên các mục đó (đổi người dùng bằng "
          + "'vitals assign').")
    case .anotherDevice:
      Sentence("This may be another device; nothing was changed.", "Đây có thể là thiết bị khác; chưa có gì thay đổi.")
    case .anotherDeviceRemedy:
      Sentence(
        "If it is yours all the same, 'vitals unpair' the old one, then 'vitals pair'.",
        "Nếu vẫn đúng là máy của nhà mình, hãy 'vitals unpair' máy cũ rồi 'vitals pair'.")
    case .noSuchDevice: Sentence("No such device is known.", "Không có thiết bị này trong danh sách.")
    case .noSuchDeviceRemedy:
      Sentence("'vitals devices' shows the known ones.", "Lệnh 'vitals devices' liệt kê các thiết bị đã biết.")
    case .sayWho:
      Sentence(
        "Nobody will be asked whose it is, and there is not exactly one person here: add --patient.",
        "Sẽ không hỏi thiết bị của ai, mà danh sách không có đúng một người: hãy thêm --patient.")
    }
  }
}
