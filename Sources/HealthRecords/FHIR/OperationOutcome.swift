/// What a FHIR server says instead of, or beside, what was asked for.
package struct OperationOutcome: Hashable, Sendable {
  /// How bad it is (`issue-severity`).
  package enum Severity: String, Hashable, Sendable { case error, warning }

  /// What kind of fault it is (`issue-type`).
  package enum Code: String, Hashable, Sendable {
    case invalid, value, login, exception
    case notFound = "not-found"
    case notSupported = "not-supported"
    case deleted, forbidden
    case transient
  }

  package struct Issue: Hashable, Sendable {
    package var severity: Severity
    package var code: Code
    /// What is wrong and what to do, in English.
    package var diagnostics: String

    package init(_ severity: Severity, _ code: Code, _ diagnostics: String) {
      self.severity = severity
      self.code = code
      self.diagnostics = diagnostics
    }
  }

  package let issues: [Issue]

  /// - Parameter issues: at least one.
  package init(_ issues: [Issue]) { self.issues = issues }

  package var json: JSONValue {
    .object([
      "resourceType": "OperationOutcome",
      "issue": .array(
        issues.map { issue in
          .object([
            "severity": .string(issue.severity.rawValue), "code": .string(issue.code.rawValue),
            "diagnostics": .string(issue.diagnostics),
          ])
        }),
    ])
  }
}
