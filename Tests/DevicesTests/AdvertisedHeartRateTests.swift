import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing
import WireFormats

/// What is not in the sessions of `polar/h10` and `xoss/armband`.
@Suite struct AdvertisedHeartRateTests {
  static let start = Date(timeIntervalSince1970: 1_795_305_600)

  private static func profile(_ driver: AdvertisedHeartRateDriver) -> DeviceProfile {
    DeviceProfile(
      name: "test/sensor", title: "A sensor of the tests",
      recognition: Recognition(manufacturers: [driver.format.company]), driver: driver.name,
      session: SessionPolicy(connect: .never, bond: .never, subscribe: []))
  }

  /// Listens to manufacturer data heard at these seconds.
  private func listen(
    _ driver: AdvertisedHeartRateDriver, _ heard: [(at: TimeInterval, data: [UInt8])], _ sink: TestSink
  ) async throws -> SessionEnd {
    let address = try #require(BluetoothAddress("F0:F1:F2:F3:F4:61", kind: .random))
    let (stream, continuation) = AsyncStream.makeStream(of: HeardAdvertisement.self)
    for (at, data) in heard {
      continuation.yield(
        HeardAdvertisement(
          Advertisement(address: address, manufacturerData: [driver.format.company: data]),
          at: Self.start.addingTimeInterval(at)))
    }
    continuation.finish()
    return await driver.listen(
      ListeningSession(
        device: DeviceID(rawValue: "ble:\(address)"), profile: Self.profile(driver), isSimulated: false, sink: sink),
      to: stream)
  }

  /// The advertisements of devices that others have published.
  @Test(arguments: [
    (AdvertisedHeartRateDriver.Format.polar, "6b003b164446", 70), (.polar, "6b002f166b68", 104),
    (.xoss, "04ff0161063f", 63),
  ])
  func publishedAdvertisements(format: AdvertisedHeartRateDriver.Format, hex: String, rate: Int) throws {
    let driver = AdvertisedHeartRateDriver(format)
    let json = try driver.decode(Hexadecimal.bytes(hex), of: Self.profile(driver)).text
    #expect(json.contains("\"heartRate\":\(rate)") || json.contains("\"heartRate\": \(rate)"))
  }

  @Test func anotherCompanyIsRefused() throws {
    let driver = AdvertisedHeartRateDriver(.polar)
    let profile = Self.profile(driver)
    #expect(throws: DecodingFailure.outOfRange(field: "Company Identifier", offset: 0, value: 0xFF04, expected: "107"))
    {
      try driver.decode([0x04, 0xFF, 1, 2, 3, 4], of: profile)
    }
    #expect(throws: DecodingFailure.truncated(field: "Company Identifier", offset: 0, need: 2, have: 1)) {
      try driver.decode([0x6B], of: profile)
    }
  }

  @Test func whatIsSaidAgainIsNoSecondSample() async throws {
    let sink = TestSink()
    let same: [UInt8] = [0x23, 0x16, 0x44, 0x46]
    // The same measurement for four seconds, then one with the next counter, and a counter that has gone around.
    _ = try await listen(
      AdvertisedHeartRateDriver(.polar),
      [(0, same), (1, same), (4, same), (4.5, [0x27, 0x16, 0x44, 0x46]), (8, same), (14, same)], sink)
    let samples = await sink.collector.samples
    #expect(samples.map(\.at) == [0, 4.5, 8, 14].map { Self.start.addingTimeInterval($0) })
    #expect(samples.allSatisfy { $0.beatsPerMinute == 70 })
  }

  @Test func whatHoldsNoRateIsNoSample() async throws {
    let sink = TestSink()
    let end = try await listen(
      AdvertisedHeartRateDriver(.polar),
      [(0, [0x72]), (1, []), (2, [0x40, 0xFF]), (3, [0x21, 0x16, 0x46]), (4, [0x23, 0x16, 0x00])], sink)
    #expect(end == .idle)
    // The last two say so themselves: no contact, and a rate of zero.
    #expect(await sink.collector.samples.map(\.beatsPerMinute) == [nil, nil])
    #expect(await sink.collector.collected.isEmpty)
    #expect(await sink.collector.undecodable.isEmpty)
  }

  @Test func aWindowSaysThatAnybodyMayHaveSentIt() async throws {
    let sink = TestSink()
    await sink.fail(1)
    let end = try await listen(
      AdvertisedHeartRateDriver(.xoss), (0..<70).map { (Double($0), [1, 97, 6, 63]) }, sink)
    // The full window could not be stored at first; the end tried again. The next was cut short after nine seconds.
    #expect(end == .idle)
    let kept = await sink.collector.collected
    #expect(kept.map(\.observation.provenance.authentication) == [.unauthenticated])
    #expect(kept.first?.observation.provenance.format == "AD-FF-FF04")
    #expect(kept.first?.observation.effective.start == Self.start)
  }

  @Test func aClockThatIsSetBackEndsTheWindow() async throws {
    let sink = TestSink()
    _ = try await listen(
      AdvertisedHeartRateDriver(.xoss),
      (0..<20).map { (Double($0), [1, 97, 6, 63]) } + (0..<20).map { (Double($0) - 3600, [1, 97, 6, 64]) }, sink)
    let starts = await sink.collector.collected.map(\.observation.effective.start)
    #expect(starts == [Self.start, Self.start.addingTimeInterval(-3600)])
  }
}
