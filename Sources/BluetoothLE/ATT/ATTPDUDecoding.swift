/// Why octets are no PDU.
package enum ATTDecodingFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// A packet without an octet.
  case empty
  /// The specification has no such opcode.
  case unknownOpcode(ATTOpcode)
  /// The octets end inside `field`; `offset` is where it begins.
  case truncated(ATTOpcode, field: String, offset: Int, need: Int, have: Int)
  /// Octets after the last field.
  case surplus(ATTOpcode, octets: Int)
  /// A field has a value that its PDU cannot have.
  case invalid(ATTOpcode, field: String, value: Int)

  /// The opcode of what arrived; nil when nothing did.
  package var opcode: ATTOpcode? {
    switch self {
    case .empty: nil
    case .unknownOpcode(let opcode), .truncated(let opcode, _, _, _, _), .surplus(let opcode, _),
      .invalid(let opcode, _, _):
      opcode
    }
  }

  /// A sentence that names the field; no values of attributes.
  package var description: String {
    switch self {
    case .empty: "An ATT PDU had no octets."
    case .unknownOpcode(let opcode): "An ATT PDU has an opcode that the specification does not know: \(opcode)."
    case .truncated(let opcode, let field, let offset, let need, let have):
      "\(opcode): \(field) at octet \(offset) needs \(need) octets, there are \(have)."
    case .surplus(let opcode, let octets): "\(opcode): \(octets) octets too many."
    case .invalid(let opcode, let field, let value): "\(opcode): \(field) cannot be \(value)."
    }
  }
}

extension ATTPDU {
  /// Decodes one PDU: all of `bytes`, no more and no less.
  package init(decoding bytes: [UInt8]) throws(ATTDecodingFailure) {
    guard let first = bytes.first else { throw .empty }
    var fields = ATTFields(opcode: ATTOpcode(rawValue: first), bytes: bytes)
    self = try ATTPDU(&fields)
    try fields.finish()
  }

  private init(_ fields: inout ATTFields) throws(ATTDecodingFailure) {
    switch fields.opcode {
    case .errorResponse:
      self = .errorResponse(
        request: ATTOpcode(rawValue: try fields.octet("Request Opcode In Error")),
        handle: try fields.handle("Attribute Handle In Error"),
        code: ATTErrorCode(rawValue: try fields.octet("Error Code")))
    case .exchangeMTURequest: self = .exchangeMTURequest(try fields.number("Client Rx MTU"))
    case .exchangeMTUResponse: self = .exchangeMTUResponse(try fields.number("Server Rx MTU"))
    case .findInformationRequest: self = .findInformationRequest(try fields.range())
    case .findInformationResponse: self = .findInformationResponse(try fields.information())
    case .findByTypeValueRequest:
      self = .findByTypeValueRequest(
        try fields.range(), type: try fields.number("Attribute Type"), value: fields.remainder())
    case .findByTypeValueResponse: self = .findByTypeValueResponse(try fields.ranges())
    case .readByTypeRequest:
      self = .readByTypeRequest(try fields.range(), type: try fields.uuid("Attribute Type"))
    case .readByTypeResponse: self = .readByTypeResponse(try fields.values())
    case .readRequest: self = .readRequest(try fields.handle("Attribute Handle"))
    case .readResponse: self = .readResponse(fields.remainder())
    case .readBlobRequest:
      self = .readBlobRequest(try fields.handle("Attribute Handle"), offset: try fields.number("Value Offset"))
    case .readBlobResponse: self = .readBlobResponse(fields.remainder())
    case .readMultipleRequest: self = .readMultipleRequest(try fields.handles())
    case .readMultipleResponse: self = .readMultipleResponse(fields.remainder())
    case .readByGroupTypeRequest:
      self = .readByGroupTypeRequest(try fields.range(), type: try fields.uuid("Attribute Group Type"))
    case .readByGroupTypeResponse: self = .readByGroupTypeResponse(try fields.groups())
    case .readMultipleVariableRequest: self = .readMultipleVariableRequest(try fields.handles())
    case .readMultipleVariableResponse: self = .readMultipleVariableResponse(try fields.lengthValues())
    case .writeRequest: self = .writeRequest(try fields.handle("Attribute Handle"), fields.remainder())
    case .writeResponse: self = .writeResponse
    case .writeCommand: self = .writeCommand(try fields.handle("Attribute Handle"), fields.remainder())
    case .signedWriteCommand:
      let handle = try fields.handle("Attribute Handle")
      let value = try fields.remainder(exceptLast: 12, "Authentication Signature")
      self = .signedWriteCommand(handle, value, signature: fields.remainder())
    case .prepareWriteRequest:
      self = .prepareWriteRequest(
        try fields.handle("Attribute Handle"), offset: try fields.number("Value Offset"), fields.remainder())
    case .prepareWriteResponse:
      self = .prepareWriteResponse(
        try fields.handle("Attribute Handle"), offset: try fields.number("Value Offset"), fields.remainder())
    case .executeWriteRequest:
      let flags = try fields.octet("Flags")
      guard let execute = ExecuteWrite(rawValue: flags) else {
        throw .invalid(fields.opcode, field: "Flags", value: Int(flags))
      }
      self = .executeWriteRequest(execute)
    case .executeWriteResponse: self = .executeWriteResponse
    case .handleValueNotification:
      self = .handleValueNotification(try fields.handle("Attribute Handle"), fields.remainder())
    case .handleValueIndication:
      self = .handleValueIndication(try fields.handle("Attribute Handle"), fields.remainder())
    case .handleValueConfirmation: self = .handleValueConfirmation
    case .multipleHandleValueNotification:
      self = .multipleHandleValueNotification(try fields.handleLengthValues())
    default: throw .unknownOpcode(fields.opcode)
    }
  }
}

