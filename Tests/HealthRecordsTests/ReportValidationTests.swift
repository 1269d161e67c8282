import Foundation
import Observations
import Testing

@testable import HealthRecords

/// `hl7apy` in its strict mode and `hl7`, which nobody wrote for this gateway, with the rules of PCD-01
/// (Tests/Receivers/hl7check.py).
@Suite struct ReportValidationTests {
  @Test func everyMessageConforms() async throws {
    try await withFiles(Self.reports) { files in
      let (status, output) = try await PackageFiles.run("hl7check.py", files)
      #expect(status == 0, "\(output)")
      #expect(output.split(separator: "\n").count { $0.hasPrefix("PASS ") } == files.count, "\(output)")
    }
  }

  /// The check can fail: each of some hundred faults is caught, in the guide's message and in ours.
  @Test func faultsAreCaught() async throws {
    let some = Self.reports.filter { ["blood-pressure", "withdrawn", "heart-rate", "oxygen"].contains($0.key) }
    try await withFiles(some) { files in
      let example = PackageFiles.receivers.appending(path: "examples/conforming-message.hl7").path
      let (status, output) = try await PackageFiles.run("mutate_hl7.py", [example] + files)
      #expect(status == 0, "\(output)")
      #expect(output.contains(" faults caught"), "\(output)")
    }
  }

  private func withFiles(
    _ reports: [String: ObservationReport], _ body: ([String]) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "hl7-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var files: [String] = []
    for (name, report) in reports {
      let file = folder.appending(path: "\(name).hl7")
      try Data(report.bytes).write(to: file)
      files.append(file.path)
    }
    try await body(files)
  }

  static let reports: [String: ObservationReport] = {
    let start = Samples.moment.addingTimeInterval(-86400)
    let played = DeviceDescription(
      id: DeviceID(rawValue: "sim:B0:49:5F:00:10:71"), address: "B0:49:5F:00:10:71", name: nil,
      profile: "sig/blood-pressure", information: DeviceInformation())
    func standing(_ standing: ObservationForRecord.Standing, _ reading: ObservationForRecord) -> ObservationForRecord {
      var reading = reading
      reading.standing = standing
      return reading
    }
    let saturation = Samples.oxygenSaturation([
      ObservationComponent(MDC.pulsOximSatO2, .quantity(Quantity(97.5, .percent))),
      ObservationComponent(MDC.pulsOximPulsRate, Samples.perMinute(61)),
    ])
    let readings: [String: ObservationForRecord] = [
      "blood-pressure": Samples.bloodPressure(flags: Set(MeasurementFlag.allCases)),
      "no-flags-no-clock": Samples.bloodPressure(flags: [], clockOffset: nil),
      "absent": Samples.bloodPressure(
        components: [
          ObservationComponent(MDC.pressBldNoninvSys, .absent(.error)),
          ObservationComponent(MDC.pressBldNoninvMean, .absent(.notANumber)),
          ObservationComponent(MDC.pulsRateNonInv, .absent(.negativeInfinity)),
        ], flags: [.bodyMovement]),
      "fractions": Samples.bloodPressure(components: [
        ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(18.9, .kilopascal))),
        ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(11, .kilopascal))),
      ]),
      "between-visits": Samples.bloodPressure(
        effective: EffectiveTime(span: .period(start, Samples.moment), basis: .betweenVisits),
        marks: [.clockUnusable, .possibleRepeat], authentication: .unauthenticated),
      "received": Samples.bloodPressure(
        device: Samples.mute, deviceTime: nil,
        effective: EffectiveTime(span: .instant(Samples.moment), basis: .received)),
      "withdrawn": standing(.withdrawn, Samples.bloodPressure(flags: Set(MeasurementFlag.allCases))),
      "withdrawn-window": standing(.withdrawn, Samples.heartRateWindow()),
      "withdrawn-oxygen": standing(.withdrawn, saturation),
      "restated": standing(.restated, Samples.bloodPressure()),
      "heart-rate": Samples.heartRateWindow(), "heart-rate-absent": Samples.heartRateWindow(.absent(.error)),
      "oxygen": saturation,
      "oxygen-window": Samples.oxygenSaturation([
        ObservationComponent(MDC.pulsOximSatO2, statistic: .mean, .quantity(Quantity(96, .percent))),
        ObservationComponent(MDC.pulsOximSatO2, statistic: .minimum, .quantity(Quantity(91, .percent))),
        ObservationComponent(MDC.pulsOximPulsRate, statistic: .mean, .absent(.positiveInfinity)),
      ]),
      "simulated": Samples.bloodPressure(device: played, isSimulated: true),
    ]
    return readings.mapValues { ObservationReportTests.report($0) }
  }()
}
