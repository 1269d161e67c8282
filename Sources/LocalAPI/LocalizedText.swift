/// One sentence for a person, in the languages its writer knew. English stands alone as a string in Swift.
package struct LocalizedText: Hashable, Sendable, Codable, ExpressibleByStringLiteral {
  package var en: String
  package var vi: String?

  package init(en: String, vi: String? = nil) {
    self.en = en
    self.vi = vi
  }

  package init(stringLiteral value: String) { self.init(en: value) }
}
