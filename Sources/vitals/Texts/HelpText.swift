/// What `--help` says. Command names, options and examples are the same in every language.
enum HelpText: String, TextSet {
  case supported, again
  case learn, learnAddress, learnOut, learnName, learnMinutes, learnImport, learnKeepValues, learnKeepNamePrefix
  case learnUnpaired, learnExamples
  case vitals, exitCodes, scan, pair, unpair, devices, patients, patientsAdd, patientsSet, patientGroup, patientsList,
    patientsIdentifiers, patientIdentifier, patientIdentifierFrom, patientIdentifierRemove, patientSetNothing,
    patientSetNoKind, patientSetBoth,
    readings, alerts, consent
  case consentGrant, consentWithdraw, consentList, whoWithdrawn, status, doctor, check, decode
  case personArgument, consentPatient, deliveriesLimit, messagesLimit
  case lang, socket, json, seconds, all, address, profile, patientOption, yes, passkeyStdin, wait, deviceArgument
  case personName, since, patientFilter, deviceFilter, limit, follow, destination, who, relationship, paths
  case characteristic, decodeProfile, hex
  case scanExamples, pairExamples, unpairExamples, devicesExamples, patientsExamples, readingsExamples, alertsExamples
  case assign, assignPatient, userNumber, nobody, shared, claim, claimPatient, claimDevice, readingIDs, disown
  case corrected, unassigned, ids, assignExamples, claimExamples, disownExamples
  case consentExamples, statusExamples, doctorExamples, checkExamples, decodeExamples
  case ack, ackEpisode, ackBy, ackExamples, alertsOpen, alertsHistory
  case silence, silenceAdd, silenceList, silenceLift, silenceFor, silenceReason, silenceRule, silenceUrgent, silenceID
  case silenceExamples
  case rules, rulesTest, scenarios, rulesPath, rulesSince, rulesConfig, rulesExamples

