/// Record Access Control Point (0x2A52), the value that a device indicates in answer to a ``Command`` (GATT Specification
/// Supplement; used as in Glucose Service 1.0.1 and Pulse Oximeter Service 1.0.1 §3.4). Four octets; a number of records may
/// have one octet instead of the two that both services want.
package struct RecordAccessControlPoint: GATTCharacteristic {
  package static let uuid = "2A52"
  package static let name = "Record Access Control Point"

  /// What a gateway may write. Delete Stored Records (0x02) is not among them: this gateway leaves memory alone.
  ///
  /// An oximeter need only know ``reportAll`` (Pulse Oximeter Service, table 3.12).
  package enum Command: Hashable, Sendable {
    /// Report Stored Records, All records.
    case reportAll
    /// Report Stored Records, Last record: the most recent one.
    case reportLast
    /// Report Stored Records, Greater than or equal to: those from this sequence number on (filter type 0x01).
    case reportFrom(sequenceNumber: UInt16)
    /// Report Number of Stored Records, All records.
    case countAll
    /// Report Number of Stored Records, Greater than or equal to (filter type 0x01).
    case countFrom(sequenceNumber: UInt16)
    /// Abort Operation: the records on their way stop.
    case abort

    /// Op code, operator, operand, as they are written.
    package var bytes: [UInt8] {
      func from(_ number: UInt16) -> [UInt8] { [0x03, 0x01, UInt8(number & 0xFF), UInt8(number >> 8)] }
      return switch self {
      case .reportAll: [0x01, 0x01]
      case .reportLast: [0x01, 0x06]
      case .reportFrom(let number): [0x01] + from(number)
      case .countAll: [0x04, 0x01]
      case .countFrom(let number): [0x04] + from(number)
      case .abort: [0x03, 0x00]
      }
    }
  }

  /// Response Code Value; the names are those of the JSON form.
  package enum ResponseCode: UInt8, Hashable, Sendable, CaseIterable {
    case success = 1
    case opCodeNotSupported
    case invalidOperator
    case operatorNotSupported
    case invalidOperand
    /// Nothing is stored that the command asks for: not a failure.
    case noRecordsFound
    case abortUnsuccessful
    case procedureNotCompleted
    case operandNotSupported
  }

  /// What the device says.
  package enum Response: Hashable, Sendable {
    /// Number of Stored Records Response (op code 0x05).
    case numberOfRecords(UInt16)
    /// Response Code (op code 0x06): `requestOpCode` is that of the command, `rawCode` the ``ResponseCode`` as sent.
    case code(requestOpCode: UInt8, rawCode: UInt8)
  }

  package let response: Response

  /// - Throws: also ``DecodingFailure/outOfRange(field:offset:value:expected:)`` for `Op Code` when the value is no response.
  ///   The operator, which should be 0, is read over: nothing depends on it.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let opCode = try reader.uint8("Op Code")
    guard opCode == 0x05 || opCode == 0x06 else {
      throw .outOfRange(
        field: "Op Code", offset: 0, value: Int(opCode), expected: "5 (number of records) or 6 (response code)")
    }
    _ = try reader.uint8("Operator")
    if opCode == 0x05 {
      response = .numberOfRecords(
        reader.remaining == 1
          ? UInt16(try reader.uint8("Number of Records")) : try reader.uint16("Number of Records"))
      try reader.end(after: "Number of Records")
    } else {
      response = .code(
        requestOpCode: try reader.uint8("Request Op Code"), rawCode: try reader.uint8("Response Code Value"))
      try reader.end(after: "Response Code Value")
    }
  }

  /// Nil for a number of records, and for 0 and 10–255, which are reserved.
  package var responseCode: ResponseCode? {
    if case .code(_, let rawCode) = response { ResponseCode(rawValue: rawCode) } else { nil }
  }

  package var json: JSON {
    switch response {
    case .numberOfRecords(let number): .object([.init("numberOfRecords", .integer(Int(number)))])
    case .code(let requestOpCode, let rawCode):
      .object([
        .init("requestOpCode", .integer(Int(requestOpCode))),
        .init("responseCode", .integer(Int(rawCode))),
        .init("response", .string(responseCode.map { "\($0)" } ?? "reserved")),
      ])
    }
  }
}
