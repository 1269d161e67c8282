import Foundation
import Testing
import WireFormats

/// Two decoders written from one specification by different ways agree on every value, good or bad.
///
/// `VITALS_LONG=1` takes 100,000 mutations of each golden value instead of 2,000; `VITALS_SEED` another seed.
@Suite(.serialized) struct OracleTests {
  static let environment = ProcessInfo.processInfo.environment
  static let count = environment["VITALS_LONG"] == "1" ? 100_000 : 2_000
  static let seed = environment["VITALS_SEED"].flatMap { UInt64($0) } ?? 20_260_101

  @Test func everyPrefixAndMutationAgrees() async throws {
    let golden = try GoldenValue.all()
    let start = ContinuousClock.now
    let report = try await OracleComparison(
      mutations: Mutations(golden: golden, count: Self.count, seed: Self.seed)
    ).run()
    let decoded = report.decoded.values.reduce(0, +)
    let refused = report.refused.values.reduce(0, +)
    print(
      "oracle: seed \(Self.seed), \(golden.count) golden values, \(report.cases) cases: \(decoded) decoded alike, "
        + "\(refused) refused for the same field, \(report.disagreements) disagreements, "
        + "in \((ContinuousClock.now - start).formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 1))))"
    )
    #expect(
      report.disagreements == 0, "seed \(Self.seed)\n\(report.examples.map(\.description).joined(separator: "\n"))")
    #expect(report.cases == golden.reduce(0) { $0 + $1.bytes.count + 1 } + golden.count * Self.count)
    // Neither side of the comparison may be empty for any of them.
    for (index, value) in golden.enumerated() {
      #expect(report.decoded[index, default: 0] > Self.count / 100, "\(value.uuid): hardly any mutation was decoded")
      #expect(report.refused[index, default: 0] > Self.count / 100, "\(value.uuid): hardly any mutation was refused")
    }
  }

  /// Each of the 65,536 words of an SFLOAT: there are few enough to try them all.
  @Test func everySFLOATAgrees() async throws {
    let golden = (0...0xFFFF).map {
      GoldenValue(uuid: "2A36", bytes: [0, UInt8($0 & 0xFF), UInt8($0 >> 8), 0, 0, 0, 0])
    }
    let report = try await OracleComparison(
      mutations: Mutations(golden: golden, count: 0, seed: 0, withPrefixes: false)
    ).run()
    #expect(report.disagreements == 0, "\(report.examples.map(\.description).joined(separator: "\n"))")
    #expect(report.decoded.count == 65_536)
  }

  /// The comparison can fail: decoders with the faults that people make are found out.
  @Test(arguments: [
    (#""pulseRateRange":"above""#, #""pulseRateRange":"below""#), ("RR-Interval", "Energy Expended"),
    (#""special":"nan""#, #""special":"nres""#), (#""userID":null"#, #""userID":255"#),
    (#","implausible":["Day"]"#, ""),
  ])
  func comparisonNoticesAFault(right: String, wrong: String) async throws {
    let mutations = Mutations(golden: try GoldenValue.all(), count: 200, seed: Self.seed)
    let report = try await OracleComparison(mutations: mutations) { uuid, bytes in
      OracleComparison.ours(uuid, bytes).replacingOccurrences(of: right, with: wrong)
    }.run()
    #expect(report.disagreements > 0)
    #expect(report.examples.allSatisfy { $0.oracle.contains(right) && !$0.ours.contains(right) })
  }
}
