import BluetoothLE
import Devices
import Foundation
import Logging

/// Devices that are never connected to: the kernel reports their advertisements, and their profile's driver takes them.
extension BluetoothService {
  /// More than a driver ever leaves waiting while a commit takes its time.
  private static let mostWaiting = 256

  /// What the kernel does when it hears a known device.
  func action(for peer: BluetoothAddress) -> ManagementCommand.DeviceAction {
    switch devices[peer]?.profile.session.connect {
    case .never: .report
    case .always, nil: .connect
    }
  }

  /// Gives a report to the driver of the device it is of, if that one is listened to.
  func heard(_ found: ManagementEvent.FoundDevice) {
    let peer = found.address
    guard let device = devices[peer], device.profile.session.connect == .never,
      let driver = Drivers.named(device.profile.driver) as? any AdvertisementDriver
    else { return }
    let advertisement = found.advertisement
    // What else it sends does not keep a stream alive.
    guard driver.concerns(advertisement) else { return }
    // It was bonded when its profile made links; anybody can advertise in its name.
    guard device.linkProof == .nothing else { return warnOfBondInClear(device) }
    if listenings[peer]?.isOver ?? true { beginListening(device, driver) }
    listenings[peer]?.lastHeard = .now
    listenings[peer]?.advertisements.yield(HeardAdvertisement(advertisement, at: Date()))
  }

  private func beginListening(_ device: KnownDevice, _ driver: any AdvertisementDriver) {
    let peer = device.address
    let earlier = listenings[peer]
    let number = (earlier?.number ?? 0) + 1
    let (stream, continuation) = AsyncStream.makeStream(
      of: HeardAdvertisement.self, bufferingPolicy: .bufferingNewest(Self.mostWaiting))
    let task = Task {
      // The sink takes one call at a time.
      await earlier?.task.value
      await self.listen(device, driver, stream)
      self.listeningEnded(peer, number)
    }
    listenings[peer] = Listening(number: number, advertisements: continuation, lastHeard: .now, task: task)
    Task { await self.watchForSilence(peer, number, device.profile.session.idle) }
    logger.info("\(peer) is heard")
  }

  private func listen(
    _ device: KnownDevice, _ driver: any AdvertisementDriver, _ advertisements: AsyncStream<HeardAdvertisement>
  ) async {
    let logger = logger
    let end = await driver.listen(
      ListeningSession(
        device: device.id, profile: device.profile, isSimulated: false,
        sink: ingest.sink(for: device.id, logger: logger),
        progress: { step in
          if case .notStored(let reason) = step { logger.warning("a window was not stored: \(reason)") }
        },
        constants: constants),
      to: advertisements)
    logger.info("\(device.address) is not heard any more: \(end)")
    await visits.ended(device.id, "\(end)")
  }

  private func watchForSilence(_ peer: BluetoothAddress, _ number: Int, _ limit: Duration) async {
    while let listening = listenings[peer], listening.number == number, !listening.isOver {
      let end = listening.lastHeard.advanced(by: limit)
      guard end > .now else { return finish(peer) }
      try? await Task.sleep(until: end, clock: .continuous)
    }
  }

  private func finish(_ peer: BluetoothAddress) {
    listenings[peer]?.isOver = true
    listenings[peer]?.advertisements.finish()
  }

  private func listeningEnded(_ peer: BluetoothAddress, _ number: Int) {
    if listenings[peer]?.number == number { listenings[peer] = nil }
  }

  /// Ends the stream of a device's values, and returns when what it had is stored.
  func endListening(_ peer: BluetoothAddress) async {
    finish(peer)
    await listenings[peer]?.task.value
  }

  /// Ends all of them.
  ///
  /// - Returns: what is to be waited for.
  func endListenings() -> [Task<Void, Never>] {
    for peer in listenings.keys { finish(peer) }
    return listenings.values.map(\.task)
  }
}
