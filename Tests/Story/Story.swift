import AlertRules
import Forwarding
import Foundation
import Glibc
import HealthRecords
import Logging
import Observations
import Store

/// Forty readings of one evening with the gateway's own store, rules, ladder and webhooks, in a process that a test can kill:
/// started again on the same directory it goes on where it was. Time is the story's own, so that every run of it, killed or
/// not, has to tell the same. Ends with 0 once everything is told.
///
/// Where the address is of MLLP, the readings themselves are told there as HL7 v2, and no alerts.
///
///     vitals-story DIRECTORY URL SECRET-FILE
///
/// A fourth word is a file that gets a line for each reading whose commit has returned: what a device would be confirmed, as
/// somebody outside the machine can read it after the machine was ended.
///
/// Or what waits in a directory for the record `clinic`, brought to a FHIR server; ends with 0 once nothing waits.
///
///     vitals-story deliver DIRECTORY URL
@main
enum Story {
  static let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
  static let start = Date(timeIntervalSince1970: 1_795_305_600)
  /// Systolic, every ten minutes. It crosses each limit in both directions, stays beyond them, and comes back.
  static let values = [
    128, 152, 158, 149, 139, 182, 188, 176, 169, 155, 138, 190, 201, 215, 165, 130, 151, 183, 141, 133, 185, 186, 187,
    188, 189, 190, 200, 211, 179, 168, 150, 145, 139, 199, 120, 153, 181, 182, 160, 125,
  ]
  /// The readings after which the doctor answers.
  static let answers: Set<Int> = [6, 21, 37]

  /// To a record that takes HL7 v2, and not alerts to contacts.
  static let tellsReadings = CommandLine.arguments.dropFirst(2).first?.hasPrefix("mllp") == true

  static let policy = IngestPolicy(
    rules: [
      rule("crisis", 180, clear: 170, .urgent), rule("high", 150, clear: 140, .warning, hiddenBy: ["crisis"]),
      AlertRule(
        id: RuleID(rawValue: "repeat"),
        kind: .confirm(
          ConfirmRule(
            conditions: [
              RuleCondition(component: .systolic, comparison: .atLeast, limit: 185, clearLimit: 175)
            ], within: .seconds(480))), severity: .urgent, source: "the story"),
    ],
    destinations: (tellsReadings ? ["record"] : ["mai", "dr-lan"]).map {
      DestinationPolicy(
        id: DestinationID(rawValue: $0), takesObservations: tellsReadings, takesAlerts: !tellsReadings,
        takesSimulated: false)
    },
    escalation: EscalationPlan(
      contacts: [contact("mai", .caregiver), contact("dr-lan", .clinician)],
      steps: [
        EscalationPlan.Step(contacts: [ContactID(rawValue: "mai")], wait: .seconds(240)),
        EscalationPlan.Step(contacts: [ContactID(rawValue: "dr-lan")], wait: .seconds(420)),
      ]))

  static func rule(
    _ id: String, _ limit: Decimal, clear: Decimal, _ severity: AlertSeverity, hiddenBy: [String] = []
  ) -> AlertRule {
    AlertRule(
      id: RuleID(rawValue: id),
      kind: .threshold(
        ThresholdRule(component: .systolic, comparison: .atLeast, limit: limit, clearLimit: clear)),
      severity: severity, source: "the story", hiddenBy: hiddenBy.map { RuleID(rawValue: $0) })
  }

  static func contact(_ name: String, _ role: ContactRole) -> Contact {
    Contact(id: ContactID(rawValue: name), role: role, destinations: [DestinationID(rawValue: name)])
  }

