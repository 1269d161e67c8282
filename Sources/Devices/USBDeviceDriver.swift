package import WireFormats

/// How readings come out of one family of device on a cable. As a ``DeviceDriver``, it has no state.
package protocol USBDeviceDriver: Sendable {
  /// What profiles call it.
  var name: String { get }
  /// Raised when the same bytes would be normalised differently; stands in every reading's provenance.
  var version: Int { get }
  /// The class of the interface that it claims: 0x03 for HID.
  var interfaceClass: UInt8 { get }
  /// What it takes from a profile's `constants`.
  var constants: [DriverConstant] { get }
  /// Whether its devices say who they are in their own protocol, and perhaps long after they are plugged in: then nothing
  /// is known of them before, and the session has ``USBSession/agents``.
  var readsAgents: Bool { get }

  /// What the device says in `bytes`, one stored record: for `vitals decode`.
  func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON

  /// Reads the device, from its claimed interface to the visit's end. The caller closes the channel. Ends soon after its
  /// task is cancelled.
  func run(_ session: USBSession) async -> SessionEnd
}

extension USBDeviceDriver {
  /// `omron-hid/1`.
  package var nameAndVersion: String { "\(name)/\(version)" }

  package var readsAgents: Bool { false }
}
