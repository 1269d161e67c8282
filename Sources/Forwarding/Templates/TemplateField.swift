import AlertRules

/// What a template may name: the fields of a message, and nothing of the household beside them.
indirect enum TemplateField: Sendable {
  /// Text or a number.
  case value
  /// True, or not there.
  case flag
  case object([String: TemplateField])
  case list(of: TemplateField)

  /// The whole of a message, of whatever type: the fields of ``WebhookMessage``, and `is`.
  ///
  /// Mustache compares nothing, so what a message's type, severity and stage say stands in `is` once more, as flags:
  /// `{{#is.urgent}}`.
  static let message: [String: TemplateField] = [
    "type": .value, "timestamp": .value, "version": .value,
    "data": .object([
      "episode": .value, "rule": .value, "stage": .value, "severity": .value, "acknowledgedBy": .value,
      "patient": .value, "unassigned": .flag, "condition": .value, "about": .value, "detail": .value,
      "since": .value, "at": .value, "late": .flag, "simulated": .flag, "stored": .flag, "timeUncertain": .flag,
      "observation": .value, "component": .value, "value": .value, "comparison": .value, "limit": .value,
      "unit": .value, "kind": .value, "start": .value, "withdrawn": .value, "destination": .value, "test": .flag,
      "text": .object(["title": .value, "body": .value]),
      "changes": .list(
        of: .object([
          "message": .value, "type": .value, "episode": .value, "rule": .value, "stage": .value, "severity": .value,
          "acknowledgedBy": .value, "at": .value, "component": .value, "condition": .value, "about": .value,
          "value": .value, "unit": .value,
        ])),
      "heldBack": .list(of: .object(["rule": .value, "count": .value])),
      "ack": .object(["token": .value, "replyUrl": .value, "url": .value, "until": .value]),
      "worst": .list(of: .object(["component": .value, "value": .value, "unit": .value])),
      "values": .list(
        of: .object(["code": .value, "name": .value, "statistic": .value, "value": .value, "unit": .value])),
      "flags": .list(of: .value),
    ]),
    "is": .object(Dictionary(uniqueKeysWithValues: words.map { ($0, TemplateField.flag) })),
  ]

  /// What can stand in `is`: the parts of the types, the severities, the stages, and `unstored`.
  static let words: Set<String> = Set(
    ["alert", "observation", "withdrawn", "test", "unstored"] + ["stored"] + AlertPhase.allCases.map(\.rawValue)
      + AlertSeverity.allCases.map(\.rawValue) + AlertStage.allCases.map(\.rawValue)
  ).subtracting([AlertPhase.pending.rawValue])

  /// The fields of an object, or of the objects of a list.
  var members: [String: TemplateField]? {
    switch self {
    case .object(let members), .list(of: .object(let members)): members
    default: nil
    }
  }
}
