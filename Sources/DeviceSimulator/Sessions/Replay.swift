import BluetoothLE
package import Devices
import Foundation
import Observations

/// Plays a session exactly as recorded, over a real link, a real GATT client and the profile's driver, in no time.
package struct Replay: Sendable {
  /// What came of it.
  package struct Outcome: Sendable {
    package let end: SessionEnd
    package let collector: ReplayCollector
    /// Nil where no link was made.
    package let peripheral: SimulatedPeripheral?
  }

  package let device: SimulatedDevice

  package init(_ device: SimulatedDevice) { self.device = device }

  /// - Parameter transactionLimit: how long the device may take to answer a request.
  /// - Throws: ``ReplayError``.
  package func run(transactionLimit: Duration = .seconds(30)) async throws(ReplayError) -> Outcome {
    guard let driver = Drivers.named(device.profile.driver) else { throw .noDriver(device.profile.driver) }
    let session = device.session
    let collector = ReplayCollector()
    if let driver = driver as? any AdvertisementDriver { return await listen(driver, collector) }
    let clock = SimulationClock(session.clock)
    let cache = session.known == nil ? nil : try await discoverBeforehand()
    do {
      let (channel, peripheral) = try await device.connect(
        session, .virtual(clock) { count in await collector.awaitNotifications(count) })
      let client = GATTClient(channel: channel, database: cache, transactionLimit: transactionLimit)
      await client.start()
      let end = await driver.run(
        DeviceSession(
          device: device.device, profile: device.profile, client: client, cache: cache,
          keepsSubscriptions: session.known?.keepsSubscriptions,
          authentication: device.profile.session.bond == .never ? .unauthenticated : .bonded, isSimulated: true,
          clockOffset: session.known?.clockOffset, previousVisit: session.known?.previousVisit,
          receivedNow: { clock.now }, timeZone: session.zone, sink: collector,
          progress: { progress in
            // Counting only: it doesn't matter in which order these arrive.
            if case .undecodable = progress { Task { await collector.sampleWasPassedOver() } }
          }))
      await collector.visitIsOver()
      await client.close()
      return Outcome(end: end, collector: collector, peripheral: peripheral)
    } catch {
      throw .noLink("\(error)")
    }
  }

  /// Listens to what the session advertises; the device is there, and nobody makes a link to it.
  private func listen(
    _ driver: any AdvertisementDriver, _ collector: ReplayCollector
  ) async -> Outcome {
    let session = device.session
    let clock = SimulationClock(session.clock)
    let (advertisements, continuation) = AsyncStream.makeStream(of: HeardAdvertisement.self)
    for step in session.steps {
      switch step {
      case .advertise(let values, let times, let every):
        for index in 0..<times {
          let heard = Advertisement(
            address: session.advertisement.address, rssi: -60, data: values[index % values.count])
          if driver.concerns(heard) { continuation.yield(HeardAdvertisement(heard, at: clock.now)) }
          clock.advance(by: every)
        }
      case .wait(let seconds): clock.advance(by: seconds)
      case .awaitSubscription, .awaitWrite, .indicate, .notify, .set, .end: continue
      }
    }
    continuation.finish()
    let end = await driver.listen(
      ListeningSession(
        device: device.device, profile: device.profile, isSimulated: true, receivedNow: { clock.now }, sink: collector),
      to: advertisements)
    return Outcome(end: end, collector: collector, peripheral: nil)
  }

  /// What an earlier visit would have found.
  private func discoverBeforehand() async throws(ReplayError) -> GATTDatabase {
    do {
      let (central, end) = try SocketPair.make()
      let peripheral = SimulatedPeripheral(
        channel: end, attributes: device.session.attributes, steps: [], mtu: device.session.mtu)
      await peripheral.start()
      let client = GATTClient(channel: central)
      await client.start()
      defer { Task { await client.close() } }
      return try await client.discover()
    } catch {
      throw .noLink("\(error)")
    }
  }
}

/// Why a session could not be played.
package enum ReplayError: Error, CustomStringConvertible {
  case noDriver(String)
  case noLink(String)

  package var description: String {
    switch self {
    case .noDriver(let name): "No driver is called \(name)."
    case .noLink(let reason): "The simulated device could not be reached. \(reason)"
    }
  }
}
