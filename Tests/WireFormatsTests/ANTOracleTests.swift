import Testing
import WireFormats

/// As ``OracleTests``, of an ANT stick's messages and heart-rate straps' pages, and `ant_oracle.py`.
@Suite(.serialized) struct ANTOracleTests {
  static let decoders: [String: @Sendable ([UInt8]) throws(DecodingFailure) -> JSON] = [
    "ant-message": { (bytes) throws(DecodingFailure) in try ANTMessage(bytes).json },
    "ant-message+": { (bytes) throws(DecodingFailure) in
      try ANTMessage(bytes + [bytes.reduce(0, ^)]).json
    },
    "ant-stream": { (bytes) throws(DecodingFailure) in stream(bytes) },
    "ant-response": { (bytes) throws(DecodingFailure) in try ANTChannelResponse(bytes).json },
    "ant-data": { (bytes) throws(DecodingFailure) in try ANTDataMessage(bytes).json },
    "ant-heart-rate": { (bytes) throws(DecodingFailure) in try ANTHeartRatePage(bytes).json },
  ]

  /// In packets of seven octets.
  static func stream(_ bytes: [UInt8]) -> JSON {
    var assembler = ANTMessageAssembler()
    var messages: [JSON] = []
    for start in stride(from: 0, to: bytes.count, by: 7) {
      messages += assembler.append(Array(bytes[start..<min(start + 7, bytes.count)])).map(\.json)
    }
    return .object([.init("messages", .array(messages)), .init("waiting", .integer(assembler.waiting))])
  }

  @Sendable static func ours(_ format: String, _ bytes: [UInt8]) -> String {
    OracleComparison.answer(of: decoders, format, bytes)
  }

  @Test func everyPrefixAndMutationAgrees() async throws {
    let golden = try GoldenValue.all(in: "ant_golden.txt")
    #expect(Set(golden.map(\.uuid)) == Set(Self.decoders.keys))
    let (count, seed) = (OracleTests.count, OracleTests.seed)
    let report = try await OracleComparison(
      mutations: Mutations(golden: golden, count: count, seed: seed), script: "ant_oracle.py", ours: Self.ours
    ).run()
    #expect(report.disagreements == 0, "seed \(seed)\n\(report.examples.map(\.description).joined(separator: "\n"))")
    #expect(report.cases == golden.reduce(0) { $0 + $1.bytes.count + 1 } + golden.count * count)
    // A mutated message whose checksum still fits is rare, and a stream is never refused.
    for name in Self.decoders.keys {
      let places = golden.indices.filter { golden[$0].uuid == name }
      let few = name == "ant-message" ? 0 : count / 100
      #expect(places.reduce(0) { $0 + report.decoded[$1, default: 0] } > few, "\(name)")
      if name == "ant-stream" { continue }
      #expect(places.reduce(0) { $0 + report.refused[$1, default: 0] } > count / 100, "\(name)")
    }
  }

  /// The comparison can fail.
  @Test(arguments: [
    (#""batteryStatus":"good""#, #""batteryStatus":"ok""#), ("Checksum", "Content"),
    (#""pairing":true"#, #""pairing":false"#),
    (#""heartRate":null"#, #""heartRate":0"#),
  ])
  func comparisonNoticesAFault(right: String, wrong: String) async throws {
    let mutations = Mutations(golden: try GoldenValue.all(in: "ant_golden.txt"), count: 200, seed: OracleTests.seed)
    let report = try await OracleComparison(mutations: mutations, script: "ant_oracle.py") { format, bytes in
      Self.ours(format, bytes).replacing(right, with: wrong)
    }.run()
    #expect(report.disagreements > 0)
  }

  /// What follows a false beginning that is never finished is found when it is given up.
  @Test func whatIsHiddenIsGivenUp() throws {
    var assembler = ANTMessageAssembler()
    #expect(assembler.append([0xA4, 0x30, 0xA4, 0x01, 0x6F, 0x20, 0xEA, 0xA4]).isEmpty)
    #expect(assembler.giveUp().map(\.id) == [ANTMessageID.startup])
    #expect(assembler.waiting == 0)
  }

  /// Commands octet by octet, by the message format and not by the encoder.
  @Test func commands() throws {
    let key = try #require(ANTNetworkKey([1, 2, 3, 4, 5, 6, 7, 8]))
    let commands: [(ANTCommand, [UInt8])] = [
      (.reset, [0xA4, 0x01, 0x4A, 0x00, 0xEF]),
      (.extendedMessages, [0xA4, 0x02, 0x6E, 0x00, 0x80, 0x48]),
      (.networkKey(key, network: 0), [0xA4, 0x09, 0x46, 0x00, 1, 2, 3, 4, 5, 6, 7, 8, 0xE3]),
      (.assign(channel: 0, network: 0), [0xA4, 0x03, 0x42, 0x00, 0x00, 0x00, 0xE5]),
      (
        .channelID(channel: 0, number: 0, deviceType: 120, transmissionType: 0),
        [0xA4, 0x05, 0x51, 0x00, 0x00, 0x00, 0x78, 0x00, 0x88]
      ),
      (.period(channel: 0, 8070), [0xA4, 0x03, 0x43, 0x00, 0x86, 0x1F, 0x7D]),
      (.searchTimeout(channel: 0, 255), [0xA4, 0x02, 0x44, 0x00, 0xFF, 0x1D]),
      (.frequency(channel: 0, 57), [0xA4, 0x02, 0x45, 0x00, 0x39, 0xDA]),
      (.open(channel: 0), [0xA4, 0x01, 0x4B, 0x00, 0xEE]),
      (.openScan, [0xA4, 0x01, 0x5B, 0x00, 0xFE]),
      (.close(channel: 0), [0xA4, 0x01, 0x4C, 0x00, 0xE9]),
    ]
    for (command, octets) in commands { #expect(command.message.bytes == octets, "\(command.title)") }
    #expect("\(key)" == "a network key" && !String(reflecting: key).contains("8"))
    #expect(!"\(ANTCommand.networkKey(key, network: 0))".contains("8"))
    #expect(ANTNetworkKey([1, 2, 3]) == nil)
  }
}
