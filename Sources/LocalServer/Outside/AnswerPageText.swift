import Foundation

/// The page as HTML: large, without scripts, pictures or anything to be fetched. In the contact's language; in both where
/// nobody knows whose it is.
enum AnswerPageText {
  /// Nothing runs, nothing is fetched, nobody puts it into a frame, and its form goes nowhere else.
  static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  static func html(_ page: AnswerPage) -> String {
    switch page {
    case .open(let alert):
      return document(alert.language, heading: alert.title, open(alert), hasButton: true)
    case .taken(let alert):
      return document(
        alert.language, heading: alert.language == .vi ? "Cảm ơn quý vị" : "Thank you", [taken(alert)])
    case .unknown:
      return both(
        vi: (
          "Đường dẫn này không dùng được", ["Nó đã hết hạn hoặc không đúng. Cảnh báo vẫn chưa được trả lời qua đây."]
        ),
        en: ("This link cannot be used", ["It has ended or is not right. Nothing was answered by it."]))
    case .used:
      return both(
        vi: ("Đã nhận trả lời rồi", ["Mỗi đường dẫn chỉ dùng được một lần."]),
        en: ("It was answered before", ["Each link can be used once."]))
    case .over:
      return both(
        vi: (
          "Tin này đã cũ", ["Cảnh báo đã hết, hoặc đã có tin mới hơn. Nếu có tin mới, xin mở đường dẫn trong tin đó."]
        ),
        en: (
          "This message is old",
          ["The alert is over, or there is newer news of it. If there is, please open the link of that message."]
        ))
    case .unavailable:
      return both(
        vi: ("Chưa nhận được", ["Máy ở nhà chưa ghi lại được. Xin bấm lại sau ít phút, hoặc gọi điện về nhà."]),
        en: (
          "Not taken", ["The box at home cannot write it down. Please press again in some minutes, or call there."]
        ))
    }
  }

  /// Where the button was not pressed by a person, as far as can be told.
  static func notPressed() -> String {
    both(
      vi: ("Chưa nhận được", ["Xin mở lại đường dẫn và bấm nút trên trang."]),
      en: ("Not taken", ["Please open the link again and press the button on its page."]))
  }

  private static func open(_ alert: AnswerPageAlert) -> [String] {
    switch alert.language {
    case .vi:
      [
        "Nếu quý vị đã biết và sẽ lo việc này, xin bấm nút.",
        alert.stopsLadder
          ? "Những người khác sẽ được báo là quý vị đã biết."
          : "Những người khác vẫn được báo tiếp, để có người đến giúp.",
      ]
    case .en:
      [
        "If you know of it and will see to it, please press the button.",
        alert.stopsLadder
          ? "The others will be told that you know."
          : "The others are told all the same, so that somebody comes to help.",
      ]
    }
  }

  private static func taken(_ alert: AnswerPageAlert) -> String {
    switch (alert.language, alert.stopsLadder) {
    case (.vi, true): "Đã ghi nhận là quý vị đã biết. Những người khác được báo như vậy."
    case (.vi, false): "Đã ghi nhận. Những người khác vẫn được báo tiếp, để có người đến giúp."
    case (.en, true): "It is noted that you know, and the others are told so."
    case (.en, false): "It is noted. The others are told all the same, so that somebody comes to help."
    }
  }

  private static func both(vi: (String, [String]), en: (String, [String])) -> String {
    document(.vi, heading: vi.0, vi.1, more: "<hr>" + section("en", en.0, en.1))
  }

  private static func document(
    _ language: AnswerPageAlert.Language, heading: String, _ sentences: [String], hasButton: Bool = false,
    more: String = ""
  ) -> String {
    let button = language == .vi ? "Tôi đã biết" : "I know"
    let form =
      hasButton
      ? "<form method=\"post\"><button name=\"know\" value=\"yes\">\(button)</button></form>" : ""
    return """
      <!DOCTYPE html>
      <html lang="\(language.rawValue)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escaped(heading))</title>
      <style>
      body { font: 1.5rem/1.5 sans-serif; color: #000; background: #fff; max-width: 34rem; margin: 1rem auto; padding: 0 1rem }
      h1 { font-size: 2rem; line-height: 1.25 }
      button { font: inherit; font-weight: bold; width: 100%; min-height: 5rem; color: #fff; background: #0a5d1f; border: 4px solid #000; border-radius: 1rem }
      </style>
      </head>
      <body>
      \(section(language.rawValue, heading, sentences))\(form)\(more)
      </body>
      </html>

      """
  }

  private static func section(_ language: String, _ heading: String, _ sentences: [String]) -> String {
    "<section lang=\"\(language)\"><h1>\(escaped(heading))</h1>"
      + sentences.map { "<p>\(escaped($0))</p>" }.joined() + "</section>"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
