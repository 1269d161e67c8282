import DeviceSimulator
import Foundation
import Observations
import Synchronization
import Testing
import USBHost
import WireFormats

@testable import Devices

/// An ANT stick and the straps around it.
@Suite struct ANTStickTests {
  /// What came of it.
  struct Outcome {
    var end: SessionEnd
    var sinks: [DeviceID: TestSink]
    var heard: [Int]
    var ended: [DeviceID: [SessionEnd]]
    var stick: ANTStick
  }

  static let strap = ANTStickDriver.device(12345)

  private static func listen(
    _ steps: [ANTStick.Step], straps: [Int] = [12345], refused: [UInt8: UInt8] = [:], window: Decimal = 60
  ) async throws -> Outcome {
    let stick = ANTStick(steps, refused: refused)
    let profile = try #require(
      ProfileLibrary.load([EveryProfileTests.directory]).library.profile(named: "garmin/ant-usb-m"))
    let named = Dictionary(uniqueKeysWithValues: straps.map { ($0, ANTStickDriver.device($0)) })
    let sinks = named.reduce(into: [DeviceID: TestSink]()) { $0[$1.value] = TestSink() }
    let heard = Mutex<[Int]>([])
    let ended = Mutex<[DeviceID: [SessionEnd]]>([:])
    let key = try #require(ANTNetworkKey([1, 2, 3, 4, 5, 6, 7, 8]))
    let unused = TestSink()
    let end = await ANTStickDriver().listen(
      USBSession(
        device: DeviceID(rawValue: "usb:0fcf:1009"), profile: profile, channel: stick,
        interface: stick.device.interfaces[0], isSimulated: false, receivedNow: { stick.clock.withLock { $0 } },
        sink: unused, constants: ["window": window]),
      ANTReception(
        networkKey: key, straps: named, sink: { sinks[$0] ?? unused },
        heard: { number in heard.withLock { $0.append(number) } },
        ended: { device, end in ended.withLock { $0[device, default: []].append(end) } }))
    return Outcome(
      end: end, sinks: sinks, heard: heard.withLock { $0 }, ended: ended.withLock { $0 }, stick: stick)
  }

  /// Beats of `rate` a minute for so many seconds, four pages a second; the first beat is the one after `count` at `time`.
  static func pages(
    _ rate: Int, for seconds: Int, from number: Int = 12345, count: UInt8 = 0, time: UInt16 = 0
  ) -> [ANTStick.Step] {
    (0..<seconds * 4).map { index in
      let beats = index * rate / 240
      let at = time &+ UInt16(truncatingIfNeeded: beats * 61_440 / rate)
      return .packet(
        after: 0.25,
        ANTStick.page(
          [0, 0, 0, 0, UInt8(at & 0xFF), UInt8(at >> 8), count &+ UInt8(truncatingIfNeeded: beats), UInt8(rate)],
          from: number))
    }
  }

  private static func value(_ observation: Observation, _ statistic: WindowStatistic) -> Decimal? {
    observation.components.first { $0.statistic == statistic }?.value.quantity?.value
  }

  /// The two pages that are known from others.
  @Test func knownPages() async throws {
    let outcome = try await Self.listen([
      .packet(after: 1, ANTStick.page(try Hexadecimal.bytes("00000000aa553346"))),
      .packet(after: 1, ANTStick.page(try Hexadecimal.bytes("00000000aa593446"))),
      .packet(after: 0.25, ANTStick.page(try Hexadecimal.bytes("00000000aa593446"))),
    ])
    let samples = try await #require(outcome.sinks[Self.strap]).collector.samples
    #expect(samples.map(\.beatsPerMinute) == [70, 70])
    #expect(samples.map(\.rrIntervals) == [[], [1]])
    #expect(outcome.end == .linkEnded(reason: "the device was unplugged"))
    #expect(outcome.ended == [Self.strap: [outcome.end]])
  }

  /// The set-up in the order that a stick wants, with the key where it belongs and nowhere else.
  @Test func setsUp() async throws {
    let outcome = try await Self.listen([])
    let commands = await outcome.stick.commands
    #expect(commands.map { $0[2] } == [0x4A, 0x6E, 0x46, 0x42, 0x51, 0x45, 0x43, 0x44, 0x5B])
    #expect(commands[2] == [0xA4, 0x09, 0x46, 0x00, 1, 2, 3, 4, 5, 6, 7, 8, 0xE3])
    #expect(commands[4] == [0xA4, 0x05, 0x51, 0x00, 0x00, 0x00, 0x78, 0x00, 0x88])
  }

  /// A refused command is asked three times and named.
  @Test func refusal() async throws {
    let outcome = try await Self.listen(Self.pages(70, for: 1), refused: [0x5B: 21])
    #expect(
      outcome.end
        == .requestFailed(
          what: "Setting up the ANT stick (opening the channel)", reason: "The stick answered CHANNEL_IN_WRONG_STATE."))
    #expect(await outcome.stick.commands.count { $0[2] == 0x5B } == 3)
    #expect(outcome.heard.isEmpty)
  }

  /// Count and time go around within a window: no beat is lost and none is made up.
  @Test func goesAround() async throws {
    // The count passes 255 after six beats, the time of 64 s after five seconds.
    let outcome = try await Self.listen(Self.pages(60, for: 90, count: 250, time: 60_416), window: 60)
    let sink = try #require(outcome.sinks[Self.strap])
    let windows = await sink.collector.collected.map(\.observation)
    #expect(windows.count == 2)
    let first = try #require(windows.first)
    #expect(Self.value(first, .mean) == 60)
    // The page that begins the stream tells of no beat.
    #expect(Self.value(first, .count) == 59)
    #expect(Self.value(windows[1], .count) == 30)
    #expect(first.provenance.authentication == .unauthenticated)
    #expect(first.device == Self.strap)
    let intervals = await sink.collector.samples.flatMap(\.rrIntervals)
    #expect(intervals.count == 89)
    #expect(intervals.allSatisfy { $0 == 1 })
  }

  /// Two straps are two devices; a stranger's is heard, and nothing is kept of it.
  @Test func twoStrapsAndAStranger() async throws {
    let (one, two, stranger) = (
      Self.pages(70, for: 30), Self.pages(100, for: 30, from: 77881), Self.pages(50, for: 30, from: 9)
    )
    var steps: [ANTStick.Step] = []
    for index in one.indices {
      for (place, step) in [one[index], two[index], stranger[index]].enumerated() {
        guard case .packet(_, let octets) = step else { continue }
        steps.append(.packet(after: place == 0 ? 0.25 : 0, octets))
      }
    }
    let outcome = try await Self.listen(steps, straps: [12345, 77881], window: 20)
    for (number, rate) in [(12345, 70), (77881, 100)] {
      let windows = try await #require(outcome.sinks[ANTStickDriver.device(number)]).collector.collected.map(
        \.observation)
      #expect(windows.isEmpty == false)
      #expect(windows.allSatisfy { Self.value($0, .mean) == Decimal(rate) })
    }
    #expect(Set(outcome.heard) == [12345, 77881, 9])
    #expect(Set(outcome.ended.keys) == [ANTStickDriver.device(12345), ANTStickDriver.device(77881)])
  }

  /// Out of reach is silence: the window ends where the data do, nothing says zero, and the next stream is a new one.
  @Test func outOfReach() async throws {
    let silence = (0..<40).map { _ in ANTStick.Step.nothing(after: 1) }
    let outcome = try await Self.listen(
      Self.pages(70, for: 20) + silence + Self.pages(70, for: 20, count: 200, time: 9), window: 60)
    let sink = try #require(outcome.sinks[Self.strap])
    let windows = await sink.collector.collected.map(\.observation)
    #expect(windows.count == 2)
    for window in windows {
      #expect(Self.value(window, .minimum) == 70)
      #expect(try #require(Self.value(window, .count)) <= 24)
    }
    #expect(outcome.ended[Self.strap] == [.idle, outcome.end])
    #expect(await sink.collector.samples.allSatisfy { $0.beatsPerMinute == 70 })
  }

  /// A gap in which two straps' worth of counts could hide begins anew: what was missed is not made up.
  @Test func gapWithinAStream() async throws {
    let outcome = try await Self.listen(
      Self.pages(60, for: 12) + [.nothing(after: 20)] + Self.pages(60, for: 12, count: 200), window: 60)
    let sink = try #require(outcome.sinks[Self.strap])
    let beats = await sink.collector.collected.map(\.observation).compactMap { Self.value($0, .count) }
    #expect(beats == [22])
    #expect(await sink.collector.samples.allSatisfy { $0.rrIntervals.allSatisfy { $0 == 1 } })
  }

  /// A strap that is off the body repeats its last page, or says zero: no data, and in no window.
  @Test func noContact() async throws {
    let last = ANTStick.page([0, 0, 0, 0, 0, 0x28, 11, 60])
    let stuck = (0..<60).map { _ in ANTStick.Step.packet(after: 0.25, last) }
    let zero = (0..<40).map {
      ANTStick.Step.packet(after: 0.25, ANTStick.page([0, 0, 0, 0, 0, 0x28, UInt8(11 + $0 / 4), 0]))
    }
    let outcome = try await Self.listen(Self.pages(60, for: 12) + stuck + zero, window: 60)
    let sink = try #require(outcome.sinks[Self.strap])
    let windows = await sink.collector.collected.map(\.observation)
    #expect(windows.map { Self.value($0, .minimum) } == [60])
    #expect(windows.map { Self.value($0, .count) } == [11])
    let without = await sink.collector.samples.filter { $0.beatsPerMinute == nil }
    // Once a second: ten of the fifteen seconds of the same page, and ten of zero.
    #expect((18...22).contains(without.count))
  }

  /// Pages behind the beats count only of a strap that has pages.
  @Test func battery() async throws {
    func steps(toggling: Bool) -> [ANTStick.Step] {
      (0..<16).map { index in
        let toggle: UInt8 = toggling && index / 4 % 2 == 1 ? 0x80 : 0
        let pages: [[UInt8]] = [[7, 87, 0xE9, 0x23], [2, 32, 1, 0], [3, 1, 2, 9], [0, 0xFF, 0xFF, 0xFF]]
        let page = pages[index / 4]
        return .packet(
          after: 0.25, ANTStick.page([page[0] | toggle] + page[1...] + [0, UInt8(index / 4 * 4), UInt8(index / 4), 60]))
      }
    }
    let modern = try await Self.listen(steps(toggling: true) + steps(toggling: true))
    let sink = try #require(modern.sinks[Self.strap]).collector
    #expect(await sink.battery == 87)
    let information = try #require(await sink.information)
    #expect(information.manufacturer == "Wahoo Fitness")
    #expect(information.model == "9")
    #expect(information.serial == "\(1 << 16 | 12345)")
    let old = try await Self.listen(steps(toggling: false))
    #expect(try await #require(old.sinks[Self.strap]).collector.battery == nil)
  }

  /// Damaged packets and a halt cost what is in them, and no more.
  @Test func faults() async throws {
    var steps = Self.pages(60, for: 30)
    steps.insert(.stalled, at: 20)
    steps.insert(.packet(after: 0, [0xA4, 0x3C, 0x4E, 1, 2, 3]), at: 40)
    steps.insert(.nothing(after: 0), at: 41)
    steps.insert(.packet(after: 0, [0xFF, 0xA4, 0xA4]), at: 60)
    let outcome = try await Self.listen(steps, window: 60)
    let windows = try await #require(outcome.sinks[Self.strap]).collector.collected.map(\.observation)
    #expect(windows.map { Self.value($0, .count) } == [29])
    #expect(await outcome.stick.clearedHalts == 1)
    // A stick that halts for ever is given up.
    let halted = try await Self.listen((0..<20).map { _ in .stalled })
    guard case .requestFailed = halted.end else {
      Issue.record("\(halted.end)")
      return
    }
  }

  /// A stick that starts anew by itself has lost its channel.
  @Test func startsAnew() async throws {
    let outcome = try await Self.listen(
      Self.pages(60, for: 1) + [.packet(after: 0, ANTStick.message(0x6F, [1]))] + Self.pages(60, for: 1))
    #expect(outcome.end == .requestFailed(what: "Listening to straps", reason: "The stick has started anew."))
    let closed = try await Self.listen([.packet(after: 0, ANTStick.message(0x40, [0, 1, 7]))])
    #expect(closed.end == .requestFailed(what: "Listening to straps", reason: "The stick has closed its channel."))
    #expect(await closed.stick.commands.last?[2] == 0x4A)
  }
}
