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

  /// What a message says, for clients that say it in another language; the parameters of each stand beside it.
  package enum Kind {
    /// `name`.
    package static let unknownPerson = "unknown-person"
    /// `name`.
    package static let unknownDevice = "unknown-device"
    /// `id`.
    package static let unknownReading = "unknown-reading"
    /// `id`.
    package static let notFiring = "not-firing"
    package static let nothingFires = "nothing-fires"
    /// `name`, `names`.
    package static let unknownContact = "unknown-contact"
    /// `name`, `names`.
    package static let unknownDestination = "unknown-destination"
    /// `name`.
    package static let noContacts = "no-contacts"
    /// `name`.
    package static let noDestinations = "no-destinations"
    package static let nameTaken = "name-taken"
    package static let emptyName = "empty-name"
    package static let unfitName = "unfit-name"
    /// `count`.
    package static let citizenNumberLength = "citizen-number-length"
    package static let urgentSilenceTooLong = "urgent-silence-too-long"
    package static let silenceLength = "silence-length"
  }

  /// One of ``Code`` or a newer one.
  package var error: String
  /// What is wrong, in English.
  package var message: String
  /// What to do next, in English; nil when there is nothing to do.
  package var remedy: String?
  /// One of ``Kind`` or a newer one; nil: the message stands for itself.
  package var kind: String?
  /// What the kind's sentence is filled with.
  package var parameters: [String: String]?

  package init(
    _ error: String, _ message: String, remedy: String? = nil, kind: String? = nil, parameters: [String: String]? = nil
  ) {
    self.error = error
    self.message = message
    self.remedy = remedy
    self.kind = kind
    self.parameters = parameters
  }

  /// No destination of the configuration has this name.
  package static func unknownDestination(_ name: String, known: [String]) -> APIError {
    APIError(
      Code.notFound, "no destination is called '\(name)'",
      remedy: known.isEmpty
        ? "name one under 'destinations' in the configuration" : "known: \(known.joined(separator: ", "))",
      kind: known.isEmpty ? Kind.noDestinations : Kind.unknownDestination,
      parameters: ["name": name, "names": known.joined(separator: ", ")])
  }

  package var description: String { remedy.map { "\(message) (\($0))" } ?? message }
}
