import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Testing
import YAMLDocuments

@Suite struct SessionFileTests {
  private func diagnose(_ replacements: [(String, String)]) throws -> [String] {
    let source = EveryProfileTests.directory.appending(path: "sig/blood-pressure/session.yaml")
    var text = try String(contentsOf: source, encoding: .utf8)
    for (old, new) in replacements {
      #expect(text.contains(old))
      text = text.replacing(old, with: new)
    }
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let url = directory.appending(path: "session.yaml")
    try text.write(to: url, atomically: true, encoding: .utf8)
    do throws(SessionFileError) {
      _ = try SessionFile(contentsOf: url)
      return []
    } catch {
      return error.diagnostics.map { "\($0.field): \($0.message)" }
    }
  }

  @Test(arguments: [
    (
      "zone: Asia/Ho_Chi_Minh", "zone: Asia/Atlantis",
      "zone: is no time zone of the tz database, such as Asia/Ho_Chi_Minh"
    ),
    ("{handle: 2,", "{handle: 1,", "attributes[1].handle: 1 is not above the handle before it, 1"),
    (
      "await-subscription, handle: 27", "await-subscription, handle: 26",
      "steps[0].handle: is a 2A35; expected the handle of a 2902"
    ),
    (
      "await-subscription, handle: 27", "await-subscription, handle: 99",
      "steps[0].handle: no attribute has the handle 99"
    ),
    ("stamps: [0]", "stamps: [1]", "attributes[30].stamps[0]: there are no seven octets at 1: the value has 7"),
    ("02 01 06 03", "02 01 06 30", "advertisement.data: is not a sequence of AD structures: length, type, content"),
    ("2026-11-22T07:30:00+07:00", "2026-13-22T07:30:00+07:00", "clock: names no date that there is"),
  ])
  func faultsAreNamed(old: String, new: String, expected: String) throws {
    #expect(try diagnose([(old, new)]) == [expected])
  }

  /// A played cuff measures today: its marked stamps move with the clock, by the digits of the household's zone.
  @Test func stampsMoveWithTheClock() async throws {
    let library = ProfileLibrary.load([EveryProfileTests.directory]).library
    let profile = try #require(library.profile(named: "sig/blood-pressure"))
    let device = try SimulatedDevice(profile, session: "session-severe.yaml")
    // 2027-01-01T00:00:10+07:00: the reading of 20 s before was in the year before.
    let now = Date(timeIntervalSince1970: 1_798_736_410)
    let (channel, peripheral) = try await device.connect(
      now: now, zone: #require(TimeZone(identifier: "Asia/Ho_Chi_Minh")))
    let client = GATTClient(channel: channel)
    await client.start()
    for await value in client.values {
      #expect(Array(value.value[7..<14]) == [0xEA, 0x07, 12, 31, 23, 59, 50])
      break
    }
    #expect(try await client.read(31) == [0xEB, 0x07, 1, 1, 0, 0, 11])
    await client.close()
    await peripheral.end()
  }
}
