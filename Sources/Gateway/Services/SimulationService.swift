import DeviceSimulator
import Devices
import BluetoothLE
import Foundation
import LocalAPI
import Logging
import Observations
import Store

/// Plays the sessions of the installed profiles where there is no hardware, through the same client, drivers, store and
/// rules as a real device. Everything that comes of it says that it is simulated.
struct SimulationService {
  let configuration: Configuration
  let library: ProfileLibrary
  let ingest: Ingest
  let bluetooth: BluetoothService?
  /// Driver constants that configuration sets.
  let constants: [String: Decimal]
  let logger: Logger

  /// Between two rounds over all sessions.
  static let pause: Duration = .seconds(60)

  func run() async {
    guard configuration.simulation != .never else { return }
    // An adapter that is there needs a moment to say so.
    guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
    while !Task.isCancelled {
      if await isWanted { await playAll() }
      guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
    }
  }

  private var isWanted: Bool {
    get async {
      if configuration.simulation == .always { return true }
      // A house that has a real device wants no played readings while its adapter is unplugged.
      guard let paired = try? await ingest.store.devices(), paired.isEmpty else { return false }
      guard let bluetooth else { return true }
      switch await bluetooth.adapterStatus.state {
      case .absent, .failed: return true
      case .ready, .starting, .off, .rival, .disabled: return false
      }
    }
  }

  /// The standard devices, which show everything; the makers' models beside them would only be a crowd. A library without
  /// those is played whole.
  private var played: [DeviceProfile] {
    let standard = library.profiles.filter { $0.name.hasPrefix("sig/") }
    return standard.isEmpty ? library.profiles : standard
  }

  private func playAll() async {
    await withTaskGroup(of: Void.self) { group in
      for profile in played {
        // A device does one thing after the other; two devices do theirs at once.
        group.addTask {
          for (session, _) in SessionCheck.sessions(of: profile) where !Task.isCancelled {
            await play(profile, session)
          }
        }
      }
      await group.waitForAll()
    }
  }

  private func play(_ profile: DeviceProfile, _ name: String) async {
    guard let driver = Drivers.named(profile.driver) else { return }
    do {
      let simulated = try SimulatedDevice(profile, session: name)
      let (channel, peripheral) = try await simulated.connect(zone: configuration.timeZone)
      logger.info("playing \(profile.name)/\(name) as a simulated device")
      let client = GATTClient(channel: channel)
      await client.start()
      _ = await driver.run(
        DeviceSession(
          device: simulated.device, profile: profile, client: client, authentication: .bonded, isSimulated: true,
          timeZone: configuration.timeZone,
          sink: SimulatedSink(ingest: ingest, device: simulated.device, logger: logger),
          constants: constants))
      await client.close()
      withExtendedLifetime(peripheral) {}
    } catch {
      logger.warning("\(profile.name)/\(name) cannot be played: \(error)")
    }
  }
}

/// The sink of a played session: readings go the way of all readings, what is learned of the device is forgotten.
struct SimulatedSink: ObservationSink {
  private let real: any ObservationSink

  init(ingest: Ingest, device: DeviceID, logger: Logger) {
    real = ingest.sink(for: device, logger: logger)
  }

  func store(_ observation: Observation, live: Bool) async throws -> StoreOutcome {
    try await real.store(observation, live: live)
  }
  func store(_ readings: [MemoryReading]) async throws -> [StoreOutcome] { try await real.store(readings) }
  func holds(_ identity: ReadingIdentity) async -> Bool { await real.holds(identity) }
  func keep(_ value: UndecodableValue) async throws { try await real.keep(value) }
  func revise(_ id: ObservationID, effective: EffectiveTime, clockOffset: TimeInterval?) async {
    await real.revise(id, effective: effective, clockOffset: clockOffset)
  }
  func confirmationSent(_ id: ObservationID) async throws { try await real.confirmationSent(id) }
  func confirmationArrived(_ id: ObservationID) async { await real.confirmationArrived(id) }
  func live(_ sample: LiveSample) async { await real.live(sample) }
  func remember(database: GATTDatabase) async {}
  func remember(keepsSubscriptions: Bool) async {}
  func remember(clockOffset: TimeInterval, at date: Date) async {}
  func remember(information: DeviceInformation) async {}
  func remember(battery: Int) async {}
}
