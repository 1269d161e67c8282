/// The value of a characteristic whose layout the Bluetooth SIG defines (GATT Specification Supplement).
///
/// Two kinds of value differ in what follows the last field:
/// - A structure opened by flags (measurements) or feature bits may grow. The profiles have the collector ignore flag bits
///   that are reserved for future use, and octets that no flag announces. Here both are kept: `flags` as sent, and
///   `trailing`; a device that counts its flags wrongly is found by them.
/// - A value of fixed size ends where it ends: a longer one is something else, and is refused.
package protocol GATTCharacteristic: Hashable, Sendable {
  /// The 16-bit UUID, four capital hexadecimal digits.
  static var uuid: String { get }
  /// The name in the assigned numbers.
  static var name: String { get }
  /// Decodes a value as it came from the device.
  /// - Throws: ``DecodingFailure`` naming the first field that failed.
  init(_ bytes: [UInt8]) throws(DecodingFailure)
  /// The measurement as `vitals decode` prints it.
  var json: JSON { get }
}
