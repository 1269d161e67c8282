/// One default of the adapter (management protocol, "Set Default System Configuration"): a type, a length and a value.
package struct SystemParameter: Hashable, Sendable {
  /// The protocol's Parameter_Type.
  package let type: UInt16
  /// The value, little-endian.
  package let value: [UInt8]

  package init(type: UInt16, value: [UInt8]) {
    self.type = type
    self.value = value
  }

  /// How long one connection attempt to an awaited device may take, in milliseconds (type 0x001B). The kernel tries one
  /// device at a time, so a device that advertised once and went away keeps the others waiting for this long.
  package static func autoConnectTimeout(milliseconds: UInt16) -> SystemParameter {
    SystemParameter(
      type: 0x001B,
      value: [UInt8(truncatingIfNeeded: milliseconds), UInt8(truncatingIfNeeded: milliseconds >> 8)])
  }

  /// The list that Read Default System Configuration answers.
  /// - Throws: ``ManagementDecodingFailure`` where the list is cut.
  package static func list(_ parameters: [UInt8]) throws(ManagementDecodingFailure) -> [SystemParameter] {
    var reader = ManagementReader(parameters)
    var list: [SystemParameter] = []
    while reader.remaining > 0 {
      let type = try reader.uint16("Parameter_Type")
      let length = Int(try reader.byte("Value_Length"))
      list.append(SystemParameter(type: type, value: try reader.octets(length, "Value")))
    }
    return list
  }
}
