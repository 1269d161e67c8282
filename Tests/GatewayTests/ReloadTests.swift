import AlertRules
import Devices
import Foundation
import LocalAPI
import Logging
import Observations
import Store
import Synchronization
import Testing
import YAMLDocuments

@testable import Gateway

/// The files of a household, and a gateway that goes by them.
private final class Household: Sendable {
  let folder: URL
  private static let secret = "whsec_bGFiLXNlY3JldC1sYWItc2VjcmV0LWxhYi1zZWNyZXQ="

  init() throws {
    folder = try temporaryDirectory()
    for directory in ["rules", "data", "profiles/sig"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: directory), withIntermediateDirectories: true)
    }
    try FileManager.default.copyItem(
      at: IngestTests.profiles.appending(path: "sig/blood-pressure"),
      to: folder.appending(path: "profiles/sig/blood-pressure"))
    try write("chat.mustache", #"{"text": "{{data.value}}"}"#)
    try write("family.secret", Self.secret + "\n")
    try write("rules/rules.yaml", Self.rules(180))
    try write("vitalsd.yaml", Self.configuration)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  static let configuration = """
    data: data
    socket: vitals.sock
    profiles: [profiles]
    rules: rules
    timezone: Asia/Ho_Chi_Minh
    destinations:
      - {name: family, kind: webhook, url: "https://hooks.example/vitals", secret-file: family.secret}
      - {name: chat, kind: webhook, url: "https://chat.example/vitals", template: chat.mustache}

    """

  static func rules(_ limit: Int) -> String {
    """
    rules:
      - {id: severe, kind: threshold, component: systolic, at-least: \(limit), severity: urgent, source: a doctor}

    """
  }

  func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
  func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: folder.appending(path: name)) }
  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
  func start() throws -> ConfigurationStart { try ConfigurationStart.load(path: path("vitalsd.yaml")) }
  var data: String { path("data") }
}

/// A running gateway as far as a reload touches it.
private struct Running {
  let household: Household
  let store: Store
  let ingest: Ingest
  let health = Health(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  let running: RunningConfiguration
  let adopted = Adopted()
  let reloader: Reloader

  /// What the other parts were given.
  final class Adopted: Sendable {
    let configurations = Mutex<[Configuration]>([])
  }

  init() async throws {
    household = try Household()
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let start = try household.start()
    try #require(start.refused.isEmpty, "\(start.refused)")
    running = RunningConfiguration(start.loaded)
    store = try await Store.open(directory: household.data)
    let policy = try start.loaded.policy()
    ingest = Ingest(store: store, policy: policy, health: health, logger: logger)
    _ = try await store.adopt(policy, now: Date())
    Reloader.keep(start.loaded, logger)
    let adopted = adopted
    reloader = Reloader(
      path: start.path, running: running, store: store, ingest: ingest, health: health, logger: logger,
      parts: Reloader.Parts(
        forwarding: { loaded in adopted.configurations.withLock { $0.append(loaded.configuration) } },
        others: { _ in }))
  }

  var refusal: HealthWarning? { health.warnings.first { $0.kind == HealthWarning.Kind.configurationRefused } }
}

/// One file with a fault.
enum BadFile: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case noYAML, unknownKey, wrongZone, noConfiguration, rule, ruleFile, template, noTemplate, secret, noSecret, profile
  case noProfile

  var testDescription: String { rawValue }

  fileprivate func spoil(_ household: Household) throws {
    switch self {
    case .noYAML: try household.write("vitalsd.yaml", "data: data\nrules: [\n")
    case .unknownKey: try household.write("vitalsd.yaml", Household.configuration + "colour: blue\n")
    case .wrongZone:
      try household.write(
        "vitalsd.yaml", Household.configuration.replacing("Asia/Ho_Chi_Minh", with: "Asia/Nowhere"))
    case .noConfiguration: try FileManager.default.removeItem(atPath: household.path("vitalsd.yaml"))
    case .rule: try household.write("rules/rules.yaml", Household.rules(180).replacing("systolic", with: "cystolic"))
    case .ruleFile: try household.write("rules/more.yaml", "rules:\n  - {id: severe\n")
    case .template: try household.write("chat.mustache", "{{#data}}")
    case .noTemplate: try FileManager.default.removeItem(atPath: household.path("chat.mustache"))
    case .secret: try household.write("family.secret", "swordfish\n")
    case .noSecret: try FileManager.default.removeItem(atPath: household.path("family.secret"))
    case .profile:
      let name = "profiles/sig/blood-pressure/profile.yaml"
      try household.write(name, try household.text(name) + "colour: blue\n")
    case .noProfile:
      try FileManager.default.removeItem(atPath: household.path("profiles/sig/blood-pressure/profile.yaml"))
    }
  }

