import ArgumentParser
import Gateway

/// `vitalsd texts`: every text that an alert is told in.
struct Texts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print every text in which an alert is told, as one page of Markdown.",
    discussion: """
      The readings in it are made up. Read it aloud before the first one comes at night.

      EXAMPLES
        vitalsd texts
        vitalsd texts --language vi
      """)

  @Option(help: "Only this language: vi or en. Default: both.")
  var language: String?

  func run() throws {
    guard let page = AlertTextPage(language: language) else {
      throw ValidationError("'\(language ?? "")' is not a language that alerts are told in; one of: vi, en")
    }
    print(page.markdown, terminator: "")
  }
}
