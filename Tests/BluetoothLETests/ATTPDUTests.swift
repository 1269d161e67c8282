import Testing

@testable import BluetoothLE

/// Octets written by hand from the layouts in Core Specification Vol 3 Part F §3.4.
enum PDUExamples {
  static let longUUID = BluetoothUUID("49123040-aee8-11e1-a74d-0002a5d5c51b") ?? BluetoothUUID(0)
  /// 49123040-aee8-11e1-a74d-0002a5d5c51b, least significant octet first.
  static let longOctets = "1B C5 D5 A5 02 00 4D A7 E1 11 E8 AE 40 30 12 49"

  static let all: [(String, ATTPDU)] = [
    ("01 0A 34 12 0A", .errorResponse(request: .readRequest, handle: 0x1234, code: .attributeNotFound)),
    ("02 05 02", .exchangeMTURequest(517)),
    ("03 17 00", .exchangeMTUResponse(23)),
    ("04 01 00 FF FF", .findInformationRequest(.all)),
    (
      "05 01 03 00 02 29 04 00 01 29",
      .findInformationResponse([
        AttributeInformation(0x0003, BluetoothUUID(0x2902)), AttributeInformation(0x0004, BluetoothUUID(0x2901)),
      ])
    ),
    (
      "05 02 03 00 " + longOctets,
      .findInformationResponse([AttributeInformation(0x0003, longUUID)])
    ),
    (
      "06 01 00 FF FF 00 28 10 18",
      .findByTypeValueRequest(.all, type: 0x2800, value: [0x10, 0x18])
    ),
    (
      "07 10 00 1F 00 30 00 FF FF",
      .findByTypeValueResponse([AttributeHandleRange(0x0010, 0x001F), AttributeHandleRange(0x0030, 0xFFFF)])
    ),
    ("08 01 00 FF FF 2A 2B", .readByTypeRequest(.all, type: .databaseHash)),
    ("08 01 00 FF FF " + longOctets, .readByTypeRequest(.all, type: longUUID)),
    (
      "09 04 05 00 AA BB 09 00 CC DD",
      .readByTypeResponse([AttributeValue(0x0005, [0xAA, 0xBB]), AttributeValue(0x0009, [0xCC, 0xDD])])
    ),
    ("09 02 05 00", .readByTypeResponse([AttributeValue(0x0005, [])])),
    ("0A 2A 00", .readRequest(0x002A)),
    ("0B", .readResponse([])),
    ("0B 01 02 03", .readResponse([1, 2, 3])),
    ("0C 2A 00 16 00", .readBlobRequest(0x002A, offset: 22)),
    ("0D 04 05", .readBlobResponse([4, 5])),
    ("0E 2A 00 2C 00", .readMultipleRequest([0x002A, 0x002C])),
    ("0F 01 02", .readMultipleResponse([1, 2])),
    ("10 01 00 FF FF 00 28", .readByGroupTypeRequest(.all, type: .primaryService)),
    (
      "11 06 01 00 05 00 00 18 06 00 09 00 01 18",
      .readByGroupTypeResponse([
        AttributeGroup(AttributeHandleRange(0x0001, 0x0005), [0x00, 0x18]),
        AttributeGroup(AttributeHandleRange(0x0006, 0x0009), [0x01, 0x18]),
      ])
    ),
    ("12 2B 00 02 00", .writeRequest(0x002B, [2, 0])),
    ("13", .writeResponse),
    ("16 2A 00 12 00 07 08", .prepareWriteRequest(0x002A, offset: 18, [7, 8])),
    ("17 2A 00 12 00 07 08", .prepareWriteResponse(0x002A, offset: 18, [7, 8])),
    ("18 00", .executeWriteRequest(.cancel)),
    ("18 01", .executeWriteRequest(.write)),
    ("19", .executeWriteResponse),
    ("1B 2A 00 06 48", .handleValueNotification(0x002A, [0x06, 0x48])),
    ("1D 2A 00 00 7B 00", .handleValueIndication(0x002A, [0x00, 0x7B, 0x00])),
    ("1E", .handleValueConfirmation),
    ("20 2A 00 2C 00", .readMultipleVariableRequest([0x002A, 0x002C])),
    ("21 01 00 AA 00 00 02 00 BB CC", .readMultipleVariableResponse([[0xAA], [], [0xBB, 0xCC]])),
    (
      "23 2A 00 01 00 AA 2C 00 02 00 BB CC",
      .multipleHandleValueNotification([AttributeValue(0x002A, [0xAA]), AttributeValue(0x002C, [0xBB, 0xCC])])
    ),
    ("52 2A 00 01", .writeCommand(0x002A, [1])),
    (
      "D2 2A 00 01 A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA AB",
      .signedWriteCommand(
        0x002A, [1], signature: [0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xAB])
    ),
  ]
}

@Suite struct ATTPDUTests {
  @Test func `every PDU of the specification is decoded and encoded`() throws {
    for (octets, pdu) in PDUExamples.all {
      #expect(try ATTPDU(decoding: hex(octets)) == pdu, "\(octets)")
      #expect(text(pdu.bytes) == octets)
      #expect(pdu.opcode.name != nil)
    }
  }

