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
  /// store has lost or never had.
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

  /// A device whose profile wanted a bond that it has not, and does no more: what was held against it is over.
  func takeUpAgain(_ device: KnownDevice) async {
    (backoff[device.address], resting[device.address]) = (nil, nil)
    await bondHolds(device)
    if pairings[device.address]?.isKept ?? true { await awaitDevice(device.address) }
  }

  /// Says again what was known of stale bonds before, and which devices have none though their profile wants one: before
  /// somebody measures in vain.
  func warnOfStaleBonds() async {
    staleBonds.formUnion(await registry.staleBonds())
    for device in devices.values where staleBonds.contains(device.id) || device.linkProof == .bondThatIsMissing {
      warnOfStaleBond(device)
    }
  }

  private func warnOfStaleBond(_ device: KnownDevice) {
    let press = device.profile.pairing?.english ?? "Make it ready to be paired (see its booklet)."
    let reason =
      device.linkProof == .bondThatIsMissing
      ? "was paired without a bond, and its profile reads it only with one."
      : "does not know the gateway any more: it has forgotten the pairing (reset, batteries, paired with a phone since), "
        + "or another device uses its address."
    health.warn(
      HealthWarning.Kind.staleBond, about: device.id.rawValue, .error,
      "\(device.address) (\(device.profile.title)) \(reason) Its readings do not come through.",
      remedy: "\(press) Then run: vitals pair --again \(device.address)",
      parameters: Self.parameters(of: device, bond: device.linkProof == .bondThatIsMissing ? "none" : nil))
  }

  /// What a bonded device advertises would have to be believed without its bond; whether it may be is a person's to say.
  func warnOfBondInClear(_ device: KnownDevice) {
    health.warn(
      HealthWarning.Kind.untrustedLink, about: device.id.rawValue, .error,
      "\(device.address) has a bond, and its profile \(device.profile.name) reads what it advertises in clear; nothing is "
        + "taken from it.",
      remedy: "Give it a profile that makes a link to it. Or pair it anew without a bond: first vitals unpair "
        + "\(device.address), then vitals pair.",
      parameters: Self.parameters(of: device, bond: "in-clear"))
  }

  /// - Parameter bond: what is wrong with it, where it is not that it is stale.
  private static func parameters(of device: KnownDevice, bond: String? = nil) -> [String: String] {
    var parameters = ["device": device.name ?? device.address.description, "address": device.address.description]
    parameters["press"] = device.profile.pairing?.english
    parameters["pressVi"] = device.profile.pairing?.vietnamese
    parameters["bond"] = bond
    return parameters
  }
}
