/// One Attribute Protocol PDU (Core Specification Vol 3 Part F §3.4). Numbers are least significant octet first.
package enum ATTPDU: Hashable, Sendable {
  /// §3.4.1.1. `request` is the opcode that is answered; `handle` is 0x0000 where the error is of no attribute.
  case errorResponse(request: ATTOpcode, handle: AttributeHandle, code: ATTErrorCode)
  /// §3.4.2.1: the longest PDU that the sender can receive.
  case exchangeMTURequest(UInt16)
  case exchangeMTUResponse(UInt16)
  /// §3.4.3.1
  case findInformationRequest(AttributeHandleRange)
  case findInformationResponse([AttributeInformation])
  /// §3.4.3.3; the type is always 16-bit.
  case findByTypeValueRequest(AttributeHandleRange, type: UInt16, value: [UInt8])
  /// Found Attribute Handle and Group End Handle.
  case findByTypeValueResponse([AttributeHandleRange])
  /// §3.4.4.1
  case readByTypeRequest(AttributeHandleRange, type: BluetoothUUID)
  case readByTypeResponse([AttributeValue])
  /// §3.4.4.3
  case readRequest(AttributeHandle)
  case readResponse([UInt8])
  /// §3.4.4.5
  case readBlobRequest(AttributeHandle, offset: UInt16)
  case readBlobResponse([UInt8])
  /// §3.4.4.7: two handles or more.
  case readMultipleRequest([AttributeHandle])
  /// The values one after the other, without a mark between.
  case readMultipleResponse([UInt8])
  /// §3.4.4.9
  case readByGroupTypeRequest(AttributeHandleRange, type: BluetoothUUID)
  case readByGroupTypeResponse([AttributeGroup])
  /// §3.4.4.11: two handles or more.
  case readMultipleVariableRequest([AttributeHandle])
  /// The last value may be cut by the MTU.
  case readMultipleVariableResponse([[UInt8]])
  /// §3.4.5.1
  case writeRequest(AttributeHandle, [UInt8])
  case writeResponse
  /// §3.4.5.3
  case writeCommand(AttributeHandle, [UInt8])
  /// §3.4.5.4; the signature has 12 octets and is not checked here.
  case signedWriteCommand(AttributeHandle, [UInt8], signature: [UInt8])
  /// §3.4.6.1
  case prepareWriteRequest(AttributeHandle, offset: UInt16, [UInt8])
  case prepareWriteResponse(AttributeHandle, offset: UInt16, [UInt8])
  /// §3.4.6.3
  case executeWriteRequest(ExecuteWrite)
  case executeWriteResponse
  /// §3.4.7.1
  case handleValueNotification(AttributeHandle, [UInt8])
  /// §3.4.7.2
  case handleValueIndication(AttributeHandle, [UInt8])
  /// §3.4.7.3
  case handleValueConfirmation
  /// §3.4.7.4; the last value may be cut by the MTU.
  case multipleHandleValueNotification([AttributeValue])

  /// The Flags of an Execute Write Request.
  package enum ExecuteWrite: UInt8, Hashable, Sendable {
    case cancel = 0x00
    case write = 0x01
  }

  /// The opcode that it is sent with.
  package var opcode: ATTOpcode {
    switch self {
    case .errorResponse: .errorResponse
    case .exchangeMTURequest: .exchangeMTURequest
    case .exchangeMTUResponse: .exchangeMTUResponse
    case .findInformationRequest: .findInformationRequest
    case .findInformationResponse: .findInformationResponse
    case .findByTypeValueRequest: .findByTypeValueRequest
    case .findByTypeValueResponse: .findByTypeValueResponse
    case .readByTypeRequest: .readByTypeRequest
    case .readByTypeResponse: .readByTypeResponse
    case .readRequest: .readRequest
    case .readResponse: .readResponse
    case .readBlobRequest: .readBlobRequest
    case .readBlobResponse: .readBlobResponse
    case .readMultipleRequest: .readMultipleRequest
    case .readMultipleResponse: .readMultipleResponse
    case .readByGroupTypeRequest: .readByGroupTypeRequest
    case .readByGroupTypeResponse: .readByGroupTypeResponse
    case .readMultipleVariableRequest: .readMultipleVariableRequest
    case .readMultipleVariableResponse: .readMultipleVariableResponse
    case .writeRequest: .writeRequest
    case .writeResponse: .writeResponse
    case .writeCommand: .writeCommand
    case .signedWriteCommand: .signedWriteCommand
    case .prepareWriteRequest: .prepareWriteRequest
    case .prepareWriteResponse: .prepareWriteResponse
    case .executeWriteRequest: .executeWriteRequest
    case .executeWriteResponse: .executeWriteResponse
    case .handleValueNotification: .handleValueNotification
    case .handleValueIndication: .handleValueIndication
    case .handleValueConfirmation: .handleValueConfirmation
    case .multipleHandleValueNotification: .multipleHandleValueNotification
    }
  }
}

/// A handle and the type of its attribute, in a Find Information Response.
package struct AttributeInformation: Hashable, Sendable {
  /// The attribute.
  package var handle: AttributeHandle
  /// Its type.
  package var type: BluetoothUUID

  /// An attribute and its type.
  package init(_ handle: AttributeHandle, _ type: BluetoothUUID) {
    self.handle = handle
    self.type = type
  }
}

/// A handle and the value of its attribute.
package struct AttributeValue: Hashable, Sendable {
  /// The attribute.
  package var handle: AttributeHandle
  /// Its value, which may be cut to what a response holds.
  package var value: [UInt8]

  /// An attribute and its value.
  package init(_ handle: AttributeHandle, _ value: [UInt8]) {
    self.handle = handle
    self.value = value
  }
}

/// A group of attributes and the value of the one that heads it, in a Read By Group Type Response.
package struct AttributeGroup: Hashable, Sendable {
  /// From the attribute that heads the group to its last.
  package var range: AttributeHandleRange
  /// The value of the one that heads it.
  package var value: [UInt8]

  /// A group and the value of the attribute that heads it.
  package init(_ range: AttributeHandleRange, _ value: [UInt8]) {
    self.range = range
    self.value = value
  }
}
