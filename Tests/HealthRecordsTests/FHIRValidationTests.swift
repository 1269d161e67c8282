import Foundation
import HealthRecords
import Observations
import Testing

/// Four independent checks that nobody wrote for this gateway (Tests/Receivers/fhircheck.py).
@Suite struct FHIRValidationTests {
  @Test func everyKindOfResourcePasses() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fhir-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var files: [String] = []
    for (name, transaction) in Self.transactions {
      let file = folder.appending(path: "\(name).json")
      try Data(transaction.bytes).write(to: file)
      files.append(file.path)
    }
    let (status, output) = try await PackageFiles.run("fhircheck.py", files)
    #expect(status == 0, "\(output)")
    #expect(output.split(separator: "\n").count { $0.hasPrefix("PASS ") } == files.count, "\(output)")
  }

  /// A checker that lets faults pass would pass anything.
  @Test func theCheckerCatchesEachOfItsMutations() async throws {
    let (status, output) = try await PackageFiles.run("mutate.py", ["-v"])
    #expect(status == 0, "\(output)")
    #expect(!output.isEmpty)
  }

  private static func withdrawn(_ reading: ObservationForRecord) -> ObservationForRecord {
    var reading = reading
    reading.standing = .withdrawn
    return reading
  }

  private static func identified() -> FHIRTransaction {
    do { return Samples.transaction(try PersonIdentifierTests.identified()) } catch { fatalError("\(error)") }
  }

  static let transactions: [String: FHIRTransaction] = {
    let start = Samples.moment.addingTimeInterval(-86400)
    let played = DeviceDescription(
      id: DeviceID(rawValue: "sim:B0:49:5F:00:10:71"), address: "B0:49:5F:00:10:71", name: nil,
      profile: "sig/blood-pressure", information: DeviceInformation())
    return [
      "blood-pressure": Samples.transaction(Samples.bloodPressure(flags: Set(MeasurementFlag.allCases))),
      "no-flags-no-clock": Samples.transaction(Samples.bloodPressure(flags: [], clockOffset: nil)),
      "absent": Samples.transaction(
        Samples.bloodPressure(
          components: [
            ObservationComponent(MDC.pressBldNoninvSys, .absent(.error)),
            ObservationComponent(MDC.pressBldNoninvMean, .absent(.notANumber)),
            ObservationComponent(MDC.pulsRateNonInv, .absent(.negativeInfinity)),
          ], flags: [.bodyMovement])),
      "fractions": Samples.transaction(
        Samples.bloodPressure(components: [
          ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(18.9, .kilopascal))),
          ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(11, .kilopascal))),
        ])),
      "between-visits": Samples.transaction(
        Samples.bloodPressure(
          effective: EffectiveTime(span: .period(start, Samples.moment), basis: .betweenVisits),
          marks: [.clockUnusable, .possibleRepeat], authentication: .unauthenticated)),
      "received": Samples.transaction(
        Samples.bloodPressure(
          device: Samples.mute, deviceTime: nil,
          effective: EffectiveTime(span: .instant(Samples.moment), basis: .received))),
      "withdrawn": Samples.transaction(
        withdrawn(Samples.bloodPressure(flags: Set(MeasurementFlag.allCases))), withdrawn(Samples.heartRateWindow())),
      "identified": identified(),
      "average": Samples.transaction(Samples.bloodPressure(), Samples.homeAverage()),
      "average-alone": Samples.transaction(Samples.homeAverage(isSimulated: true)),
      "average-withdrawn": Samples.transaction(withdrawn(Samples.homeAverage())),
      "heart-rate": Samples.transaction(Samples.heartRateWindow()),
      "heart-rate-absent": Samples.transaction(Samples.heartRateWindow(.absent(.error))),
      "oxygen": Samples.transaction(
        Samples.oxygenSaturation([
          ObservationComponent(MDC.pulsOximSatO2, .quantity(Quantity(97, .percent))),
          ObservationComponent(MDC.pulsOximPulsRate, Samples.perMinute(68)),
        ])),
      "oxygen-window": Samples.transaction(
        Samples.oxygenSaturation([
          ObservationComponent(MDC.pulsOximSatO2, statistic: .mean, .quantity(Quantity(96.5, .percent))),
          ObservationComponent(MDC.pulsOximSatO2, statistic: .minimum, .quantity(Quantity(94, .percent))),
          ObservationComponent(MDC.pulsOximPulsRate, statistic: .mean, Samples.perMinute(68)),
        ])),
      "oxygen-absent": Samples.transaction(
        Samples.oxygenSaturation([ObservationComponent(MDC.pulsOximSatO2, .absent(.notANumber))])),
      "simulated": Samples.transaction(Samples.bloodPressure(device: played, isSimulated: true)),
      "many": Samples.transaction(
        Samples.bloodPressure(identity: "a"), Samples.bloodPressure(identity: "b", marks: [.sharesDeviceTime]),
        Samples.heartRateWindow()),
    ]
  }()
}