/// The octets of a PDU behind its opcode, taken field by field.
private struct ATTFields {
  let opcode: ATTOpcode
  private let bytes: [UInt8]
  private var offset = 1

  /// `bytes` has the opcode as its first octet.
  init(opcode: ATTOpcode, bytes: [UInt8]) {
    self.opcode = opcode
    self.bytes = bytes
  }

  private var left: Int { bytes.count - offset }

  private mutating func take(_ count: Int, _ field: String) throws(ATTDecodingFailure) -> ArraySlice<UInt8> {
    guard left >= count else {
      throw .truncated(opcode, field: field, offset: offset, need: count, have: left)
    }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  mutating func octet(_ field: String) throws(ATTDecodingFailure) -> UInt8 {
    let octets = try take(1, field)
    return octets[octets.startIndex]
  }

  mutating func number(_ field: String) throws(ATTDecodingFailure) -> UInt16 {
    let octets = try take(2, field)
    return UInt16(octets[octets.startIndex]) | UInt16(octets[octets.startIndex + 1]) << 8
  }

  mutating func handle(_ field: String) throws(ATTDecodingFailure) -> AttributeHandle {
    AttributeHandle(rawValue: try number(field))
  }

  mutating func range() throws(ATTDecodingFailure) -> AttributeHandleRange {
    AttributeHandleRange(try handle("Starting Handle"), try handle("Ending Handle"))
  }

  /// The last field: 2 or 16 octets.
  mutating func uuid(_ field: String) throws(ATTDecodingFailure) -> BluetoothUUID {
    let width = left
    guard width == 2 || width == 16, let uuid = BluetoothUUID(wire: try take(width, field)) else {
      throw .invalid(opcode, field: "length of \(field)", value: width)
    }
    return uuid
  }

  mutating func remainder() -> [UInt8] {
    defer { offset = bytes.count }
    return Array(bytes[offset...])
  }

  mutating func remainder(exceptLast count: Int, _ field: String) throws(ATTDecodingFailure) -> [UInt8] {
    guard left >= count else { throw .truncated(opcode, field: field, offset: offset, need: count, have: left) }
    return Array(try take(left - count, "Attribute Value"))
  }

  func finish() throws(ATTDecodingFailure) {
    if left > 0 { throw .surplus(opcode, octets: left) }
  }

  /// Lists that fill the PDU have one entry or more (§3.4.3.2, §3.4.3.4, §3.4.4.2, §3.4.4.10): an empty one would make
  /// a client ask the same again.
  private func requireEntry(_ field: String, _ width: Int) throws(ATTDecodingFailure) {
    if left < width { throw .truncated(opcode, field: field, offset: offset, need: width, have: left) }
  }

  mutating func information() throws(ATTDecodingFailure) -> [AttributeInformation] {
    let format = try octet("Format")
    guard format == 1 || format == 2 else { throw .invalid(opcode, field: "Format", value: Int(format)) }
    let width = format == 1 ? 2 : 16
    try requireEntry("Information Data", 2 + width)
    var list: [AttributeInformation] = []
    while left > 0 {
      let handle = try handle("Handle")
      guard let type = BluetoothUUID(wire: try take(width, "UUID")) else { break }
      list.append(AttributeInformation(handle, type))
    }
    return list
  }

  mutating func ranges() throws(ATTDecodingFailure) -> [AttributeHandleRange] {
    try requireEntry("Handles Information", 4)
    var list: [AttributeHandleRange] = []
    while left > 0 {
      list.append(AttributeHandleRange(try handle("Found Attribute Handle"), try handle("Group End Handle")))
    }
    return list
  }

  mutating func values() throws(ATTDecodingFailure) -> [AttributeValue] {
    let length = Int(try octet("Length"))
    guard length >= 2 else { throw .invalid(opcode, field: "Length", value: length) }
    try requireEntry("Attribute Data", length)
    var list: [AttributeValue] = []
    while left > 0 {
      list.append(
        AttributeValue(try handle("Attribute Handle"), Array(try take(length - 2, "Attribute Value"))))
    }
    return list
  }

  mutating func groups() throws(ATTDecodingFailure) -> [AttributeGroup] {
    let length = Int(try octet("Length"))
    guard length >= 4 else { throw .invalid(opcode, field: "Length", value: length) }
    try requireEntry("Attribute Data", length)
    var list: [AttributeGroup] = []
    while left > 0 {
      let range = AttributeHandleRange(try handle("Attribute Handle"), try handle("End Group Handle"))
      list.append(AttributeGroup(range, Array(try take(length - 4, "Attribute Value"))))
    }
    return list
  }

  mutating func handles() throws(ATTDecodingFailure) -> [AttributeHandle] {
    try requireEntry("Set Of Handles", 4)
    var list: [AttributeHandle] = []
    while left > 0 { list.append(try handle("Attribute Handle")) }
    return list
  }

  /// §3.4.4.12: a value may be cut by the MTU, and then it is the last.
  mutating func lengthValues() throws(ATTDecodingFailure) -> [[UInt8]] {
    var list: [[UInt8]] = []
    while left > 0 {
      let length = Int(try number("Value Length"))
      list.append(Array(try take(min(length, left), "Attribute Value")))
    }
    return list
  }

  mutating func handleLengthValues() throws(ATTDecodingFailure) -> [AttributeValue] {
    try requireEntry("Handle Length Value Tuple List", 4)
    var list: [AttributeValue] = []
    while left > 0 {
      let handle = try handle("Attribute Handle")
      let length = Int(try number("Value Length"))
      list.append(AttributeValue(handle, Array(try take(min(length, left), "Attribute Value"))))
    }
    return list
  }
}
