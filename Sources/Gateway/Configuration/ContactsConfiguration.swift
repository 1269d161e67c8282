import AlertRules
import Foundation
import Observations
import YAMLDocuments

/// `contacts` and `escalation` of `vitalsd.yaml`.
enum ContactsConfiguration {
  /// What the schema cannot say of them: names that nothing has, and people whom no alert reaches.
  ///
  /// - Parameter hasDestinations: false: a scenario, in which a contact is only a name.
  static func faults(of document: YAMLDocument, hasDestinations: Bool = true) -> [Diagnostic] {
    let root = document.root
    var found: [Diagnostic] = []
    var takers: Set<String> = []
    var destinations: Set<String> = []
    for node in root["destinations"]?.items ?? [] {
      guard let name = node["name"]?.text else { continue }
      destinations.insert(name)
      if node["kind"]?.text == "webhook" { takers.insert(name) }
    }
    func unknown(
      _ what: (en: String, vi: String), _ name: String, _ known: Set<String>, at node: YAMLNode, _ field: FieldPath
    ) -> Diagnostic {
      let names = known.sorted().joined(separator: ", ")
      return document.diagnostic(
        at: node, field,
        "no \(what.en) is called '\(name)'; \(known.isEmpty ? "there is none" : "known: \(names)")",
        vi: "không có \(what.vi) nào tên '\(name)'; \(known.isEmpty ? "chưa khai báo gì" : "có: \(names)")")
    }
    var contacts: [String: Int] = [:]
    for (index, node) in (root["contacts"]?.items ?? []).enumerated() {
      let path = FieldPath("contacts").item(index)
      if let name = node["name"], let text = name.text, let first = contacts.updateValue(name.line, forKey: text) {
        found.append(
          document.diagnostic(
            at: name, path.field("name"), "'\(text)' is the contact on line \(first) already; names are unique",
            vi: "'\(text)' đã là người liên hệ ở dòng \(first); mỗi tên chỉ dùng một lần"))
      }
      for (place, entry) in (node["destinations"]?.items ?? []).enumerated() where hasDestinations {
        guard let name = entry.text else { continue }
        let field = path.field("destinations").item(place)
        if !destinations.contains(name) {
          found.append(unknown(("destination", "nơi nhận"), name, takers, at: entry, field))
        } else if !takers.contains(name) {
          found.append(
            document.diagnostic(
              at: entry, field, "'\(name)' is a health record and takes no alerts; expected a webhook destination",
              vi: "'\(name)' là hồ sơ sức khỏe, không nhận cảnh báo; cần một nơi nhận kiểu webhook"))
        }
      }
      if let quiet = node["quiet"] {
        if quiet["from"]?.text == quiet["until"]?.text {
          found.append(
            document.diagnostic(
              at: quiet, path.field("quiet"), "from and until are the same; leave 'quiet' out for no quiet hours",
              vi: "from và until giống nhau; nếu không cần giờ yên tĩnh, hãy bỏ mục 'quiet'"))
        }
        found += ConfigurationFile.zoneFaults(
          of: quiet["timezone"], path.field("quiet").field("timezone"), in: document)
      }
    }
    let names = Set(contacts.keys)
    let steps = root["escalation"]?["steps"]?.items ?? []
    var told: Set<String> = []
    for (index, step) in steps.enumerated() {
      for (place, entry) in (step["tell"]?.items ?? []).enumerated() {
        guard let name = entry.text else { continue }
        told.insert(name)
        guard !names.contains(name) else { continue }
        found.append(
          unknown(
            ("contact", "người liên hệ"), name, names, at: entry,
            FieldPath("escalation").field("steps").item(index).field("tell").item(place)))
      }
    }
    if let escalation = root["escalation"], let severity = escalation["severity"], escalation["steps"] == nil {
      found.append(
        document.diagnostic(
          at: severity, FieldPath("escalation").field("severity"),
          "says from which severity on alerts climb, and there are no 'steps' to climb; add them, or leave it out",
          vi: "cho biết từ mức nào thì báo tiếp người sau, nhưng chưa có 'steps' nào; hãy thêm vào, hoặc bỏ mục này"))
    }
    // Whoever stands in no step would never hear of what is urgent, which nobody means.
    for (index, node) in (root["contacts"]?.items ?? []).enumerated() where !steps.isEmpty {
      guard let name = node["name"], let text = name.text, !told.contains(text) else { continue }
      found.append(
        document.diagnostic(
          at: name, FieldPath("contacts").item(index).field("name"),
          "'\(text)' stands in no step of 'escalation' and would not be told of what is urgent; add them to one",
          vi:
            "'\(text)' không có trong bước nào của 'escalation' nên sẽ không được báo khi khẩn cấp; hãy thêm vào một bước"
        ))
    }
    return found
  }

  /// - Parameters:
  ///   - timeZone: the household's.
  ///   - hasDestinations: as of ``faults(of:hasDestinations:)``.
  static func plan(of root: YAMLNode, timeZone: TimeZone, hasDestinations: Bool = true) -> EscalationPlan {
    let contacts = (root["contacts"]?.items ?? []).compactMap { node -> Contact? in
      guard let name = node["name"]?.text, let role = node["role"]?.text.flatMap(ContactRole.init) else { return nil }
      var contact = Contact(
        id: ContactID(rawValue: name), role: role, language: node["language"]?.text.flatMap(AlertLanguage.init) ?? .vi,
        destinations: hasDestinations
          ? (node["destinations"]?.items ?? []).compactMap { $0.text.map { DestinationID(rawValue: $0) } }
          : [DestinationID(rawValue: name)])
      contact.flood = node["most-an-hour"]?.integer.map(FloodLimit.init)
      if let quiet = node["quiet"], let from = minutes(quiet["from"]), let until = minutes(quiet["until"]) {
        contact.quiet = QuietHours(
          from: from, until: until,
          timeZone: quiet["timezone"]?.text.flatMap(TimeZone.init(identifier:)) ?? timeZone)
      }
      return contact
    }
    var plan = EscalationPlan(contacts: contacts)
    guard let escalation = root["escalation"] else { return plan }
    if let most = escalation["most-an-hour"]?.integer { plan.flood = FloodLimit(count: most) }
    if let severity = escalation["severity"]?.text.flatMap(AlertSeverity.init) { plan.severity = severity }
    plan.steps = (escalation["steps"]?.items ?? []).compactMap { step in
      guard let wait = step["wait"]?.text.flatMap(TimeSpan.duration) else { return nil }
      return EscalationPlan.Step(
        contacts: (step["tell"]?.items ?? []).compactMap { $0.text.map { ContactID(rawValue: $0) } }, wait: wait)
    }
    return plan
  }

  /// After midnight.
  private static func minutes(_ node: YAMLNode?) -> Int? {
    guard let parts = node?.text?.split(separator: ":"), parts.count == 2, let hour = Int(parts[0]),
      let minute = Int(parts[1])
    else { return nil }
    return hour * 60 + minute
  }
}
