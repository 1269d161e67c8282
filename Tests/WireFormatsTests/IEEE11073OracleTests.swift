import Testing
import WireFormats

/// As ``OracleTests``, of IEEE 11073-20601 and `x73_oracle.py`.
@Suite(.serialized) struct IEEE11073OracleTests {
  typealias Decoder = @Sendable ([UInt8]) throws(DecodingFailure) -> JSON

  static let decoders: [String: Decoder] = [
    "apdu": { (bytes) throws(DecodingFailure) in try APDU(bytes).json },
    "attributes": { (bytes) throws(DecodingFailure) in try AttributeList(decoding: bytes).json() },
    "configuration-report": { (bytes) throws(DecodingFailure) in try ConfigurationReport(bytes).json },
    "scan-fixed": { (bytes) throws(DecodingFailure) in try ScanReport(bytes, form: .fixed).json },
    "scan-variable": { (bytes) throws(DecodingFailure) in try ScanReport(bytes, form: .variable).json },
    "scan-mp-fixed": { (bytes) throws(DecodingFailure) in try ScanReport(bytes, form: .multiPersonFixed).json },
    "scan-mp-variable": { (bytes) throws(DecodingFailure) in try ScanReport(bytes, form: .multiPersonVariable).json },
    "reading-fixed": { (bytes) throws(DecodingFailure) in try reading(bytes, .fixed) },
    "reading-variable": { (bytes) throws(DecodingFailure) in try reading(bytes, .variable) },
    "reading-mp-fixed": { (bytes) throws(DecodingFailure) in try reading(bytes, .multiPersonFixed) },
    "reading-mp-variable": { (bytes) throws(DecodingFailure) in try reading(bytes, .multiPersonVariable) },
    "segment-info": { (bytes) throws(DecodingFailure) in .array(try SegmentInfo.list(bytes).map(\.json)) },
    "segment-data": { (bytes) throws(DecodingFailure) in try SegmentDataEvent(bytes).json },
    "segment-entries": { (bytes) throws(DecodingFailure) in try entries(bytes) },
    "transfer-response": { (bytes) throws(DecodingFailure) in
      let response = try SegmentTransferResponse(bytes)
      return .object([
        .init("instance", .integer(Int(response.instance))), .init("result", .integer(Int(response.result))),
      ])
    },
  ]

  /// An absolute time, a compound of three basic numbers of object 1, and one basic number of object 2.
  static let entryMap: [UInt8] = [
    0x80, 0x00, 0x00, 0x02, 0x00, 0x20,
    0x00, 0x06, 0x00, 0x02, 0x4A, 0x04, 0x00, 0x01, 0x00, 0x01, 0x00, 0x04, 0x0A, 0x75, 0x00, 0x0A,
    0x00, 0x06, 0x00, 0x02, 0x48, 0x2A, 0x00, 0x02, 0x00, 0x01, 0x00, 0x04, 0x0A, 0x4C, 0x00, 0x02,
  ]

  private static func reading(_ bytes: [UInt8], _ form: ScanReport.Form) throws(DecodingFailure) -> JSON {
    let report = try ScanReport(bytes, form: form)
    return AgentConfiguration.standard(0x02BC)?.read(report).json ?? .null
  }

  private static func entries(_ bytes: [UInt8]) throws(DecodingFailure) -> JSON {
    let event = try SegmentDataEvent(bytes)
    guard let configuration = AgentConfiguration.standard(0x02BC),
      case .segmentEntryMap(let map) = try Attribute(id: AttributeID.segmentEntryMap, value: entryMap).content()
    else { return .null }
    return .array(try configuration.entries(event, map: map, person: 7).map(\.json))
  }

  @Sendable static func ours(_ format: String, _ bytes: [UInt8]) -> String {
    OracleComparison.answer(of: decoders, format, bytes)
  }

  @Test func everyPrefixAndMutationAgrees() async throws {
    let golden = try GoldenValue.all(in: "x73_golden.txt")
    #expect(Set(golden.map(\.uuid)) == Set(Self.decoders.keys))
    let count = OracleTests.count
    let seed = OracleTests.seed
    let report = try await OracleComparison(
      mutations: Mutations(golden: golden, count: count, seed: seed), script: "x73_oracle.py", ours: Self.ours
    ).run()
    print(
      "11073 oracle: seed \(seed), \(golden.count) golden values, \(report.cases) cases, "
        + "\(report.decoded.values.reduce(0, +)) decoded alike, \(report.refused.values.reduce(0, +)) refused for the "
        + "same field, \(report.disagreements) disagreements")
    #expect(report.disagreements == 0, "seed \(seed)\n\(report.examples.map(\.description).joined(separator: "\n"))")
    #expect(report.cases == golden.reduce(0) { $0 + $1.bytes.count + 1 } + golden.count * count)
    for (index, value) in golden.enumerated() {
      #expect(report.decoded[index, default: 0] > count / 100, "\(value.uuid): hardly any mutation was decoded")
      #expect(report.refused[index, default: 0] > count / 100, "\(value.uuid): hardly any mutation was refused")
    }
  }

  /// The comparison can fail: decoders with the faults that people make are found out.
  @Test(arguments: [
    (#""special":"nan""#, #""special":"nres""#), (#""id":null"#, #""id":65535"#), (#""unit":3843"#, #""unit":3872"#),
    (#""undecodable""#, #""dateTime""#), ("AVA-Type.attribute-value", "AVA-Type"), (#""status":16384"#, #""status":0"#),
  ])
  func comparisonNoticesAFault(right: String, wrong: String) async throws {
    let mutations = Mutations(golden: try GoldenValue.all(in: "x73_golden.txt"), count: 200, seed: OracleTests.seed)
    let report = try await OracleComparison(mutations: mutations, script: "x73_oracle.py") { format, bytes in
      Self.ours(format, bytes).replacing(right, with: wrong)
    }.run()
    #expect(report.disagreements > 0)
    #expect(report.examples.allSatisfy { $0.oracle.contains(right) && !$0.ours.contains(right) })
  }
}
