import Foundation
import HealthRecords
import Observations
import Testing

/// The household of the guide's worked example: an Omron HEM-9200T whose clock is five seconds slow.
enum Samples {
  static let zone = TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt
  static let gateway = GatewayDescription(
    systemID: [0xFE, 0xED, 0xAB, 0xEE, 0xDE, 0xAD, 0x77, 0xC3], softwareVersion: "0.1.0")
  static let naming = FHIRNaming(patientSystem: "urn:oid:2.999.84.1")
  static let patient = Patient(id: PatientID(rawValue: "VN-DEMO-0001"), name: "Bà Nội", addedAt: .distantPast)

  static let cuff = DeviceDescription(
    id: DeviceID(rawValue: "ble:B0:49:5F:00:10:71"), address: "B0:49:5F:00:10:71", name: "BLESmart_1",
    profile: "sig/blood-pressure",
    information: DeviceInformation(
      manufacturer: "OMRONHEALTHCARE", model: "HEM-9200T", serial: "20150200002A", firmware: "C.00.7AJ-02",
      systemID: [0x71, 0x10, 0x00, 0xFE, 0xFF, 0x5F, 0x49, 0xB0]))
  /// A device that says nothing of itself.
  static let mute = DeviceDescription(
    id: DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5"), address: "F0:F1:F2:F3:F4:F5", name: nil,
    profile: "sig/heart-rate", information: DeviceInformation())

  /// 2026-03-10T00:00:05Z, which is 07:00:05 in Vietnam.
  static let moment = Date(timeIntervalSince1970: 1_773_100_805)
  static let deviceTime = DeviceTime(year: 2026, month: 3, day: 10, hour: 7, minute: 0, second: 0)

  static func mmHg(_ value: Decimal) -> ComponentValue { .quantity(Quantity(value, .millimetreOfMercury)) }
  static func perMinute(_ value: Decimal) -> ComponentValue { .quantity(Quantity(value, .perMinute)) }

  static func bloodPressure(
    identity: String = "ble:B0:49:5F:00:10:71|2026-03-10T07:00:00|2A35:1e98005e",
    device: DeviceDescription = cuff, deviceTime: DeviceTime? = deviceTime,
    effective: EffectiveTime = EffectiveTime(span: .instant(moment), basis: .deviceClockCorrected),
    components: [ObservationComponent] = [
      ObservationComponent(MDC.pressBldNoninvSys, mmHg(152)), ObservationComponent(MDC.pressBldNoninvDia, mmHg(94)),
      ObservationComponent(MDC.pressBldNoninvMean, mmHg(113)), ObservationComponent(MDC.pulsRateNonInv, perMinute(78)),
    ],
    flags: Set<MeasurementFlag> = [.irregularPulse], marks: Set<ObservationMark> = [], clockOffset: TimeInterval? = -5,
    authentication: LinkAuthentication = .bonded, isSimulated: Bool = false
  ) -> ObservationForRecord {
    ObservationForRecord(
      Observation(
        id: ObservationID(rawValue: "o1"), identity: ReadingIdentity(rawValue: identity), kind: .bloodPressure,
        device: device.id, patient: patient.id, userSlot: nil, effective: effective, components: components,
        flags: flags, marks: marks,
        provenance: Provenance(
          format: "2A35", bytes: [0x1E, 0x98], deviceTime: deviceTime, clockOffset: clockOffset,
          receivedAt: moment.addingTimeInterval(300), profile: "sig/blood-pressure",
          driver: "gatt-blood-pressure/1", authentication: authentication, isSimulated: isSimulated)),
      of: patient, by: device)
  }

  static func heartRateWindow(_ mean: ComponentValue = perMinute(71.5)) -> ObservationForRecord {
    ObservationForRecord(
      Observation(
        id: ObservationID(rawValue: "o2"), identity: ReadingIdentity(rawValue: "ble:F0:F1:F2:F3:F4:F5|w1|2A37:"),
        kind: .heartRate, device: mute.id, patient: patient.id, userSlot: nil,
        effective: EffectiveTime(span: .period(moment, moment.addingTimeInterval(60)), basis: .window),
        components: [
          ObservationComponent(MDC.ecgHeartRate, statistic: .mean, mean),
          ObservationComponent(MDC.ecgHeartRate, statistic: .minimum, perMinute(64)),
          ObservationComponent(MDC.ecgHeartRate, statistic: .maximum, perMinute(88)),
          ObservationComponent(
            MDC.ecgHeartRate, statistic: .count, .quantity(Quantity(72, UCUMUnit(rawValue: "1")))),
        ],
        flags: [], marks: [],
        provenance: Provenance(
          format: "2A37", bytes: [], deviceTime: nil, clockOffset: nil, receivedAt: moment.addingTimeInterval(60),
          profile: "sig/heart-rate", driver: "gatt-heart-rate/1", authentication: .unauthenticated,
          isSimulated: false)),
      of: patient, by: mute)
  }

