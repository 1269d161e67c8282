import Foundation
import Observations
import Testing

@testable import HealthRecords

/// Against messages written by hand from IHE PCD-01 as `Tests/Receivers/examples/conforming-message.hl7` shows it. The digests
/// were made by another program (`printf … | sha256sum`).
@Suite struct ObservationReportTests {
  static func report(
    _ reading: ObservationForRecord, occasion: String = "obs-",
    naming: HL7v2Naming = HL7v2Naming(patientSystem: "urn:oid:2.999.84.1")
  ) -> ObservationReport {
    ObservationReport(
      reading, occasion: occasion, createdAt: Samples.moment.addingTimeInterval(300), gateway: Samples.gateway,
      naming: naming, timeZone: Samples.zone)
  }

  static func lines(_ report: ObservationReport) -> [String] {
    report.text.split(separator: "\r", omittingEmptySubsequences: false).map(String.init)
  }

  private let gateway = "vitals-gateway^FEEDABEEDEAD77C3^EUI-64"
  private let pressureUnit = "266016^MDC_DIM_MMHG^MDC^mm[Hg]^mm[Hg]^UCUM"
  private let rateUnit = "264864^MDC_DIM_BEAT_PER_MIN^MDC^/min^/min^UCUM"

  @Test func aBloodPressureIsTheMessageOfTheGuide() {
    let order = "\(Golden.cuffOrder)^\(gateway)"
    let expected = [
      #"MSH|^~\&|\#(gateway)||||20260310070505+0700||ORU^R01^ORU_R01|\#(Golden.cuffControl)|P|2.6|||NE|AL||UNICODE UTF-8|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO"#,
      "PID|||VN-DEMO-0001^^^&2.999.84.1&ISO^PI||^^^^^^U",
      "OBR|1|\(order)|\(order)|182777000^monitoring of patient^SCT|||20260310070005+0700|20260310070006+0700",
      "OBX|1||528391^MDC_DEV_SPEC_PROFILE_BP^MDC|1|||||||X|||||||711000FEFF5F49B0^^711000FEFF5F49B0^EUI-64",
      "OBX|2|DTM|67975^MDC_ATTR_TIME_ABS^MDC|1.0.0.1|20260310070455||||||R|||20260310070500+0700",
      "OBX|3|ST|531970^MDC_ID_MODEL_MANUFACTURER^MDC|1.0.0.11|OMRONHEALTHCARE||||||R",
      "OBX|4|ST|531969^MDC_ID_MODEL_NUMBER^MDC|1.0.0.12|HEM-9200T||||||R",
      "OBX|5|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.13|20150200002A||||||R",
      "OBX|6|ST|531976^MDC_ID_PROD_SPEC_FW^MDC|1.0.0.16|C.00.7AJ-02||||||R",
      "OBX|7||150020^MDC_PRESS_BLD_NONINV^MDC^85354-9^Blood pressure panel with all children optional^LN|1.0.1|||||||X|||20260310070005+0700",
      "OBX|8|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC^8480-6^Systolic blood pressure^LN|1.0.1.1|152|\(pressureUnit)|||||R",
      "OBX|9|NM|150022^MDC_PRESS_BLD_NONINV_DIA^MDC^8462-4^Diastolic blood pressure^LN|1.0.1.2|94|\(pressureUnit)|||||R",
      "OBX|10|NM|150023^MDC_PRESS_BLD_NONINV_MEAN^MDC^8478-0^Mean blood pressure^LN|1.0.1.3|113|\(pressureUnit)|||||R",
      "OBX|11|NM|149546^MDC_PULS_RATE_NON_INV^MDC^8867-4^Heart rate^LN|1.0.0.2|78|\(rateUnit)|||||R|||20260310070005+0700",
      "OBX|12|CWE|8410608^MDC_BLOOD_PRESSURE_MEASUREMENT_STATUS^MDC|1.0.0.3|1^irregular-pulse(2)||||||R|||20260310070005+0700",
      "",
    ]
    #expect(Self.lines(Self.report(Samples.bloodPressure())) == expected)
  }

