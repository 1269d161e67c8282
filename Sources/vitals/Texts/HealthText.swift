import LocalAPI

/// What health warnings say, by their kind; a kind that is not here is shown in the daemon's own English.
enum HealthText: String, TextSet {
  case adapterAbsent, adapterAbsentRemedy, adapterOff, adapterOffRemedy, rivalService, rivalServiceRemedy, permission
  case permissionRemedy, strangerPairing, strangerPairingRemedy, untrustedLink, untrustedLinkRemedy, notCommitting
  case notCommittingRemedy, destinationFailing, destinationFailingRemedy
  case destinationBlocked, destinationBlockedRemedy, destinationHolds, destinationHoldsRemedy
  case destinationRefuses, destinationRefusesRemedy, noRules, noRulesRemedy, reachNobody, reachNobodyRemedy
  case clockUnsynchronised, clockUnsynchronisedRemedy, diskLow, diskLowRemedy, adapterFailed, adapterFailedRemedy
  case ownAddress, ownAddressRemedy, budget, budgetRemedy
  case staleBond, staleBondRemedy, noBond, bondInClear, bondInClearRemedy, consent, consentRemedy, unassigned,
    unassignedRemedy, corrections, correctionsRemedy
  case recordPort, recordPortRemedy
  case copyFailed, copyFailedRemedy, rebuilt, rebuiltRemedy
  case antKey, antKeyRemedy, usbAccess, usbAccessRemedy, unansweredAlert, unansweredAlertRemedy
  case configurationRefused, configurationPartly, configurationRefusedRemedy, deliveriesClosed, deliveriesClosedRemedy
  case answersNotFetched, answersNotFetchedRemedy, answerPageDown, answerPageDownRemedy
  case heartbeat, heartbeatRemedy

  /// Title and remedy of a kind of warning; of one that stands in two ways, by its parameters.
  static func pair(for kind: String, _ parameters: [String: String] = [:]) -> (title: HealthText, remedy: HealthText)? {
    switch kind {
    case HealthWarning.Kind.configurationRefused where parameters["holds"] == "without-it":
      (.configurationPartly, .configurationRefusedRemedy)
    case HealthWarning.Kind.adapterAbsent: (.adapterAbsent, .adapterAbsentRemedy)
    case HealthWarning.Kind.adapterOff: (.adapterOff, .adapterOffRemedy)
    case HealthWarning.Kind.adapterFailed: (.adapterFailed, .adapterFailedRemedy)
    case HealthWarning.Kind.ownAddressRefused: (.ownAddress, .ownAddressRemedy)
    case HealthWarning.Kind.rivalService: (.rivalService, .rivalServiceRemedy)
    case HealthWarning.Kind.bluetoothPermission: (.permission, .permissionRemedy)
    case HealthWarning.Kind.strangerPairing: (.strangerPairing, .strangerPairingRemedy)
    case HealthWarning.Kind.untrustedLink where parameters["bond"] == "in-clear": (.bondInClear, .bondInClearRemedy)
    case HealthWarning.Kind.staleBond where parameters["bond"] == "none": (.noBond, .staleBondRemedy)
    case HealthWarning.Kind.untrustedLink: (.untrustedLink, .untrustedLinkRemedy)
    case HealthWarning.Kind.staleBond: (.staleBond, .staleBondRemedy)
    case HealthWarning.Kind.consentRefused: (.consent, .consentRemedy)
    case HealthWarning.Kind.usbAccessDenied: (.usbAccess, .usbAccessRemedy)
    case HealthWarning.Kind.antKey: (.antKey, .antKeyRemedy)
    case HealthWarning.Kind.storeNotCommitting: (.notCommitting, .notCommittingRemedy)
    case HealthWarning.Kind.destinationFailing: (.destinationFailing, .destinationFailingRemedy)
    case HealthWarning.Kind.destinationBlocked: (.destinationBlocked, .destinationBlockedRemedy)
    case HealthWarning.Kind.destinationHoldsPerson: (.destinationHolds, .destinationHoldsRemedy)
    case HealthWarning.Kind.destinationRefuses: (.destinationRefuses, .destinationRefusesRemedy)
    case HealthWarning.Kind.noRules: (.noRules, .noRulesRemedy)
    case HealthWarning.Kind.alertsReachNobody: (.reachNobody, .reachNobodyRemedy)
    case HealthWarning.Kind.alertUnanswered: (.unansweredAlert, .unansweredAlertRemedy)
    case HealthWarning.Kind.readingsUnassigned: (.unassigned, .unassignedRemedy)
    case HealthWarning.Kind.correctionsNeeded: (.corrections, .correctionsRemedy)
    case HealthWarning.Kind.clockUnsynchronised: (.clockUnsynchronised, .clockUnsynchronisedRemedy)
    case HealthWarning.Kind.answersNotFetched: (.answersNotFetched, .answersNotFetchedRemedy)
    case HealthWarning.Kind.answerPageDown: (.answerPageDown, .answerPageDownRemedy)
    case HealthWarning.Kind.heartbeatNotTaken: (.heartbeat, .heartbeatRemedy)
    case HealthWarning.Kind.copyFailed: (.copyFailed, .copyFailedRemedy)
    case HealthWarning.Kind.databaseRebuilt: (.rebuilt, .rebuiltRemedy)
    case HealthWarning.Kind.diskLow: (.diskLow, .diskLowRemedy)
    case HealthWarning.Kind.storageBudget: (.budget, .budgetRemedy)
    case HealthWarning.Kind.configurationRefused: (.configurationRefused, .configurationRefusedRemedy)
    case HealthWarning.Kind.deliveriesClosed: (.deliveriesClosed, .deliveriesClosedRemedy)
    case HealthWarning.Kind.recordPort: (.recordPort, .recordPortRemedy)
    default: nil
    }
  }

