/// What a reload answers: what is another now, or why nothing is.
package struct ReloadAnswer: Hashable, Sendable, Codable {
  /// One thing that is another now.
  package struct Change: Hashable, Sendable, Codable {
    package enum What: String, Hashable, Sendable, Codable { case rule, destination, contact, profile, setting }
    package enum Kind: String, Hashable, Sendable, Codable { case added, removed, changed }

    package var what: What
    /// A rule's id, a destination's, contact's or profile's name, a key of `vitalsd.yaml`.
    package var name: String
    package var change: Kind

    package init(what: What, name: String, change: Kind) {
      self.what = what
      self.name = name
      self.change = change
    }
  }

  /// What is wrong with a file, as `vitals check` says it.
  package struct Fault: Hashable, Sendable, Codable {
    package var file: String
    /// From 1; 0: the trouble has no place in the text.
    package var line: Int
    package var column: Int
    /// Empty: the whole file.
    package var field: String
    package var message: String
    /// The same in Vietnamese; nil: it is said in English alone.
    package var messageVi: String?

    package init(file: String, line: Int, column: Int, field: String, message: String, messageVi: String? = nil) {
      self.file = file
      self.line = line
      self.column = column
      self.field = field
      self.message = message
      self.messageVi = messageVi
    }

    /// A line of `vitals check`.
    package func text(isVietnamese: Bool) -> String {
      let place = line > 0 ? "\(file):\(line):\(column)" : file
      let said = isVietnamese ? messageVi ?? message : message
      return field.isEmpty ? "\(place): \(said)" : "\(place): \(field): \(said)"
    }
  }

  /// False: nothing was changed, the last good configuration holds, and ``errors`` say why.
  package var applied: Bool
  package var changes: [Change]
  package var errors: [Fault]
  /// Alerts that were closed since their rule is another or no more.
  package var closedAlerts: Int
  /// Deliveries that were closed since their destination is no more.
  package var closedDeliveries: Int

  package init(
    applied: Bool, changes: [Change] = [], errors: [Fault] = [], closedAlerts: Int = 0, closedDeliveries: Int = 0
  ) {
    self.applied = applied
    self.changes = changes
    self.errors = errors
    self.closedAlerts = closedAlerts
    self.closedDeliveries = closedDeliveries
  }
}
