import Foundation
import Testing
import WireFormats

/// As ``OracleTests``, for what Omron cuffs keep and send; the other decoder is `omron_oracle.py`.
@Suite(.serialized) struct OmronOracleTests {
  static let golden = "omron_golden.txt"

  @Test func everyPrefixAndMutationAgrees() async throws {
    let golden = try GoldenValue.all(in: Self.golden)
    let report = try await Self.comparison(
      Mutations(golden: golden, count: OracleTests.count, seed: OracleTests.seed)
    ).run()
    print(
      "omron oracle: seed \(OracleTests.seed), \(golden.count) golden values, \(report.cases) cases: "
        + "\(report.decoded.values.reduce(0, +)) decoded alike, \(report.refused.values.reduce(0, +)) refused for the "
        + "same field, \(report.disagreements) disagreements")
    #expect(report.disagreements == 0, "\(report.examples.map(\.description).joined(separator: "\n"))")
    #expect(report.cases == golden.reduce(0) { $0 + $1.bytes.count + 1 } + golden.count * OracleTests.count)
    // A frame that was changed is seldom one any more: those with their checksum put right stand in for it.
    for (index, value) in golden.enumerated() where value.uuid != "FRAME" {
      #expect(report.decoded[index, default: 0] > OracleTests.count / 100, "\(value.uuid): hardly any was decoded")
      #expect(report.refused[index, default: 0] > OracleTests.count / 100, "\(value.uuid): hardly any was refused")
    }
  }

  /// The words of date and time and the last two octets: each eleventh of their values, and all with `VITALS_LONG=1`.
  @Test(arguments: ["LE-14", "BE-14-8", "BE-14-6", "BE-14-6-IHB"], [4, 6, 12])
  func everyWordAgrees(layout: String, at: Int) async throws {
    let step = OracleTests.environment["VITALS_LONG"] == "1" ? 1 : 11
    let golden = stride(from: 0, through: 0xFFFF, by: step).map { word in
      var bytes: [UInt8] = [0x5D, 0x4C, 0x20, 0x1F, 0x67, 0x08, 0x09, 0x12, 0, 0, 1, 0, 0, 0]
      (bytes[at], bytes[at + 1]) = (UInt8(word & 0xFF), UInt8(word >> 8))
      return GoldenValue(uuid: layout, bytes: bytes)
    }
    let report = try await Self.comparison(Mutations(golden: golden, count: 0, seed: 0, withPrefixes: false)).run()
    #expect(report.disagreements == 0, "\(report.examples.map(\.description).joined(separator: "\n"))")
    #expect(report.decoded.count == golden.count)
  }