  /// The file that is named, and the field where there is one.
  var place: (file: String, field: String?) {
    switch self {
    case .noYAML, .noConfiguration: ("vitalsd.yaml", nil)
    case .unknownKey: ("vitalsd.yaml", nil)
    case .wrongZone: ("vitalsd.yaml", "timezone")
    case .rule: ("rules/rules.yaml", nil)
    case .ruleFile: ("rules/more.yaml", nil)
    case .template: ("chat.mustache", nil)
    case .noTemplate: ("vitalsd.yaml", "destinations[1].template")
    case .secret, .noSecret: ("vitalsd.yaml", "destinations[0].secret-file")
    case .profile, .noProfile: ("profiles/sig/blood-pressure/profile.yaml", nil)
    }
  }

  fileprivate func isNamed(by file: String, _ field: String) -> Bool {
    file.hasSuffix(place.file) && (place.field.map { $0 == field } ?? true)
  }
}

@Suite struct ReloadTests {
  @Test("a bad file changes nothing, and is named with what was expected", arguments: BadFile.allCases)
  func badFile(_ bad: BadFile) async throws {
    let box = try await Running()
    // Something else is new as well, and is not taken either.
    try box.household.write("rules/rules.yaml", Household.rules(185))
    try bad.spoil(box.household)
    let before = box.ingest.policy
    let answer = await box.reloader.reload()
    #expect(!answer.applied && answer.changes.isEmpty)
    #expect(answer.errors.contains { bad.isNamed(by: $0.file, $0.field) && !$0.message.isEmpty }, "\(answer.errors)")
    #expect(box.ingest.policy == before)
    #expect(box.adopted.configurations.withLock { $0.isEmpty })
    let warning = try #require(box.refusal)
    #expect(warning.parameters["fault"]?.contains(URL(filePath: bad.place.file).lastPathComponent) == true)
    #expect(!warning.title.contains("swordfish"))

    // Good again, it is taken, and the warning ends.
    let good = try Household()
    for name in ["vitalsd.yaml", "chat.mustache", "family.secret", "profiles/sig/blood-pressure/profile.yaml"] {
      try box.household.write(name, try good.text(name))
    }
    try box.household.write("rules/rules.yaml", Household.rules(185))
    try? FileManager.default.removeItem(atPath: box.household.path("rules/more.yaml"))
    let taken = await box.reloader.reload()
    #expect(taken.applied, "\(taken.errors)")
    #expect(taken.changes == [ReloadAnswer.Change(what: .rule, name: "severe", change: .changed)])
    #expect(box.refusal == nil)
    #expect(box.ingest.policy != before)
    try await box.store.close()
  }

  @Test("a start with a bad file goes by the last good configuration", arguments: BadFile.allCases)
  func startWithBadFile(_ bad: BadFile) async throws {
    let box = try await Running()
    try await box.store.close()
    try box.household.write("rules/rules.yaml", Household.rules(185))
    try bad.spoil(box.household)
    // Without its file nothing says where the data is, but the service manager.
    guard bad != .noConfiguration else {
      #expect(throws: ConfigurationFailure.self) { try box.household.start() }
      return
    }
    let start = try box.household.start()
    #expect(start.isLastGood)
    #expect(start.refused.contains { bad.isNamed(by: $0.file, $0.field) }, "\(start.refused)")
    #expect(try start.loaded.policy() == box.ingest.policy)
    #expect(start.loaded.library.profile(named: "sig/blood-pressure") != nil)
    #expect(start.loaded.configuration.destinations.last?.template?.text == #"{"text": "{{data.value}}"}"#)
  }

  @Test("without a last good configuration a start is as strict as it was")
  func firstStart() throws {
    let profile = try Household()
    try BadFile.profile.spoil(profile)
    let start = try profile.start()
    #expect(!start.isLastGood && start.loaded.library.profiles.isEmpty)
    #expect(start.refused.contains { $0.file.hasSuffix("profile.yaml") })
    let rule = try Household()
    try BadFile.rule.spoil(rule)
    #expect(throws: ConfigurationFailure.self) { try rule.start() }
  }

