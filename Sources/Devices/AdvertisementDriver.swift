package import BluetoothLE
package import Foundation
package import Observations

/// How readings come out of a family of device that says its values in its advertisements: no link is made to it.
package protocol AdvertisementDriver: DeviceDriver {
  /// Whether the advertisement is one of those that hold its values. A device may send others in between, of which
  /// nothing is to be read.
  func concerns(_ advertisement: Advertisement) -> Bool

  /// Takes what is heard of the device until the stream of advertisements ends: it fell silent, or the gateway wants it.
  func listen(_ session: ListeningSession, to advertisements: AsyncStream<HeardAdvertisement>) async -> SessionEnd
}

extension AdvertisementDriver {
  package func characteristics(of profile: DeviceProfile) -> [BluetoothUUID] { [] }

  /// Over a link such a device has nothing to say.
  package func run(_ session: DeviceSession) async -> SessionEnd { .idle }
}

/// An advertisement and when it was heard, by our clock.
package struct HeardAdvertisement: Sendable {
  package var advertisement: Advertisement
  package var at: Date

  package init(_ advertisement: Advertisement, at: Date) {
    self.advertisement = advertisement
    self.at = at
  }
}

/// Listening to one device, from the first value that is heard to silence.
package struct ListeningSession: Sendable {
  package var device: DeviceID
  package var profile: DeviceProfile
  /// Played, not measured.
  package var isSimulated: Bool
  /// Our clock.
  package var receivedNow: @Sendable () -> Date
  package var sink: any ObservationSink
  package var progress: @Sendable (SessionProgress) -> Void
  /// Driver constants that configuration sets; they go before the profile's.
  package var constants: [String: Decimal]

  package init(
    device: DeviceID, profile: DeviceProfile, isSimulated: Bool,
    receivedNow: @escaping @Sendable () -> Date = { Date() }, sink: any ObservationSink,
    progress: @escaping @Sendable (SessionProgress) -> Void = { _ in }, constants: [String: Decimal] = [:]
  ) {
    self.device = device
    self.profile = profile
    self.isSimulated = isSimulated
    self.receivedNow = receivedNow
    self.sink = sink
    self.progress = progress
    self.constants = constants
  }

  /// Configuration's value, else the profile's, else the driver's own.
  func value(of constant: DriverConstant) -> Decimal {
    constant.value(configured: constants, profile: profile)
  }
}

extension DriverConstant {
  /// Configuration's value, else the profile's, else the driver's own; within the range.
  func value(configured: [String: Decimal], profile: DeviceProfile) -> Decimal {
    let value = configured[name] ?? profile.constants[name] ?? standard
    return min(max(value, range.lowerBound), range.upperBound)
  }
}
