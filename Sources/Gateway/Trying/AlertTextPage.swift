import AlertRules

/// Every text that an alert is told in, on one page, for whoever wants to judge their tone before they come at night.
package struct AlertTextPage {
  private let languages: [AlertLanguage]

  /// - Parameter language: `vi` or `en`; nil: both. Nil is returned for any other.
  package init?(language: String? = nil) {
    guard let language else {
      languages = [.en, .vi]
      return
    }
    guard let one = AlertLanguage(rawValue: language) else { return nil }
    languages = [one]
  }

  /// Markdown.
  package var markdown: String {
    var lines = [
      "# What alerts say",
      "",
      "Every text in which an alert is told, with made-up readings. They inform; they do not name an illness.",
      "",
      "## Overview",
      "",
      "`vitalsd texts` prints this page from the program's own words; a test keeps it up to date. The advice is of the",
      "American Heart Association's page \"When to Call 911\": rest, measure again, call when there are symptoms. 115 stands",
      "for `emergency-number` in `vitalsd.yaml`.",
    ]
    var section = ""
    for example in AlertTextExample.all {
      if example.section != section {
        section = example.section
        lines += ["", "## \(section)"]
      }
      lines += ["", "### \(example.label)"]
      for language in languages {
        let text = example.text(in: language)
        lines += ["", "> **\(text.title)**", ">", "> \(text.body)"]
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
