import LocalAPI

/// What a command asks of the daemon, and the role that takes: for `--help` and for the page about roles. One line here for
/// each command.
struct CommandNeed: Hashable, Sendable {
  /// `patients add`.
  var command: String
  /// The least that it is of use with; nil: the daemon is not asked.
  var role: Role?
  /// What it asks, by the names of the routes.
  var routes: [String]

  private init(_ command: String, _ role: Role?, _ routes: String...) {
    self.command = command
    self.role = role
    self.routes = routes
  }

  static let all: [CommandNeed] = [
    CommandNeed("accesses", .own, "GET /v1/accesses"),
    CommandNeed("ack", .operate, "POST /v1/acknowledgements"),
    CommandNeed("alerts", .own, "GET /v1/alerts", "GET /v1/episodes", "GET /v1/alert-history"),
    CommandNeed("announce", .own, "GET /v1/alerts", "GET /v1/episodes"),
    CommandNeed("assign", .operate, "POST /v1/devices/{id}/users"),
    CommandNeed("backup", .administer, "GET /v1/backup"),
    CommandNeed("check", nil),
    CommandNeed("claim", .operate, "POST /v1/claims"),
    CommandNeed("consent grant", .administer, "POST /v1/consents"),
    CommandNeed("consent list", .own, "GET /v1/consents"),
    CommandNeed("consent withdraw", .own, "DELETE /v1/consents"),
    CommandNeed("decode", nil),
    CommandNeed("deliveries list", .operate, "GET /v1/deliveries"),
    CommandNeed("deliveries retry", .operate, "POST /v1/deliveries/retry"),
    CommandNeed("deliveries show", .operate, "GET /v1/deliveries/{id}"),
    CommandNeed("devices", .own, "GET /v1/devices"),
    CommandNeed("disown", .operate, "POST /v1/disownings"),
    CommandNeed("doctor", .operate, "GET /v1/doctor"),
    CommandNeed("erase", .administer, "GET /v1/erasures", "POST /v1/erasures"),
    CommandNeed("export", .own, "GET /v1/export/count", "GET /v1/export"),
    CommandNeed("key", nil),
    CommandNeed(
      "learn", .operate, "POST /v1/pairings", "GET /v1/pairings/{id}/events", "POST /v1/pairings/{id}/answers"),
    CommandNeed(
      "pair", .operate, "POST /v1/pairings", "GET /v1/pairings/{id}/events", "POST /v1/pairings/{id}/answers",
      "DELETE /v1/pairings/{id}", "GET /v1/status", "GET /v1/patients", "POST /v1/patients"),
    CommandNeed("patients add", .operate, "POST /v1/patients"),
    CommandNeed("patients identifiers", .own, "GET /v1/patients/identifiers"),
    CommandNeed("patients list", .own, "GET /v1/patients"),
    CommandNeed("patients set", .operate, "POST /v1/patients/group", "POST /v1/patients/identifiers"),
    CommandNeed("readings", .own, "GET /v1/readings"),
    CommandNeed("reload", .administer, "POST /v1/reload"),
    CommandNeed("restore", nil),
    CommandNeed("rules test", .own, "GET /v1/readings", "GET /v1/patients"),
    CommandNeed("scan", .operate, "POST /v1/scan"),
    CommandNeed("silence add", .operate, "POST /v1/silences"),
    CommandNeed("silence lift", .operate, "DELETE /v1/silences/{id}"),
    CommandNeed("silence list", .own, "GET /v1/silences"),
    CommandNeed("status", .own, "GET /v1/status"),
    CommandNeed("unpair", .operate, "DELETE /v1/devices/{id}"),
    CommandNeed("webhooks list", .operate, "GET /v1/webhooks"),
    CommandNeed("webhooks messages", .operate, "GET /v1/webhooks/{name}/messages"),
    CommandNeed("webhooks redeliver", .operate, "POST /v1/webhooks/messages/{id}/redeliver"),
    CommandNeed("webhooks test", .operate, "POST /v1/webhooks/{name}/test"),
    CommandNeed("whoami", .own, "GET /v1/whoami"),
  ]

  /// A line of the table of commands in `Roles.md`.
  var row: String {
    "| `vitals \(command)` | \(role?.rawValue ?? "none") | \(routes.map { "`\($0)`" }.joined(separator: ", ")) |"
  }

  /// What stands at the end of a command's help; nil where the command is none, or a group of them.
  /// - Parameter words: the arguments after the program's name.
  static func helpLine(for words: [String], in language: Language) -> String? {
    let words = words.drop { $0 == "help" }.filter { !$0.hasPrefix("-") }
    // The longest: the words after a command are its arguments.
    let found = all.filter { need in words.starts(with: need.command.split(separator: " ").map(String.init)) }
      .max { $0.command.count < $1.command.count }
    guard let found else { return nil }
    guard let role = found.role else { return language.text(RoleText.needsNone) }
    return language.text(RoleText.needs, ["role": role.rawValue])
  }
}