  static func main() async throws {
    let words = CommandLine.arguments
    if words.count == 4, words[1] == "deliver" { return try await deliver(words[2], to: words[3]) }
    guard words.count == 4 || words.count == 5 else {
      FileHandle.standardError.write(Data("usage: vitals-story DIRECTORY URL SECRET-FILE [CONFIRMED]\n".utf8))
      exit(64)
    }
    let store = try await Store.open(directory: words[1])
    var log = Logger(label: "story")
    log.logLevel = .critical
    let forwarding = try ForwardingService(
      store: store,
      destinations: policy.destinations.map { destination in
        if tellsReadings { return DestinationSettings(id: destination.id, kind: "hl7v2", url: words[2]) }
        var settings = DestinationSettings(id: destination.id, kind: "webhook", url: words[2] + destination.id.rawValue)
        settings.secretFile = words[3]
        settings.sendsValues = true
        settings.allowsPrivate = true
        settings.retry = .exponential(first: .milliseconds(200), most: .seconds(1))
        return settings
      },
      surroundings: ForwarderSurroundings(
        gateway: try await store.gatewayDescription(softwareVersion: "story"), timeZone: .gmt, http: OutboundHTTP()),
      log: log)
    let telling = Task { await forwarding.run() }
    try await addHousehold(store)
    let first = Int(try await store.setting("story") ?? "0") ?? 0
    let confirmed = words.count == 5 ? open(words[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) : -1
    for index in first..<values.count {
      try await step(index, store, confirmed)
      try await store.setSetting("story", to: "\(index + 1)")
    }
    // The last readings may leave something that time alone brings.
    try await pass(until: start.addingTimeInterval(Double(values.count) * 600 + 7200), store)
    while try await store.outboxCounts().values.contains(where: { $0.waiting > 0 }) {
      try await Task.sleep(for: .milliseconds(20))
    }
    telling.cancel()
    await telling.value
    try await store.close()
  }

  private static func deliver(_ directory: String, to url: String) async throws {
    let store = try await Store.open(directory: directory)
    var log = Logger(label: "story")
    log.logLevel = .critical
    var record = DestinationSettings(id: DestinationID(rawValue: "clinic"), kind: "fhir", url: url)
    record.retry = .exponential(first: .milliseconds(50), most: .milliseconds(200))
    // Slow enough to be killed between two batches.
    record.pace = DeliveryPace.Limits(rate: 8, spread: .zero)
    let forwarding = try ForwardingService(
      store: store, destinations: [record],
      surroundings: ForwarderSurroundings(
        gateway: try await store.gatewayDescription(softwareVersion: "story"), timeZone: .gmt, http: OutboundHTTP()),
      log: log)
    let telling = Task { await forwarding.run() }
    while try await store.outboxCounts().values.contains(where: { $0.waiting > 0 }) {
      try await Task.sleep(for: .milliseconds(20))
    }
    telling.cancel()
    await telling.value
    try await store.close()
  }

  /// Each part may have been done before the process was killed.
  private static func addHousehold(_ store: Store) async throws {
    guard try await store.setting("household") == nil else { return }
    let patient =
      if let known = try await store.patient(named: "Tư") { known } else {
        try await store.addPatient(name: "Tư", at: start)
      }
    if try await store.device(cuff) == nil {
      try await store.saveDevice(
        DeviceRecord(
          description: DeviceDescription(
            id: cuff, address: "F0:F1:F2:F3:F4:F5", name: "Cuff", profile: "sig/blood-pressure",
            information: DeviceInformation()),
          addressKind: "random", authentication: .bonded, pairedAt: start))
    }
    try await store.assign(cuff, slot: nil, to: patient.id)
    for destination in policy.destinations {
      try await store.grantConsent(
        patient: patient.id, destination: destination.id, grantee: destination.id.rawValue, relationship: "family",
        at: start)
    }
    try await store.setSetting("household", to: "complete")
  }

  private static func step(_ index: Int, _ store: Store, _ confirmed: Int32) async throws {
    let now = start.addingTimeInterval(Double(index) * 600)
    try await pass(until: now, store)
    _ = try await store.commit(reading(index, at: now), policy: policy, now: now, live: true)
    if confirmed >= 0 {
      let line = "\(index)\n"
      guard write(confirmed, line, line.utf8.count) == line.utf8.count else { exit(74) }
    }
    guard answers.contains(index) else { return }
    // Said before the process was killed: said once is enough.
    guard store.episodes().contains(where: { $0.hold == nil && !$0.isAcknowledged }) else { return }
    _ = try await store.acknowledge(
      episode: nil, patient: nil, by: policy.escalation.contact(ContactID(rawValue: "dr-lan")), policy: policy,
      now: now.addingTimeInterval(60))
  }

  /// As the daemon does it: it wakes when something is due.
  private static func pass(until end: Date, _ store: Store) async throws {
    while let due = store.nextTick(policy: policy, now: end), due <= end {
      _ = try await store.tick(policy: policy, now: due.addingTimeInterval(0.001))
    }
  }

  private static func reading(_ index: Int, at now: Date) -> Observation {
    let value = values[index]
    let bytes = [0x00, UInt8(value & 0xff), UInt8(value >> 8), 0x50, 0x00]
    let time = DeviceTime(year: 2026, month: 11, day: 22, hour: index / 6, minute: index % 6 * 10, second: 0)
    return Observation(
      id: .random(), identity: ReadingIdentity(device: cuff, time: time.verbatim, format: "2A35", bytes: bytes),
      kind: .bloodPressure, device: cuff, patient: nil, userSlot: nil,
      effective: EffectiveTime(span: .instant(now), basis: .deviceClock),
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(Decimal(value), .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(80, .millimetreOfMercury))),
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: bytes, deviceTime: time, clockOffset: 0, receivedAt: now, profile: "sig/blood-pressure",
        driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: false))
  }
}
