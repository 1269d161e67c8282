/// A characteristic whose whole value is text in UTF-8: the strings of the Device Information Service (1.1 §3), and the
/// Device Name of GAP.
package struct DeviceText: Hashable, Sendable {
  /// Which text; the raw value is the UUID.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case deviceName = "2A00"
    case modelNumber = "2A24"
    case serialNumber = "2A25"
    case firmwareRevision = "2A26"
    case hardwareRevision = "2A27"
    case softwareRevision = "2A28"
    case manufacturerName = "2A29"

    /// The name in the assigned numbers.
    package var name: String {
      switch self {
      case .deviceName: "Device Name"
      case .modelNumber: "Model Number String"
      case .serialNumber: "Serial Number String"
      case .firmwareRevision: "Firmware Revision String"
      case .hardwareRevision: "Hardware Revision String"
      case .softwareRevision: "Software Revision String"
      case .manufacturerName: "Manufacturer Name String"
      }
    }
  }

  package let kind: Kind
  /// Without the NULs at its end, which devices pad their strings with. May be empty, and may hold control characters.
  package let text: String

  /// - Throws: ``DecodingFailure/malformedText(field:offset:)``.
  package init(_ kind: Kind, _ bytes: [UInt8]) throws(DecodingFailure) {
    self.kind = kind
    let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    guard let text = String(validating: bytes[..<end], as: UTF8.self) else {
      throw .malformedText(field: kind.name, offset: Self.firstInvalidOffset(bytes[..<end]))
    }
    self.text = text
  }

  package var json: JSON { .object([.init("text", .string(text))]) }

  private static func firstInvalidOffset(_ bytes: ArraySlice<UInt8>) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
    return offset
  }
}
