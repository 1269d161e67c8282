/// The answer to Read Controller Information.
package struct AdapterInformation: Hashable, Sendable {
  /// The public address; nil where the adapter has none (an LE-only one) and needs a static address before power-on.
  package let publicAddress: BluetoothAddress?
  /// The HCI version number: 6 is Bluetooth 4.0, 9 is 5.0.
  package let version: UInt8
  /// The maker's company identifier.
  package let manufacturer: UInt16
  /// What the adapter can do.
  package let supported: AdapterSettings
  /// What is switched on.
  package let current: AdapterSettings
  /// The adapter's name, as the system set it.
  package let name: String

  /// Decodes the return parameters (280 octets; those after the name are not used).
  /// - Throws: ``ManagementDecodingFailure`` naming the first field that is missing.
  package init(_ parameters: [UInt8]) throws(ManagementDecodingFailure) {
    var reader = ManagementReader(parameters)
    let octets = try reader.octets(6, "Address")
    publicAddress = octets.allSatisfy { $0 == 0 } ? nil : BluetoothAddress(wire: octets, kind: .public)
    version = try reader.byte("Bluetooth_Version")
    manufacturer = try reader.uint16("Manufacturer")
    supported = AdapterSettings(rawValue: try reader.uint32("Supported_Settings"))
    current = AdapterSettings(rawValue: try reader.uint32("Current_Settings"))
    _ = try reader.octets(3, "Class_Of_Device")
    name = String(decoding: try reader.octets(249, "Name").prefix { $0 != 0 }, as: UTF8.self)
  }
}