  var sentence: Sentence {
    switch self {
    case .adapterAbsent: Sentence("No Bluetooth adapter is plugged in.", "Chưa cắm bộ thu phát Bluetooth.")
    case .adapterAbsentRemedy: Sentence("Plug in a Bluetooth stick.", "Hãy cắm USB Bluetooth vào máy.")
    case .copyFailed: Sentence("No copy of the database could be made.", "Chưa sao lưu được dữ liệu.")
    case .copyFailedRemedy:
      Sentence(
        "It is tried again every hour; see that the disk is well and has room.",
        "Máy sẽ thử lại mỗi giờ; hãy xem ổ đĩa còn tốt và còn chỗ không.")
    case .rebuilt:
      Sentence(
        "The database was damaged and was built anew. Copy of {copy}: {restored} readings; from the damaged file: {salvaged}; "
          + "missing: {missing}.",
        "Dữ liệu bị hỏng và đã được dựng lại. Bản sao lúc {copy}: {restored} lần đo; từ tệp bị hỏng: {salvaged}; thiếu: "
          + "{missing}.")
    case .rebuiltRemedy:
      Sentence(
        "See that people, devices and consents are as they were, and look at the disk. The damaged file is kept: {file}.",
        "Hãy xem lại người đo, máy đo và các đồng ý có còn đúng không, và kiểm tra ổ đĩa. Tệp bị hỏng vẫn được giữ: {file}."
      )
    case .recordPort:
      Sentence("The local record is not answered on its port.", "Chưa mở được cổng mạng của hồ sơ tại nhà.")
    case .recordPortRemedy:
      Sentence(
        "It is tried again by itself. If another program has the port, stop that, or choose another port under 'record' in "
          + "vitalsd.yaml and restart the service.",
        "Máy sẽ tự thử lại. Nếu chương trình khác đang dùng cổng đó, hãy tắt nó, hoặc chọn cổng khác ở mục 'record' trong "
          + "vitalsd.yaml rồi khởi động lại dịch vụ.")
    case .adapterOff: Sentence("The Bluetooth adapter is switched off.", "Bộ thu phát Bluetooth đang tắt.")
    case .adapterOffRemedy:
      Sentence(
        "Switch it on: 'rfkill unblock bluetooth', or its hardware switch.",
        "Hãy bật lên: chạy 'rfkill unblock bluetooth' hoặc gạt công tắc trên máy.")
    case .usbAccess:
      Sentence(
        "The gateway may not open {device}, which is plugged in.",
        "Đã cắm {device} nhưng chương trình nền không có quyền mở.")
    case .usbAccessRemedy:
      Sentence(
        "Install the udev rule 60-vitals.rules (systemd/60-vitals.rules to /etc/udev/rules.d), run "
          + "'udevadm control --reload', and plug the device in again.",
        "Hãy cài quy tắc udev 60-vitals.rules (chép systemd/60-vitals.rules vào /etc/udev/rules.d), chạy "
          + "'udevadm control --reload', rồi rút thiết bị ra và cắm lại.")
    case .antKey:
      Sentence(
        "An ANT stick is plugged in, and there is no usable network key for it.",
        "Đã cắm USB ANT nhưng chưa có khóa mạng dùng được cho nó.")
    case .antKeyRemedy:
      Sentence(
        "Get the key of ANT+ as an adopter (thisisant.com), write its 16 hexadecimal digits into a file, and name that "
          + "file in vitalsd.yaml: ant: {network-key-file: PATH}. Then restart the service.",
        "Hãy đăng ký ANT+ (thisisant.com) để nhận khóa, ghi 16 chữ số thập lục phân vào một tệp và khai báo tệp đó trong "
          + "vitalsd.yaml: ant: {network-key-file: ĐƯỜNG_DẪN}. Sau đó khởi động lại dịch vụ.")
    case .adapterFailed:
      Sentence("The Bluetooth adapter cannot be set up.", "Không thiết lập được bộ thu phát Bluetooth.")
    case .adapterFailedRemedy:
      Sentence(
        "Unplug it and plug it in again; it is tried again by itself.",
        "Hãy rút ra rồi cắm lại; máy sẽ tự thử lại.")
    case .ownAddress:
      Sentence(
        "This Bluetooth adapter does not know the devices that were paired with another one.",
        "Bộ thu phát Bluetooth này không nhận ra các máy đã ghép với bộ thu phát khác.")
    case .ownAddressRemedy:
      Sentence("Pair them again, or use another adapter.", "Hãy ghép lại các máy đó hoặc dùng bộ thu phát khác.")
    case .rivalService:
      Sentence("Another Bluetooth service (bluetoothd) is running.", "Dịch vụ Bluetooth khác (bluetoothd) đang chạy.")
    case .rivalServiceRemedy:
      Sentence(
        "Stop it: 'systemctl disable --now bluetooth'.", "Hãy dừng dịch vụ đó: 'systemctl disable --now bluetooth'.")
    case .permission:
      Sentence("The daemon may not use Bluetooth.", "Chương trình nền không có quyền dùng Bluetooth.")
    case .permissionRemedy:
      Sentence(
        "Start it by systemd ('systemctl start vitalsd'), which gives it CAP_NET_ADMIN.",
        "Hãy chạy bằng systemd ('systemctl start vitalsd') để có quyền CAP_NET_ADMIN.")
    case .strangerPairing:
      Sentence("A pairing that nobody started was refused.", "Đã từ chối một yêu cầu ghép nối không do ai bắt đầu.")
    case .strangerPairingRemedy:
      Sentence(
        "If it was your device, use 'vitals pair'.", "Nếu đó là thiết bị của nhà mình, hãy dùng 'vitals pair'.")
    case .untrustedLink:
      Sentence(
        "A link with the address of {device} did not prove who it is; its readings were thrown away.",
        "Có kết nối mang địa chỉ của {device} nhưng không chứng minh được đó đúng là thiết bị này; kết quả đó đã bị bỏ."
      )
    case .untrustedLinkRemedy:
      Sentence(
        "If this stays, and it is your device, pair it again: 'vitals pair --again {address}'.",
        "Nếu vẫn bị như vậy và đúng là máy của nhà mình, hãy ghép nối lại: 'vitals pair --again {address}'.")
    case .noBond:
      Sentence(
        "{device} was paired without a bond, and its profile reads it only with one. Its readings do not come through.",
        "{device} đã ghép nối nhưng không có khóa bảo vệ, mà hồ sơ của máy chỉ cho đọc khi có khóa. Kết quả đo không về được."
      )
    case .bondInClear:
      Sentence(
        "{device} has a bond, and its profile reads what it sends in clear; nothing is taken from it.",
        "{device} có khóa bảo vệ, nhưng hồ sơ của máy lại đọc những gì nó phát không mã hóa; không nhận gì từ máy này.")
    case .bondInClearRemedy:
      Sentence(
        "Give it a profile that makes a link to it, or pair it anew without a bond: first 'vitals unpair {address}', then "
          + "'vitals pair'.",
        "Hãy dùng hồ sơ có kết nối với máy, hoặc ghép nối lại không khóa: 'vitals unpair {address}' trước, rồi 'vitals pair'."
      )
    case .staleBond:
      Sentence(
        "{device} has forgotten the pairing (reset, batteries, paired with a phone since), or another device uses its "
          + "address. Its readings do not come through.",
        "{device} đã mất ghép nối (bị đặt lại, thay pin hoặc đã ghép với điện thoại), hoặc có thiết bị khác dùng địa chỉ "
          + "của nó. Kết quả đo không về được.")
    case .staleBondRemedy:
      Sentence(
        "{press} Then run 'vitals pair --again {address}'.", "{press} Sau đó chạy 'vitals pair --again {address}'.")
    case .consent:
      Sentence(
        "{device} gives its readings only to who knows a user's code, and the code that is known here is not right.",
        "{device} chỉ đưa kết quả đo cho ai biết mã của người dùng, mà mã đang lưu ở đây không đúng.")
    case .consentRemedy:
      Sentence(
        "Look up the user's number and code on the device (see its booklet). Then run 'vitals pair --again {address}'.",
        "Hãy xem số và mã của người dùng trên thiết bị (xem sách hướng dẫn). Sau đó chạy 'vitals pair --again {address}'."
      )
    case .notCommitting: Sentence("Readings cannot be stored.", "Không lưu được kết quả đo.")
    case .notCommittingRemedy:
      Sentence(
        "See that the disk is not full. If it gave errors or became read-only, start the box anew, and replace the disk when "
          + "it comes again. Devices keep readings until then.",
        "Hãy xem ổ đĩa có đầy không. Nếu ổ đĩa báo lỗi hoặc chuyển sang chỉ đọc, hãy khởi động lại máy; nếu vẫn bị lại thì "
          + "thay ổ đĩa. Thiết bị vẫn giữ kết quả đo cho đến lúc đó.")
    case .destinationFailing:
      Sentence("Nothing gets through to {destination}.", "Không gửi được đến {destination}.")
    case .destinationFailingRemedy:
      Sentence(
        "See that it is reachable; what waits is kept and sent later.",
        "Hãy kiểm tra kết nối; dữ liệu đang chờ được giữ lại và gửi sau.")
    case .destinationBlocked:
      Sentence(
        "Nothing gets through to {destination} until somebody mends it: {reason}.",
        "Không gửi được gì đến {destination} cho đến khi có người sửa: {reason}.")
    case .destinationBlockedRemedy:
      Sentence(
        "All that waits is kept. 'vitals deliveries retry {destination}' tries at once.",
        "Mọi thứ đang chờ đều được giữ lại. Chạy 'vitals deliveries retry {destination}' để thử ngay.")
    case .destinationHolds:
      Sentence(
        "Readings of {patient} for {destination} wait: {reason}.",
        "Kết quả đo của {patient} chưa gửi đến {destination}: {reason}.")
    case .destinationHoldsRemedy:
      Sentence(
        "Those of others go on. Once it is mended, 'vitals deliveries retry {destination}' tries at once.",
        "Của người khác vẫn gửi. Sửa xong, chạy 'vitals deliveries retry {destination}' để thử ngay.")
    case .destinationRefuses:
      Sentence(
        "{destination} refused {count} deliveries for good; they never arrive there.",
        "{destination} đã từ chối hẳn {count} lần gửi; các tin đó sẽ không đến nơi.")
    case .destinationRefusesRemedy:
      Sentence(
        "'vitals deliveries list --destination {destination} --state rejected' shows which, and 'show' why; once that is "
          + "mended, 'vitals deliveries retry {destination}' sends them again.",
        "Xem 'vitals deliveries list --destination {destination} --state rejected' và 'show' để biết lý do; sửa xong, chạy "
          + "'vitals deliveries retry {destination}' để gửi lại.")
    case .noRules:
      Sentence(
        "No alert rule stands in {directory}; the rules that come with the program hold.",
        "Không có quy tắc cảnh báo nào trong {directory}; đang dùng quy tắc có sẵn của chương trình.")
    case .noRulesRemedy:
      Sentence(
        "Put rules there as *.yaml and restart the service, or remove the directory.",
        "Hãy đặt quy tắc vào đó dạng *.yaml rồi khởi động lại dịch vụ, hoặc xóa thư mục đó.")
    case .reachNobody: Sentence("Alerts for {patient} reach nobody.", "Cảnh báo về {patient} không đến được với ai.")
    case .reachNobodyRemedy:
      Sentence(
        "Name a destination in the configuration, then 'vitals consent grant'.",
        "Hãy khai báo nơi nhận trong cấu hình, rồi dùng 'vitals consent grant'.")
    case .unansweredAlert:
      Sentence(
        "AN ALERT WAS TOLD TO EVERYBODY, AND NOBODY ANSWERED.", "ĐÃ BÁO CẢNH BÁO CHO MỌI NGƯỜI MÀ CHƯA AI TRẢ LỜI.")
    case .unansweredAlertRemedy:
      Sentence(
        "Go and look at the person. 'vitals alerts --open' shows the alert; 'vitals ack --by NAME' says that you know.",
        "Hãy đến xem người bệnh ngay. 'vitals alerts --open' cho thấy cảnh báo; 'vitals ack --by TÊN' xác nhận bạn đã biết."
      )
    case .unassigned:
      Sentence(
        "Readings that are nobody's: {count}. They leave for no destination.",
        "Kết quả đo chưa rõ của ai: {count}. Các kết quả này không được gửi đi đâu.")
    case .unassignedRemedy:
      Sentence(
        "'vitals readings --unassigned' lists them, 'vitals claim' gives them to a person, and 'vitals assign' says "
          + "whose the next ones are.",
        "'vitals readings --unassigned' liệt kê, 'vitals claim' ghi cho một người, còn 'vitals assign' cho biết các lần "
          + "đo tới là của ai.")
    case .corrections:
      Sentence(
        "Readings that were taken back were told, or may have been, to {destinations} ({count} deliveries). "
          + "The correction has not arrived there.",
        "Kết quả đã gỡ khỏi một người thì đã gửi, hoặc có thể đã gửi, đến {destinations} ({count} lần gửi). "
          + "Tin đính chính chưa đến nơi.")
    case .correctionsRemedy:
      Sentence(
        "It is sent until it arrives. If it is refused, tell them yourself, then 'vitals disown --corrected READING'; "
          + "'vitals readings --ids' shows which.",
        "Máy sẽ gửi cho đến khi tin đến nơi. Nếu bị từ chối, hãy tự báo lại cho họ, rồi dùng 'vitals disown --corrected "
          + "MÃ'; 'vitals readings --ids' cho biết kết quả nào.")
    case .clockUnsynchronised:
      Sentence(
        "The clock of this machine is not known to be right. Readings that wait for it: {count}. Alerts are sent.",
        "Chưa biết đồng hồ của máy này có đúng không. Số kết quả đo đang chờ: {count}. Cảnh báo vẫn được gửi.")
    case .clockUnsynchronisedRemedy:
      Sentence(
        "Connect it to the network, and see: timedatectl status. If its clock is right without a time server, set "
          + "clock: {trust: always} in vitalsd.yaml.",
        "Hãy nối mạng và xem: timedatectl status. Nếu đồng hồ máy đúng mà không cần máy chủ giờ, hãy đặt "
          + "clock: {trust: always} trong vitalsd.yaml.")
    case .answersNotFetched:
      Sentence(
        "Answers to alerts that are given outside cannot be fetched.", "Không lấy được câu trả lời cảnh báo gửi từ xa.")
    case .answersNotFetchedRemedy:
      Sentence(
        "It is tried again by itself. See that the address of answers: reply: and its token are right. Until then "
          + "'vitals ack --by NAME' answers at the box.",
        "Máy sẽ tự thử lại. Hãy xem địa chỉ và mã trong answers: reply: có đúng không. Trong lúc đó, dùng "
          + "'vitals ack --by TÊN' để trả lời tại máy.")
    case .answerPageDown:
      Sentence("The page for answers to alerts is not there.", "Trang trả lời cảnh báo không mở được.")
    case .answerPageDownRemedy:
      Sentence(
        "It is tried again by itself. Set another 'listen' under answers: page: if its port is taken.",
        "Máy sẽ tự thử lại. Nếu cổng đã bị chiếm, hãy đặt 'listen' khác trong answers: page:.")
    case .heartbeat:
      Sentence(
        "The monitor outside does not take the heartbeat: {reason}.",
        "Nơi giám sát bên ngoài không nhận tín hiệu sống của máy: {reason}.")
    case .heartbeatRemedy:
      Sentence(
        "It is tried again by itself. If it stays so, check 'heartbeat' in vitalsd.yaml.",
        "Máy sẽ tự thử lại. Nếu vẫn vậy, hãy xem lại mục 'heartbeat' trong vitalsd.yaml.")
    case .diskLow: Sentence("The disk is nearly full.", "Ổ đĩa sắp đầy.")
    case .diskLowRemedy: Sentence("Make room.", "Hãy giải phóng bớt dung lượng.")
    case .budget:
      Sentence(
        "The readings take {used} MB of the {budget} MB that they may take.",
        "Kết quả đo đã chiếm {used} MB, quá mức cho phép {budget} MB.")
    case .budgetRemedy:
      Sentence(
        "Give them more room in vitalsd.yaml (storage: {budget: 2GB}), or see in 'vitals status' what waits.",
        "Hãy tăng mức cho phép trong vitalsd.yaml (storage: {budget: 2GB}), hoặc xem 'vitals status' để biết mục nào còn "
          + "chờ gửi.")
    case .configurationRefused:
      Sentence(
        "The files of the configuration have a fault, and the last good configuration holds: {fault}",
        "Tệp cấu hình có lỗi nên vẫn dùng cấu hình tốt gần nhất: {fault}")
    case .configurationPartly:
      Sentence(
        "The configuration holds without a part that has a fault: {fault}",
        "Đang dùng cấu hình hiện tại nhưng bỏ qua phần có lỗi: {fault}")
    case .configurationRefusedRemedy:
      Sentence(
        "'vitals check {path}' shows all of it; once it is mended, run 'vitals reload'.",
        "Chạy 'vitals check {path}' để xem đầy đủ; sửa xong, chạy 'vitals reload'.")
    case .deliveriesClosed:
      Sentence(
        "{destination} was removed from the configuration; {count} deliveries that waited for it were closed and do not "
          + "arrive there.",
        "{destination} đã bị bỏ khỏi cấu hình; {count} tin đang chờ gửi đến đó đã đóng và sẽ không đến nơi.")
    case .deliveriesClosedRemedy:
      Sentence(
        "'vitals deliveries --destination {destination} --state cancelled' shows which; tell them by other means if need "
          + "be.",
        "Xem 'vitals deliveries --destination {destination} --state cancelled'; nếu cần, hãy báo bằng cách khác.")
    }
  }
}