  /// Octets that are sound before their end: fields that run to the end of the PDU, and lists.
  @Test func `every prefix of every PDU is an error that says where, or a PDU of exactly these octets`() {
    for (octets, _) in PDUExamples.all {
      let whole = hex(octets)
      for length in 0..<whole.count {
        let prefix = Array(whole.prefix(length))
        do {
          let pdu = try ATTPDU(decoding: prefix)
          if !Self.mayBeCut(pdu) { #expect(text(pdu.bytes) == text(prefix)) }
        } catch {
          #expect(error.opcode?.rawValue == prefix.first)
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  /// A last value that the MTU cut is written with its real length; a long UUID over the Base UUID is written short.
  static func mayBeCut(_ pdu: ATTPDU) -> Bool {
    switch pdu {
    case .readMultipleVariableResponse, .multipleHandleValueNotification: true
    case .findInformationResponse, .readByTypeRequest, .readByGroupTypeRequest: true
    default: false
    }
  }

  @Test(arguments: [
    ("", "An ATT PDU had no octets."),
    ("0A 2A", "Read Request (0x0A): Attribute Handle at octet 1 needs 2 octets, there are 1."),
    ("0A 2A 00 01", "Read Request (0x0A): 1 octets too many."),
    ("05 03 01 00 02 29", "Find Information Response (0x05): Format cannot be 3."),
    ("05 01", "Find Information Response (0x05): Information Data at octet 2 needs 4 octets, there are 0."),
    ("07", "Find By Type Value Response (0x07): Handles Information at octet 1 needs 4 octets, there are 0."),
    ("08 01 00 FF FF 2A 2B 00 00", "Read By Type Request (0x08): length of Attribute Type cannot be 4."),
    ("09 00", "Read By Type Response (0x09): Length cannot be 0."),
    (
      "09 04 05 00 AA BB 09 00 CC",
      "Read By Type Response (0x09): Attribute Value at octet 8 needs 2 octets, there are 1."
    ),
    ("11 03 01 00 05", "Read By Group Type Response (0x11): Length cannot be 3."),
    ("0E 2A 00", "Read Multiple Request (0x0E): Set Of Handles at octet 1 needs 4 octets, there are 2."),
    ("18 02", "Execute Write Request (0x18): Flags cannot be 2."),
    ("1D 2A", "Handle Value Indication (0x1D): Attribute Handle at octet 1 needs 2 octets, there are 1."),
    (
      "D2 2A 00 01 02", "Signed Write Command (0xD2): Authentication Signature at octet 3 needs 12 octets, there are 2."
    ),
    ("2A", "An ATT PDU has an opcode that the specification does not know: unknown PDU (0x2A)."),
  ])
  func `what is wrong is said by name`(octets: String, message: String) {
    do {
      let pdu = try ATTPDU(decoding: hex(octets))
      Issue.record("decoded as \(pdu)")
    } catch {
      #expect(error.description == message)
    }
  }

  @Test func `a value that the MTU cut is kept as far as it came`() throws {
    #expect(try ATTPDU(decoding: hex("21 01 00 AA 09 00 BB")) == .readMultipleVariableResponse([[0xAA], [0xBB]]))
    #expect(
      try ATTPDU(decoding: hex("23 2A 00 09 00 AA"))
        == .multipleHandleValueNotification([AttributeValue(0x002A, [0xAA])]))
  }

  /// §3.4.4.2: one length for all; what has another length comes in a later response.
  @Test func `a list response holds the leading entries of one length`() {
    let list = [AttributeValue(0x0005, [1]), AttributeValue(0x0006, [2]), AttributeValue(0x0007, [3, 4])]
    #expect(text(ATTPDU.readByTypeResponse(list).bytes) == "09 03 05 00 01 06 00 02")
    let long = [UInt8](repeating: 7, count: 300)
    #expect(ATTPDU.readByTypeResponse([AttributeValue(0x0005, long)]).bytes.count == 2 + 255)
    let group = AttributeGroup(AttributeHandleRange(0x0001, 0x0002), long)
    #expect(ATTPDU.readByGroupTypeResponse([group]).bytes.count == 2 + 255)
  }

  @Test func `error codes have the specification's names`() {
    #expect(ATTErrorCode(rawValue: 0x0A).description == "Attribute Not Found (0x0A)")
    #expect(ATTErrorCode(rawValue: 0x0F).description == "Insufficient Encryption (0x0F)")
    #expect(ATTErrorCode(rawValue: 0x12).description == "Database Out Of Sync (0x12)")
    #expect(ATTErrorCode(rawValue: 0x80).description == "application error (0x80)")
    #expect(ATTErrorCode(rawValue: 0x20).description == "reserved error (0x20)")
    #expect(ATTErrorCode(rawValue: 0xFE).description == "Procedure Already in Progress (0xFE)")
    #expect(ATTErrorCode(rawValue: 0x05).wantsSecurity)
    #expect(!ATTErrorCode(rawValue: 0x0A).wantsSecurity)
    for code in UInt8(0x01)...0x13 { #expect(ATTErrorCode(rawValue: code).name != nil) }
  }

  @Test func `a response has the opcode after its request`() {
    #expect(ATTOpcode.readByGroupTypeRequest.response == .readByGroupTypeResponse)
    #expect(ATTOpcode.readMultipleVariableRequest.response == .readMultipleVariableResponse)
    #expect(ATTOpcode.writeCommand.response == nil)
    #expect(ATTOpcode.signedWriteCommand.kind == .command)
    #expect(ATTOpcode(rawValue: 0x5F).kind == .command)
    #expect(ATTOpcode(rawValue: 0x3F).kind == .unknown)
  }
}
