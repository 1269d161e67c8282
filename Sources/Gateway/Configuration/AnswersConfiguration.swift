import Forwarding
import Foundation
import YAMLDocuments

/// `answers` of `vitalsd.yaml`: how people outside can say that they know of an alert.
enum AnswersConfiguration {
  /// What the schema cannot say of it.
  static func faults(of document: YAMLDocument) -> [Diagnostic] {
    guard let answers = document.root["answers"] else { return [] }
    let path = FieldPath("answers")
    var found: [Diagnostic] = []
    if let reply = answers["reply"] {
      let path = path.field("reply")
      if let token = reply["token-file"], reply["credential"] != nil {
        found.append(
          document.diagnostic(
            at: token, path.field("token-file"), "expected only one of token-file and credential",
            vi: "chỉ dùng một trong token-file và credential"))
      }
      if let url = reply["url"], let text = url.text {
        if let fault = DestinationSettings.fault(ofURL: text, allowsPrivate: reply["allow-private"]?.boolean ?? false) {
          found.append(
            document.diagnostic(
              at: url, path.field("url"), "\(fault); expected an address like https://host/topic",
              vi: "\(fault.vietnamese); cần một địa chỉ như https://host/topic"))
        } else if !isTopic(text) {
          found.append(
            document.diagnostic(
              at: url, path.field("url"),
              "expected the address of one topic, https://host/topic: letters, digits, '-' and '_', at most 64",
              vi: "cần địa chỉ của một chủ đề, https://host/topic: chữ cái, chữ số, '-' và '_', nhiều nhất 64 ký tự"))
        }
      }
    }
    if let page = answers["page"] {
      let path = path.field("page")
      if let address = page["address"], let text = address.text, let wrong = addressFault(text) {
        found.append(document.diagnostic(at: address, path.field("address"), wrong.en, vi: wrong.vi))
      }
      if let listen = page["listen"], let text = listen.text, place(text) == nil {
        found.append(
          document.diagnostic(
            at: listen, path.field("listen"), "expected an address and a port of this box, like 127.0.0.1:8481",
            vi: "cần địa chỉ và cổng của chính máy này, ví dụ 127.0.0.1:8481"))
      }
    }
    if let valid = answers["valid"], let span = valid.text.flatMap(TimeSpan.duration),
      !(Duration.seconds(300)...Duration.seconds(7 * 86_400)).contains(span)
    {
      found.append(document.diagnostic(at: valid, path.field("valid"), "expected 5m to 168h", vi: "cần từ 5m đến 168h"))
    }
    return found
  }

  /// What may be meant and is not wise, or keeps `answers` from being of use. No reason not to start.
  static func hints(in document: YAMLDocument) -> [Diagnostic] {
    guard let answers = document.root["answers"] else { return [] }
    let path = FieldPath("answers")
    var found: [Diagnostic] = []
    if answers["reply"] == nil, answers["page"] == nil {
      found.append(
        document.diagnostic(
          at: answers, path, "neither reply nor page is set, so nobody can answer",
          vi: "chưa có reply hay page nên không ai trả lời được"))
    }
    if (document.root["contacts"]?.items ?? []).isEmpty {
      found.append(
        document.diagnostic(
          at: answers, path, "nobody stands in 'contacts', so no message can be answered; name who is told",
          vi: "mục 'contacts' chưa có ai nên không tin nào trả lời được; hãy ghi người được báo"))
    }
    if let reply = answers["reply"], reply["token-file"] == nil, reply["credential"] == nil {
      found.append(
        document.diagnostic(
          at: reply, path.field("reply"),
          "there is no token-file or credential: whoever guesses the topic reads who answers when; protect the topic",
          vi: "chưa có token-file hay credential: ai đoán được chủ đề sẽ đọc được ai trả lời lúc nào; hãy bảo vệ chủ đề"
        ))
    }
    if let listen = answers["page"]?["listen"], let host = listen.text.flatMap(place)?.host,
      ["0.0.0.0", "::", "*"].contains(host)
    {
      found.append(
        document.diagnostic(
          at: listen, path.field("page").field("listen"),
          "the page listens on every interface without TLS; let it listen on 127.0.0.1 behind a proxy or a tunnel",
          vi: "trang mở trên mọi mạng mà không mã hóa (TLS); hãy chỉ mở ở 127.0.0.1, sau một proxy hoặc đường hầm"))
    }
    return found
  }

  static func answers(of root: YAMLNode, absolute: (String) -> String) -> Configuration.Answers? {
    guard let node = root["answers"] else { return nil }
    var answers = Configuration.Answers()
    if let valid = node["valid"]?.text.flatMap(TimeSpan.duration) { answers.valid = valid }
    if let reply = node["reply"], let url = reply["url"]?.text {
      answers.reply = ReplySettings(
        url: trimmed(url),
        secretFile: reply["token-file"]?.text.map(absolute)
          ?? reply["credential"]?.text.map(SystemdCredential.path(named:)),
        allowsPrivate: reply["allow-private"]?.boolean ?? false, authorityFile: reply["ca-file"]?.text.map(absolute))
    }
    if let page = node["page"], let (host, port) = page["listen"]?.text.flatMap(place),
      let address = page["address"]?.text
    {
      answers.page = Configuration.Answers.Page(host: host, port: port, address: trimmed(address))
    }
    return answers
  }

  /// `HOST:PORT` or `[IPv6]:PORT`.
  static func place(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (1...65535).contains(port)
    else { return nil }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 { return (String(host.dropFirst().dropLast()), port) }
    return host.isEmpty || host.contains(where: { ":[]".contains($0) }) ? nil : (String(host), port)
  }

  private static func addressFault(_ text: String) -> (en: String, vi: String)? {
    let expected = (
      en: "expected where the page can be reached from outside, like https://box.example",
      vi: "cần địa chỉ để vào trang từ bên ngoài, ví dụ https://box.example"
    )
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), let host = parts.host,
      !host.isEmpty, parts.query == nil, parts.fragment == nil, parts.user == nil, parts.password == nil
    else { return expected }
    let isHere = host == "localhost" || host == "[::1]" || host == "::1" || host.hasPrefix("127.")
    guard scheme == "https" || scheme == "http" && isHere else {
      return (
        "the links would be opened unencrypted, and whoever reads one can answer; " + expected.en,
        "đường dẫn sẽ mở mà không mã hóa, và ai đọc được đều trả lời được; " + expected.vi
      )
    }
    return nil
  }

  /// Names of topics, as ntfy takes them.
  private static func isTopic(_ text: String) -> Bool {
    guard let parts = URLComponents(string: trimmed(text)), parts.query == nil,
      let topic = parts.path.split(separator: "/").last
    else { return false }
    return topic.utf8.count <= 64
      && topic.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }

  private static func trimmed(_ address: String) -> String {
    var address = address
    while address.hasSuffix("/") { address.removeLast() }
    return address
  }
}
