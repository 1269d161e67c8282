import AlertRules
package import Foundation
import LocalAPI
import Observations
import YAMLDocuments

/// What `vitals rules test` does: tries rules on scenario files, or on readings that were stored.
package struct RuleTest {
  /// One story with what the rules said of it.
  package struct Outcome {
    package var file: String?
    package var timeline: RuleTimeline
    package var differences: [String]
    /// The same in Vietnamese, one for one.
    package var vietnameseDifferences: [String]
    /// The number of changes that the file expects; nil: it expects nothing.
    package var expected: Int?
  }

  package private(set) var outcomes: [Outcome] = []

  /// - Parameters:
  ///   - paths: scenario files, and directories of them.
  ///   - rules: a directory or a file of rules; nil: those that come with the program.
  /// - Throws: everything that is wrong with the first file that has something wrong.
  package init(scenarios paths: [String], rules: String?) throws(ConfigurationFailure) {
    let standard = try Self.rules(rules)
    for path in paths {
      for url in try Self.files(path) {
        let document: YAMLDocument
        do throws(Diagnostic) { document = try YAMLDocument(contentsOf: url) } catch { throw .invalid([error]) }
        // Beside scenarios lie the files of rules that they name.
        guard RuleScenario.describes(document) || url.path == URL(filePath: path).path else { continue }
        try play(try RuleScenario(document), standard)
      }
    }
    guard !outcomes.isEmpty else {
      throw .invalid([
        Diagnostic(
          file: paths.joined(separator: ", "), line: 0, column: 0, field: "",
          message: "holds no scenario; expected *.yaml with 'scenario:' and 'readings:'",
          vi: "không có kịch bản nào; cần *.yaml có 'scenario:' và 'readings:'")
      ])
    }
  }

  /// - Parameters:
  ///   - story: ``LocalAPI/RuleStory``, or only its readings, as `vitals readings --json` gives them.
  ///   - rules: as in ``init(scenarios:rules:)``.
  ///   - configuration: a `vitalsd.yaml` that says who is told; nil: nobody in particular.
  /// - Throws: what is wrong with the rules, the configuration or the readings.
  package init(
    history story: Data, rules: String?, configuration: String? = nil, timeZone: TimeZone
  ) throws(ConfigurationFailure) {
    let plan =
      try configuration.map { (path: String) throws(ConfigurationFailure) in
        try ConfigurationFile.load(path: path).escalation
      } ?? EscalationPlan()
    let given: RuleStory
    do {
      given = try JSONDecoder().decode(RuleStory.self, from: story)
    } catch {
      throw .invalid([
        Diagnostic(
          file: "standard input", line: 0, column: 0, field: "",
          message: "is not what vitals readings --json prints: \(error)",
          vi: "không phải nội dung do vitals readings --json in ra: \(error)")
      ])
    }
    let samples = given.readings.compactMap(Self.sample).sorted { $0.receivedAt < $1.receivedAt }
    let groups = given.groups.compactMapValues(PatientGroup.init).map { (PatientID(rawValue: $0), $1) }
    var timeline = RuleTimeline(
      title: "\(samples.count) stored readings",
      rules: try Self.rules(rules).map { $0.among(Dictionary(uniqueKeysWithValues: groups)) }, plan: plan,
      acts: samples.map { .reading($0) }, until: samples.last?.receivedAt ?? Date(timeIntervalSince1970: 0),
      timeZone: timeZone)
    timeline.vietnameseTitle = "\(samples.count) kết quả đã lưu"
    outcomes = [Outcome(file: nil, timeline: timeline, differences: [], vietnameseDifferences: [], expected: nil)]
  }

  /// Whether nothing went otherwise than a file expects.
  package var isAsExpected: Bool { outcomes.allSatisfy { $0.differences.isEmpty } }

  private mutating func play(_ scenario: RuleScenario, _ standard: [AlertRule]) throws(ConfigurationFailure) {
    var rules = standard
    if let file = scenario.rulesFile { rules = try Self.rules(file.path) }
    if let only = scenario.only {
      let unknown = only.subtracting(rules.map(\.id.rawValue)).sorted()
      guard unknown.isEmpty else {
        throw .invalid([
          scenario.document.diagnostic(
            at: scenario.document.root["only"] ?? scenario.document.root, FieldPath("only"),
            "there is no rule called \(unknown.joined(separator: ", "))",
            vi: "không có quy tắc tên \(unknown.joined(separator: ", "))")
        ])
      }
      rules.removeAll { !only.contains($0.id.rawValue) }
    }
    let timeline = RuleTimeline(
      title: scenario.title, rules: rules.map { $0.among(scenario.people) }, plan: scenario.plan, acts: scenario.acts,
      until: scenario.until,
      timeZone: scenario.timeZone, outages: scenario.outages)
    outcomes.append(
      Outcome(
        file: scenario.document.file, timeline: timeline, differences: timeline.differences(from: scenario),
        vietnameseDifferences: timeline.differences(from: scenario, isVietnamese: true),
        expected: scenario.expected?.count))
  }

  /// A stored reading as the rules were shown it; nil for a window over a stream, which they were not.
  private static func sample(_ reading: Reading) -> RuleSample? {
    guard reading.basis != "window" else { return nil }
    var values: [AlertComponent: Decimal] = [:]
    for component in AlertComponent.allCases where !reading.marks.contains("not-measured") {
      let name = component == .heartRate ? Reading.Name.heartRate : component.rawValue
      if case .quantity(let value, _)? = reading.values[name] { values[component] = value }
    }
    let effective = (reading.effectiveEnd ?? reading.effective).date
    let received = reading.receivedAt.date
    return RuleSample(
      device: DeviceID(rawValue: reading.device), patient: reading.patient.map { PatientID(rawValue: $0) },
      effective: effective, receivedAt: received, values: values, observation: ObservationID(rawValue: reading.id),
      identity: ReadingIdentity(rawValue: reading.id), isSimulated: reading.simulated,
      flags: Set(reading.flags.compactMap(MeasurementFlag.init(rawValue:))),
      // How it came is not stored; what arrived well after it was taken came out of a memory.
      origin: received.timeIntervalSince(effective) > 120 ? .memory : .reading, userNumber: reading.userSlot,
      isTimeUnchecked: reading.basis == "device-clock-unchecked")
  }

  private static func rules(_ path: String?) throws(ConfigurationFailure) -> [AlertRule] {
    guard let path else { return try RuleFiles.standard() }
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
      return try RuleFiles.load(directory: path).rules
    }
    return try RuleFiles.load(file: URL(filePath: path)).rules
  }

  private static func files(_ path: String) throws(ConfigurationFailure) -> [URL] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
      return [URL(filePath: path)]
    }
    do throws(Diagnostic) { return try RuleFiles.files(in: path) } catch { throw .invalid([error]) }
  }

  /// A story each, with its differences, then the count.
  package func text(isVietnamese: Bool = false) -> String {
    var lines: [String] = []
    for outcome in outcomes {
      lines.append(outcome.timeline.text(isVietnamese: isVietnamese))
      lines +=
        isVietnamese
        ? outcome.vietnameseDifferences.map { "  KHÁC \($0)" } : outcome.differences.map { "  DIFFERENT \($0)" }
    }
    let tested = outcomes.filter { $0.expected != nil }
    if !tested.isEmpty {
      let wrong = tested.count { !$0.differences.isEmpty }
      lines.append(
        isVietnamese
          ? "\(tested.count) kịch bản, \(wrong) không như mong đợi"
          : "\(tested.count) scenarios, \(wrong) different from what they expect")
    }
    return lines.joined(separator: "\n")
  }

  /// A JSON array of `{file, title, changes, messages, differences}`.
  package var json: String {
    struct Line: Encodable {
      var file: String?
      var title: String
      var changes: [RuleTimeline.Change]
      var messages: [RuleTimeline.Message]
      var differences: [String]
    }
    let lines = outcomes.map { outcome -> String in
      let line = Line(
        file: outcome.file, title: outcome.timeline.title, changes: outcome.timeline.changes,
        messages: outcome.timeline.messages,
        differences: outcome.differences)
      return (try? LocalJSON.line(line, timeZone: outcome.timeline.timeZone)).map {
        String(decoding: $0, as: UTF8.self)
      }
        ?? "null"
    }
    return "[" + lines.joined(separator: ",\n") + "]"
  }
}
