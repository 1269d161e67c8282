import Devices
import Foundation
import HealthRecords
import Observations
import Testing
import WireFormats

/// What becomes of a reading's time, whatever is wrong with the device's clock: one row a case, from the bytes of the
/// measurement to the words of the record.
@Suite struct ClockTableTests {
  struct Row: CustomTestStringConvertible, Sendable {
    /// What is wrong with the clock.
    let clock: String
    var zone = "Asia/Ho_Chi_Minh"
    /// When it arrived, on our clock.
    var received = "2026-11-22T00:30:00Z"
    /// Year, month, day, hour, minute of the time stamp; nil: none.
    let stamp: [Int]?
    /// Device clock minus ours in seconds, as measured on this visit or remembered from the one before.
    let offset: TimeInterval?
    /// `effectiveDateTime` at the record.
    let effective: String
    let basis: EffectiveTime.Basis
    var marks: Set<ObservationMark> = []
    /// `effectiveDateTime` and `valueDateTime` of the coincident timestamp: our clock and the device's; nil: none is sent.
    let coincident: [String]?
    /// How the note begins that says what no coded element does; nil: none is needed.
    var note: String?

    var testDescription: String { clock }
  }

  static let uncompared = "Time by the device's own clock"
  static let untimed = "The device gave no usable time"