  /// The comparison can fail: decoders with the faults that people make are found out.
  @Test(arguments: [
    (#""irregularHeartbeat":true,"bodyMovement":false"#, #""irregularHeartbeat":false,"bodyMovement":true"#),
    (#""seconds":59"#, #""seconds":63"#), (#"{"empty":true,"#, "{"), ("sum-and-complement", "sum-and-zero"),
    (#"{"error":"Checksum"}"#, #"{"error":"Type"}"#), (#""lastSlot":99"#, #""lastSlot":-1"#),
  ])
  func comparisonNoticesAFault(right: String, wrong: String) async throws {
    let mutations = Mutations(golden: try GoldenValue.all(in: Self.golden), count: 200, seed: OracleTests.seed)
    let report = try await Self.comparison(mutations) { layout, bytes in
      Self.ours(layout, bytes).replacingOccurrences(of: right, with: wrong)
    }.run()
    #expect(report.disagreements > 0)
    #expect(report.examples.allSatisfy { $0.oracle.contains(right) && !$0.ours.contains(right) })
  }

  /// The golden file is what the builder writes, so that nobody mends the one without the other.
  @Test func goldenValuesAreTheBuilders() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", GoldenValue.folder.appending(path: "omron_oracle.py").path, "build"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let written = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(written == (try Data(contentsOf: GoldenValue.folder.appending(path: Self.golden))))
  }

  static func comparison(
    _ mutations: Mutations, ours: @escaping @Sendable (String, [UInt8]) -> String = OmronOracleTests.ours
  ) -> OracleComparison {
    OracleComparison(mutations: mutations, script: "omron_oracle.py", ours: ours)
  }

  /// What our decoders say of a value: its JSON, or `{"error":"<field>"}`.
  static func ours(_ layout: String, _ bytes: [UInt8]) -> String {
    do {
      guard let json = try json(layout, bytes) else { return #"{"error":"Layout"}"# }
      return json.text
    } catch {
      return #"{"error":"\#(error.field)"}"#
    }
  }

  private static let records: [String: OmronRecordLayout] = [
    "LE-14": .littleEndian14, "LE-16": .littleEndian16, "BE-14-8": .bigEndian14(yearBits: .eight),
    "BE-14-6": .bigEndian14(yearBits: .six), "BE-14-8-MOV": .bigEndian14(yearBits: .eight, flagOrder: .movementAbove),
    "BE-14-6-IHB": .bigEndian14(yearBits: .six, flagOrder: .irregularHeartbeatAbove),
  ]
  private static let clocks: [String: OmronClockLayout] = [
    "CLOCK-CLASSIC-MIXED": .classicMixed, "CLOCK-LINEAR-10": .linear10, "CLOCK-MODERN-8": .modernOffset8,
    "CLOCK-CLASSIC-8": .classicOffset8,
  ]
  private static let indices: [String: (layout: OmronIndexLayout?, slots: Int)] = [
    "INDEX-LE": (.twoUsers(.little), 100), "INDEX-BE": (.twoUsers(.big), 100),
    "INDEX-3FFF": (
      OmronIndexLayout(
        size: 8, wordOrder: .little,
        users: [.init(cursorOffset: 0, unreadOffset: 4), .init(cursorOffset: 2, unreadOffset: 6)], cursorMask: 0x3FFF),
      1000
    ),
  ]

  private static func json(_ layout: String, _ bytes: [UInt8]) throws(DecodingFailure) -> JSON? {
    if let record = records[layout] { return try OmronSlot(bytes, layout: record).json }
    if let clock = clocks[layout] { return try OmronClock(bytes, layout: clock).json }
    if let (index, slots) = indices[layout], let index { return json(try OmronIndexBlock(bytes, layout: index), slots) }
    switch layout {
    case "FRAME": return json(try OmronFrame(bytes))
    case "SEALED": return json(try OmronFrame(bytes + [bytes.reduce(0, ^)]))
    case "ADVERTISEMENT": return try OmronAdvertisement(bytes).json
    case "UNLOCK": return json(try OmronUnlockReply(bytes))
    default: return nil
    }
  }

  private static func json(_ frame: OmronFrame) -> JSON {
    .object([
      .init("kind", .string("\(frame.kind)")), .init("address", .integer(Int(frame.address))),
      .init("count", .integer(Int(frame.count))), .init("data", .string(Hexadecimal.text(frame.data))),
      .init("result", .integer(Int(frame.result))),
    ])
  }

  private static func json(_ index: OmronIndexBlock, _ slots: Int) -> JSON {
    let users = index.users.map { user in
      JSON.object([
        .init("cursor", .integer(Int(user.cursor))),
        .init("lastSlot", user.lastSlot(of: slots).map { .integer($0) } ?? .null),
        .init("unread", .integer(user.unreadCount)),
      ])
    }
    return .object([
      .init("users", .array(users)), .init("cleared", .string(Hexadecimal.text(index.withUnreadCleared))),
    ])
  }

  private static func json(_ reply: OmronUnlockReply) -> JSON {
    let (name, member): (String, JSON.Member?) =
      switch reply {
      case .readyForKey: ("readyForKey", nil)
      case .notReadyForKey(let status): ("notReadyForKey", .init("status", .integer(Int(status))))
      case .keyStored: ("keyStored", nil)
      case .keyRefused(let status): ("keyRefused", .init("status", .integer(Int(status))))
      case .unlocked: ("unlocked", nil)
      case .locked(let status): ("locked", .init("status", .integer(Int(status))))
      case .token(let token): ("token", .init("token", .integer(Int(token))))
      case .tokenRefused(let status): ("tokenRefused", .init("status", .integer(Int(status))))
      case .error(let code): ("error", .init("status", .integer(Int(code))))
      }
    return .object([.init("reply", .string(name))] + (member.map { [$0] } ?? []))
  }
}
