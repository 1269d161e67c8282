package import BluetoothLE
package import Devices
package import Foundation
package import Observations

/// A paired Bluetooth device with all that a visit needs.
package struct KnownDevice: Sendable, Identifiable {
  package var id: DeviceID
  /// The identity address.
  package var address: BluetoothAddress
  package var name: String?
  package var profile: DeviceProfile
  package var authentication: LinkAuthentication
  /// The attributes of the last visit; nil: to be discovered.
  package var database: GATTDatabase?
  /// Whether what it says of itself has been read once.
  package var informationIsKnown: Bool
  /// Whether it kept our subscription last time; nil when not known.
  package var keepsSubscriptions: Bool?
  /// Device clock minus ours in seconds, as last measured.
  package var clockOffset: TimeInterval?
  package var previousVisit: Date?

  /// `ble:` and the identity address in capitals.
  package static func id(of address: BluetoothAddress) -> DeviceID { DeviceID(rawValue: "ble:\(address)") }
}