  static let rows: [Row] = [
    Row(
      clock: "right", stamp: [2026, 11, 22, 7, 29], offset: 0.4,
      effective: "2026-11-22T07:29:00+07:00", basis: .deviceClock,
      coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T07:30:00+07:00"]),
    Row(
      clock: "an hour ahead", stamp: [2026, 11, 22, 8, 29], offset: 3600,
      effective: "2026-11-22T07:29:00+07:00", basis: .deviceClockCorrected,
      coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T08:30:00+07:00"]),
    Row(
      clock: "a year behind", stamp: [2025, 11, 22, 7, 29], offset: -365 * 86_400,
      effective: "2026-11-22T07:29:00+07:00", basis: .deviceClockCorrected,
      coincident: ["2026-11-22T07:30:00+07:00", "2025-11-22T07:30:00+07:00"]),
    Row(
      clock: "never set, counting since the batteries went in", stamp: [2010, 1, 1, 0, 10], offset: -533_027_940,
      effective: "2026-11-22T07:29:00+07:00", basis: .deviceClockCorrected,
      coincident: ["2026-11-22T07:30:00+07:00", "2010-01-01T00:11:00+07:00"]),
    Row(
      clock: "never set, standing at nothing", stamp: [0, 0, 0, 0, 0], offset: nil,
      effective: "2026-11-22T07:30:00+07:00", basis: .received, marks: [.clockUnusable], coincident: nil,
      note: untimed),
    Row(
      clock: "never set, the day unknown", stamp: [2026, 11, 0, 7, 29], offset: nil,
      effective: "2026-11-22T07:30:00+07:00", basis: .received, marks: [.clockUnusable], coincident: nil,
      note: untimed),
    Row(
      clock: "none", stamp: nil, offset: nil,
      effective: "2026-11-22T07:30:00+07:00", basis: .received, coincident: nil, note: untimed),
    Row(
      clock: "not to be read", stamp: [2026, 11, 22, 7, 29], offset: nil,
      effective: "2026-11-22T07:29:00+07:00", basis: .deviceClockUnchecked, coincident: nil, note: uncompared),
    Row(
      clock: "set ahead since the last visit, not read yet", stamp: [2026, 11, 22, 8, 59], offset: 0,
      effective: "2026-11-22T07:30:00+07:00", basis: .received, marks: [.clockUnusable], coincident: nil,
      note: untimed),
    Row(
      clock: "set ahead since the last visit, read on this one", stamp: [2026, 11, 22, 8, 59], offset: 5400,
      effective: "2026-11-22T07:29:00+07:00", basis: .deviceClockCorrected,
      coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T09:00:00+07:00"]),
    Row(
      clock: "still in the zone that it came from", stamp: [2026, 11, 22, 1, 29], offset: -21_600,
      effective: "2026-11-22T07:29:00+07:00", basis: .deviceClockCorrected,
      coincident: ["2026-11-22T07:30:00+07:00", "2026-11-22T01:30:00+07:00"]),
    Row(
      clock: "summer time, and it is winter", zone: "Europe/Berlin", received: "2026-10-25T02:10:00Z",
      stamp: [2026, 10, 25, 4, 9], offset: 3600,
      effective: "2026-10-25T03:09:00+01:00", basis: .deviceClockCorrected,
      coincident: ["2026-10-25T03:10:00+01:00", "2026-10-25T04:10:00+01:00"]),
    Row(
      clock: "summer time, and it is winter; a reading of the summer", zone: "Europe/Berlin",
      received: "2026-10-25T02:10:00Z", stamp: [2026, 10, 24, 12, 0], offset: 3600,
      effective: "2026-10-24T12:00:00+02:00", basis: .deviceClockCorrected,
      coincident: ["2026-10-25T03:10:00+01:00", "2026-10-25T04:10:00+01:00"]),
    Row(
      clock: "set back in time for winter; a reading of the summer", zone: "Europe/Berlin",
      received: "2026-10-25T02:10:00Z", stamp: [2026, 10, 24, 12, 0], offset: 0,
      effective: "2026-10-24T12:00:00+02:00", basis: .deviceClock,
      coincident: ["2026-10-25T03:10:00+01:00", "2026-10-25T03:10:00+01:00"]),
  ]

  @Test(arguments: rows) func theTimeIsTold(row: Row) throws {
    let zone = try #require(TimeZone(identifier: row.zone))
    let received = try Date(row.received, strategy: .iso8601)
    // Blood Pressure Service 1.1.1 §3.1: 120/80, mean 93, with or without a time stamp.
    var bytes: [UInt8] = [row.stamp == nil ? 0x00 : 0x02, 120, 0, 80, 0, 93, 0]
    if let stamp = row.stamp {
      bytes += [UInt8(stamp[0] & 0xFF), UInt8(stamp[0] >> 8)] + stamp[1...].map { UInt8($0) } + [0]
    }
    let (observation, _) = BloodPressureNormalisation(
      device: DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5"), profile: "sig/blood-pressure",
      driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: false, clockOffset: row.offset,
      timeZone: zone
    ).observation(try BloodPressureMeasurement(bytes), bytes: bytes, receivedAt: received)
    #expect(observation.effective.basis == row.basis)
    #expect(observation.marks == row.marks)
    // What the device said is kept as it was said, and so is what was known of its clock.
    #expect(observation.provenance.bytes == bytes)
    #expect(observation.provenance.clockOffset == row.offset)

    let record = FHIRTransaction(
      [
        ObservationForRecord(
          observation, of: Patient(id: PatientID(rawValue: "p-1"), name: "Lan", addedAt: received),
          by: DeviceDescription(
            id: observation.device, address: "F0:F1:F2:F3:F4:F5", name: nil, profile: "sig/blood-pressure",
            information: DeviceInformation()))
      ], gateway: GatewayDescription(systemID: [2, 0, 0, 0, 0, 0, 0, 1], softwareVersion: "1"), naming: FHIRNaming(),
      timeZone: zone)
    let bundle = try JSONDecoder().decode(Bundle.self, from: Data(record.bytes))
    let said = bundle.entry.map(\.resource).filter { $0.resourceType == "Observation" }
    let pressure = try #require(said.first { $0.valueDateTime == nil })
    #expect(pressure.effectiveDateTime == row.effective)
    let clock = said.first { $0.valueDateTime != nil }
    #expect(clock.map { [$0.effectiveDateTime, $0.valueDateTime].compactMap { $0 } } == row.coincident)
    let refers = pressure.extension?.contains { $0.url.hasSuffix("/CoincidentTimeStampReference") } ?? false
    #expect(refers == (row.coincident != nil))
    if let note = row.note {
      #expect(pressure.note?.first?.text.hasPrefix(note) == true)
    } else {
      #expect(pressure.note == nil)
    }
  }

  /// As much of a FHIR Bundle as the table speaks of.
  private struct Bundle: Decodable {
    struct Entry: Decodable { var resource: Resource }
    struct Resource: Decodable {
      struct Extension: Decodable { var url: String }
      struct Note: Decodable { var text: String }
      var resourceType: String
      var effectiveDateTime: String?
      var valueDateTime: String?
      var `extension`: [Extension]?
      var note: [Note]?
    }
    var entry: [Entry]
  }
}
