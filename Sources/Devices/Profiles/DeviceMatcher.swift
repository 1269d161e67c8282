package import BluetoothLE
package import USBHost

/// A device and the profile that knows it.
package struct DeviceMatch: Sendable {
  package let profile: DeviceProfile
  package let driver: any DeviceDriver
  /// See ``Recognition/score(_:)``.
  package let score: Int
  /// Other profiles that recognise it, best first: a device may be two things, a cuff and a strap.
  package let others: [DeviceProfile]
}

/// Which profile knows a device, by what it advertises.
package struct DeviceMatcher: Sendable {
  package let library: ProfileLibrary

  package init(_ library: ProfileLibrary) { self.library = library }

  /// The profile with the highest score; nil when none knows the device. Equal scores go by name: profiles that one
  /// fact would make equal are refused when they load, so this is a device that is two things at once. A profile that
  /// must be chosen is not guessed: see ``Recognition/isChosen``.
  package func match(_ advertisement: Advertisement) -> DeviceMatch? {
    // One profile is the one that somebody named.
    let isNamed = library.profiles.count == 1
    let scored = library.profiles
      .filter { isNamed || !$0.recognition.isChosen }
      .compactMap { profile in profile.recognition.score(advertisement).map { (score: $0, profile: profile) } }
      .sorted { ($1.score, $0.profile.name) < ($0.score, $1.profile.name) }
    for (index, candidate) in scored.enumerated() {
      guard let driver = Drivers.named(candidate.profile.driver) else { continue }
      var others = scored.map(\.profile)
      others.remove(at: index)
      return DeviceMatch(profile: candidate.profile, driver: driver, score: candidate.score, others: others)
    }
    return nil
  }

  /// The profile of a device on a cable with its driver; nil when none knows it. A model's own profile comes before that
  /// of a class.
  package func match(_ device: USBDevice) -> (profile: DeviceProfile, driver: any USBDeviceDriver)? {
    let identifiers = USBIdentifiers(vendor: device.vendor, product: device.product)
    let classes = Set(device.interfaces.map(\.classCode))
    guard
      let profile = library.profiles.first(where: { $0.recognition.usb == identifiers })
        ?? library.profiles.first(where: { $0.recognition.usbClass.map(classes.contains) ?? false }),
      let driver = Drivers.usbNamed(profile.driver)
    else { return nil }
    return (profile, driver)
  }
}
