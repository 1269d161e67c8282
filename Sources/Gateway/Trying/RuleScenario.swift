import AlertRules
package import Foundation
import Observations
package import YAMLDocuments

/// A scenario file: readings as they might come, and what the rules should say of them.
package struct RuleScenario {
  /// One change that the file expects, with its place.
  struct Expected {
    var node: YAMLNode
    var path: FieldPath
    var at: Date?
    var rule: String
    var change: String
    var severity: String?
    var person: String?
    var about: String?
    var value: Decimal?
    var tells: [String]?
    var held: String?
  }

  /// One message that the file expects, with its place.
  struct ExpectedMessage {
    var node: YAMLNode
    var path: FieldPath
    var at: Date?
    var to: String
    var says: [String]?
    var title: String?
    /// Words that stand in its text.
    var body: [String]
    var heldBack: Int?
  }

  let document: YAMLDocument
  package let title: String
  package let timeZone: TimeZone
  /// In the order in which they came.
  let acts: [RuleTimeline.Act]
  /// Who is no adult.
  let people: [PatientID: PatientGroup]
  /// Who is told; without contacts, nobody in particular.
  let plan: EscalationPlan
  /// Until when time passes after the last reading.
  let until: Date
  /// Nil: the file expects nothing, it only asks.
  let expected: [Expected]?
  /// Nil: the file says nothing of messages.
  let expectedMessages: [ExpectedMessage]?
  /// When contacts cannot be reached.
  let outages: [Mailbox.Outage]
  /// A file of rules of its own.
  let rulesFile: URL?
  /// The names of the rules that are tried; nil: all.
  let only: Set<String>?

  /// The most samples of one scenario: a strap's stream of a day.
  static let mostSamples = 100_000

  /// Whether a document is one.
  static func describes(_ document: YAMLDocument) -> Bool { document.root["scenario"] != nil }

  /// - Throws: everything that is wrong with the file.
  package init(_ document: YAMLDocument) throws(ConfigurationFailure) {
    self.document = document
    let schema: JSONSchema
    do throws(Diagnostic) {
      schema = try JSONSchema(
        bytes: PackageResources.scenario_schema_json, name: "scenario.schema.json",
        vietnamese: SchemaDescriptions.vietnamese)
    } catch {
      throw .invalid([error])
    }
    var faults = schema.validate(document)
    if faults.isEmpty { faults = ContactsConfiguration.faults(of: document, hasDestinations: false) }
    guard faults.isEmpty else { throw .invalid(faults) }
    do throws(Diagnostic) {
      let root = document.root
      title = root["scenario"]?.text ?? ""
      timeZone = try Self.zone(document)
      var reader = Reader(document: document, timeZone: timeZone)
      reader.start = try reader.time(root["start"], FieldPath("start")) ?? reader.start
      people = try Self.people(document)
      plan = ContactsConfiguration.plan(of: root, timeZone: timeZone, hasDestinations: false)
      acts = try reader.acts(plan)
      until = try reader.time(root["until"], FieldPath("until")) ?? acts.last?.at ?? reader.start
      expected = try root["expect"].map { (node: YAMLNode) throws(Diagnostic) in try reader.expected(node.items) }
      expectedMessages = try root["messages"].map { (node: YAMLNode) throws(Diagnostic) in
        try reader.messages(node.items)
      }
      outages = try reader.outages(root["outages"]?.items ?? [], plan)
      rulesFile = root["rules-file"]?.text.map {
        URL(filePath: $0, relativeTo: URL(filePath: document.file).deletingLastPathComponent())
      }
      only = root["only"].map { Set($0.items.compactMap(\.text)) }
    } catch {
      throw .invalid([error])
    }
  }

  private static func zone(_ document: YAMLDocument) throws(Diagnostic) -> TimeZone {
    guard let node = document.root["time-zone"], let name = node.text else { return .gmt }
    guard let zone = TimeZone(identifier: name) else {
      throw document.diagnostic(
        at: node, FieldPath("time-zone"), "is no known time zone; expected a name such as Asia/Ho_Chi_Minh",
        vi: "không phải múi giờ; cần tên như Asia/Ho_Chi_Minh")
    }
    return zone
  }

  private static func people(_ document: YAMLDocument) throws(Diagnostic) -> [PatientID: PatientGroup] {
    var people: [PatientID: PatientGroup] = [:]
    for (index, node) in (document.root["people"]?.items ?? []).enumerated() {
      guard let name = node["person"]?.text, let group = node["group"]?.text.flatMap(PatientGroup.init) else {
        continue
      }
      guard people.updateValue(group, forKey: PatientID(rawValue: name)) == nil else {
        throw document.diagnostic(
          at: node, FieldPath("people").item(index).field("person"), "stands here twice; one person is of one group",
          vi: "có hai lần; mỗi người chỉ thuộc một nhóm")
      }
    }
    return people
  }

  /// Takes the file's values apart.
  private struct Reader {
    let document: YAMLDocument
    let timeZone: TimeZone
    var start = Date(timeIntervalSince1970: 0)

    func time(_ node: YAMLNode?, _ path: FieldPath) throws(Diagnostic) -> Date? {
      guard let node, let text = node.text else { return nil }
      if text.hasPrefix("+") {
        guard path.description != "start", let span = TimeSpan.duration(String(text.dropFirst())) else {
          throw document.diagnostic(
            at: node, path, "expected a date and a time, such as 2026-11-01 20:00",
            vi: "cần ngày và giờ, ví dụ 2026-11-01 20:00")
        }
        return start.addingTimeInterval(span / .seconds(1))
      }
      let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
      var calendar = Calendar(identifier: .gregorian)
      calendar.timeZone = timeZone
      var components = DateComponents(
        year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4])
      components.second = numbers.count > 5 ? numbers[5] : 0
      guard components.isValidDate(in: calendar), let date = calendar.date(from: components) else {
        throw document.diagnostic(
          at: node, path, "is no day of the calendar, or no time of that day",
          vi: "không có ngày này trên lịch, hoặc không có giờ này trong ngày")
      }
      return date
    }

    /// Readings, answers and silences, in the order of their times; at one time, what people did comes first.
    func acts(_ plan: EscalationPlan) throws(Diagnostic) -> [RuleTimeline.Act] {
      var acts: [RuleTimeline.Act] = []
      for (index, node) in (document.root["silences"]?.items ?? []).enumerated() {
        let path = FieldPath("silences").item(index)
        let from = try time(node["at"], path.field("at")) ?? start
        guard let span = node["for"]?.text.flatMap(TimeSpan.duration) else { continue }
        acts.append(
          .silenced(
            Silence(
              id: SilenceID(rawValue: "silence-\(index + 1)"), rule: node["rule"]?.text.map { RuleID(rawValue: $0) },
              patient: node["person"]?.text.map { PatientID(rawValue: $0) }, from: from,
              until: from.addingTimeInterval(span / .seconds(1)), reason: "a scenario",
              coversUrgent: node["urgent"]?.boolean ?? false)))
      }
      for (index, node) in (document.root["answers"]?.items ?? []).enumerated() {
        let path = FieldPath("answers").item(index)
        let contact = node["by"]?.text.flatMap { plan.contact(ContactID(rawValue: $0)) }
        if let by = node["by"], contact == nil {
          let known = plan.contacts.map(\.id.rawValue).joined(separator: ", ")
          throw document.diagnostic(
            at: by, path.field("by"), "is no contact of this file; known: \(known)",
            vi: "không phải người liên hệ trong tệp này; có: \(known)")
        }
        acts.append(
          .acknowledged(
            node["person"]?.text.map { PatientID(rawValue: $0) }, by: contact,
            at: try time(node["at"], path.field("at")) ?? start))
      }
      acts += try facts(document.root["conditions"]?.items ?? [])
      acts += try samples(document.root["readings"]?.items ?? []).map { .reading($0) }
      guard !acts.isEmpty else {
        throw document.diagnostic(
          at: document.root, FieldPath("readings"), "nothing happens; expected readings or conditions",
          vi: "không có gì xảy ra; cần readings hoặc conditions")
      }
      return acts.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// What is known of the gateway and its devices, and from when on.
    func facts(_ nodes: [YAMLNode]) throws(Diagnostic) -> [RuleTimeline.Act] {
      var acts: [RuleTimeline.Act] = []
      for (index, node) in nodes.enumerated() {
        let path = FieldPath("conditions").item(index)
        guard let name = node["condition"]?.text.flatMap(GatewayCondition.Name.init(rawValue:)) else { continue }
        func subject(_ field: String) throws(Diagnostic) -> String {
          if let text = node[field]?.text { return text }
          throw document.diagnostic(
            at: node, path.field(field), "missing; \(name.rawValue) is about a \(field)",
            vi: "còn thiếu; \(name.rawValue) cần có \(field)")
        }
        let condition =
          switch name.subject {
          case .device: GatewayCondition(name, device: DeviceID(rawValue: try subject("device")))
          case .destination: GatewayCondition(name, destination: DestinationID(rawValue: try subject("destination")))
          case .box: GatewayCondition(name)
          }
        let fact: GatewayFact
        if let unit = name.unit {
          guard let value = node["value"]?.decimal else {
            throw document.diagnostic(
              at: node, path.field("value"), "missing; \(name.rawValue) has a number, in \(unit.display)",
              vi: "còn thiếu; \(name.rawValue) cần một số, tính bằng \(unit.display)")
          }
          fact = GatewayFact(condition, value: value, label: condition.device?.rawValue)
        } else {
          guard let holds = node["holds"]?.boolean else {
            throw document.diagnostic(
              at: node, path.field("holds"), "missing; expected true or false", vi: "còn thiếu; cần true hoặc false")
          }
          fact = GatewayFact(condition, holds: holds, label: condition.device?.rawValue)
        }
        acts.append(.noted(fact, at: try time(node["at"], path.field("at")) ?? start))
      }
      return acts
    }

    func samples(_ nodes: [YAMLNode]) throws(Diagnostic) -> [RuleSample] {
      var samples: [RuleSample] = []
      for (index, node) in nodes.enumerated() {
        let path = FieldPath("readings").item(index)
        let sample = try sample(node, path, number: index)
        if let last = samples.last, sample.receivedAt < last.receivedAt {
          throw document.diagnostic(
            at: node, path.field("at"),
            "comes before the reading above it; readings stand in the order in which they came",
            vi: "sớm hơn kết quả ở trên; các kết quả phải theo thứ tự đến")
        }
        samples += try stream(sample, node, path)
        guard samples.count <= RuleScenario.mostSamples else {
          throw document.diagnostic(
            at: node, path, "makes more than \(RuleScenario.mostSamples) values altogether; shorten the streams",
            vi: "tổng cộng quá \(RuleScenario.mostSamples) giá trị; hãy rút ngắn stream")
        }
      }
      return samples
    }

    private func sample(_ node: YAMLNode, _ path: FieldPath, number: Int) throws(Diagnostic) -> RuleSample {
      let at = try time(node["at"], path.field("at")) ?? start
      let received = try time(node["received"], path.field("received")) ?? at
      var values: [AlertComponent: Decimal] = [:]
      for component in AlertComponent.allCases { values[component] = node[component.rawValue]?.decimal }
      var flags: Set<MeasurementFlag> = []
      for (index, item) in (node["flags"]?.items ?? []).enumerated() {
        guard let flag = item.text.flatMap(MeasurementFlag.init(rawValue:)) else {
          let known = MeasurementFlag.allCases.map(\.rawValue).joined(separator: ", ")
          throw document.diagnostic(
            at: item, path.field("flags").item(index), "is no flag; known: \(known)",
            vi: "không có cờ này; dùng được: \(known)")
        }
        flags.insert(flag)
      }
      let isNobodys = node["unassigned"]?.boolean ?? false
      return RuleSample(
        device: DeviceID(rawValue: node["device"]?.text ?? "scenario"),
        patient: isNobodys ? nil : PatientID(rawValue: node["person"]?.text ?? "A"), effective: at,
        receivedAt: received,
        values: values, observation: ObservationID(rawValue: "reading-\(number + 1)"),
        identity: ReadingIdentity(rawValue: "reading-\(number + 1)"), isSimulated: false, flags: flags,
        origin: node["memory"]?.boolean == true ? .memory : .reading)
    }

    private func stream(_ sample: RuleSample, _ node: YAMLNode, _ path: FieldPath) throws(Diagnostic) -> [RuleSample] {
      guard let text = node["stream"]?.text, let span = TimeSpan.duration(text) else { return [sample] }
      let seconds = Int(span.components.seconds)
      guard seconds <= RuleScenario.mostSamples else {
        throw document.diagnostic(
          at: node, path.field("stream"), "is longer than a day of values", vi: "dài hơn một ngày giá trị")
      }
      return (0..<max(1, seconds)).map { second in
        var one = sample
        one.effective.addTimeInterval(Double(second))
        one.receivedAt.addTimeInterval(Double(second))
        one.origin = .stream
        one.observation = nil
        one.identity = nil
        return one
      }
    }

    func outages(_ nodes: [YAMLNode], _ plan: EscalationPlan) throws(Diagnostic) -> [Mailbox.Outage] {
      var all: [Mailbox.Outage] = []
      for (index, node) in nodes.enumerated() {
        let path = FieldPath("outages").item(index)
        guard let name = node["contact"]?.text, let contact = plan.contact(ContactID(rawValue: name)) else {
          let known = plan.contacts.map(\.id.rawValue).joined(separator: ", ")
          throw document.diagnostic(
            at: node["contact"] ?? node, path.field("contact"), "is no contact of this file; known: \(known)",
            vi: "không phải người liên hệ trong tệp này; có: \(known)")
        }
        let from = try time(node["from"], path.field("from")) ?? start
        let until = try time(node["until"], path.field("until")) ?? from
        guard from < until else {
          throw document.diagnostic(at: node, path.field("until"), "is not after 'from'", vi: "không sau 'from'")
        }
        all.append(Mailbox.Outage(contact: contact.id, from: from, until: until))
      }
      return all
    }

    func messages(_ nodes: [YAMLNode]) throws(Diagnostic) -> [ExpectedMessage] {
      var all: [ExpectedMessage] = []
      for (index, node) in nodes.enumerated() {
        let path = FieldPath("messages").item(index)
        all.append(
          ExpectedMessage(
            node: node, path: path, at: try time(node["at"], path.field("at")), to: node["to"]?.text ?? "",
            says: node["says"].map { $0.items.compactMap(\.text) }, title: node["title"]?.text,
            body: (node["body"]?.items ?? []).compactMap(\.text), heldBack: node["held-back"]?.integer))
      }
      return all
    }

    func expected(_ nodes: [YAMLNode]) throws(Diagnostic) -> [Expected] {
      var all: [Expected] = []
      for (index, node) in nodes.enumerated() {
        let path = FieldPath("expect").item(index)
        all.append(
          Expected(
            node: node, path: path, at: try time(node["at"], path.field("at")), rule: node["rule"]?.text ?? "",
            change: node["change"]?.text ?? "", severity: node["severity"]?.text, person: node["person"]?.text,
            about: node["about"]?.text, value: node["value"]?.decimal,
            tells: node["tells"].map { $0.items.compactMap(\.text) },
            held: node["held"]?.text))
      }
      return all
    }
  }
}