  @Test func aWindowIsItsMeanWithFacets() {
    let order = "\(Golden.strapOrder)^\(gateway)"
    let expected = [
      "PID|||VN-DEMO-0001^^^&2.999.84.1&ISO^PI||^^^^^^U",
      "OBR|1|\(order)|\(order)|182777000^monitoring of patient^SCT|||20260310070005+0700|20260310070105+0700",
      "NTE|1|L|Received over an unencrypted radio link: the device cannot be paired, so its name is not proven.",
      "OBX|1||528525^MDC_DEV_SUB_SPEC_PROFILE_HR^MDC|1|||||||X|||||||F0F1F2F3F4F5^^F0F1F2F3F4F5^EUI-48",
      "OBX|2|NM|147842^MDC_ECG_HEART_RATE^MDC^8867-4^Heart rate^LN|1.0.0.2|71.5|\(rateUnit)|||||R||||||average^mean over the period^99VITALS",
      "OBX|3|NM|minimum^least over the period^99VITALS|1.0.0.2.1|64|\(rateUnit)|||||R",
      "OBX|4|NM|maximum^most over the period^99VITALS|1.0.0.2.2|88|\(rateUnit)|||||R",
      "OBX|5|NM|count^number of beats in the period^99VITALS|1.0.0.2.3|72|262656^MDC_DIM_DIMLESS^MDC^1^1^UCUM|||||R",
      "",
    ]
    #expect(Array(Self.lines(Self.report(Samples.heartRateWindow())).dropFirst()) == expected)
  }

