import Testing
import WireFormats

/// As ``OracleTests``, of USB devices' formats and `usb_oracle.py`.
@Suite(.serialized) struct USBOracleTests {
  static let commands: [OmronHIDCommand] = [
    .version, .count(bank: 0), .reading(bank: 0, index: 0), .end, .synchronise,
  ]

  static func answer(_ bytes: [UInt8], isSummed: Bool) throws(DecodingFailure) -> JSON {
    guard let first = bytes.first else { throw .truncated(field: "COMMAND", offset: 0, need: 1, have: 0) }
    let command = commands[Int(first) % 5]
    var octets = Array(bytes.dropFirst())
    if !isSummed { octets.append(octets.dropFirst(3).prefix(max(0, command.answerLength - 4)).reduce(0, ^)) }
    return switch try OmronHIDAnswer(octets, to: command) {
    case .data(let data): .object([.init("data", .string(Hexadecimal.text(data)))])
    case .refused: .object([.init("refused", .boolean(true))])
    case .off: .object([.init("off", .boolean(true))])
    case .ready: .object([.init("ready", .boolean(true))])
    }
  }

  static func eepromReport(_ bytes: [UInt8]) throws(DecodingFailure) -> JSON {
    let frame = try OmronEEPROMReport.frame(bytes)
    return .object([
      .init("kind", .string("\(frame.kind)")), .init("address", .integer(Int(frame.address))),
      .init("count", .integer(Int(frame.count))), .init("data", .string(Hexadecimal.text(frame.data))),
      .init("result", .integer(Int(frame.result))),
    ])
  }

  static let decoders: [String: @Sendable ([UInt8]) throws(DecodingFailure) -> JSON] = [
    "omron-report": { (bytes) throws(DecodingFailure) in
      .object([.init("payload", .string(Hexadecimal.text(try OmronHIDReport.payload(bytes))))])
    },
    "omron-answer": { (bytes) throws(DecodingFailure) in try answer(bytes, isSummed: true) },
    "omron-answer+": { (bytes) throws(DecodingFailure) in try answer(bytes, isSummed: false) },
    "omron-reading": { (bytes) throws(DecodingFailure) in try OmronHIDRecord(bytes).json },
    "omron-eeprom-report": { (bytes) throws(DecodingFailure) in try eepromReport(bytes) },
    "omron-eeprom-report+": { (bytes) throws(DecodingFailure) in
      try eepromReport(bytes + [bytes.dropFirst().reduce(0, ^)])
    },
    "beurer-reading": { (bytes) throws(DecodingFailure) in try BeurerHIDRecord(bytes).json },
    "microlife-report": { (bytes) throws(DecodingFailure) in
      .object([.init("payload", .string(Hexadecimal.text(try MicrolifeHIDReport.payload(bytes))))])
    },
    "microlife-text": { (bytes) throws(DecodingFailure) in try MicrolifeTextReply(bytes).json },
    "microlife-text+": { (bytes) throws(DecodingFailure) in
      let sum = bytes.dropFirst().reduce(0, &+) as UInt8
      return try MicrolifeTextReply(bytes + Array(Hexadecimal.text([sum]).utf8)).json
    },
    "microlife-text-record": { (bytes) throws(DecodingFailure) in try MicrolifeTextRecord(bytes).json },
    "beurer-bm96": { (bytes) throws(DecodingFailure) in try BeurerBM96Record(bytes).json },
    "contec-identity": { (bytes) throws(DecodingFailure) in try ContecIdentity(bytes).json },
    "contec-header": { (bytes) throws(DecodingFailure) in try ContecHeader(bytes).json },
    "contec-reading": { (bytes) throws(DecodingFailure) in try ContecReading(bytes).json },
  ]

  @Sendable static func ours(_ format: String, _ bytes: [UInt8]) -> String {
    OracleComparison.answer(of: decoders, format, bytes)
  }

  @Test func everyPrefixAndMutationAgrees() async throws {
    let golden = try GoldenValue.all(in: "usb_golden.txt")
    #expect(Set(golden.map(\.uuid)) == Set(Self.decoders.keys))
    let (count, seed) = (OracleTests.count, OracleTests.seed)
    let report = try await OracleComparison(
      mutations: Mutations(golden: golden, count: count, seed: seed), script: "usb_oracle.py", ours: Self.ours
    ).run()
    #expect(report.disagreements == 0, "seed \(seed)\n\(report.examples.map(\.description).joined(separator: "\n"))")
    #expect(report.cases == golden.reduce(0) { $0 + $1.bytes.count + 1 } + golden.count * count)
    // Of a format without a checksum mutations must have been decoded too, and of each some were refused.
    for name in Self.decoders.keys {
      let places = golden.indices.filter { golden[$0].uuid == name }
      let few = ["omron-answer", "omron-eeprom-report", "microlife-text"].contains(name) ? 0 : count / 100
      #expect(places.reduce(0) { $0 + report.decoded[$1, default: 0] } > few, "\(name)")
      #expect(places.reduce(0) { $0 + report.refused[$1, default: 0] } > count / 100, "\(name)")
    }
  }

  /// The comparison can fail.
  @Test(arguments: [
    (#""bodyMovement":true"#, #""bodyMovement":false"#), ("Checksum", "Data"), (#""refused""#, #""ready""#),
  ])
  func comparisonNoticesAFault(right: String, wrong: String) async throws {
    let mutations = Mutations(golden: try GoldenValue.all(in: "usb_golden.txt"), count: 200, seed: OracleTests.seed)
    let report = try await OracleComparison(mutations: mutations, script: "usb_oracle.py") { format, bytes in
      Self.ours(format, bytes).replacing(right, with: wrong)
    }.run()
    #expect(report.disagreements > 0)
  }
}
