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
  /// The characteristics whose values are its readings. A device has one of them at least; ``decode(_:layout:)`` takes
  /// values of the first.
  var characteristics: [BluetoothUUID] { get }
  /// What it takes from a profile's `constants`.
  var constants: [DriverConstant] { get }

  /// The layouts of its first characteristic that it decodes beside the standard one, by the names that profiles use.
  var layouts: [String] { get }

  /// What the device says in `bytes`, a value of its first characteristic: for `vitals decode`.
  ///
  /// - Parameter layout: one of ``layouts``; nil for the standard one.
  func decode(_ bytes: [UInt8], layout: String?) throws(DecodingFailure) -> JSON

  /// Visits the device: from a link that is as secure as it has to be, to the visit's end. The caller disconnects.
  /// Ends soon after its task is cancelled.
  func run(_ session: DeviceSession) async -> SessionEnd
}

extension DeviceDriver {
  /// `gatt-blood-pressure/1`.
  package var nameAndVersion: String { "\(name)/\(version)" }
  package var layouts: [String] { [] }
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
