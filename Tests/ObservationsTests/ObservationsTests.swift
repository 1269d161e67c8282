import Foundation
import Observations
import Testing

@Suite struct DeviceTimeTests {
  @Test("seconds since 2000 as the guide counts them: the digits, no zone on either side")
  func secondsSince2000() {
    // standards.md's worked value: 2026-03-10 07:00:00 is 826441200.
    let time = DeviceTime(year: 2026, month: 3, day: 10, hour: 7, minute: 0, second: 0)
    #expect(time.secondsSince2000 == 826_441_200)
    // The guide's own example says 690897360; its digits give this.
    #expect(
      DeviceTime(year: 2021, month: 11, day: 22, hour: 11, minute: 56, second: 30).secondsSince2000 == 690_897_390)
    #expect(DeviceTime(year: 2000, month: 1, day: 1, hour: 0, minute: 0, second: 0).secondsSince2000 == 0)
  }

  @Test("unknown parts give no date, and stay visible")
  func unknownParts() throws {
    let time = DeviceTime(year: nil, month: 4, day: 17, hour: 20, minute: 41, second: 59)
    let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
    #expect(time.date(in: zone) == nil)
    #expect(time.secondsSince2000 == nil)
    #expect(time.verbatim == "0000-04-17T20:41:59")
  }

  @Test("a day that no month has is no date", arguments: [(2, 30), (4, 31), (13, 1)])
  func impossible(month: Int, day: Int) throws {
    let zone = try #require(TimeZone(secondsFromGMT: 0))
    #expect(DeviceTime(year: 2026, month: month, day: day, hour: 1, minute: 1, second: 1).date(in: zone) == nil)
  }

  @Test("digits are read in the zone they are taken to show")
  func zone() throws {
    let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
    let date = try #require(DeviceTime(year: 2026, month: 3, day: 10, hour: 7, minute: 0, second: 0).date(in: zone))
    #expect(date.timeIntervalSince1970 == 1_773_100_800)
  }
}

@Suite struct QuantityTests {
  @Test(
    "kPa to mmHg by 7.50062, to one place", arguments: [("18.9", "141.8"), ("11", "82.5"), ("16", "120"), ("0", "0")])
  func kilopascal(kPa: String, mmHg: String) throws {
    let value = try #require(Decimal(string: kPa))
    let converted = Quantity(value, .kilopascal).inMillimetresOfMercury
    #expect(converted == Quantity(try #require(Decimal(string: mmHg)), .millimetreOfMercury))
  }

  @Test("other units stay")
  func others() {
    #expect(Quantity(71, .perMinute).inMillimetresOfMercury == Quantity(71, .perMinute))
  }
}

@Suite struct IdentityTests {
  @Test("the identity of a reading is what the device said, and nothing else")
  func identity() {
    let device = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
    let first = ReadingIdentity(device: device, time: "2026-03-10T07:00:00", format: "2A35", bytes: [0x0E, 0x80])
    #expect(first.rawValue == "ble:F0:F1:F2:F3:F4:F5|2026-03-10T07:00:00|2A35:0e80")
    #expect(first != ReadingIdentity(device: device, time: "2026-03-10T07:00:00", format: "2A35", bytes: [0x0E, 0x81]))
    #expect(first != ReadingIdentity(device: device, time: nil, format: "2A35", bytes: [0x0E, 0x80]))
  }

  @Test("random names are long and do not repeat")
  func random() {
    let names = Set((0..<1000).map { _ in PatientID.random(prefix: "p-").rawValue })
    #expect(names.count == 1000)
    #expect(names.allSatisfy { $0.hasPrefix("p-") && $0.count == 22 })
  }

  @Test("names are coded as bare strings")
  func coding() throws {
    let data = try JSONEncoder().encode(["id": PatientID(rawValue: "p-1")])
    #expect(String(decoding: data, as: UTF8.self) == #"{"id":"p-1"}"#)
    #expect(try JSONDecoder().decode([String: PatientID].self, from: data) == ["id": PatientID(rawValue: "p-1")])
  }
}
