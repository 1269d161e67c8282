/// What a USB interface of the Personal Healthcare class says about itself (USB Device Class Definition for Personal
/// Healthcare Devices 1.0, 5.2).
///
/// A descriptor of the class that is not as long as it has to be is an error, which names it: what follows it could be
/// anything. Those that nobody knows are passed over.
package struct PersonalHealthcareDescriptors: Hashable, Sendable {
  /// bPHDCDataCode of messages of IEEE 11073-20601; 0x01 is a maker's own.
  package static let ieee11073: UInt8 = 0x02

  /// bPHDCDataCode.
  package let dataCode: UInt8
  /// Whether it could put a preamble before its messages. It does so only for a host that asked for it.
  package let hasMetadataPreamble: Bool
  /// Device specialisations, terms of the infrastructure partition: 4103 is blood pressure. Empty where it names none.
  package let specialisations: [UInt16]

  /// - Parameters:
  ///   - interface: the descriptors behind that of the interface.
  ///   - endpoints: those behind each of its endpoints' descriptors.
  /// - Throws: ``DecodingFailure``, also where the class function descriptor is missing. Offsets count within the
  ///   descriptors of the interface, or of one endpoint.
  package init(interface: [UInt8], endpoints: [[UInt8]]) throws(DecodingFailure) {
    var function: (dataCode: UInt8, capability: UInt8)?
    var specialisations: [UInt16] = []
    for octets in [interface] + endpoints {
      var reader = ByteReader(octets)
      while reader.remaining > 0 {
        let start = reader.offset
        let length = Int(try reader.uint8("class-specific descriptor: bLength"))
        let type = try reader.uint8("class-specific descriptor: bDescriptorType")
        let name = Self.names[type] ?? "class-specific descriptor"
        func expect(_ size: Int) throws(DecodingFailure) {
          guard length == size else {
            throw .outOfRange(field: "\(name): bLength", offset: start, value: length, expected: "\(size)")
          }
        }
        guard length >= 2 else {
          throw .outOfRange(field: "\(name): bLength", offset: start, value: length, expected: "2 or more")
        }
        var body = ByteReader(try reader.octets(length - 2, name))
        switch type {
        case 0x20:
          try expect(4)
          let found = (
            dataCode: try body.uint8("\(name): bPHDCDataCode"), capability: try body.uint8("\(name): bmCapability")
          )
          function = function ?? found
        case 0x21: try expect(4)
        case 0x30:
          _ = try body.uint8("\(name): bReserved")
          let count = Int(try body.uint8("\(name): bNumDevSpecs"))
          try expect(4 + 2 * count)
          for _ in 0..<count { specialisations.append(try body.uint16("\(name): wDevSpecializations")) }
        default: break
        }
      }
    }
    guard let function else {
      throw .truncated(field: "PHDC class function descriptor", offset: interface.count, need: 4, have: 0)
    }
    dataCode = function.dataCode
    hasMetadataPreamble = function.capability & 0x01 != 0
    // 0 stands for none.
    self.specialisations = specialisations.filter { $0 != 0 }
  }

  private static let names: [UInt8: String] = [
    0x20: "PHDC class function descriptor", 0x21: "PHDC QoS descriptor", 0x22: "PHDC meta-data descriptor",
    0x30: "11073 PHD function extension descriptor",
  ]
}
