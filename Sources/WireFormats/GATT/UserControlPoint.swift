/// User Control Point (0x2A9F), the value that a device indicates in answer to a ``Command`` (User Data Service, User
/// Control Point; a collector's side of it is told in Fitness Machine Profile 1.0 §4.5.2).
///
/// The device keeps a user's measurements behind a consent: register once, keep index and code, consent on each connection.
package struct UserControlPoint: GATTCharacteristic {
  package static let uuid = "2A9F"
  package static let name = "User Control Point"

  /// The secret that a user is registered with and that opens the user's data: 0–9999.
  package struct ConsentCode: Hashable, Sendable {
    package let number: UInt16

    /// Nil above 9999.
    package init?(_ number: UInt16) {
      guard number <= 9999 else { return nil }
      self.number = number
    }

    fileprivate var bytes: [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8)] }
  }

  /// What a gateway may write.
  package enum Command: Hashable, Sendable {
    /// Register New User: the answer holds the user's index.
    case registerNewUser(ConsentCode)
    /// Consent: opens the data of this user.
    case consent(userIndex: UInt8, ConsentCode)
    /// Delete User Data: of the user to whom the consent was given. Only when a person asks for it.
    case deleteUserData

    /// Op code and parameter, as they are written.
    package var bytes: [UInt8] {
      switch self {
      case .registerNewUser(let code): [0x01] + code.bytes
      case .consent(let userIndex, let code): [0x02, userIndex] + code.bytes
      case .deleteUserData: [0x03]
      }
    }
  }

  /// Response Value; the names are those of the JSON form.
  package enum ResponseValue: UInt8, Hashable, Sendable, CaseIterable {
    case success = 1
    case opCodeNotSupported
    case invalidParameter
    case operationFailed
    /// The consent code is wrong, or no consent was given.
    case userNotAuthorized
  }

  /// Of the command that this answers.
  package let requestOpCode: UInt8
  /// As sent; see ``responseValue``.
  package let rawResponseValue: UInt8
  /// What follows. After a registration the user's index; devices differ in what they say after a consent.
  package let responseParameter: [UInt8]

  /// - Throws: also ``DecodingFailure/outOfRange(field:offset:value:expected:)`` for `Op Code` when the value is no response,
  ///   and ``DecodingFailure/truncated(field:offset:need:have:)`` for `User Index` when a registration succeeded and its
  ///   index is not there.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let opCode = try reader.uint8("Op Code")
    guard opCode == 0x20 else {
      throw .outOfRange(field: "Op Code", offset: 0, value: Int(opCode), expected: "32 (response code)")
    }
    requestOpCode = try reader.uint8("Request Op Code")
    rawResponseValue = try reader.uint8("Response Value")
    responseParameter = reader.rest()
    if requestOpCode == 0x01 && responseValue == .success && responseParameter.isEmpty {
      throw .truncated(field: "User Index", offset: 3, need: 1, have: 0)
    }
  }

  /// Nil for 0 and 6–255, which are reserved.
  package var responseValue: ResponseValue? { ResponseValue(rawValue: rawResponseValue) }

  /// The new user's index; nil when this does not answer a registration that succeeded.
  package var registeredUserIndex: UInt8? {
    requestOpCode == 0x01 && responseValue == .success ? responseParameter.first : nil
  }

  package var json: JSON {
    var members: [JSON.Member] = [
      .init("requestOpCode", .integer(Int(requestOpCode))),
      .init("responseValue", .integer(Int(rawResponseValue))),
      .init("response", .string(responseValue.map { "\($0)" } ?? "reserved")),
    ]
    if let registeredUserIndex { members.append(.init("userIndex", .integer(Int(registeredUserIndex)))) }
    if !responseParameter.isEmpty { members.append(.init("responseParameter", .octets(responseParameter))) }
    return .object(members)
  }
}
