import ArgumentParser

/// What is wrong with the arguments of a command. `{option}` is as it is typed; `{other}` another one, or a bound.
enum ArgumentText: String, TextSet {
  case empty, onlyWith, notWith, needs, atLeast, atMost, between, oneOf, onlyOneOf, either, expected
  case expectedUUID, expectedName, expectedProgram, expectedHex, deviceWith, jsonOfExport, urgentFor
  case alertOrPatient, readingsOrDevice, scenariosOrSince
  case emptyAlert, emptyDevice, emptyName, emptyPerson, emptySilence

  var sentence: Sentence {
    switch self {
    case .empty: Sentence("{option}: must not be empty", "{option}: không được để trống")
    case .onlyWith: Sentence("{option}: only with {other}", "{option}: chỉ dùng cùng {other}")
    case .notWith: Sentence("{option}: not with {other}", "{option}: không dùng cùng {other}")
    case .needs: Sentence("{option}: with {other}", "{option}: cần có {other}")
    case .atLeast: Sentence("{option}: at least {other}", "{option}: ít nhất {other}")
    case .atMost: Sentence("{option}: at most {other}", "{option}: nhiều nhất {other}")
    case .between: Sentence("{option}: {other} to {most}", "{option}: từ {other} đến {most}")
    case .oneOf: Sentence("one of {option}", "cần đúng một trong: {option}")
    case .onlyOneOf: Sentence("only one of {option}", "chỉ dùng một trong: {option}")
    case .either: Sentence("say either {option} or {other}", "cần {option} hoặc {other}")
    case .expected: Sentence("{option}: expected {other}", "{option}: cần dạng {other}")
    case .expectedUUID:
      Sentence("--characteristic: expected a UUID, for example 2A35", "--characteristic: cần một UUID, ví dụ 2A35")
    case .expectedName:
      Sentence(
        "--name: expected vendor/model in small letters, digits, dots and hyphens",
        "--name: cần dạng hãng/mẫu, gồm chữ thường, chữ số, dấu chấm và gạch nối")
    case .expectedProgram:
      Sentence(
        "--with: expected a program, like 'espeak-ng -v vi'", "--with: cần một chương trình, ví dụ 'espeak-ng -v vi'")
    case .expectedHex:
      Sentence("HEX: expected pairs of hexadecimal digits", "HEX: cần các cặp chữ số thập lục phân")
    case .deviceWith:
      Sentence("--device: with --user, --since or both", "--device: cần --user, --since hoặc cả hai")
    case .jsonOfExport:
      Sentence(
        "--json: only with --output; standard output has the export itself",
        "--json: chỉ dùng cùng --output; đầu ra chuẩn dành cho chính dữ liệu xuất")
    case .urgentFor: Sentence("--urgent: --for at most 24h", "--urgent: --for nhiều nhất 24h")
    case .alertOrPatient:
      Sentence("either an alert or --patient", "chỉ nêu một cảnh báo hoặc --patient")
    case .readingsOrDevice: Sentence("either readings or --device", "cần mã kết quả đo hoặc --device")
    case .scenariosOrSince:
      Sentence("name scenario files, or say --since", "hãy nêu các tệp kịch bản, hoặc dùng --since")
    case .emptyAlert: Sentence("the alert's name is empty", "tên cảnh báo để trống")
    case .emptyDevice: Sentence("the device's name is empty", "tên thiết bị để trống")
    case .emptyName: Sentence("the name is empty", "tên để trống")
    case .emptyPerson: Sentence("the person's name is empty", "tên người để trống")
    case .emptySilence: Sentence("the silence's name is empty", "tên lần tạm tắt để trống")
    }
  }
}

extension ValidationError {
  /// In the language of this process.
  static func wrong(
    _ key: ArgumentText, _ option: String = "", _ other: String = "", _ most: String = ""
  ) -> ValidationError {
    ValidationError(Language.ofProcess.text(key, ["option": option, "other": other, "most": most]))
  }
}
