package import BluetoothLE
package import Foundation
package import WireFormats

/// How readings come out of one family of device. A driver has no state: everything about a visit is in its
/// ``DeviceSession``.
package protocol DeviceDriver: Sendable {
  /// What profiles call it.
  var name: String { get }
  /// Raised when the same bytes would be normalised differently; stands in every reading's provenance.
  var version: Int { get }
  /// The characteristics whose values it takes from `profile`'s devices. Subscribed to are all of them where
  /// ``needsEveryCharacteristic``, else one at least.
  func characteristics(of profile: DeviceProfile) -> [BluetoothUUID]
  /// Whether a device without one of ``characteristics(of:)`` cannot be read.
  var needsEveryCharacteristic: Bool { get }
  /// What it takes from a profile's `constants`.
  var constants: [DriverConstant] { get }
  /// Whether it reads by a profile's `memory`, which then must be there; a profile of any other driver has none.
  var needsMemory: Bool { get }

  /// The layouts of its first characteristic that it decodes beside the standard one, by the names that profiles use.
  var layouts: [String] { get }

  /// Whether `value` may be written to `characteristic` of its devices, in one write or cut into several. False for what
  /// a device must never be sent, wherever it comes from: a profile too may name octets to be written.
  func permits(_ value: [UInt8], to characteristic: BluetoothUUID) -> Bool

  /// What the device says in `bytes`, one measurement as `profile`'s device sends or stores it (a value of the first of
  /// ``characteristics(of:)``, or a record of its memory): for `vitals decode`.
  func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON

  /// Visits the device: from a link that is as secure as it has to be, to the visit's end. The caller disconnects.
  /// Ends soon after its task is cancelled.
  func run(_ session: DeviceSession) async -> SessionEnd
}

extension DeviceDriver {
  /// `gatt-blood-pressure/1`.
  package var nameAndVersion: String { "\(name)/\(version)" }

  package var needsMemory: Bool { false }
  package var needsEveryCharacteristic: Bool { false }
  package var layouts: [String] { [] }
  package func permits(_ value: [UInt8], to characteristic: BluetoothUUID) -> Bool { true }
}

/// A number that a driver takes from a profile.
package struct DriverConstant: Hashable, Sendable {
  package let name: String
  /// What it is, with its unit.
  package let meaning: String
  /// Where the profile says nothing.
  package let standard: Decimal
  package let range: ClosedRange<Decimal>

  package init(name: String, meaning: String, standard: Decimal, range: ClosedRange<Decimal>) {
    self.name = name
    self.meaning = meaning
    self.standard = standard
    self.range = range
  }
}
