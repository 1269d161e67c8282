package import YAMLDocuments

/// Why a configuration, rule or profile file cannot be used.
package enum ConfigurationFailure: Error, CustomStringConvertible {
  /// What is wrong, each with file, line and field.
  case invalid([Diagnostic])

  /// What is wrong.
  package var diagnostics: [Diagnostic] {
    switch self {
    case .invalid(let diagnostics): diagnostics
    }
  }

  /// Each of ``diagnostics`` as a line of `vitals check`.
  package func lines(isVietnamese: Bool) -> [String] {
    diagnostics.map { $0.sentence(isVietnamese: isVietnamese) }
  }

  package var description: String {
    switch self {
    case .invalid(let diagnostics):
      diagnostics.map(\.description).joined(separator: "\n")
        + "\n`vitals check` shows all of it; nothing was started."
    }
  }
}