  var sentence: Sentence {
    switch self {
    case .vitals:
      Sentence(
        "Ask the vitals gateway: devices, readings, alerts.", "Hỏi cổng sức khỏe: thiết bị, kết quả đo, cảnh báo.")
    case .exitCodes:
      Sentence(
        """
        Exit codes: 0 done; 1 failed, or something was found wrong; 3 the daemon cannot be reached; \
        4 not found; 5 not allowed, another role is needed; 64 wrong arguments.
        Lists are cut to the width of a terminal (…); in a pipe, or with --json, they are whole.
        """,
        """
        Mã thoát: 0 xong; 1 thất bại hoặc phát hiện trục trặc; 3 không liên lạc được với vitalsd; \
        4 không tìm thấy; 5 không được phép, cần vai trò khác; 64 sai tham số.
        Danh sách được cắt theo bề rộng màn hình (…); qua ống dẫn hoặc với --json thì đầy đủ.
        """)
    case .scan: Sentence("Look for devices nearby.", "Tìm thiết bị ở gần.")
    case .pair: Sentence("Pair a device, step by step.", "Ghép nối thiết bị, từng bước một.")
    case .unpair: Sentence("Forget a device; its readings stay.", "Hủy ghép nối thiết bị; kết quả đo vẫn giữ.")
    case .supported:
      Sentence(
        "Instead: the models that can be read, and how well each is known.",
        "Thay vào đó: các mẫu máy đọc được và mức độ đã kiểm chứng của từng mẫu.")
    case .learn:
      Sentence(
        "Begin a profile for a device that is not supported: record it, or import a phone's log.",
        "Tạo hồ sơ ban đầu cho thiết bị chưa hỗ trợ: ghi lại phiên đo, hoặc nhập nhật ký của điện thoại.")
    case .learnAddress:
      Sentence(
        "The device ('vitals scan --all' shows addresses).", "Thiết bị ('vitals scan --all' cho biết địa chỉ).")
    case .learnOut:
      Sentence(
        "The directory of profiles; the new folder is vendor/model below it.",
        "Thư mục chứa các hồ sơ; thư mục mới là hãng/mẫu bên trong.")
    case .learnName: Sentence("The new profile, vendor/model.", "Tên hồ sơ mới, hãng/mẫu.")
    case .learnMinutes: Sentence("How long to wait for values, 1–60.", "Chờ giá trị đo trong bao nhiêu phút, 1–60.")
    case .learnImport:
      Sentence(
        "A btsnoop log (Android, btmon -w) or a recording.jsonl; no daemon is needed.",
        "Nhật ký btsnoop (Android, btmon -w) hoặc recording.jsonl; không cần vitalsd.")
    case .learnKeepValues:
      Sentence(
        "Put the measured values into session.yaml as they came; else made-up ones.",
        "Giữ nguyên giá trị đo thật trong session.yaml; nếu không sẽ dùng số giả.")
    case .learnKeepNamePrefix:
      Sentence(
        "The beginning of its name that all of this model have; it is kept.",
        "Phần đầu tên mà mọi máy mẫu này đều có; phần này được giữ lại.")
    case .learnUnpaired:
      Sentence(
        "Do not pair with it: for a device that leaves when it is asked to.",
        "Không ghép nối: dành cho máy ngắt kết nối khi bị yêu cầu ghép nối.")
    case .learnExamples:
      Sentence(
        """
        Examples:
          vitals learn --address F0:F1:F2:F3:F4:F5 --out profiles --name acme/bp1
          vitals learn --import btsnoop_hci.log --address F0:F1:F2:F3:F4:F5 \\
            --out profiles
        Nothing is written to the device but its subscriptions. An indication is confirmed only after it is on disk.
        """,
        """
        Ví dụ:
          vitals learn --address F0:F1:F2:F3:F4:F5 --out profiles --name acme/bp1
          vitals learn --import btsnoop_hci.log --address F0:F1:F2:F3:F4:F5 \\
            --out profiles
        Không ghi gì vào máy ngoài đăng ký nhận giá trị. Chỉ xác nhận với máy sau khi đã lưu xuống đĩa.
        """)
    case .devices: Sentence("List the known devices.", "Liệt kê thiết bị đã biết.")
    case .patients: Sentence("The people whose readings are kept.", "Những người được lưu kết quả đo.")
    case .patientsAdd: Sentence("Add a person.", "Thêm một người.")
    case .patientsSet:
      Sentence(
        "Say whose limits hold for a person, or keep a national number of theirs.",
        "Cho biết dùng ngưỡng nào cho một người, hoặc lưu một mã số quốc gia của người đó.")
    case .patientsIdentifiers:
      Sentence("Show the national numbers that are kept of a person.", "Xem các mã số quốc gia đã lưu của một người.")
    case .patientIdentifier:
      Sentence(
        "Keep a number: cccd, health-id, bhyt-15 or bhyt-10. It is asked for, and never an argument.",
        "Lưu một mã số: cccd, health-id (mã định danh y tế), bhyt-15 hay bhyt-10. Mã số được hỏi sau, không gõ vào lệnh."
      )
    case .patientIdentifierFrom:
      Sentence("Read the number from a file.", "Đọc mã số từ một tệp.")
    case .patientIdentifierRemove: Sentence("Forget the number of this kind.", "Xóa mã số loại này.")
    case .patientSetNothing:
      Sentence("Expected --group or --identifier.", "Cần --group hoặc --identifier.")
    case .patientSetNoKind:
      Sentence("--from and --remove belong to --identifier.", "--from và --remove đi với --identifier.")
    case .patientSetBoth:
      Sentence("Expected only one of --from and --remove.", "Chỉ dùng một trong hai: --from hoặc --remove.")
    case .patientGroup:
      Sentence(
        "Whose limits hold: adult, child or pregnancy. The limits that come with the program are for adults.",
        "Dùng ngưỡng của ai: adult (người lớn), child (trẻ em) hay pregnancy (thai kỳ). Ngưỡng có sẵn chỉ dành cho người lớn."
      )
    case .patientsList: Sentence("List the people.", "Liệt kê mọi người.")
    case .readings: Sentence("List readings, the newest last.", "Liệt kê kết quả đo, mới nhất ở cuối.")
    case .alerts: Sentence("List alerts, the newest last.", "Liệt kê cảnh báo, mới nhất ở cuối.")
    case .ack:
      Sentence("Say that somebody knows of an alert.", "Xác nhận đã có người biết về cảnh báo.")
    case .ackEpisode:
      Sentence(
        "The alert, or the beginning of its name ('vitals alerts --open'); without it, all that fire.",
        "Cảnh báo, hoặc phần đầu tên của nó ('vitals alerts --open'); nếu bỏ trống là mọi cảnh báo đang báo.")
    case .ackBy:
      Sentence(
        "Who knows: a contact of the configuration. Without it the next people are still called.",
        "Ai đã biết: một người liên hệ trong cấu hình. Nếu không nói, vẫn gọi những người tiếp theo.")
    case .ackExamples:
      Sentence(
        """
        Examples:
          vitals ack --by mai
          vitals ack 3f09a1c2 --by dr-lan
        """,
        """
        Ví dụ:
          vitals ack --by mai
          vitals ack 3f09a1c2 --by dr-lan
        """)
    case .alertsOpen:
      Sentence("What fires now, who knows, who is next.", "Cảnh báo đang báo, ai đã biết, tiếp theo là ai.")
    case .alertsHistory:
      Sentence(
        "Who was told what and when, and who answered: of one alert, or of all.",
        "Đã báo ai, điều gì, lúc nào, ai trả lời: của một cảnh báo, hoặc tất cả.")
    case .rulesConfig:
      Sentence(
        "A vitalsd.yaml, to show whom its contacts and ladder would have told.",
        "Một tệp vitalsd.yaml, để cho biết sẽ báo cho ai theo danh sách liên hệ trong đó.")
    case .silence: Sentence("Hold alerts back for a while.", "Tạm tắt cảnh báo.")
    case .silenceAdd:
      Sentence(
        "Begin a silence. Alerts are kept, and told at its end if they still fire.",
        "Bắt đầu tạm tắt. Cảnh báo vẫn được lưu và được báo khi hết hạn nếu vẫn còn.")
    case .silenceList: Sentence("List the silences that hold.", "Liệt kê các lần tạm tắt đang có hiệu lực.")
    case .silenceLift: Sentence("End a silence now.", "Kết thúc ngay một lần tạm tắt.")
    case .silenceFor: Sentence("How long: 30m, 2h, 7d.", "Trong bao lâu: 30m, 2h, 7d.")
    case .silenceReason: Sentence("Why, for whoever asks later.", "Vì sao, để người khác hiểu về sau.")
    case .silenceRule: Sentence("Only this rule.", "Chỉ quy tắc này.")
    case .silenceUrgent:
      Sentence("Also what is urgent; at most 24h.", "Cả cảnh báo khẩn cấp; nhiều nhất 24h.")
    case .silenceID: Sentence("The silence ('vitals silence list').", "Lần tạm tắt ('vitals silence list').")
    case .silenceExamples:
      Sentence(
        """
        Examples:
          vitals silence add --for 2h --reason "trying a new cuff" --patient "Ông Tư"
          vitals silence add --for 7d --reason "known, Dr Lan" --rule slow-pulse
          vitals silence list
          vitals silence lift k7m2pq
        """,
        """
        Ví dụ:
          vitals silence add --for 2h --reason "máy mới, đang thử" --patient "Ông Tư"
          vitals silence add --for 7d --reason "BS Lan đã biết" --rule slow-pulse
          vitals silence list
          vitals silence lift k7m2pq
        """)
    case .consent: Sentence("Who may get readings outside this house.", "Ai được nhận kết quả đo ở bên ngoài.")
    case .consentGrant:
      Sentence(
        "Record that a person agrees to somebody getting their readings and alerts.",
        "Ghi nhận một người đồng ý để ai đó nhận kết quả đo và cảnh báo của mình.")
    case .consentWithdraw: Sentence("Record that consent is withdrawn.", "Ghi nhận việc rút lại sự đồng ý.")
    case .consentList: Sentence("List all consents, the withdrawn ones too.", "Liệt kê mọi sự đồng ý, kể cả đã rút.")
    case .status: Sentence("How the gateway is.", "Tình trạng của cổng.")
    case .doctor:
      Sentence("Examine the gateway and say what to do.", "Kiểm tra cổng và cho biết cách xử lý.")
    case .check:
      Sentence(
        "Check configuration, rules and profiles: file, line, field.",
        "Kiểm tra cấu hình, quy tắc và hồ sơ thiết bị: tệp, dòng, trường.")
    case .decode: Sentence("Decode the bytes of a measurement.", "Giải mã các byte của một phép đo.")
    case .assign: Sentence("Say whose readings a device's are.", "Cho biết kết quả của thiết bị là của ai.")
    case .assignPatient: Sentence("Whose they are: id or name.", "Của ai: mã hoặc tên.")
    case .userNumber:
      Sentence(
        "Only with this user number; left out: only without one.",
        "Chỉ kết quả kèm số người dùng này; bỏ trống: chỉ kết quả không kèm số.")
    case .nobody: Sentence("They are nobody's; they wait to be claimed.", "Chưa là của ai; chờ người nhận.")
    case .shared:
      Sentence(
        "Several people use the device: what it measures waits to be claimed, but for numbers somebody was given.",
        "Nhiều người dùng chung: kết quả chờ người nhận, trừ các số người dùng đã gán.")
    case .claim:
      Sentence(
        "Give readings that are nobody's to a person, with their own time.",
        "Ghi các kết quả chưa của ai cho một người, giữ nguyên giờ đo.")
    case .claimPatient: Sentence("Whose readings they are: id or name.", "Kết quả của ai: mã hoặc tên.")
    case .claimDevice:
      Sentence(
        "All that are nobody's of this device (with --user, --since or both).",
        "Mọi kết quả chưa của ai của thiết bị này (kèm --user, --since hoặc cả hai).")
    case .readingIDs:
      Sentence(
        "Ids of readings, as 'vitals readings --ids' shows them.", "Mã kết quả đo, xem bằng 'vitals readings --ids'.")
    case .disown:
      Sentence(
        "Take readings back from the person they were kept for (a guest measured).",
        "Gỡ kết quả khỏi người đã được ghi (khi khách đo nhờ).")
    case .corrected:
      Sentence(
        "Only note that whoever was told has been told otherwise.",
        "Chỉ ghi nhận rằng những nơi đã nhận tin đều được báo lại.")
    case .unassigned: Sentence("Only those that are nobody's.", "Chỉ kết quả chưa của ai.")
    case .ids: Sentence("Show the id of each reading.", "Hiện mã của từng kết quả.")
    case .assignExamples:
      Sentence(
        """
        Examples:
          vitals assign UA-651 --patient Mai            no user number: Mai
          vitals assign UA-651 --user 2 --patient Sơn   user 2: Sơn
          vitals assign UA-651 --user 2 --nobody
          vitals assign UA-651 --shared                 all are claimed by hand
        """,
        """
        Ví dụ:
          vitals assign UA-651 --patient Mai            không kèm số: Mai
          vitals assign UA-651 --user 2 --patient Sơn   số 2: Sơn
          vitals assign UA-651 --user 2 --nobody
          vitals assign UA-651 --shared                 nhận từng kết quả
        """)
    case .claimExamples:
      Sentence(
        """
        Examples:
          vitals readings --unassigned
          vitals claim 3tq8mzk5vp2h7cxw9rdn --patient Mai
          vitals claim --device UA-651 --user 2 --since 30d --patient Sơn
        """,
        """
        Ví dụ:
          vitals readings --unassigned
          vitals claim 3tq8mzk5vp2h7cxw9rdn --patient Mai
          vitals claim --device UA-651 --user 2 --since 30d --patient Sơn
        """)
    case .disownExamples:
      Sentence(
        """
        Examples:
          vitals readings --since 24h --ids
          vitals disown 3tq8mzk5vp2h7cxw9rdn
          vitals disown --corrected 3tq8mzk5vp2h7cxw9rdn   after telling them
        """,
        """
        Ví dụ:
          vitals readings --since 24h --ids
          vitals disown 3tq8mzk5vp2h7cxw9rdn
          vitals disown --corrected 3tq8mzk5vp2h7cxw9rdn   sau khi đã báo lại
        """)
    case .lang: Sentence("Language: en or vi (else LC_ALL, LANG).", "Ngôn ngữ: en hoặc vi (nếu không: LC_ALL, LANG).")
    case .socket:
      Sentence("The daemon's socket (else VITALS_SOCKET).", "Socket của vitalsd (nếu không: VITALS_SOCKET).")
    case .json:
      Sentence(
        "JSON: lists as an array, streams as one object a line.", "JSON: danh sách là mảng, luồng là mỗi dòng một mục.")
    case .seconds: Sentence("How long to look (30s, 2m).", "Tìm trong bao lâu (30s, 2m).")
    case .all: Sentence("Also devices that no profile matches.", "Cả thiết bị chưa được hỗ trợ.")
    case .address: Sentence("This device and no other.", "Chỉ thiết bị có địa chỉ này.")
    case .again:
      Sentence(
        "Pair this known device again (id, address or name): it keeps its readings and its people.",
        "Ghép nối lại thiết bị đã biết này (mã, địa chỉ hoặc tên): giữ nguyên kết quả đo và người dùng.")
    case .profile: Sentence("Only devices of this profile (vendor/model).", "Chỉ loại máy này (hãng/mẫu).")
    case .patientOption: Sentence("Whose device it is: id or name.", "Thiết bị của ai: mã hoặc tên.")
    case .personArgument: Sentence("The person: id or name.", "Người đó: mã hoặc tên.")
    case .consentPatient: Sentence("Who agrees: id or name.", "Người đồng ý: mã hoặc tên.")
    case .deliveriesLimit:
      Sentence("At most this many, the newest; 100 when left out.", "Nhiều nhất bấy nhiêu mục mới nhất; bỏ trống: 100.")
    case .messagesLimit:
      Sentence("At most this many, the newest; 20 when left out.", "Nhiều nhất bấy nhiêu tin mới nhất; bỏ trống: 20.")
    case .yes:
      Sentence(
        "Take the first device found; numbers are still compared by a person.",
        "Chọn thiết bị đầu tiên tìm thấy; việc so số vẫn cần có người.")
    case .passkeyStdin:
      Sentence(
        "Read each passkey that is asked for as a line of standard input; for a device that wants a user's code, its number and "
          + "code.",
        "Đọc mỗi mã sáu chữ số từ một dòng của đầu vào chuẩn; với thiết bị cần mã của người dùng thì là số và mã.")
    case .wait:
      Sentence(
        "Wait this long for a device to appear (24h), without questions.",
        "Chờ thiết bị xuất hiện trong thời gian này (24h), không hỏi gì.")
    case .deviceArgument: Sentence("Id, address or name.", "Mã, địa chỉ hoặc tên.")
    case .personName: Sentence("What the family calls them.", "Tên gọi trong nhà.")
    case .since:
      Sentence(
        "From then on: 24h, 7d, 2026-11-22, or a time with offset.", "Từ lúc: 24h, 7d, 2026-11-22 hoặc giờ kèm múi giờ."
      )
    case .patientFilter: Sentence("Only this person: id or name.", "Chỉ người này: mã hoặc tên.")
    case .deviceFilter: Sentence("Only this device: id, address or name.", "Chỉ thiết bị này: mã, địa chỉ hoặc tên.")
    case .limit:
      Sentence(
        "At most this many, the newest; 1000 when neither this nor --since is given.",
        "Nhiều nhất bấy nhiêu mục mới nhất; 1000 nếu không nêu cả --limit lẫn --since.")
    case .follow:
      Sentence(
        "Go on with new ones as they come (starts with the last ten when nothing else is said).",
        "Tiếp tục hiện mục mới (bắt đầu từ mười mục cuối nếu không chọn gì khác).")
    case .destination: Sentence("A destination's name in the configuration.", "Tên nơi nhận trong cấu hình.")
    case .who: Sentence("Who reads it there: a name.", "Ai được xem: tên người.")
    case .relationship:
      Sentence("What they are to the person: doctor, daughter…", "Quan hệ với người đo: bác sĩ, con gái…")
    case .whoWithdrawn:
      Sentence("Who; everybody at that destination when left out.", "Ai; bỏ trống là mọi người ở nơi nhận đó.")
    case .paths:
      Sentence(
        "Files and directories; what a vitalsd.yaml names is checked too.",
        "Tệp và thư mục; kiểm tra cả những gì vitalsd.yaml nêu.")
    case .characteristic: Sentence("A characteristic's UUID, for example 2A35.", "UUID của đặc tính, ví dụ 2A35.")
    case .decodeProfile: Sentence("A device profile, vendor/model.", "Hồ sơ thiết bị, hãng/mẫu.")
    case .hex:
      Sentence("The bytes in hexadecimal; spaces are allowed.", "Các byte dạng thập lục phân; cho phép dấu cách.")
    case .scanExamples:
      Sentence(
        """
        Examples:
          vitals scan
          vitals scan --for 2m --all
          vitals scan --json | jq .name
        """,
        """
        Ví dụ:
          vitals scan
          vitals scan --for 2m --all
          vitals scan --json | jq .name
        """)
    case .pairExamples:
      Sentence(
        """
        Examples:
          vitals pair                           asks for all it needs
          vitals pair --patient Mai --wait 24h  types nothing: press the cuff's button
          vitals pair --address F0:F1:F2:F3:F4:F5 --patient Mai --yes
          vitals pair --again UA-651            after a reset, or a phone has taken it
          echo 123456 | vitals pair --yes --patient Mai --passkey-stdin
        """,
        """
        Ví dụ:
          vitals pair                           hỏi từng bước
          vitals pair --patient Mai --wait 24h  không cần gõ: chỉ nhấn nút trên máy
          vitals pair --address F0:F1:F2:F3:F4:F5 --patient Mai --yes
          vitals pair --again UA-651            máy bị đặt lại hoặc đã ghép điện thoại
          echo 123456 | vitals pair --yes --patient Mai --passkey-stdin
        """)
    case .unpairExamples:
      Sentence(
        """
        Examples:
          vitals unpair F0:F1:F2:F3:F4:F5
          vitals unpair "Mai's cuff"
        """,
        """
        Ví dụ:
          vitals unpair F0:F1:F2:F3:F4:F5
          vitals unpair "Máy của bà Mai"
        """)
    case .devicesExamples:
      Sentence(
        "Examples:\n  vitals devices --json\n  vitals devices --supported",
        "Ví dụ:\n  vitals devices --json\n  vitals devices --supported")
    case .patientsExamples:
      Sentence(
        """
        Examples:
          vitals patients add "Grandmother Mai"
          vitals patients set Lan --group pregnancy
          vitals patients set Lan --identifier cccd
          vitals patients set Lan --identifier bhyt-10 --from card.txt
          vitals patients identifiers Lan
          vitals patients list
        """,
        """
        Ví dụ:
          vitals patients add "Bà Mai"
          vitals patients set Lan --group pregnancy
          vitals patients set Lan --identifier cccd
          vitals patients set Lan --identifier bhyt-10 --from the.txt
          vitals patients identifiers Lan
          vitals patients list
        """)
    case .readingsExamples:
      Sentence(
        """
        Examples:
          vitals readings --since 7d
          vitals readings --patient Mai --limit 10
          vitals readings --unassigned
          vitals readings --follow --json
        """,
        """
        Ví dụ:
          vitals readings --since 7d
          vitals readings --patient Mai --limit 10
          vitals readings --unassigned
          vitals readings --follow --json
        """)
    case .alertsExamples:
      Sentence(
        """
        Examples:
          vitals alerts --since 24h
          vitals alerts --follow
          vitals alerts --open
          vitals alerts --history 3f09a1c2
        """,
        """
        Ví dụ:
          vitals alerts --since 24h
          vitals alerts --follow
          vitals alerts --open
          vitals alerts --history 3f09a1c2
        """)
    case .consentExamples:
      Sentence(
        """
        Examples:
          vitals consent grant --patient Mai --destination clinic \\
            --who "Dr Lan" --relationship doctor
          vitals consent withdraw --patient Mai --destination clinic
          vitals consent list
        """,
        """
        Ví dụ:
          vitals consent grant --patient Mai --destination clinic \\
            --who "Bác sĩ Lan" --relationship "bác sĩ"
          vitals consent withdraw --patient Mai --destination clinic
          vitals consent list
        """)
    case .statusExamples:
      Sentence("Example:\n  vitals status --json | jq .warnings", "Ví dụ:\n  vitals status --json | jq .warnings")
    case .doctorExamples:
      Sentence("Example:\n  vitals doctor || echo 'needs somebody'", "Ví dụ:\n  vitals doctor || echo 'cần người xem'")
    case .rules: Sentence("Alert rules.", "Quy tắc cảnh báo.")
    case .rulesTest:
      Sentence(
        "Try rules on scenario files or on stored readings: what would have been told. Nobody is told now.",
        "Thử quy tắc trên tệp kịch bản hoặc trên kết quả đã lưu: lẽ ra đã báo những gì. Không ai bị báo lúc này.")
    case .scenarios:
      Sentence(
        "Scenario files, of readings and of what is wrong with devices and the gateway, and directories of them.",
        "Tệp kịch bản (kết quả đo, sự cố của máy đo và cổng sức khỏe), hoặc thư mục chứa chúng.")
    case .rulesPath:
      Sentence(
        "A directory or a file of rules; default: those that come with the program.",
        "Thư mục hoặc tệp quy tắc; mặc định: bộ đi kèm chương trình.")
    case .rulesSince:
      Sentence(
        "Instead of scenarios: the stored readings from here on (30d, 2026-11-01).",
        "Thay cho kịch bản: các kết quả đã lưu từ lúc này (30d, 2026-11-01).")
    case .rulesExamples:
      Sentence(
        """
        Examples:
          vitals rules test scenarios/
          vitals rules test --rules /etc/vitals/rules.d scenarios/crisis.yaml
          vitals rules test --rules my-rules.yaml --since 30d
        Exit code 1: a scenario went otherwise than it expects.
        """,
        """
        Ví dụ:
          vitals rules test scenarios/
          vitals rules test --rules /etc/vitals/rules.d scenarios/crisis.yaml
          vitals rules test --rules my-rules.yaml --since 30d
        Mã thoát 1: kịch bản diễn ra khác với mong đợi.
        """)
    case .checkExamples:
      Sentence(
        "Example:\n  vitals check /etc/vitals\nWorks without a running daemon.",
        "Ví dụ:\n  vitals check /etc/vitals\nKhông cần vitalsd đang chạy.")
    case .decodeExamples:
      Sentence(
        """
        Examples:
          vitals decode --characteristic 2A35 16800050006000EA070B16071E0048000000
          vitals decode --profile sig/blood-pressure "00 80 00 52 00 60 00"
        Works without a running daemon.
        """,
        """
        Ví dụ:
          vitals decode --characteristic 2A35 16800050006000EA070B16071E0048000000
          vitals decode --profile sig/blood-pressure "00 80 00 52 00 60 00"
        Không cần vitalsd đang chạy.
        """)
    }
  }
}

extension TextSet {
  /// In the language of this process.
  var inProcess: String { Language.ofProcess.text(self) }
}
