import AlertRules
import Foundation
import Gateway
import Observations
import Store

/// Four people, two cuffs that two of them share each, and a strap: as a household lives that does what the doctor asked.
@MainActor final class Family {
  static let destination = DestinationID(rawValue: "record")
  /// 2026-01-05T00:00:00Z, a Monday.
  static let start = Date(timeIntervalSince1970: 1_767_571_200)

  let store: Store
  let directory: String
  private let people: [PatientID]
  private let policy: IngestPolicy
  private var number = 0
  /// FHIR Observations that the readings since the last ``live(day:)`` of day 0 become.
  private(set) var observations = 0

  private init(store: Store, directory: String, people: [PatientID], policy: IngestPolicy) {
    self.store = store
    self.directory = directory
    self.people = people
    self.policy = policy
  }

  static func device(_ index: Int) -> DeviceDescription {
    let address = "B0:49:5F:00:10:7\(index)"
    return DeviceDescription(
      id: DeviceID(rawValue: "ble:\(address)"), address: address, name: nil,
      profile: index < 2 ? "sig/blood-pressure" : "sig/heart-rate",
      information: DeviceInformation(manufacturer: "Maker", model: index < 2 ? "Cuff" : "Strap", firmware: "1"))
  }

  static func open(directory: String) async throws -> Family {
    let store = try await Store.open(directory: directory)
    var people: [PatientID] = []
    for name in ["Bà Mai", "Ông Tư", "Lan", "Minh"] {
      let patient = try await store.addPatient(name: name, at: start)
      people.append(patient.id)
      try await store.grantConsent(
        patient: patient.id, destination: destination, grantee: "clinic", relationship: "doctor", at: start)
    }
    for index in 0..<3 {
      try await store.saveDevice(
        DeviceRecord(description: device(index), addressKind: "public", authentication: .bonded, pairedAt: start))
    }
    return Family(
      store: store, directory: directory, people: people,
      policy: IngestPolicy(
        rules: try RuleFiles.standard(),
        destinations: [
          DestinationPolicy(id: destination, takesObservations: true, takesAlerts: false, takesSimulated: false)
        ]))
  }

  var waiting: Int {
    get async throws { try await store.outboxCounts()[Self.destination]?.waiting ?? 0 }
  }

  /// Of all files of the store.
  var octets: Int {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return files.reduce(0) { sum, file in
      sum + (((try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(file)"))?[.size] as? Int) ?? 0)
    }
  }

  /// One day: two readings each in the morning and the evening, and an hour of the strap. How many were stored.
  @discardableResult
  func live(day: Int) async throws -> Int {
    if day == 0 { observations = 0 }
    let before = number
    let midnight = Self.start.addingTimeInterval(Double(day) * 86_400)
    for hour in [7, 19] {
      for (index, person) in people.enumerated() {
        for repeated in 0..<2 {
          let date = midnight.addingTimeInterval(Double(hour * 3600 + index * 600 + repeated * 120))
          try await keep(bloodPressure(of: person, by: Self.device(index / 2), at: date), now: date)
          observations += day == 0 ? 0 : 2
        }
      }
    }
    for minute in 0..<60 {
      let date = midnight.addingTimeInterval(Double(17 * 3600 + minute * 60))
      try await keep(window(of: people[3], by: Self.device(2), from: date), now: date.addingTimeInterval(60))
      observations += day == 0 ? 0 : 1
    }
    return number - before
  }

  private func keep(_ observation: Observation, now: Date) async throws {
    _ = try await store.commit(observation, policy: policy, now: now, live: true)
  }

  private func nextBytes() -> [UInt8] {
    number += 1
    return [UInt8](withUnsafeBytes(of: UInt32(number)) { Array($0) })
  }

  private func bloodPressure(of person: PatientID, by device: DeviceDescription, at date: Date) -> Observation {
    let bytes = nextBytes()
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    let time = DeviceTime(
      year: parts.year, month: parts.month, day: parts.day, hour: parts.hour ?? 0, minute: parts.minute ?? 0,
      second: parts.second ?? 0)
    return Observation(
      id: .random(), identity: ReadingIdentity(device: device.id, time: time.verbatim, format: "2A35", bytes: bytes),
      kind: .bloodPressure, device: device.id, patient: person, userSlot: nil,
      effective: EffectiveTime(span: .instant(date), basis: .deviceClock),
      components: [
        ObservationComponent(
          MDC.pressBldNoninvSys, .quantity(Quantity(Decimal(120 + number % 30), .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(80, .millimetreOfMercury))),
        ObservationComponent(MDC.pulsRateNonInv, .quantity(Quantity(71, .perMinute))),
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: bytes, deviceTime: time, clockOffset: 0, receivedAt: date,
        profile: "sig/blood-pressure", driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: false))
  }

  private func window(of person: PatientID, by device: DeviceDescription, from date: Date) -> Observation {
    let bytes = nextBytes()
    let end = date.addingTimeInterval(60)
    func rate(_ value: Int) -> ComponentValue { .quantity(Quantity(Decimal(value), .perMinute)) }
    return Observation(
      id: .random(), identity: ReadingIdentity(device: device.id, time: nil, format: "2A37", bytes: bytes),
      kind: .heartRate, device: device.id, patient: person, userSlot: nil,
      effective: EffectiveTime(span: .period(date, end), basis: .window),
      components: [
        ObservationComponent(MDC.ecgHeartRate, statistic: .mean, rate(72 + number % 20)),
        ObservationComponent(MDC.ecgHeartRate, statistic: .minimum, rate(64)),
        ObservationComponent(MDC.ecgHeartRate, statistic: .maximum, rate(98)),
        ObservationComponent(
          MDC.ecgHeartRate, statistic: .count, .quantity(Quantity(72, UCUMUnit(rawValue: "1")))),
      ], flags: [], marks: [],
      provenance: Provenance(
        format: "2A37", bytes: [], deviceTime: nil, clockOffset: nil, receivedAt: end, profile: "sig/heart-rate",
        driver: "gatt-heart-rate/1", authentication: .unauthenticated, isSimulated: false))
  }
}
