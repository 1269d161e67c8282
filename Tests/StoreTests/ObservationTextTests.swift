import Foundation
import Observations
import Testing

@testable import Store

/// The text of a reading is the one that Foundation's encoder makes, and is read back as the reading.
@Suite struct ObservationTextTests {
  private static let foundation = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()

  private static func reading(_ chance: inout SeededChance) -> Observation {
    func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &chance)] }
    func date() -> Date {
      Date(
        timeIntervalSinceReferenceDate: pick([
          0, -0.0, 816_998_400, 816_998_400.5, -12_345.678, 1e16, 0.1, 816_998_400.123456,
          Double.random(in: -1e9...1e9, using: &chance),
        ]))
    }
    let values: [ComponentValue] =
      [0, 105, -3, 37.25, 0.1, 1e20, 12345.6789].map { .quantity(Quantity(Decimal($0), pick([.perMinute, .count]))) }
      + DataAbsentReason.allCases.map { .absent($0) }
    // At most one of each set: their order is nobody's.
    return Observation(
      id: .random(),
      identity: ReadingIdentity(rawValue: pick(["a|b|2A35:00", "một|hai", "a\"b", "c\\d", "e\u{1}f", "/x/"])),
      kind: pick(ObservationKind.allCases), device: DeviceID(rawValue: pick(["ble:F0:F1:F2:F3:F4:F5", "usb:đo"])),
      patient: pick([nil, PatientID(rawValue: "p-abc")]), userSlot: pick([nil, 0, 4_294_967_295]),
      effective: EffectiveTime(
        span: pick([.instant(date()), .period(date(), date())]), basis: pick(EffectiveTime.Basis.allCases)),
      components: (0..<Int.random(in: 0..<5, using: &chance)).map { _ in
        ObservationComponent(
          pick([MDC.pressBldNoninvSys, MDC.ecgHeartRate]), statistic: pick([nil, .mean]), pick(values))
      },
      flags: Set(MeasurementFlag.allCases.shuffled(using: &chance).prefix(Int.random(in: 0...1, using: &chance))),
      marks: Set(ObservationMark.allCases.shuffled(using: &chance).prefix(Int.random(in: 0...1, using: &chance))),
      provenance: Provenance(
        format: pick(["2A35", "x\ty"]), bytes: (0..<Int.random(in: 0..<20, using: &chance)).map { UInt8($0 * 13) },
        deviceTime: pick([
          nil, DeviceTime(year: 2026, month: 11, day: 22, hour: 7, minute: 30, second: 0),
          DeviceTime(year: nil, month: nil, day: nil, hour: 0, minute: 0, second: 0),
        ]), clockOffset: pick([nil, 0, 1.5, -3600, 1e-7]), receivedAt: date(), profile: "sig/blood-pressure",
        driver: "gatt-blood-pressure/1", authentication: pick(LinkAuthentication.allCases),
        isSimulated: pick([true, false])),
      derivedFrom: pick([nil, [], [.random(), .random()]]))
  }

  @Test("the same text as Foundation's, for readings of all kinds")
  func sameText() throws {
    var chance = SeededChance(state: 1)
    var made = 0
    for _ in 0..<3000 {
      let reading = Self.reading(&chance)
      let expected = String(decoding: try Self.foundation.encode(reading), as: UTF8.self)
      if let text = ObservationText.make(reading) {
        #expect(String(decoding: text, as: UTF8.self) == expected)
        made += 1
      }
      #expect(try JSONText.encode(reading) == expected)
    }
    // The others have something to escape.
    #expect(made > 500)
  }

  @Test("several flags and marks, in one order")
  func sets() throws {
    var chance = SeededChance(state: 2)
    var reading = Self.reading(&chance)
    reading.flags = Set(MeasurementFlag.allCases)
    reading.marks = Set(ObservationMark.allCases)
    #expect(try JSONText.decode(Observation.self, JSONText.encode(reading)) == reading)
    #expect(try JSONText.encode(reading) == JSONText.encode(reading))
  }
}

/// SplitMix64: the same run each time.
private struct SeededChance: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
