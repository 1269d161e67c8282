import Devices
import Foundation
import Testing
import WireFormats

@Suite struct HeartRateWindowsTests {
  let start = Date(timeIntervalSince1970: 1_795_302_000)

  /// Feeds values a second apart and returns the windows that came, the last one at the end of the link.
  private func windows(_ values: [[UInt8]], length: TimeInterval = 60) throws -> [HeartRateWindows.Window] {
    var windows = HeartRateWindows(length: length)
    var found: [HeartRateWindows.Window] = []
    for (second, value) in values.enumerated() {
      let measurement = try HeartRateMeasurement(value)
      if let window = windows.add(measurement, at: start.addingTimeInterval(Double(second))) { found.append(window) }
    }
    if let last = windows.finish() { found.append(last) }
    return found
  }

  @Test func meanMinimumMaximum() throws {
    // 40 × 60 and 20 × 61: 3620 ÷ 60 = 60.333…
    let found = try windows((0..<60).map { [0x06, $0 < 40 ? 60 : 61] } + [[0x06, 90]])
    #expect(found.count == 1)
    let window = try #require(found.first)
    #expect(window.mean == Decimal(string: "60.3"))
    #expect(window.minimum == 60)
    #expect(window.maximum == 61)
    #expect(window.start == start)
    #expect(window.end == start.addingTimeInterval(60))
    #expect(window.sequence == 1)
    // 40 × 1 + 20 × 61/60 = 60.3
    #expect(window.beats == 60)
  }

  @Test func meanIsRoundedHalfUp() throws {
    // 39 × 60 and 13 × 61: 3133 ÷ 52 = 60.25
    let found = try windows((0..<52).map { [0x06, $0 < 39 ? 60 : 61] })
    #expect(found.first?.mean == Decimal(string: "60.3"))
  }

  @Test func intervalsAreBeats() throws {
    // Two intervals every second, though the rate would count one beat.
    let found = try windows(Array(repeating: [0x16, 60, 0, 2, 0, 2], count: 20))
    #expect(found.first?.beats == 40)
  }

  @Test func lostContactAndZeroAreNoData() throws {
    let found = try windows(
      Array(repeating: [0x06, 70], count: 20) + Array(repeating: [0x04, 200], count: 20)
        + Array(repeating: [0x00, 0], count: 20) + [[0x06, 70]])
    #expect(found.count == 1)
    #expect(found.first?.mean == 70)
    #expect(found.first?.maximum == 70)
    // 20 × 70/60 = 23.3
    #expect(found.first?.beats == 23)
  }

  @Test func anEmptyWindowGivesNothing() throws {
    let found = try windows(
      Array(repeating: [0x06, 70], count: 60) + Array(repeating: [0x04, 0], count: 60)
        + Array(repeating: [0x06, 80], count: 60))
    #expect(found.map(\.mean) == [70, 80])
    #expect(found.map(\.sequence) == [1, 2])
    #expect(found.last?.start == start.addingTimeInterval(120))
  }

  @Test func aCutWindowNeedsTenSeconds() throws {
    #expect(try windows(Array(repeating: [0x06, 70], count: 10)).isEmpty)
    let found = try windows(Array(repeating: [0x06, 70], count: 11))
    #expect(found.first?.end == start.addingTimeInterval(10))
  }

  @Test func aGapCountsFiveSecondsAtMost() throws {
    var windows = HeartRateWindows(length: 60)
    let measurement = try HeartRateMeasurement([0x06, 60])
    #expect(windows.add(measurement, at: start) == nil)
    #expect(windows.add(measurement, at: start.addingTimeInterval(30)) == nil)
    // 1 × 1 s + 1 × 5 s
    #expect(windows.finish()?.beats == 6)
  }

  @Test func aClockThatIsSetBackBeginsAnew() throws {
    var windows = HeartRateWindows(length: 60)
    let measurement = try HeartRateMeasurement([0x06, 60])
    for second in 0..<15 { #expect(windows.add(measurement, at: start.addingTimeInterval(Double(second))) == nil) }
    let before = start.addingTimeInterval(-86_400)
    let cut = windows.add(measurement, at: before)
    #expect(cut?.start == start)
    #expect(cut?.end == start.addingTimeInterval(14))
    for second in 1..<12 { #expect(windows.add(measurement, at: before.addingTimeInterval(Double(second))) == nil) }
    #expect(windows.finish()?.start == before)
  }
}
