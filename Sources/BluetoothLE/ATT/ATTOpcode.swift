/// The first octet of a PDU (Core Specification Vol 3 Part F §3.3.1 and §3.4.8). Any octet can arrive: one without a
/// name here is kept by its number.
package struct ATTOpcode: RawRepresentable, Hashable, Sendable {
  /// The first octet of the PDU.
  package let rawValue: UInt8
  /// Any octet: opcodes without a name are kept.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// §3.4.1.1
  package static let errorResponse = ATTOpcode(rawValue: 0x01)
  /// §3.4.2.1
  package static let exchangeMTURequest = ATTOpcode(rawValue: 0x02)
  /// §3.4.2.2
  package static let exchangeMTUResponse = ATTOpcode(rawValue: 0x03)
  /// §3.4.3.1
  package static let findInformationRequest = ATTOpcode(rawValue: 0x04)
  /// §3.4.3.2
  package static let findInformationResponse = ATTOpcode(rawValue: 0x05)
  /// §3.4.3.3
  package static let findByTypeValueRequest = ATTOpcode(rawValue: 0x06)
  /// §3.4.3.4
  package static let findByTypeValueResponse = ATTOpcode(rawValue: 0x07)
  /// §3.4.4.1
  package static let readByTypeRequest = ATTOpcode(rawValue: 0x08)
  /// §3.4.4.2
  package static let readByTypeResponse = ATTOpcode(rawValue: 0x09)
  /// §3.4.4.3
  package static let readRequest = ATTOpcode(rawValue: 0x0A)
  /// §3.4.4.4
  package static let readResponse = ATTOpcode(rawValue: 0x0B)
  /// §3.4.4.5
  package static let readBlobRequest = ATTOpcode(rawValue: 0x0C)
  /// §3.4.4.6
  package static let readBlobResponse = ATTOpcode(rawValue: 0x0D)
  /// §3.4.4.7
  package static let readMultipleRequest = ATTOpcode(rawValue: 0x0E)
  /// §3.4.4.8
  package static let readMultipleResponse = ATTOpcode(rawValue: 0x0F)
  /// §3.4.4.9
  package static let readByGroupTypeRequest = ATTOpcode(rawValue: 0x10)
  /// §3.4.4.10
  package static let readByGroupTypeResponse = ATTOpcode(rawValue: 0x11)
  /// §3.4.5.1
  package static let writeRequest = ATTOpcode(rawValue: 0x12)
  /// §3.4.5.2
  package static let writeResponse = ATTOpcode(rawValue: 0x13)
  /// §3.4.6.1
  package static let prepareWriteRequest = ATTOpcode(rawValue: 0x16)
  /// §3.4.6.2
  package static let prepareWriteResponse = ATTOpcode(rawValue: 0x17)
  /// §3.4.6.3
  package static let executeWriteRequest = ATTOpcode(rawValue: 0x18)
  /// §3.4.6.4
  package static let executeWriteResponse = ATTOpcode(rawValue: 0x19)
  /// §3.4.7.1
  package static let handleValueNotification = ATTOpcode(rawValue: 0x1B)
  /// §3.4.7.2
  package static let handleValueIndication = ATTOpcode(rawValue: 0x1D)
  /// §3.4.7.3
  package static let handleValueConfirmation = ATTOpcode(rawValue: 0x1E)
  /// §3.4.4.11
  package static let readMultipleVariableRequest = ATTOpcode(rawValue: 0x20)
  /// §3.4.4.12
  package static let readMultipleVariableResponse = ATTOpcode(rawValue: 0x21)
  /// §3.4.7.4
  package static let multipleHandleValueNotification = ATTOpcode(rawValue: 0x23)
  /// §3.4.5.3
  package static let writeCommand = ATTOpcode(rawValue: 0x52)
  /// §3.4.5.4
  package static let signedWriteCommand = ATTOpcode(rawValue: 0xD2)

  /// What a PDU is for; decides who answers what to it (§3.3.2).
  package enum Kind: Hashable, Sendable {
    case request, response, command, notification, indication, confirmation
    /// No opcode of the specification, and the command flag (bit 6) is clear: it may be a request.
    case unknown
  }

  /// By its name; without one, bit 6 tells a command.
  package var kind: Kind {
    switch self {
    case .exchangeMTURequest, .findInformationRequest, .findByTypeValueRequest, .readByTypeRequest, .readRequest,
      .readBlobRequest, .readMultipleRequest, .readByGroupTypeRequest, .writeRequest, .prepareWriteRequest,
      .executeWriteRequest, .readMultipleVariableRequest:
      .request
    case .errorResponse, .exchangeMTUResponse, .findInformationResponse, .findByTypeValueResponse,
      .readByTypeResponse, .readResponse, .readBlobResponse, .readMultipleResponse, .readByGroupTypeResponse,
      .writeResponse, .prepareWriteResponse, .executeWriteResponse, .readMultipleVariableResponse:
      .response
    case .handleValueNotification, .multipleHandleValueNotification: .notification
    case .handleValueIndication: .indication
    case .handleValueConfirmation: .confirmation
    default: rawValue & 0x40 != 0 ? .command : .unknown
    }
  }

  /// The response to this request; nil where this is no request.
  package var response: ATTOpcode? {
    kind == .request ? ATTOpcode(rawValue: rawValue + 1) : nil
  }

  /// The specification's name; nil for an unknown opcode.
  package var name: String? {
    switch self {
    case .errorResponse: "Error Response"
    case .exchangeMTURequest: "Exchange MTU Request"
    case .exchangeMTUResponse: "Exchange MTU Response"
    case .findInformationRequest: "Find Information Request"
    case .findInformationResponse: "Find Information Response"
    case .findByTypeValueRequest: "Find By Type Value Request"
    case .findByTypeValueResponse: "Find By Type Value Response"
    case .readByTypeRequest: "Read By Type Request"
    case .readByTypeResponse: "Read By Type Response"
    case .readRequest: "Read Request"
    case .readResponse: "Read Response"
    case .readBlobRequest: "Read Blob Request"
    case .readBlobResponse: "Read Blob Response"
    case .readMultipleRequest: "Read Multiple Request"
    case .readMultipleResponse: "Read Multiple Response"
    case .readByGroupTypeRequest: "Read By Group Type Request"
    case .readByGroupTypeResponse: "Read By Group Type Response"
    case .writeRequest: "Write Request"
    case .writeResponse: "Write Response"
    case .prepareWriteRequest: "Prepare Write Request"
    case .prepareWriteResponse: "Prepare Write Response"
    case .executeWriteRequest: "Execute Write Request"
    case .executeWriteResponse: "Execute Write Response"
    case .handleValueNotification: "Handle Value Notification"
    case .handleValueIndication: "Handle Value Indication"
    case .handleValueConfirmation: "Handle Value Confirmation"
    case .readMultipleVariableRequest: "Read Multiple Variable Request"
    case .readMultipleVariableResponse: "Read Multiple Variable Response"
    case .multipleHandleValueNotification: "Multiple Handle Value Notification"
    case .writeCommand: "Write Command"
    case .signedWriteCommand: "Signed Write Command"
    default: nil
    }
  }
}

extension ATTOpcode: CustomStringConvertible {
  /// `Read Request (0x0A)`, `unknown PDU (0x2A)`.
  package var description: String { "\(name ?? "unknown PDU") (\(hexadecimal(rawValue)))" }
}
