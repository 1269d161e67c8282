import BluetoothLE
import Devices
import LocalAPI
import Logging
import Observations

/// Bonds that the device does not know any more: it was reset, lost its batteries' power, or was paired with a phone since.
/// From here that looks the same as a stranger with the device's address, so nothing is taken and nothing is paired; a
/// person is told, and decides.
extension BluetoothService {
  /// A link proved to be the device: what was said against its bond is over.
  func bondHolds(_ device: KnownDevice) async {
    health.clear(HealthWarning.Kind.untrustedLink, about: device.id.rawValue)
    health.clear(HealthWarning.Kind.staleBond, about: device.id.rawValue)
    if staleBonds.remove(device.id) != nil { await registry.keepStaleBonds(staleBonds) }
  }

  /// A link did not prove to be the device. Once may be anybody; a row of them is a bond that is gone, as is a key that the
  /// store has lost.
  ///
  /// - Parameter isMissing: it is our key that is missing.
  func bondRefused(_ device: KnownDevice, isMissing: Bool) async {
    await rest(device.address, isRefusal: true)
    // What was found stale before another start or adapter is so until a link proves otherwise.
    let isStale = isMissing || staleBonds.contains(device.id) || backoff[device.address]?.saysStaleBond ?? false
    if isStale {
      health.clear(HealthWarning.Kind.untrustedLink, about: device.id.rawValue)
      warnOfStaleBond(device)
      if staleBonds.insert(device.id).inserted { await registry.keepStaleBonds(staleBonds) }
    } else {
      health.warn(
        HealthWarning.Kind.untrustedLink, about: device.id.rawValue, .warning,
        "A link of \(device.address) could not prove that it is the paired device; nothing was taken from it.",
        remedy: "If this stays, and it is your device, pair it again: vitals pair --again \(device.address)",
        parameters: Self.parameters(of: device))
    }
  }

  /// Says again what was known of stale bonds before the gateway was started.
  func warnOfStaleBonds() async {
    staleBonds.formUnion(await registry.staleBonds())
    for device in devices.values where staleBonds.contains(device.id) { warnOfStaleBond(device) }
  }

  private func warnOfStaleBond(_ device: KnownDevice) {
    let press = device.profile.pairing?.english ?? "Make it ready to be paired (see its booklet)."
    health.warn(
      HealthWarning.Kind.staleBond, about: device.id.rawValue, .error,
      "\(device.address) (\(device.profile.title)) does not know the gateway any more: it has forgotten the pairing (reset, "
        + "batteries, paired with a phone since), or another device uses its address. Its readings do not come through.",
      remedy: "\(press) Then run: vitals pair --again \(device.address)", parameters: Self.parameters(of: device))
  }

  private static func parameters(of device: KnownDevice) -> [String: String] {
    var parameters = ["device": device.name ?? device.address.description, "address": device.address.description]
    parameters["press"] = device.profile.pairing?.english
    parameters["pressVi"] = device.profile.pairing?.vietnamese
    return parameters
  }
}
