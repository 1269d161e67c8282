import Foundation
import Observations
import WireFormats

/// What is heard of one strap until it falls silent.
struct ANTHeartRateStream {
  /// Seconds without a beat after which a strap that goes on sending has no contact: it repeats its last rate.
  static let longestPause: TimeInterval = 5

  let device: DeviceID
  private let number: Int
  private(set) var lastHeard = Date.distantPast
  private let session: USBSession
  private let sink: any ObservationSink
  private let driver: String
  private var windows: HeartRateWindows
  private var store: WindowStore
  private var beats = ANTHeartBeats()
  private var lastBeat: Date?
  private var lastWithout: Date?
  private var battery: Int?
  private var information = DeviceInformation()

  /// - Parameter number: the strap's, 20 bits.
  init(_ number: Int, _ device: DeviceID, _ session: USBSession, _ sink: any ObservationSink, _ driver: String) {
    self.number = number
    self.device = device
    self.session = session
    self.sink = sink
    self.driver = driver
    windows = HeartRateWindows(
      length: NSDecimalNumber(decimal: session.value(of: GATTHeartRateDriver.window)).doubleValue)
    store = WindowStore(sink: sink, progress: session.progress)
  }

  mutating func take(_ page: ANTHeartRatePage, at date: Date) async {
    lastHeard = date
    let step = beats.take(page, at: date)
    if beats.hasPages { await learn(page.content) }
    guard page.heartRate != 0 else { return await takeNothing(at: date) }
    switch step {
    case .first: await take(page.heartRate, beats: 0, [], at: date)
    case .beats(let count, let intervals): await take(page.heartRate, beats: count, intervals, at: date)
    case .none:
      guard let lastBeat, 0...Self.longestPause ~= date.timeIntervalSince(lastBeat) else {
        return await takeNothing(at: date)
      }
    }
  }

  private mutating func take(_ rate: UInt8, beats: Int, _ intervals: [Double], at date: Date) async {
    lastBeat = date
    lastWithout = nil
    await sink.live(
      LiveSample(
        device: device, at: date, beatsPerMinute: Int(rate), rrIntervals: intervals, isSimulated: session.isSimulated))
    if let window = windows.add(rate: Int(rate), intervals: beats, at: date) { await keep(window) }
  }

  /// No data: not a rate of zero. Said once a second.
  private mutating func takeNothing(at date: Date) async {
    if let lastWithout, 0..<1 ~= date.timeIntervalSince(lastWithout) { return }
    lastWithout = date
    await sink.live(
      LiveSample(device: device, at: date, beatsPerMinute: nil, rrIntervals: [], isSimulated: session.isSimulated))
    if let window = windows.add(rate: nil, at: date) { await keep(window) }
  }

  /// Stores the window that the silence cut short, and what waits.
  mutating func finish() async -> SessionEnd? {
    if let window = windows.finish() { await keep(window) }
    return await store.finish(what: "heart rate")
  }

  private mutating func keep(_ window: HeartRateWindows.Window) async {
    await store.keep(
      window.observation(
        of: device, profile: session.profile.name, driver: driver, authentication: .unauthenticated,
        isSimulated: session.isSimulated, receivedAt: session.receivedNow(), format: ANTStickDriver.format))
  }

  // MARK: What it says of itself

  private mutating func learn(_ content: ANTHeartRatePage.Content) async {
    let before = information
    switch content {
    case .battery(let percent?, _, _):
      guard percent != battery else { return }
      battery = percent
      return await sink.remember(battery: percent)
    case .manufacturer(let id, let serial):
      information.manufacturer = Self.manufacturers[id] ?? "ANT+ manufacturer \(id)"
      // The lower half is the device number's 16 bits.
      information.serial = "\(Int(serial) << 16 | number & 0xFFFF)"
    case .product(let hardware, let software, let model):
      information.model = "\(model)"
      information.hardware = "\(hardware)"
      information.software = "\(software)"
    default: return
    }
    // Whole, so that what is kept is never half of it.
    guard information != before, information.manufacturer != nil, information.model != nil else { return }
    await sink.remember(information: information)
  }

  /// Of the makers of straps, by their numbers in ANT+ (as in FIT files).
  private static let manufacturers: [UInt8: String] = [
    1: "Garmin", 23: "Suunto", 32: "Wahoo Fitness", 107: "Magene", 123: "Polar Electro",
  ]
}
