import Foundation
import Observations
import Testing

@testable import HealthRecords

@Suite struct RecordIdentifierTests {
  @Test func theGuidesIdentifierAndConditionOfTheWorkedExample() throws {
    let bundle = try ReadBundle(Samples.transaction(Samples.bloodPressure()))
    let panel = bundle.observation(MDC.pressBldNoninv)
    #expect(
      ReadBundle.identifier(panel) == "711000FEFF5F49B0-VN-DEMO-0001-urn:oid:2.999.84.1-150020-826441200")
    #expect(
      bundle.condition(of: panel)
        == "identifier=http://hl7.org/fhir/uv/phd/StructureDefinition/PhdBaseObservation%7C"
        + "711000FEFF5F49B0-VN-DEMO-0001-urn:oid:2.999.84.1-150020-826441200")
    #expect(
      ReadBundle.identifier(bundle.observation(MDC.pulsRateNonInv))
        == "711000FEFF5F49B0-VN-DEMO-0001-urn:oid:2.999.84.1-149546-826441200")
  }

  @Test func theGuidesOwnTimeIsThirtySecondsOut() {
    // 2021-11-22 11:56:30 is said to be 690897360; counted, it is 690897390.
    let time = DeviceTime(year: 2021, month: 11, day: 22, hour: 11, minute: 56, second: 30)
    #expect(time.secondsSince2000 == 690_897_390)
  }

  @Test func aCorrectedTimeLeavesTheIdentifierAlone() throws {
    let later = EffectiveTime(span: .instant(Samples.moment.addingTimeInterval(3600)), basis: .deviceClockCorrected)
    let bundle = try ReadBundle(Samples.transaction(Samples.bloodPressure(effective: later)))
    #expect(ReadBundle.identifier(bundle.observation(MDC.pressBldNoninv))?.hasSuffix("-826441200") == true)
  }

  @Test func withoutSystemIDTheAddressNamesTheDevice() throws {
    var cuff = Samples.cuff
    cuff.information.systemID = [UInt8](repeating: 0, count: 8)
    let bundle = try ReadBundle(Samples.transaction(Samples.bloodPressure(device: cuff)))
    #expect(ReadBundle.identifier(bundle.observation(MDC.pressBldNoninv))?.hasPrefix("B0495F001071-") == true)
  }

  @Test(arguments: [
    Samples.bloodPressure(marks: [.sharesDeviceTime]), Samples.bloodPressure(marks: [.clockUnusable]),
    Samples.bloodPressure(deviceTime: nil),
    Samples.bloodPressure(deviceTime: DeviceTime(year: nil, month: 4, day: 17, hour: 20, minute: 41, second: 59)),
  ])
  func whatTheGuideCannotNameGetsADigestOfItsIdentity(_ reading: ObservationForRecord) throws {
    let bundle = try ReadBundle(Samples.transaction(reading))
    let value = try #require(ReadBundle.identifier(bundle.observation(MDC.pressBldNoninv)))
    // sha256sum of the identity in Samples, first half.
    #expect(value == "96e1dd67f490aac8ef70e06534a65220-150020")
    #expect(!value.contains("VN-DEMO"))
    #expect(
      bundle.condition(of: bundle.observation(MDC.pressBldNoninv))
        == "identifier=urn:vitals-gateway:reading%7C\(value)")
  }

  @Test func twoReadingsOfOneMinuteStayTwo() throws {
    let bundle = try ReadBundle(
      Samples.transaction(
        Samples.bloodPressure(identity: "a"), Samples.bloodPressure(identity: "b", marks: [.sharesDeviceTime])))
    let panels = bundle.all("Observation").filter { ReadBundle.codes($0["code"]).contains("85354-9") }
    #expect(Set(panels.map { ReadBundle.identifier($0) }).count == 2)
  }

  @Test func inOneBundleAnIdentifierStandsOnce() throws {
    // Unmarked, and so both named by the device's time: the second must not hide behind the first, nor stand beside it.
    let twins = try ReadBundle(
      Samples.transaction(Samples.bloodPressure(identity: "a"), Samples.bloodPressure(identity: "b")))
    #expect(twins.all("Observation").count == 7)
    #expect(Set(twins.all("Observation").map { ReadBundle.identifier($0) }).count == 7)
    let repeated = try ReadBundle(
      Samples.transaction(Samples.bloodPressure(identity: "a"), Samples.bloodPressure(identity: "a")))
    #expect(repeated.all("Observation").count == 4)
  }

  @Test func searchValuesAreEscapedThenPercentEncoded() {
    #expect(
      RecordIdentifier(system: "urn:x", value: "a+b c|d,e$ é").condition
        == "identifier=urn:x%7Ca%2Bb%20c%5C%7Cd%5C%2Ce%5C%24%20%C3%A9")
  }

  @Test func aNameHasOneUUID() {
    let url = RecordIdentifier.fullURL("x")
    #expect(url == RecordIdentifier.fullURL("x"))
    #expect(url != RecordIdentifier.fullURL("y"))
    #expect(url.wholeMatch(of: /urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
  }
}
