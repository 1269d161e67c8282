import AlertRules
import BluetoothLE
import DeviceSimulator
import Devices
import Forwarding
import Foundation
import Gateway
import HealthRecords
import Logging
import Observations
import Store

/// The gateway without its radio and its socket for the household: the store on disk, the rules that come with the program,
/// one caregiver who is told by a webhook.
struct House {
  static let destination = DestinationID(rawValue: "mai")

  let store: Store
  let ingest: Ingest
  let log: Logger
  private let running: [Task<Void, Never>]

  static func open(directory: String, url: String, secretFile: String, log: Logger) async throws -> House {
    let store = try await Store.open(directory: directory)
    let mai = Contact(id: ContactID(rawValue: "mai"), role: .caregiver, destinations: [destination])
    let policy = IngestPolicy(
      // A person rests a minute between two readings; twenty people in turn cannot wait for it.
      rules: try RuleFiles.standard().map { rule in
        guard case .confirm(var confirm) = rule.kind else { return rule }
        confirm.rest = .zero
        var rule = rule
        rule.kind = .confirm(confirm)
        return rule
      },
      destinations: [
        DestinationPolicy(id: destination, takesObservations: false, takesAlerts: true, takesSimulated: false)
      ],
      settling: 15,
      escalation: EscalationPlan(
        contacts: [mai], steps: [EscalationPlan.Step(contacts: [mai.id], wait: .seconds(3600))]))
    let ingest = Ingest(store: store, policy: policy, health: Health(logger: log), logger: log)
    var settings = DestinationSettings(id: destination, kind: "webhook", url: url)
    settings.secretFile = secretFile
    settings.sendsValues = true
    settings.allowsPrivate = true
    settings.text = AlertTextContext(language: .vi, timeZone: .gmt, emergencyNumber: "115")
    let forwarding = try ForwardingService(
      store: store, destinations: [settings],
      surroundings: ForwarderSurroundings(
        gateway: try await store.gatewayDescription(softwareVersion: "bench"), timeZone: .gmt, http: OutboundHTTP()),
      log: log)
    return House(
      store: store, ingest: ingest, log: log,
      running: [Task { await forwarding.run() }, Task { await RuleClock(ingest: ingest).run() }])
  }

  func close() async throws {
    for task in running { task.cancel() }
    for task in running { await task.value }
    try await store.close()
  }

  /// Each has an emergency in turn, which is over when half of the others have had theirs: it is the first of a new episode
  /// each time, and the house has as many alerts open as a bad day brings.
  private static let people = 20

  static func cuff(_ number: Int) -> DeviceID { DeviceID(rawValue: "ble:" + address(number)) }

  private static func address(_ number: Int) -> String { "F0:F1:F2:F3:F4:" + String(format: "%02X", number) }

  func settle() async throws {
    for number in 0..<Self.people { try await add(number) }
  }

  /// Somebody whose cuff has been here before.
  private func add(_ number: Int) async throws {
    let now = Date()
    let cuff = Self.cuff(number)
    let patient = try await store.addPatient(name: "Person \(number)", at: now)
    try await store.saveDevice(
      DeviceRecord(
        description: DeviceDescription(
          id: cuff, address: Self.address(number), name: "Cuff", profile: "sig/blood-pressure",
          information: DeviceInformation()),
        addressKind: "random", authentication: .bonded, pairedAt: now))
    try await store.assign(cuff, slot: nil, to: patient.id)
    try await store.grantConsent(
      patient: patient.id, destination: Self.destination, grantee: "Mai", relationship: "daughter", at: now)
  }

  /// One severe reading, from the cuff's indication until nothing waits any more; before it, another's emergency ends.
  func emergency(number: Int) async throws -> Emergency.Times {
    if number >= Self.people / 2 {
      _ = try await indicated(number - Self.people / 2, systolic: UInt8(110 + number % 20), diastolic: 75)
    }
    return try await indicated(number, systolic: UInt8(185 + number % 40), diastolic: 122)
  }

  private func indicated(_ number: Int, systolic: UInt8, diastolic: UInt8) async throws -> Emergency.Times {
    let cuff = Self.cuff(number % Self.people)
    let times = try await Emergency(cuff: cuff, sink: ingest.sink(for: cuff, logger: log))
      .run(systolic: systolic, diastolic: diastolic)
    while try await store.outboxCounts().values.contains(where: { $0.waiting > 0 }) {
      try await Task.sleep(for: .milliseconds(5))
    }
    return times
  }
}
