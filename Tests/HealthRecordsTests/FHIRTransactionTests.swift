import Foundation
import HealthRecords
import Observations
import Testing

@Suite struct FHIRTransactionTests {
  /// The Bundle that HL7's definitions were checked against, written by hand (Tests/Receivers/examples).
  @Test(arguments: [MDC.pressBldNoninv, MDC.pulsRateNonInv, MDC.bloodPressureMeasurementStatus])
  func aReadingIsSaidAsInTheWorkedExample(_ code: MDCCode) throws {
    let ours = try ReadBundle(Samples.transaction(Samples.bloodPressure())).observation(code)
    let file = PackageFiles.receivers.appending(path: "examples/conforming-bundle.json")
    let theirs = try ReadBundle(Data(contentsOf: file)).observation(code)
    #expect(try comparable(ours) == comparable(theirs))
  }

  /// Without the names that differ from Bundle to Bundle, and without displays.
  private func comparable(_ resource: [String: Any]?) throws -> String {
    func stripped(_ value: Any) -> Any {
      if let object = value as? [String: Any] {
        return object.filter { $0.key != "reference" && $0.key != "display" }.mapValues(stripped)
      }
      return (value as? [Any])?.map(stripped) ?? value
    }
    let data = try JSONSerialization.data(
      withJSONObject: stripped(try #require(resource)), options: [.sortedKeys, .prettyPrinted])
    return String(decoding: data, as: UTF8.self)
  }

  @Test func theSameReadingsGiveTheSameBytes() {
    let once = Samples.transaction(Samples.bloodPressure(), Samples.heartRateWindow()).bytes
    #expect(once == Samples.transaction(Samples.bloodPressure(), Samples.heartRateWindow()).bytes)
    #expect(
      String(decoding: once, as: UTF8.self).hasPrefix(#"{"resourceType":"Bundle","type":"transaction","entry":[{"#))
  }

  @Test func everyEntryIsCreatedUnderItsIdentifierOnly() throws {
    let transaction = Samples.transaction(Samples.bloodPressure(), Samples.heartRateWindow())
    let bundle = try ReadBundle(transaction)
    #expect(bundle.entries.count == transaction.entryCount)
    for entry in bundle.entries {
      let request = try #require(entry["request"] as? [String: String])
      #expect(request["method"] == "POST")
      #expect(request["ifNoneExist"]?.hasPrefix("identifier=") == true)
    }
  }

  @Test func partiesAreSaidOnceAndThePatientByPseudonymAlone() throws {
    let transaction = Samples.transaction(
      Samples.bloodPressure(identity: "a"), Samples.bloodPressure(identity: "b", marks: [.sharesDeviceTime]))
    let bundle = try ReadBundle(transaction)
    #expect(bundle.all("Patient").count == 1)
    #expect(bundle.all("Device").count == 2)
    #expect(Set(try #require(bundle.all("Patient").first).keys) == ["resourceType", "meta", "identifier"])
    #expect(!String(decoding: transaction.bytes, as: UTF8.self).contains("Nội"))
  }

  @Test func aSpecialValueSpoilsOnlyItsComponent() throws {
    let bundle = try ReadBundle(
      Samples.transaction(
        Samples.bloodPressure(components: [
          ObservationComponent(MDC.pressBldNoninvSys, Samples.mmHg(152)),
          ObservationComponent(MDC.pressBldNoninvDia, Samples.mmHg(94)),
          ObservationComponent(MDC.pressBldNoninvMean, .absent(.notANumber)),
          ObservationComponent(MDC.pulsRateNonInv, .absent(.positiveInfinity)),
        ])))
    let components = ReadBundle.components(bundle.observation(MDC.pressBldNoninv))
    #expect(ReadBundle.number(components.first) == 152)
    #expect(ReadBundle.codes(components.last?["dataAbsentReason"]) == ["not-a-number"])
    let pulse = bundle.observation(MDC.pulsRateNonInv)
    #expect(ReadBundle.codes(pulse?["dataAbsentReason"]) == ["positive-infinity"])
    #expect(pulse?["valueQuantity"] == nil)
  }

  @Test func kilopascalLeavesAsMillimetresOfMercury() throws {
    let kPa = UCUMUnit.kilopascal
    let bundle = try ReadBundle(
      Samples.transaction(
        Samples.bloodPressure(components: [
          ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(18.9, kPa))),
          ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(11, kPa))),
        ])))
    let systolic = ReadBundle.components(bundle.observation(MDC.pressBldNoninv)).first
    #expect(ReadBundle.number(systolic) == 141.8)
    #expect((systolic?["valueQuantity"] as? [String: Any])?["code"] as? String == "mm[Hg]")
  }

  @Test func systolicIs8480Dash6() throws {
    // A draft national guide has the two exchanged.
    let components = ReadBundle.components(
      try ReadBundle(Samples.transaction(Samples.bloodPressure())).observation(MDC.pressBldNoninv))
    #expect(
      components.map { ReadBundle.codes($0["code"]) } == [
        ["150021", "8480-6"], ["150022", "8462-4"], ["150023", "8478-0"],
      ])
    #expect(components.map { ReadBundle.number($0) } == [152, 94, 113])
  }

  @Test func aReadingBetweenVisitsHasAPeriodAndNoClock() throws {
    let start = Samples.moment.addingTimeInterval(-86400)
    let bundle = try ReadBundle(
      Samples.transaction(
        Samples.bloodPressure(
          effective: EffectiveTime(span: .period(start, Samples.moment), basis: .betweenVisits),
          marks: [.clockUnusable])))
    let panel = bundle.observation(MDC.pressBldNoninv)
    #expect(
      panel?["effectivePeriod"] as? [String: String] == [
        "start": "2026-03-09T07:00:05+07:00", "end": "2026-03-10T07:00:05+07:00",
      ])
    #expect(panel?["effectiveDateTime"] == nil)
    #expect(panel?["note"] != nil)
    #expect(bundle.observation(MDCCode(67975)) == nil)
  }

  @Test func theClockIsSaidOncePerVisitAndUnderAnIdentifier() throws {
    let bundle = try ReadBundle(
      Samples.transaction(
        Samples.bloodPressure(identity: "a"), Samples.bloodPressure(identity: "b", marks: [.sharesDeviceTime])))
    let clocks = bundle.all("Observation").filter { ReadBundle.codes($0["code"]) == ["67975"] }
    #expect(clocks.count == 1)
    // Received 07:05:05 by the gateway, whole minute 07:05:00; the cuff then showed five seconds less.
    #expect(clocks.first?["effectiveDateTime"] as? String == "2026-03-10T07:05:00+07:00")
    #expect(clocks.first?["valueDateTime"] as? String == "2026-03-10T07:04:55+07:00")
    #expect(ReadBundle.identifier(clocks.first) == "FEEDABEEDEAD77C3-711000FEFF5F49B0-826416300--5")
    #expect(bundle.condition(of: clocks.first)?.hasPrefix("identifier=urn:vitals-gateway:clock%7C") == true)
    #expect(
      try ReadBundle(Samples.transaction(Samples.bloodPressure(clockOffset: nil))).observation(MDCCode(67975)) == nil)
  }

  @Test func aWindowIsOneMeanOverAPeriod() throws {
    let bundle = try ReadBundle(Samples.transaction(Samples.heartRateWindow()))
    #expect(bundle.all("Observation").count == 1)
    let rate = bundle.observation(MDC.ecgHeartRate)
    #expect(ReadBundle.codes(rate?["code"]) == ["147842", "8867-4"])
    #expect(ReadBundle.number(rate) == 71.5)
    #expect((rate?["effectivePeriod"] as? [String: String])?["end"] == "2026-03-10T07:01:05+07:00")
    #expect(ReadBundle.codes(rate?["method"]) == ["average"])
    let components = ReadBundle.components(rate)
    #expect(components.map { ReadBundle.codes($0["code"]) } == [["minimum"], ["maximum"], ["count"]])
    #expect(components.map { ReadBundle.number($0) } == [64, 88, nil])
    #expect(components.last?["valueInteger"] as? Int == 72)
  }

  @Test func aSpotCheckIsASaturationAndAPulse() throws {
    let bundle = try ReadBundle(
      Samples.transaction(
        Samples.oxygenSaturation([
          ObservationComponent(MDC.pulsOximSatO2, .quantity(Quantity(96.5, .percent))),
          ObservationComponent(MDC.pulsOximPulsRate, Samples.perMinute(64)),
        ])))
    #expect(bundle.all("Observation").count == 2)
    let saturation = bundle.observation(MDC.pulsOximSatO2)
    #expect(ReadBundle.codes(saturation?["code"]) == ["150456", "2708-6", "59408-5"])
    #expect(ReadBundle.number(saturation) == 96.5)
    #expect((saturation?["valueQuantity"] as? [String: Any])?["code"] as? String == "%")
    let pulse = bundle.observation(MDC.pulsOximPulsRate)
    #expect(ReadBundle.codes(pulse?["code"]) == ["149530", "8867-4"])
    #expect(ReadBundle.number(pulse) == 64)
    #expect(ReadBundle.identifier(saturation) != ReadBundle.identifier(pulse))
  }

  @Test func aWindowOfSaturationIsOneMeanOverAPeriod() throws {
    func percent(_ value: Decimal) -> ComponentValue { .quantity(Quantity(value, .percent)) }
    let bundle = try ReadBundle(
      Samples.transaction(
        Samples.oxygenSaturation([
          ObservationComponent(MDC.pulsOximSatO2, statistic: .mean, percent(96)),
          ObservationComponent(MDC.pulsOximSatO2, statistic: .minimum, percent(91)),
          ObservationComponent(MDC.pulsOximSatO2, statistic: .maximum, percent(98)),
        ])))
    #expect(bundle.all("Observation").count == 1)
    let saturation = bundle.observation(MDC.pulsOximSatO2)
    #expect(ReadBundle.codes(saturation?["method"]) == ["average"])
    #expect(ReadBundle.components(saturation).map { ReadBundle.number($0) } == [91, 98])
  }

  @Test func doubtIsAnInterpretationAndAnIrregularPulseIsNot() throws {
    let doubted = try ReadBundle(Samples.transaction(Samples.bloodPressure(flags: [.bodyMovement, .irregularPulse])))
    let interpretation = (doubted.observation(MDC.pressBldNoninv)?["interpretation"] as? [Any])?.first
    #expect(ReadBundle.codes(interpretation) == ["questionable"])
    let bits = ReadBundle.components(doubted.observation(MDC.bloodPressureMeasurementStatus))
    #expect(bits.map { ReadBundle.codes($0["code"]) } == [["8410608.0"], ["8410608.2"]])
    let irregular = try ReadBundle(Samples.transaction(Samples.bloodPressure(flags: [.irregularPulse])))
    #expect(irregular.observation(MDC.pressBldNoninv)?["interpretation"] == nil)
    let quiet = try ReadBundle(Samples.transaction(Samples.bloodPressure(flags: [])))
    #expect(quiet.observation(MDC.bloodPressureMeasurementStatus) == nil)
  }

  @Test func simulatedIsLabelledAndNeverNamedAsTheRealDevice() throws {
    let played = DeviceDescription(
      id: DeviceID(rawValue: "sim:B0:49:5F:00:10:71"), address: "B0:49:5F:00:10:71", name: nil,
      profile: "sig/blood-pressure", information: Samples.cuff.information)
    let bundle = try ReadBundle(Samples.transaction(Samples.bloodPressure(device: played, isSimulated: true)))
    #expect(bundle.all("Observation").count == 4)
    for observation in bundle.all("Observation") {
      let meta = observation["meta"] as? [String: Any]
      #expect((meta?["security"] as? [[String: String]])?.first?["code"] == "HTEST")
      #expect(ReadBundle.identifier(observation)?.hasPrefix("711000FEFF5F49B0") == false)
    }
    let device = bundle.all("Device").last
    #expect(ReadBundle.identifier(device) == "sim:B0:49:5F:00:10:71")
    let real = try ReadBundle(Samples.transaction(Samples.bloodPressure()))
    #expect(!String(describing: real.resources).contains("HTEST"))
  }

  @Test func profilesAndSystemsAreConfiguration() throws {
    let naming = FHIRNaming(
      patientSystem: "urn:oid:1.2.3",
      measurementStatusSystem: "http://terminology.hl7.org/CodeSystem/measurement-status",
      extraProfiles: [.bloodPressure: ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-blood-pressure"]])
    let bundle = try ReadBundle(
      Samples.transaction(Samples.bloodPressure(flags: [.cuffTooLoose]), naming: naming))
    let panel = bundle.observation(MDC.pressBldNoninv)
    let profiles = (panel?["meta"] as? [String: Any])?["profile"] as? [String]
    #expect(profiles?.last?.hasSuffix("us-core-blood-pressure") == true)
    let interpretation = String(describing: panel?["interpretation"] ?? "")
    #expect(interpretation.contains("http://terminology.hl7.org/CodeSystem/measurement-status"))
    #expect(ReadBundle.identifier(panel)?.contains("-urn:oid:1.2.3-") == true)
  }

  @Test func whatTheDeviceDoesNotSayIsUnknown() throws {
    var padded = Samples.mute
    padded.information.manufacturer = "  Maker\u{0}\u{0}\u{0}"
    padded.information.model = "\u{0}"
    let bundle = try ReadBundle(Samples.transaction(Samples.bloodPressure(device: padded)))
    let device = bundle.all("Device").last
    #expect(device?["manufacturer"] as? String == "Maker")
    #expect(device?["modelNumber"] as? String == "unknown")
    #expect((device?["version"] as? [[String: Any]])?.first?["value"] as? String == "unknown")
    #expect(bundle.condition(of: device) == "identifier=http://hl7.org/fhir/sid/eui-48/bluetooth%7CF0-F1-F2-F3-F4-F5")
  }
}

/// What a record is told of a reading that was not the person's.
@Suite struct FHIRWithdrawalTests {
  @Test func aWithdrawnReadingReplacesTheFirstAndSaysNoValue() throws {
    let first = Samples.bloodPressure()
    var withdrawn = first
    withdrawn.standing = .withdrawn
    let (created, replaced) = (
      try ReadBundle(Samples.transaction(first)), try ReadBundle(Samples.transaction(withdrawn))
    )
    var replacements = 0
    for entry in replaced.entries {
      let resource = try #require(entry["resource"] as? [String: Any])
      let request = try #require(entry["request"] as? [String: Any])
      guard request["method"] as? String == "PUT" else { continue }
      replacements += 1
      #expect(resource["status"] as? String == "entered-in-error")
      let code = try #require(ReadBundle.codes(resource["code"]).first)
      let original = created.all("Observation").first { ReadBundle.codes($0["code"]).first == code }
      let condition = try #require(created.condition(of: original))
      #expect(request["url"] as? String == "Observation?" + condition)
      #expect(request["ifNoneExist"] == nil)
      #expect(resource["valueQuantity"] == nil)
      for component in ReadBundle.components(resource) {
        #expect(component["valueQuantity"] == nil && component["valueBoolean"] == nil)
        #expect(ReadBundle.codes(component["dataAbsentReason"]) == ["error"])
      }
    }
    // The pressure, the pulse and the flags.
    #expect(replacements == 3)
  }

  @Test func whatStandsAgainReplacesToo() throws {
    var again = Samples.bloodPressure()
    again.standing = .restated
    let bundle = try ReadBundle(Samples.transaction(again))
    let methods = bundle.entries.compactMap { ($0["request"] as? [String: Any])?["method"] as? String }
    #expect(methods.count { $0 == "PUT" } == 3)
    #expect(ReadBundle.number(ReadBundle.components(bundle.observation(MDC.pressBldNoninv)).first) == 152)
  }

  /// Without a time of the device the identifier names the reading alone: of a second person it would be the first's.
  @Test func twoPeoplesReadingsHaveTwoIdentifiers() throws {
    let first = Samples.bloodPressure(device: Samples.mute, deviceTime: nil)
    var second = first
    second.namesPatient = true
    #expect(Samples.transaction(first) != Samples.transaction(second))
    let names = try [first, second].map {
      ReadBundle.identifier(try ReadBundle(Samples.transaction($0)).observation(MDC.pressBldNoninv))
    }
    #expect(names[0] != nil && names[0] != names[1])
  }
}
