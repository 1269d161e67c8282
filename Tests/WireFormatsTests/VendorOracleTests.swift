import Testing
import WireFormats

/// As ``OracleTests``, of the vendors' formats and `vendor_oracle.py`.
@Suite(.serialized) struct VendorOracleTests {
  static let decoders: [String: @Sendable ([UInt8]) throws(DecodingFailure) -> JSON] = [
    "beurer": { (bytes) throws(DecodingFailure) in try BeurerBloodPressureMeasurement(bytes).json },
    "and-frame": { (bytes) throws(DecodingFailure) in try ANDFrame(bytes).json },
    "microlife-reply": { (bytes) throws(DecodingFailure) in try MicrolifeReply(bytes).json },
    "microlife-reply+": { (bytes) throws(DecodingFailure) in try MicrolifeReply(bytes + [sum(bytes)]).json },
    "microlife-records": { (bytes) throws(DecodingFailure) in try MicrolifeRecords(payload: bytes).json },
    "microlife-patient-id": { (bytes) throws(DecodingFailure) in try MicrolifePatientID(payload: bytes).json },
    "viatom-packet": { (bytes) throws(DecodingFailure) in try ViatomPacket(bytes).json },
    "viatom-packet+": { (bytes) throws(DecodingFailure) in try ViatomPacket(bytes + [crc8(bytes)]).json },
    "viatom-files": { (bytes) throws(DecodingFailure) in try ViatomFileList(payload: bytes).json },
    "viatom-device": { (bytes) throws(DecodingFailure) in try ViatomDeviceInformation(payload: bytes).json },
    "viatom-bp-file": { (bytes) throws(DecodingFailure) in try ViatomBloodPressureFile(bytes).json },
    "etekcity": { (bytes) throws(DecodingFailure) in try EtekcityNotification(bytes).json },
    "yonker": { (bytes) throws(DecodingFailure) in try YonkerMeasurement(bytes).json },
    "polar": { (bytes) throws(DecodingFailure) in try PolarHeartRateAdvertisement(manufacturerData: bytes).json },
    "xoss": { (bytes) throws(DecodingFailure) in try XOSSHeartRateAdvertisement(manufacturerData: bytes).json },
  ]

  /// Formats with a checksum, which hardly any mutation leaves right; their twins with a `+` make up for it.
  static let summed: Set<String> = ["microlife-reply", "viatom-packet"]

  static func sum(_ bytes: [UInt8]) -> UInt8 { UInt8(bytes.reduce(0) { $0 + Int($1) } % 256) }

  /// By long division, octet by octet, unlike the decoder's.
  static func crc8(_ bytes: [UInt8]) -> UInt8 {
    var remainder = 0
    for byte in bytes + [0] {
      remainder = remainder << 8 | Int(byte)
      for shift in (0..<8).reversed() where remainder & 0x100 << shift != 0 { remainder ^= 0x107 << shift }
    }
    return UInt8(remainder)
  }

  @Sendable static func ours(_ format: String, _ bytes: [UInt8]) -> String {
    OracleComparison.answer(of: decoders, format, bytes)
  }

  @Test func everyPrefixAndMutationAgrees() async throws {
    let golden = try GoldenValue.all(in: "vendor_golden.txt")
    #expect(Set(golden.map(\.uuid)) == Set(Self.decoders.keys))
    let count = OracleTests.count
    let seed = OracleTests.seed
    let report = try await OracleComparison(
      mutations: Mutations(golden: golden, count: count, seed: seed), script: "vendor_oracle.py", ours: Self.ours
    ).run()
    print(
      "vendor oracle: seed \(seed), \(golden.count) golden values, \(report.cases) cases, "
        + "\(report.decoded.values.reduce(0, +)) decoded alike, \(report.refused.values.reduce(0, +)) refused for the "
        + "same field, \(report.disagreements) disagreements")
    #expect(report.disagreements == 0, "seed \(seed)\n\(report.examples.map(\.description).joined(separator: "\n"))")
    #expect(report.cases == golden.reduce(0) { $0 + $1.bytes.count + 1 } + golden.count * count)
    for (index, value) in golden.enumerated() {
      let few = Self.summed.contains(value.uuid) ? 0 : count / 100
      #expect(report.decoded[index, default: 0] > few, "\(value.uuid): hardly any mutation was decoded")
      #expect(report.refused[index, default: 0] > count / 100, "\(value.uuid): hardly any mutation was refused")
    }
  }

  /// The comparison can fail: decoders with the faults that people make are found out.
  @Test(arguments: [
    (#""irregularPulse":true"#, #""irregularPulse":false"#), (#""timeStamp":null"#, #""timeStamp":{"year":2017}"#),
    (#""fastHeartRate""#, #""slowHeartRate""#), ("Checksum", "Payload"), (#""meanArterialPressure""#, #""pulse""#),
  ])
  func comparisonNoticesAFault(right: String, wrong: String) async throws {
    let mutations = Mutations(
      golden: try GoldenValue.all(in: "vendor_golden.txt"), count: 200, seed: OracleTests.seed)
    let report = try await OracleComparison(mutations: mutations, script: "vendor_oracle.py") { format, bytes in
      Self.ours(format, bytes).replacing(right, with: wrong)
    }.run()
    #expect(report.disagreements > 0)
    #expect(report.examples.allSatisfy { $0.oracle.contains(right) && !$0.ours.contains(right) })
  }
}
