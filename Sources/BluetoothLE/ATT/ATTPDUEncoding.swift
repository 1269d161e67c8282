extension ATTPDU {
  /// The octets to send. The sender keeps them within the MTU.
  ///
  /// Some responses say one length for all entries of a list: then the entries after the first whose length differs are
  /// left out, as a server sends them in a later response, and a value is cut to what the length octet can say
  /// (§3.4.4.2: 253 octets, §3.4.4.10: 251).
  package var bytes: [UInt8] {
    var writer = ATTWriter(opcode)
    switch self {
    case .errorResponse(let request, let handle, let code):
      writer.put(request.rawValue)
      writer.put(handle)
      writer.put(code.rawValue)
    case .exchangeMTURequest(let mtu), .exchangeMTUResponse(let mtu): writer.put(mtu)
    case .findInformationRequest(let range): writer.put(range)
    case .findInformationResponse(let list): writer.put(list)
    case .findByTypeValueRequest(let range, let type, let value):
      writer.put(range)
      writer.put(type)
      writer.put(value)
    case .findByTypeValueResponse(let list): for range in list { writer.put(range) }
    case .readByTypeRequest(let range, let type), .readByGroupTypeRequest(let range, let type):
      writer.put(range)
      writer.put(type.wire)
    case .readByTypeResponse(let list): writer.put(list)
    case .readByGroupTypeResponse(let list): writer.put(list)
    case .readRequest(let handle): writer.put(handle)
    case .readResponse(let value), .readBlobResponse(let value), .readMultipleResponse(let value): writer.put(value)
    case .readBlobRequest(let handle, let offset):
      writer.put(handle)
      writer.put(offset)
    case .readMultipleRequest(let handles), .readMultipleVariableRequest(let handles):
      for handle in handles { writer.put(handle) }
    case .readMultipleVariableResponse(let values): for value in values { writer.put(counted: value) }
    case .writeRequest(let handle, let value), .writeCommand(let handle, let value),
      .handleValueNotification(let handle, let value), .handleValueIndication(let handle, let value):
      writer.put(handle)
      writer.put(value)
    case .signedWriteCommand(let handle, let value, let signature):
      writer.put(handle)
      writer.put(value)
      writer.put(signature)
    case .prepareWriteRequest(let handle, let offset, let value),
      .prepareWriteResponse(let handle, let offset, let value):
      writer.put(handle)
      writer.put(offset)
      writer.put(value)
    case .executeWriteRequest(let execute): writer.put(execute.rawValue)
    case .multipleHandleValueNotification(let list):
      for entry in list {
        writer.put(entry.handle)
        writer.put(counted: entry.value)
      }
    case .writeResponse, .executeWriteResponse, .handleValueConfirmation: break
    }
    return writer.bytes
  }
}

private struct ATTWriter {
  private(set) var bytes: [UInt8]

  init(_ opcode: ATTOpcode) {
    bytes = [opcode.rawValue]
  }

  mutating func put(_ octet: UInt8) { bytes.append(octet) }
  mutating func put(_ octets: some Sequence<UInt8>) { bytes += octets }
  mutating func put(_ handle: AttributeHandle) { put(handle.rawValue) }

  mutating func put(_ number: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: number))
    bytes.append(UInt8(truncatingIfNeeded: number >> 8))
  }

  mutating func put(_ range: AttributeHandleRange) {
    put(range.start)
    put(range.end)
  }

  mutating func put(counted value: [UInt8]) {
    let value = value.prefix(Int(UInt16.max))
    put(UInt16(truncatingIfNeeded: value.count))
    put(value)
  }

  mutating func put(_ list: [AttributeInformation]) {
    guard let width = list.first?.type.wire.count else { return }
    put(UInt8(width == 2 ? 1 : 2))
    for entry in list.prefix(while: { $0.type.wire.count == width }) {
      put(entry.handle)
      put(entry.type.wire)
    }
  }

  mutating func put(_ list: [AttributeValue]) {
    guard let width = list.first.map({ min($0.value.count, 253) }) else { return }
    put(UInt8(width + 2))
    for entry in list.prefix(while: { min($0.value.count, 253) == width }) {
      put(entry.handle)
      put(entry.value.prefix(width))
    }
  }

  mutating func put(_ list: [AttributeGroup]) {
    guard let width = list.first.map({ min($0.value.count, 251) }) else { return }
    put(UInt8(width + 4))
    for entry in list.prefix(while: { min($0.value.count, 251) == width }) {
      put(entry.range)
      put(entry.value.prefix(width))
    }
  }
}