  @Test func whatIsWithdrawnIsNamedAndNotRepeated() throws {
    var reading = Samples.heartRateWindow()
    (reading.standing, reading.namesPatient) = (.withdrawn, true)
    let lines = Self.lines(Self.report(reading, occasion: "withdrawn-obs-"))
    #expect(lines[0].contains("|\(Golden.withdrawnControl)|P|"))
    #expect(lines[2].hasPrefix("OBR|1|\(Golden.withdrawnOrder)^"))
    #expect(lines[3] == "NTE|1|L|Withdrawn: this reading was not this person's. Its values are left out.")
    let results = lines.filter { $0.hasPrefix("OBX|") }
    #expect(
      results == [
        "OBX|1||528525^MDC_DEV_SUB_SPEC_PROFILE_HR^MDC|1|||||||X|||||||F0F1F2F3F4F5^^F0F1F2F3F4F5^EUI-48",
        "OBX|2||147842^MDC_ECG_HEART_RATE^MDC^8867-4^Heart rate^LN|1.0.0.2|||||||W||||||average^mean over the period^99VITALS",
        "OBX|3||minimum^least over the period^99VITALS|1.0.0.2.1|||||||W",
        "OBX|4||maximum^most over the period^99VITALS|1.0.0.2.2|||||||W",
        "OBX|5||count^number of beats in the period^99VITALS|1.0.0.2.3|||||||W",
      ])
    // The places of what is taken back are those under which it was told, whatever stood beside it.
    var told = Samples.bloodPressure()
    let places = Self.places(Self.report(told))
    told.standing = .withdrawn
    let withdrawn = Self.places(Self.report(told, occasion: "withdrawn-obs-"))
    #expect(withdrawn.values.allSatisfy { ["W", "X"].contains($0.status) })
    #expect(withdrawn.allSatisfy { places[$0.key]?.code == $0.value.code })
    let ofTheDevice = Set(places.keys).subtracting(withdrawn.keys)
    #expect(ofTheDevice == ["1.0.0.1", "1.0.0.11", "1.0.0.12", "1.0.0.13", "1.0.0.16"])
  }

  private static func places(_ report: ObservationReport) -> [String: (code: String, status: String)] {
    var places: [String: (code: String, status: String)] = [:]
    for line in lines(report) where line.hasPrefix("OBX|") {
      let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      places[fields[4]] = (fields[3], fields[11])
    }
    return places
  }

  /// Special values of SFLOAT and FLOAT, by HL7's mapping of PCD-01.
  @Test(arguments: [
    (DataAbsentReason.notANumber, "NI"), (.error, "INV"), (.positiveInfinity, ">"), (.negativeInfinity, "<"),
  ])
  func whyThereIsNoNumber(reason: DataAbsentReason, flag: String) {
    let reading = Samples.bloodPressure(
      components: [ObservationComponent(MDC.pressBldNoninvSys, .absent(reason))], flags: [.bodyMovement])
    let lines = Self.lines(Self.report(reading))
    #expect(
      lines.contains(
        "OBX|8||150021^MDC_PRESS_BLD_NONINV_SYS^MDC^8480-6^Systolic blood pressure^LN|1.0.1.1||||\(flag)|||X"))
    // Diastolic is missing altogether.
    #expect(
      lines.contains("OBX|9||150022^MDC_PRESS_BLD_NONINV_DIA^MDC^8462-4^Diastolic blood pressure^LN|1.0.1.2||||NI|||X"))
  }

  @Test func doubtTestsAndCorrectionsAreFlags() {
    var reading = Samples.bloodPressure(flags: [.cuffTooLoose, .bodyMovement], isSimulated: true)
    reading.standing = .restated
    let lines = Self.lines(Self.report(reading, occasion: "obs-+7"))
    #expect(lines[0].contains("|T|2.6|"))
    #expect(lines.contains { $0.contains("|1.0.1.1|152|\(pressureUnit)||QUES~TEST|||C") })
    #expect(lines.contains { $0.contains("|1.0.0.3|1^body-movement(0)~1^cuff-too-loose(1)||||||C|") })
  }

  @Test func anOximeterHasTwoNumbers() {
    let reading = Samples.oxygenSaturation([
      ObservationComponent(MDC.pulsOximSatO2, .quantity(Quantity(97, .percent))),
      ObservationComponent(MDC.pulsOximPulsRate, Samples.perMinute(61)),
    ])
    let results = Self.lines(Self.report(reading)).filter { $0.hasPrefix("OBX|") }
    #expect(
      results == [
        "OBX|1||528388^MDC_DEV_SPEC_PROFILE_PULS_OXIM^MDC|1|||||||X|||||||F0F1F2F3F4F5^^F0F1F2F3F4F5^EUI-48",
        "OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC^59408-5^Oxygen saturation in Arterial blood by Pulse oximetry^LN|1.0.0.4|97|262688^MDC_DIM_PERCENT^MDC^%^%^UCUM|||||R|||20260310070005+0700",
        "OBX|3|NM|149530^MDC_PULS_OXIM_PULS_RATE^MDC^8867-4^Heart rate^LN|1.0.0.2|61|\(rateUnit)|||||R|||20260310070005+0700",
      ])
  }

  @Test func namesAreEscapedAndConfigured() throws {
    var device = Samples.cuff
    device.information.manufacturer = "A&B|C^D~E\\F\r\u{0B}\u{1C}Công ty"
    let naming = HL7v2Naming(
      patientSystem: "http://record.example/a&b", sendingFacility: "TYT^2.999.1^ISO", receivingApplication: "PHR|1",
      receivingFacility: "Nhà", asksForCommit: true)
    let lines = Self.lines(Self.report(Samples.bloodPressure(device: device), naming: naming))
    #expect(lines.contains { $0.contains(#"|1.0.0.11|A\T\B\F\C\S\D\R\E\E\F   Công ty||||||R"#) })
    #expect(lines[0].hasPrefix(#"MSH|^~\&|\#(gateway)|TYT^2.999.1^ISO|PHR\F\1|Nhà|2026"#))
    #expect(lines[0].contains("|2.6|||AL|NE||UNICODE UTF-8|"))
    #expect(lines[1] == #"PID|||VN-DEMO-0001^^^&http://record.example/a\T\b&URI^PI||^^^^^^U"#)
  }

  /// The same at every attempt; another one for what is said at another time, of another reading, or of somebody else.
  @Test func theControlIDIsTheReadings() {
    let reading = Samples.bloodPressure()
    let first = Self.report(reading)
    #expect(first.bytes == Self.report(reading).bytes)
    var again = reading
    again.observation.id = ObservationID(rawValue: "another, of a store set up anew")
    #expect(Self.report(again).controlID == first.controlID)
    var others = [
      Self.report(reading, occasion: "withdrawn-obs-"), Self.report(reading, occasion: "obs-+1"),
      Self.report(Samples.heartRateWindow()),
    ]
    again.namesPatient = true
    others.append(Self.report(again))
    again.patient = Patient(id: PatientID(rawValue: "p2"), name: "", addedAt: .distantPast)
    others.append(Self.report(again))
    #expect(Set(others.map(\.controlID)).union([first.controlID]).count == 6)
    #expect(others.allSatisfy { $0.controlID.count == 20 })
  }
}

private enum Golden {
  /// Of `ble:B0:49:5F:00:10:71|2026-03-10T07:00:00|2A35:1e98005e`.
  static let cuffOrder = "96e1dd67f490aac8ef70e06534a65220"
  /// Of that and `|obs-`.
  static let cuffControl = "C6D44150020A2A033C15"
  /// Of `ble:F0:F1:F2:F3:F4:F5|w1|2A37:`.
  static let strapOrder = "dd8e853082cbb253615668d522418509"
  /// Of that and `|VN-DEMO-0001`, and of that and `|withdrawn-obs-`.
  static let withdrawnOrder = "26e16f7a0ac51d474e96b18183388fa2"
  static let withdrawnControl = "133D9B685FA0452726A6"
}
