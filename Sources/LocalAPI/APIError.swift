/// Why a request was not done, as it stands in the body of an answer: `{error, message, remedy}`; the last line of a
/// stream that broke off has the same shape.
package struct APIError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// The codes that clients act on or say in another language. A client meets unknown codes too and shows ``message``.
  package enum Code {
    package static let notFound = "not-found"
    /// The account has not the role that this needs.
    package static let notAllowed = "not-allowed"
    package static let ambiguous = "ambiguous"
    package static let invalid = "invalid-request"
    package static let exists = "already-there"
    package static let busy = "busy"
    package static let bluetoothUnavailable = "bluetooth-unavailable"
    package static let storeUnavailable = "store-unavailable"
    package static let failed = "failed"
  }

  /// One of ``Code`` or a newer one.
  package var error: String
  /// What is wrong, in English.
  package var message: String
  /// What to do next, in English; nil when there is nothing to do.
  package var remedy: String?

  package init(_ error: String, _ message: String, remedy: String? = nil) {
    self.error = error
    self.message = message
    self.remedy = remedy
  }

  package var description: String { remedy.map { "\(message) (\($0))" } ?? message }
}
