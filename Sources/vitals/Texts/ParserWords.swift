/// The words of ArgumentParser, which speaks English alone, in another language. Its sentences are recognised by their whole
/// shape, so that what a person typed stays as it is.
enum ParserWords {
  /// - Parameter text: a whole help page, or why arguments were not taken.
  static func said(_ text: String, in language: Language) -> String {
    guard language == .vi else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }
      .joined(separator: "\n")
  }

  /// At the beginning of a line.
  private static let heads: [(String, String)] = [
    ("Error: ", "Lỗi: "), ("Usage: ", "Cách dùng: "), ("USAGE: ", "CÁCH DÙNG: "), ("OVERVIEW: ", "MÔ TẢ: "),
    ("ARGUMENTS:", "THAM SỐ:"), ("OPTIONS:", "TÙY CHỌN:"), ("SUBCOMMANDS:", "LỆNH CON:"),
    ("Missing expected argument ", "Thiếu tham số "),
  ]

  private static func line(_ text: String) -> String {
    var text = text
    for (english, vietnamese) in heads where text.hasPrefix(english) {
      text = vietnamese + text.dropFirst(english.count)
      break
    }
    text = text.replacing(#/\(default: ([^)]*)\)/#) { "(mặc định: \($0.1))" }
    text = text.replacing(#/\(values: ([^;)]*); default: ([^)]*)\)/#) { "(giá trị: \($0.1); mặc định: \($0.2))" }
    text = text.replacing(#/\(values: ([^)]*)\)/#) { "(giá trị: \($0.1))" }
    text = text.replacing(#/See '([^']*)' for more information\./#) { "Xem '\($0.1)' để biết thêm." }
    text = text.replacing(#/See '([^']*)' for detailed help\./#) { "Xem '\($0.1)' để biết chi tiết." }
    text = text.replacing(#/^(Lỗi: )?Missing expected argument /#) { "\($0.1 ?? "")Thiếu tham số " }
    text = text.replacing(#/^(Lỗi: )?Unknown option '(.*?)'/#) { "\($0.1 ?? "")Không có tùy chọn '\($0.2)'" }
    text = text.replacing(#/^(Lỗi: )?Missing value for '(.*?)'/#) { "\($0.1 ?? "")Thiếu giá trị cho '\($0.2)'" }
    text = text.replacing(#/^(Lỗi: )?The value '(.*?)' is invalid for '(.*?)'/#) {
      "\($0.1 ?? "")Giá trị '\($0.2)' không hợp lệ cho '\($0.3)'"
    }
    text = text.replacing(#/^(Lỗi: )?Unexpected argument '(.*?)'/#) { "\($0.1 ?? "")Thừa tham số '\($0.2)'" }
    text = text.replacing(#/^(Lỗi: )?(\d+) unexpected arguments: /#) { "\($0.1 ?? "")Thừa \($0.2) tham số: " }
    text = text.replacing(#/\. Did you mean '(.*?)'\?/#) { ". Có phải ý bạn là '\($0.1)'?" }
    text = text.replacing(#/\. Please provide one of (.*)$/#) { ". Các giá trị hợp lệ: \($0.1)" }
    text = text.replacing(#/^(Lỗi: )?Missing required subcommand\./#) { "\($0.1 ?? "")Thiếu lệnh con." }
    for (english, vietnamese) in [
      ("Show help information.", "Hiện trợ giúp này."), ("Show the version.", "Hiện phiên bản."),
      ("Show subcommand help information.", "Hiện trợ giúp của lệnh con."),
    ] where text.hasSuffix(english) {
      text = text.dropLast(english.count) + vietnamese
    }
    return text
  }
}
