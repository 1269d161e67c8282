package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// A heart-rate sensor that says its rate in the manufacturer data of its advertisements. What is heard goes the way of a
/// strap's notifications: each new value to the live stream, and one observation a window is kept.
///
/// Anybody can send such an advertisement, so each observation says *unauthenticated*.
package struct AdvertisedHeartRateDriver: AdvertisementDriver {
  /// How the manufacturer data are laid out.
  package enum Format: String, Hashable, Sendable, CaseIterable {
    /// ``PolarHeartRateAdvertisement``.
    case polar
    /// ``XOSSHeartRateAdvertisement``.
    case xoss

    /// The company identifier that the data stand under.
    package var company: UInt16 {
      switch self {
      case .polar: PolarHeartRateAdvertisement.company
      case .xoss: XOSSHeartRateAdvertisement.company
      }
    }

    /// For how many seconds the same octets are the same measurement, heard again. Polar's change with each new rate, since
    /// a counter is in them: the limit is only for a counter that has gone once around. XOSS has none, and measures about
    /// once a second as others do.
    var repeatLimit: TimeInterval {
      switch self {
      case .polar: HeartRateWindows.longestStep
      case .xoss: 1
      }
    }
  }

  package let format: Format
  package var name: String { "\(format.rawValue)-advertisement" }
  package let version = 1
  package var constants: [DriverConstant] { [GATTHeartRateDriver.window] }

  package init(_ format: Format) { self.format = format }

  package func concerns(_ advertisement: Advertisement) -> Bool {
    advertisement.manufacturerData[format.company] != nil
  }

  /// - Parameter bytes: the content of the Manufacturer Specific Data structure, the company identifier first.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    guard bytes.count >= 2 else {
      throw .truncated(field: "Company Identifier", offset: 0, need: 2, have: bytes.count)
    }
    let company = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
    guard company == format.company else {
      throw .outOfRange(
        field: "Company Identifier", offset: 0, value: Int(company), expected: "\(format.company)")
    }
    let data = Array(bytes.dropFirst(2))
    return switch format {
    case .polar: try PolarHeartRateAdvertisement(manufacturerData: data).json
    case .xoss: try XOSSHeartRateAdvertisement(manufacturerData: data).json
    }
  }

  package func listen(
    _ session: ListeningSession, to advertisements: AsyncStream<HeardAdvertisement>
  ) async -> SessionEnd {
    var stream = AdvertisedHeartRateStream(session, self)
    for await heard in advertisements { await stream.take(heard) }
    return await stream.finish() ?? .idle
  }

  /// What one advertisement says.
  struct Value: Hashable {
    /// Beats per minute; nil without contact, or where nothing was counted.
    var rate: Int?
    /// Percent of full; nil where it is not said.
    var battery: Int?
  }

  /// - Returns: nil where no rate is in it, as in the advertisements of a watch that does not share one.
  func value(of data: [UInt8]) -> Value? {
    func rate(_ octet: UInt8) -> Int? { octet == 0 ? nil : Int(octet) }
    switch format {
    case .polar:
      guard let said = try? PolarHeartRateAdvertisement(manufacturerData: data) else { return nil }
      return Value(rate: said.sensorContact ? rate(said.heartRate) : nil, battery: nil)
    case .xoss:
      guard let said = try? XOSSHeartRateAdvertisement(manufacturerData: data) else { return nil }
      return Value(rate: rate(said.heartRate), battery: said.battery <= 100 ? Int(said.battery) : nil)
    }
  }
}

/// What is heard of one device until it falls silent.
private struct AdvertisedHeartRateStream {
  let session: ListeningSession
  let driver: AdvertisedHeartRateDriver
  private var windows: HeartRateWindows
  private var store: WindowStore
  private var last: (data: [UInt8], at: Date)?
  private var battery: Int?

  init(_ session: ListeningSession, _ driver: AdvertisedHeartRateDriver) {
    self.session = session
    self.driver = driver
    windows = HeartRateWindows(
      length: NSDecimalNumber(decimal: session.value(of: GATTHeartRateDriver.window)).doubleValue)
    store = WindowStore(sink: session.sink, progress: session.progress)
  }

  mutating func take(_ heard: HeardAdvertisement) async {
    // Bytes that nobody can decode are not kept: they are said again and again, and anybody can say them.
    guard let data = heard.advertisement.manufacturerData[driver.format.company], let value = driver.value(of: data),
      !isRepeated(data, at: heard.at)
    else { return }
    last = (data, heard.at)
    await session.sink.live(
      LiveSample(
        device: session.device, at: heard.at, beatsPerMinute: value.rate, rrIntervals: [],
        isSimulated: session.isSimulated))
    if let window = windows.add(rate: value.rate, at: heard.at) { await keep(window) }
    if let battery = value.battery, battery != self.battery {
      self.battery = battery
      await session.sink.remember(battery: battery)
    }
  }

  /// The same measurement, heard again: it is in no number a second time. Counted from when it was taken, so that a device
  /// that says the same for minutes is not silent.
  private func isRepeated(_ data: [UInt8], at date: Date) -> Bool {
    guard let last, last.data == data, date >= last.at else { return false }
    return date.timeIntervalSince(last.at) < driver.format.repeatLimit
  }

  /// Stores the window that the silence cut short, and what waits.
  mutating func finish() async -> SessionEnd? {
    if let window = windows.finish() { await keep(window) }
    return await store.finish(what: "heart rate")
  }

  private mutating func keep(_ window: HeartRateWindows.Window) async {
    let company = String(driver.format.company, radix: 16, uppercase: true)
    await store.keep(
      window.observation(
        of: session.device, profile: session.profile.name, driver: driver.nameAndVersion,
        authentication: .unauthenticated, isSimulated: session.isSimulated, receivedAt: session.receivedNow(),
        // As the AD type and the company say it; a characteristic it is not.
        format: "AD-FF-" + String(repeating: "0", count: 4 - company.count) + company))
  }
}
