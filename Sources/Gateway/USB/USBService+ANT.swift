import Devices
import Foundation
import LocalAPI
import Logging
import Observations
import Store
import Synchronization
import USBHost
import WireFormats

extension USBService {
  /// Listens with an ANT stick until it is unplugged or fails.
  ///
  /// - Returns: false: whatever ended it, it is tried again while the stick is there.
  func listen(
    _ driver: ANTStickDriver, _ profile: DeviceProfile, _ channel: any USBChannel, _ interface: USBDevice.Interface
  ) async -> Bool {
    let device = channel.device
    let key: ANTNetworkKey
    do throws(ANTKeyFile.Failure) {
      key = try ANTKeyFile.key(at: straps.configuration.networkKeyFile)
    } catch {
      warnOfKey(device, error)
      return false
    }
    health.clear(HealthWarning.Kind.antKey, about: device.model)
    let named = Dictionary(
      straps.configuration.straps.map { ($0.number, ANTStickDriver.device($0.number)) },
      uniquingKeysWith: { first, _ in first })
    for strap in straps.configuration.straps { await register(strap, profile) }
    let (straps, visits, ingest, logger) = (straps, visits, ingest, logger)
    let began = ListeningFlag()
    let reason = await driver.listen(
      USBSession(
        device: Self.id(of: device, serial: nil), profile: profile, channel: channel, interface: interface,
        isSimulated: false, timeZone: timeZone,
        sink: ingest.sink(for: Self.id(of: device, serial: nil), logger: logger),
        constants: constants),
      ANTReception(
        networkKey: key, straps: named,
        sink: { ingest.sink(for: $0, logger: logger) },
        listening: {
          began.raise()
          straps.stickBegan()
          logger.info("\(device) listens to ANT+ straps", metadata: ["straps": "\(named.count)"])
        },
        heard: { straps.hear($0, at: Date()) },
        ended: { strap, end in
          logger.info("the stream of \(strap) ended: \(end)")
          await visits.ended(strap, "\(end)")
        }))
    if began.isRaised { straps.stickEnded() }
    logger.info("\(device) listens no more: \(reason)")
    return false
  }

  private func warnOfKey(_ device: USBDevice, _ failure: ANTKeyFile.Failure) {
    health.warn(
      HealthWarning.Kind.antKey, about: device.model, .error,
      "An ANT stick is plugged in (\(device.model)), and there is no usable network key for it: \(failure).",
      remedy:
        "Get the key of ANT+ as an adopter (thisisant.com), write its 16 hexadecimal digits into a file that only "
        + "the service may read, name it in vitalsd.yaml (ant: {network-key-file: PATH}), and restart the service.")
  }

  /// A strap that somebody named is in the list of devices before it is first heard, so that it can be said whose it is.
  private func register(_ strap: Configuration.ANT.Strap, _ profile: DeviceProfile) async {
    let id = ANTStickDriver.device(strap.number)
    do {
      if var known = try await store.device(id) {
        let before = known
        known.description.profile = profile.name
        known.description.name = strap.name ?? known.description.name
        if known != before { try await store.saveDevice(known) }
        return
      }
      try await store.saveDevice(
        DeviceRecord(
          description: DeviceDescription(
            id: id, address: nil, name: strap.name ?? "ANT+ strap \(strap.number)", profile: profile.name,
            information: DeviceInformation()),
          addressKind: nil, authentication: .unauthenticated, pairedAt: Date()))
    } catch {
      logger.warning("\(id) was not taken into the list of devices: \(error)")
    }
  }
}

/// Whether a stick came to listen.
private final class ListeningFlag: Sendable {
  private let raised = Mutex(false)

  func raise() { raised.withLock { $0 = true } }
  var isRaised: Bool { raised.withLock { $0 } }
}
