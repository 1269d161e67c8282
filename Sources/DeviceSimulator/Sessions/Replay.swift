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
    package let peripheral: SimulatedPeripheral
  }

  package let device: SimulatedDevice

  package init(_ device: SimulatedDevice) { self.device = device }

  /// - Parameter transactionLimit: how long the device may take to answer a request.
  /// - Throws: ``ReplayError``.
  package func run(transactionLimit: Duration = .seconds(30)) async throws(ReplayError) -> Outcome {
    guard let driver = Drivers.named(device.profile.driver) else { throw .noDriver(device.profile.driver) }
    let session = device.session
    let collector = ReplayCollector()
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
