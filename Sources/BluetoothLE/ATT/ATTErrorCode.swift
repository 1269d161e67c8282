/// The reason in an Error Response (Core Specification Vol 3 Part F §3.4.1.1; common profile codes: Core Specification
/// Supplement Part B). A code without a name here is kept by its number.
package struct ATTErrorCode: RawRepresentable, Hashable, Sendable {
  /// The octet of the Error Response.
  package let rawValue: UInt8
  /// Any octet: codes without a name are kept.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The handle is not on this server.
  package static let invalidHandle = ATTErrorCode(rawValue: 0x01)
  /// The attribute cannot be read.
  package static let readNotPermitted = ATTErrorCode(rawValue: 0x02)
  /// The attribute cannot be written.
  package static let writeNotPermitted = ATTErrorCode(rawValue: 0x03)
  /// The server could not read the request.
  package static let invalidPDU = ATTErrorCode(rawValue: 0x04)
  /// Wants an authenticated link.
  package static let insufficientAuthentication = ATTErrorCode(rawValue: 0x05)
  /// The server does not know this request.
  package static let requestNotSupported = ATTErrorCode(rawValue: 0x06)
  /// The offset is past the end of the value.
  package static let invalidOffset = ATTErrorCode(rawValue: 0x07)
  /// Wants an authorization that was not given.
  package static let insufficientAuthorization = ATTErrorCode(rawValue: 0x08)
  /// Too many prepared writes.
  package static let prepareQueueFull = ATTErrorCode(rawValue: 0x09)
  /// Nothing in the range: the end of every list.
  package static let attributeNotFound = ATTErrorCode(rawValue: 0x0A)
  /// The value fits in one Read Response.
  package static let attributeNotLong = ATTErrorCode(rawValue: 0x0B)
  /// Wants a longer encryption key.
  package static let encryptionKeySizeTooShort = ATTErrorCode(rawValue: 0x0C)
  /// The value written has a length that the attribute cannot have.
  package static let invalidAttributeValueLength = ATTErrorCode(rawValue: 0x0D)
  /// Something else went wrong.
  package static let unlikelyError = ATTErrorCode(rawValue: 0x0E)
  /// Wants an encrypted link.
  package static let insufficientEncryption = ATTErrorCode(rawValue: 0x0F)
  /// The type does not group attributes.
  package static let unsupportedGroupType = ATTErrorCode(rawValue: 0x10)
  /// The server lacks resources.
  package static let insufficientResources = ATTErrorCode(rawValue: 0x11)
  /// The client's handles are of an older database: discover again.
  package static let databaseOutOfSync = ATTErrorCode(rawValue: 0x12)
  /// The value written is not allowed.
  package static let valueNotAllowed = ATTErrorCode(rawValue: 0x13)
  /// Common profile: the write cannot be done for a reason other than permission.
  package static let writeRequestRejected = ATTErrorCode(rawValue: 0xFC)
  /// Common profile: not subscribed as the procedure wants it.
  package static let clientCharacteristicConfigurationImproper = ATTErrorCode(rawValue: 0xFD)
  /// Common profile: an earlier one goes on.
  package static let procedureAlreadyInProgress = ATTErrorCode(rawValue: 0xFE)
  /// Common profile: the value is outside of what the attribute takes.
  package static let outOfRange = ATTErrorCode(rawValue: 0xFF)

  /// Whether the link's security must be raised before the device allows this.
  package var wantsSecurity: Bool {
    switch self {
    case .insufficientAuthentication, .insufficientAuthorization, .encryptionKeySizeTooShort, .insufficientEncryption:
      true
    default: false
    }
  }

  /// The specification's name; nil for application errors and codes that are reserved.
  package var name: String? {
    switch self {
    case .invalidHandle: "Invalid Handle"
    case .readNotPermitted: "Read Not Permitted"
    case .writeNotPermitted: "Write Not Permitted"
    case .invalidPDU: "Invalid PDU"
    case .insufficientAuthentication: "Insufficient Authentication"
    case .requestNotSupported: "Request Not Supported"
    case .invalidOffset: "Invalid Offset"
    case .insufficientAuthorization: "Insufficient Authorization"
    case .prepareQueueFull: "Prepare Queue Full"
    case .attributeNotFound: "Attribute Not Found"
    case .attributeNotLong: "Attribute Not Long"
    case .encryptionKeySizeTooShort: "Encryption Key Size Too Short"
    case .invalidAttributeValueLength: "Invalid Attribute Value Length"
    case .unlikelyError: "Unlikely Error"
    case .insufficientEncryption: "Insufficient Encryption"
    case .unsupportedGroupType: "Unsupported Group Type"
    case .insufficientResources: "Insufficient Resources"
    case .databaseOutOfSync: "Database Out Of Sync"
    case .valueNotAllowed: "Value Not Allowed"
    case .writeRequestRejected: "Write Request Rejected"
    case .clientCharacteristicConfigurationImproper:
      "Client Characteristic Configuration Descriptor Improperly Configured"
    case .procedureAlreadyInProgress: "Procedure Already in Progress"
    case .outOfRange: "Out of Range"
    default: nil
    }
  }
}

extension ATTErrorCode: CustomStringConvertible {
  /// `Attribute Not Found (0x0A)`, `application error (0x80)`, `reserved error (0x20)`.
  package var description: String {
    let kind = (0x80...0x9F).contains(rawValue) ? "application error" : "reserved error"
    return "\(name ?? kind) (\(hexadecimal(rawValue)))"
  }
}
