import Foundation

/// A member of a service's answer that says whether it took the message, where the status does not: there are services that
/// answer 200 to what they refuse.
package struct AnswerField: Hashable, Sendable {
  /// At the root of the answer's JSON.
  package var name: String
  package var value: Int

  package init(name: String, value: Int) {
    self.name = name
    self.value = value
  }

  /// Why the answer is no success; nil: it is one. A number is all of it that is said: the rest may hold what was sent.
  func fault(in body: [UInt8]) -> String? {
    guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any], let found = object[name]
    else {
      return "an answer without '\(name)'"
    }
    guard let number = found as? Int else { return "an answer whose '\(name)' is no whole number" }
    return number == value ? nil : "\(name) \(number), and not \(value)"
  }
}