  @Test("the last good configuration is the service's alone, has no secret, and is that of its file only")
  func lastGood() async throws {
    let box = try await Running()
    let path = box.household.data + "/" + LastGoodConfiguration.name
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("hooks.example") && !text.contains("whsec_"))
    #expect(LastGoodConfiguration.recall(of: "/etc/vitals/vitalsd.yaml", in: box.household.data) == nil)
    try await box.store.close()
  }

  @Test("what cannot be changed while the process runs is refused with words")
  func needsRestart() async throws {
    let box = try await Running()
    let changes = [
      ("data: data", "data: elsewhere", "data"), ("socket: vitals.sock", "socket: other.sock", "socket"),
      ("timezone:", "usb: {enabled: false}\ntimezone:", "usb.enabled"),
      ("timezone:", "bluetooth: {enabled: false}\ntimezone:", "bluetooth.enabled"),
      ("timezone:", "simulation: {enabled: always}\ntimezone:", "simulation.enabled"),
    ]
    for (old, new, field) in changes {
      try box.household.write("vitalsd.yaml", Household.configuration.replacing(old, with: new))
      let answer = await box.reloader.reload()
      #expect(!answer.applied)
      #expect(answer.errors.map(\.field) == [field])
      #expect(answer.errors.first?.message.contains("restart") == true && answer.errors.first?.line ?? 0 > 0)
      #expect(answer.errors.first?.text(isVietnamese: true).contains("hãy khởi động lại") == true)
    }
    try await box.store.close()
  }

  @Test("what is another is said by name; a destination renamed is a removed and an added one")
  func changes() async throws {
    let box = try await Running()
    try box.household.write(
      "vitalsd.yaml",
      Household.configuration.replacing("name: chat", with: "name: talk").replacing("Ho_Chi_Minh", with: "Tokyo")
        + "contacts:\n  - {name: mai, role: caregiver, destinations: [family]}\n")
    try box.household.write("rules/more.yaml", Household.rules(200).replacing("severe", with: "higher"))
    let answer = await box.reloader.reload()
    #expect(answer.applied, "\(answer.errors)")
    #expect(
      answer.changes.map { "\($0.what.rawValue) \($0.name) \($0.change.rawValue)" } == [
        "rule higher added", "destination chat removed", "destination talk added", "contact mai added",
        "setting timezone changed",
      ])
    #expect(box.ingest.policy.timeZone.identifier == "Asia/Tokyo")
    #expect(box.adopted.configurations.withLock { $0.last?.destinations.map(\.id.rawValue) } == ["family", "talk"])
    #expect(await box.reloader.reload().changes.isEmpty)
    try await box.store.close()
  }

  @Test("the rule about it knows file, line, field and what was expected, and no secret")
  func told() async throws {
    let box = try await Running()
    try box.household.write(
      "vitalsd.yaml", Household.configuration.replacing("secret-file: family.secret", with: "secret-file: whsec_abc"))
    _ = await box.reloader.reload()
    let library = box.running.loaded.library
    let watch = GatewayWatch(
      GatewayWatch.Sources(
        store: box.store, health: box.health, library: { library }, destinations: { [] }, adapter: { .ready },
        staleBonds: { [] }, freeRoom: { 5000 }))
    let fact = try #require(await watch.facts()?.facts[GatewayCondition(.configurationRefused)])
    let detail = try #require(fact.detail)
    #expect(fact.value == 1 && detail.contains("vitalsd.yaml:7") && detail.contains("destinations[0].secret-file"))
    #expect(detail.contains("put the secret into it") && !detail.contains("whsec_"), "\(detail)")
    try box.household.write("vitalsd.yaml", Household.configuration)
    _ = await box.reloader.reload()
    #expect(await watch.facts()?.facts[GatewayCondition(.configurationRefused)]?.value == 0)
    try await box.store.close()
  }

  @Test(
    "what stands in a file is not told outside, what was expected there is",
    arguments: [
      ("whsec_x is not known; known here: fhir, webhook", "what stands there is not known; known here: fhir, webhook"),
      ("expected a mapping, found whsec_x", "expected a mapping"),
      ("there is no file 'whsec_x'; it can't be read, isn't it", "there is no file '…'; it can't be read, isn't it"),
      ("unknown “whsec_x”; known: fhir", "unknown “…”; known: fhir"),
    ])
  func spoken(_ message: String, _ said: String) {
    let fault = Diagnostic(
      file: "/etc/vitals/rules.d/mine.yaml", line: 3, column: 5, field: "rules[0].kind", message: message)
    #expect(RefusedConfiguration.spoken(fault) == "rules.d/mine.yaml:3: rules[0].kind: \(said)")
  }

  @Test("a service of a part is over before the next one begins, and ends with its part")
  func restartable() async throws {
    let service = RestartableService<Int>(1)
    let (events, continuation) = AsyncStream.makeStream(of: String.self)
    let task = Task {
      await service.run { part in
        continuation.yield("begin \(part)")
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        continuation.yield("end \(part)")
      }
      continuation.finish()
    }
    var seen: [String] = []
    for await event in events {
      seen.append(event)
      switch event {
      case "begin 1":
        service.adopt(1)
        service.adopt(2)
      case "begin 2": service.adopt(nil)
      case "end 2": task.cancel()
      default: break
      }
    }
    #expect(seen == ["begin 1", "end 1", "begin 2", "end 2"])
  }
}
