import AlertRules
import Foundation
import Logging
import Observations
import Store
import Testing

@testable import Forwarding

/// A store in a folder of its own with one person and one cuff, and two destinations that the person agreed to.
struct Household {
  let store: Store
  let folder: URL
  let patient: Patient
  static let fhir = DestinationID(rawValue: "clinic")
  static let webhook = DestinationID(rawValue: "daughter")
  static let moment = Date(timeIntervalSince1970: 1_773_100_805)
  static let cuff = DeviceDescription(
    id: DeviceID(rawValue: "ble:B0:49:5F:00:10:71"), address: "B0:49:5F:00:10:71", name: nil,
    profile: "sig/blood-pressure", information: DeviceInformation(manufacturer: "Maker", model: "Cuff", firmware: "1"))
  static let policy = IngestPolicy(
    rules: [
      AlertRule(
        id: RuleID(rawValue: "severe"),
        kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180)), severity: .urgent,
        source: "test")
    ],
    destinations: [
      DestinationPolicy(id: fhir, takesObservations: true, takesAlerts: false, takesSimulated: false),
      DestinationPolicy(id: webhook, takesObservations: false, takesAlerts: true, takesSimulated: false),
    ])

  static func run<Value>(in parent: URL? = nil, _ body: (Household) async throws -> Value) async throws -> Value {
    let folder = (parent ?? FileManager.default.temporaryDirectory).appending(path: "vitals-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try await Store.open(directory: folder.path)
    let patient = try await store.addPatient(name: "Bà Nội", at: moment)
    try await store.saveDevice(
      DeviceRecord(description: cuff, addressKind: "public", authentication: .bonded, pairedAt: moment))
    for destination in [fhir, webhook] {
      try await store.grantConsent(
        patient: patient.id, destination: destination, grantee: "somebody", relationship: "family", at: moment)
    }
    let value = try await body(Household(store: store, folder: folder, patient: patient))
    try await store.close()
    return value
  }

  /// Stores readings of one cuff, a minute apart, numbered from `first`.
  func store(_ numbers: Range<Int>, systolic: Decimal = 130) async throws {
    for number in numbers {
      _ = try await store.commit(reading(number, systolic), policy: Self.policy, now: Self.moment, live: true)
    }
  }

  func reading(_ number: Int, _ systolic: Decimal = 130) -> Observation {
    let date = Self.moment.addingTimeInterval(Double(number) * 60)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    let time = DeviceTime(
      year: parts.year, month: parts.month, day: parts.day, hour: parts.hour ?? 0, minute: parts.minute ?? 0,
      second: parts.second ?? 0)
    let bytes = [UInt8](withUnsafeBytes(of: UInt32(truncatingIfNeeded: number)) { Array($0) })
    return Observation(
      id: .random(), identity: ReadingIdentity(device: Self.cuff.id, time: time.verbatim, format: "2A35", bytes: bytes),
      kind: .bloodPressure, device: Self.cuff.id, patient: patient.id, userSlot: nil,
      effective: EffectiveTime(span: .instant(date), basis: .deviceClockUnchecked),
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(systolic, .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(80, .millimetreOfMercury))),
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: bytes, deviceTime: time, clockOffset: nil, receivedAt: date,
        profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: false))
  }

  /// The value of the identifier that reading `number` must be created under.
  func identifier(_ number: Int) -> String {
    let seconds = Int(Self.moment.timeIntervalSince1970) - 946_684_800 + number * 60
    return "B0495F001071-\(patient.id)-urn:vitals-gateway:patient-150020-\(seconds)"
  }

  func delivery(_ number: Int, attempts: Int = 0) -> Delivery {
    Delivery(
      id: DeliveryID(rawValue: Int64(number)), destination: Self.fhir, idempotencyKey: "obs-\(number)",
      content: .observation(reading(number), patient, Self.cuff), attempts: attempts, createdAt: Self.moment)
  }

  static let gateway = GatewayDescription(systemID: [2, 0, 0, 0, 0, 0, 0, 1], softwareVersion: "0.1.0")

  static func surroundings(_ http: OutboundHTTP) -> ForwarderSurroundings {
    ForwarderSurroundings(gateway: gateway, timeZone: .gmt, http: http)
  }

  static func fhirSettings(_ address: String) -> DestinationSettings {
    var settings = DestinationSettings(id: fhir, kind: "fhir", url: address)
    settings.retry = .exponential(first: .milliseconds(200), most: .seconds(1))
    // Tests that look at the pace say so.
    settings.pace = DeliveryPace.Limits(rate: nil, spread: .zero)
    return settings
  }

  /// - Parameter secrets: written into a file of the household.
  func webhookSettings(_ address: String, secrets: String = Household.secret) throws -> DestinationSettings {
    let file = folder.appending(path: "secret")
    try Data((secrets + "\n").utf8).write(to: file)
    var settings = DestinationSettings(id: Self.webhook, kind: "webhook", url: address + "/hook")
    settings.secretFile = file.path
    settings.allowsPrivate = true
    return settings
  }

  static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

  /// Runs the service about `body`.
  func forwarding<Value: Sendable>(
    _ settings: [DestinationSettings], now: @escaping @Sendable () -> Date = { Date() },
    _ body: (ForwardingService) async throws -> Value
  ) async throws -> Value {
    let service = try ForwardingService(
      store: store, destinations: settings, surroundings: Self.surroundings(OutboundHTTP()),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: now)
    let task = Task { await service.run() }
    let result: Result<Value, any Error>
    do { result = .success(try await body(service)) } catch { result = .failure(error) }
    task.cancel()
    await task.value
    return try result.get()
  }
}

/// Waits for something that becomes true by itself.
func eventually(
  within limit: Duration = .seconds(120), sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + limit
  while try await !condition() {
    try #require(ContinuousClock.now < end, "what was awaited did not happen", sourceLocation: sourceLocation)
    try await Task.sleep(for: .milliseconds(20))
  }
}