  static func oxygenSaturation(_ components: [ObservationComponent]) -> ObservationForRecord {
    ObservationForRecord(
      Observation(
        id: ObservationID(rawValue: "o3"), identity: ReadingIdentity(rawValue: "ble:F0:F1:F2:F3:F4:F5|-|2A5E:00"),
        kind: .oxygenSaturation, device: mute.id, patient: patient.id, userSlot: nil,
        effective: EffectiveTime(span: .instant(moment), basis: .received), components: components, flags: [],
        marks: [],
        provenance: Provenance(
          format: "2A5E", bytes: [0], deviceTime: nil, clockOffset: nil, receivedAt: moment,
          profile: "sig/pulse-oximeter", driver: "gatt-pulse-oximeter/1", authentication: .bonded,
          isSimulated: false)),
      of: patient, by: mute)
  }

  /// The mean of a week: of a reading that the device's time names, and of one that only its bytes name.
  static func homeAverage(isSimulated: Bool = false) -> ObservationForRecord {
    let sources = [
      bloodPressure(),
      bloodPressure(
        identity: "second", device: mute, deviceTime: nil,
        effective: EffectiveTime(span: .instant(moment.addingTimeInterval(86400)), basis: .received)),
    ]
    var average = ObservationForRecord(
      Observation(
        id: ObservationID(rawValue: "a-1"), identity: ReadingIdentity(rawValue: "home-average|VN-DEMO-0001"),
        kind: .homeAverage, device: DeviceID(rawValue: "gateway"), patient: patient.id, userSlot: nil,
        effective: EffectiveTime(span: .period(moment, moment.addingTimeInterval(5 * 86400)), basis: .window),
        components: [
          ObservationComponent(MDC.pressBldNoninvSys, statistic: .mean, mmHg(135.4)),
          ObservationComponent(MDC.pressBldNoninvDia, statistic: .mean, mmHg(84.9)),
          ObservationComponent(MDC.pressBldNoninv, statistic: .count, .quantity(Quantity(24, .count))),
        ],
        flags: [], marks: [],
        provenance: Provenance(
          format: "7 days, the first day left out", bytes: [], deviceTime: nil, clockOffset: nil,
          receivedAt: moment.addingTimeInterval(7 * 86400), profile: "home-average", driver: "home-average/1",
          authentication: .wired, isSimulated: isSimulated),
        derivedFrom: [ObservationID(rawValue: "o1"), ObservationID(rawValue: "o2")]),
      of: patient,
      by: DeviceDescription(
        id: DeviceID(rawValue: "gateway"), address: nil, name: nil, profile: "home-average",
        information: DeviceInformation()))
    average.sources = sources
    return average
  }

  static func transaction(_ readings: ObservationForRecord..., naming: FHIRNaming = naming) -> FHIRTransaction {
    FHIRTransaction(readings, gateway: gateway, naming: naming, timeZone: zone)
  }
}

extension ObservationForRecord: CustomTestStringConvertible {
  package var testDescription: String {
    "marks \(observation.marks), device time \(observation.provenance.deviceTime?.verbatim ?? "none")"
  }
}

/// A Bundle read back by Foundation's parser, not by the code that wrote it.
struct ReadBundle {
  let entries: [[String: Any]]

  init(_ transaction: FHIRTransaction) throws { try self.init(Data(transaction.bytes)) }

  init(_ data: Data) throws {
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    entries = object?["entry"] as? [[String: Any]] ?? []
  }

  var resources: [[String: Any]] { entries.compactMap { $0["resource"] as? [String: Any] } }

  func all(_ type: String) -> [[String: Any]] { resources.filter { $0["resourceType"] as? String == type } }

  /// The first Observation with this MDC code.
  func observation(_ code: MDCCode) -> [String: Any]? {
    all("Observation").first { Self.codes($0["code"]).first == String(code.rawValue) }
  }

  func condition(of resource: [String: Any]?) -> String? {
    let value = ReadBundle.identifier(resource)
    let entry = entries.first { ReadBundle.identifier($0["resource"] as? [String: Any]) == value }
    return (entry?["request"] as? [String: Any])?["ifNoneExist"] as? String
  }

  static func identifier(_ resource: [String: Any]?) -> String? {
    (resource?["identifier"] as? [[String: Any]])?.first?["value"] as? String
  }

  static func codes(_ concept: Any?) -> [String] {
    ((concept as? [String: Any])?["coding"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }
  }

  static func components(_ resource: [String: Any]?) -> [[String: Any]] {
    resource?["component"] as? [[String: Any]] ?? []
  }

  static func number(_ element: [String: Any]?) -> Double? {
    ((element?["valueQuantity"] as? [String: Any])?["value"] as? NSNumber)?.doubleValue
  }
}
