import Testing
import WireFormats

@Suite struct ControlPointTests {
  /// By hand, from the tables of op codes, operators and filter types.
  @Test(arguments: [
    (RecordAccessControlPoint.Command.reportAll, "0101"), (.reportLast, "0106"),
    (.reportFrom(sequenceNumber: 0x1234), "0103013412"), (.countAll, "0401"),
    (.countFrom(sequenceNumber: 7), "0403010700"), (.abort, "0300"),
  ])
  func recordAccessCommands(command: RecordAccessControlPoint.Command, hex: String) throws {
    #expect(command.bytes == (try Hexadecimal.bytes(hex)))
  }

  /// Unit tests of Nordic's library.
  @Test func recordAccessResponses() throws {
    let success = try RecordAccessControlPoint([0x06, 0x00, 0x01, 0x01])
    #expect(success.response == .code(requestOpCode: 1, rawCode: 1))
    #expect(success.responseCode == .success)
    #expect(try RecordAccessControlPoint([0x06, 0x00, 0x01, 0x06]).responseCode == .noRecordsFound)
    let count = try RecordAccessControlPoint([0x05, 0x00, 0x02, 0x01])
    #expect(count.response == .numberOfRecords(258))
    #expect(count.responseCode == nil)
    #expect(try RecordAccessControlPoint([0x05, 0x00, 0x01]).response == .numberOfRecords(1))
  }

  /// By hand, from the table of response codes.
  @Test func recordAccessResponseCodes() throws {
    #expect(RecordAccessControlPoint.ResponseCode.allCases.map(\.rawValue) == Array(1...9))
    #expect(try RecordAccessControlPoint([0x06, 0x00, 0x03, 0x07]).responseCode == .abortUnsuccessful)
    #expect(try RecordAccessControlPoint([0x06, 0x00, 0x01, 0x09]).responseCode == .operandNotSupported)
    let reserved = try RecordAccessControlPoint([0x06, 0x00, 0x01, 0x0A])
    #expect(reserved.responseCode == nil)
    #expect(reserved.json.text == #"{"requestOpCode":1,"responseCode":10,"response":"reserved"}"#)
  }

  @Test func recordAccessRefuses() {
    #expect(
      throws: DecodingFailure.outOfRange(
        field: "Op Code", offset: 0, value: 1, expected: "5 (number of records) or 6 (response code)")
    ) { try RecordAccessControlPoint([0x01, 0x01]) }
    #expect(throws: DecodingFailure.truncated(field: "Number of Records", offset: 2, need: 2, have: 0)) {
      try RecordAccessControlPoint([0x05, 0x00])
    }
    #expect(throws: DecodingFailure.trailing(field: "Response Code Value", offset: 4, count: 1)) {
      try RecordAccessControlPoint([0x06, 0x00, 0x01, 0x01, 0x00])
    }
  }

  /// By hand: 0x270F is 9999.
  @Test func userControlPointCommands() throws {
    let code = try #require(UserControlPoint.ConsentCode(0x0102))
    #expect(UserControlPoint.Command.registerNewUser(code).bytes == [0x01, 0x02, 0x01])
    #expect(UserControlPoint.Command.consent(userIndex: 3, code).bytes == [0x02, 0x03, 0x02, 0x01])
    #expect(UserControlPoint.Command.deleteUserData.bytes == [0x03])
    #expect(UserControlPoint.ConsentCode(9999)?.number == 0x270F)
    #expect(UserControlPoint.ConsentCode(10_000) == nil)
  }

  @Test func userControlPointResponses() throws {
    let registered = try UserControlPoint([0x20, 0x01, 0x01, 0x03])
    #expect(registered.responseValue == .success && registered.registeredUserIndex == 3)
    let refused = try UserControlPoint([0x20, 0x02, 0x05])
    #expect(refused.responseValue == .userNotAuthorized && refused.registeredUserIndex == nil)
    #expect(try UserControlPoint([0x20, 0x02, 0x01, 0x07]).registeredUserIndex == nil)
    #expect(try UserControlPoint([0x20, 0x03, 0x06]).responseValue == nil)
    #expect(throws: DecodingFailure.truncated(field: "User Index", offset: 3, need: 1, have: 0)) {
      try UserControlPoint([0x20, 0x01, 0x01])
    }
    #expect(
      throws: DecodingFailure.outOfRange(field: "Op Code", offset: 0, value: 1, expected: "32 (response code)")
    ) { try UserControlPoint([0x01, 0x01, 0x01]) }
  }

  @Test func userIndex() throws {
    #expect(try UserIndex([3]).userID == .number(3))
    #expect(try UserIndex([255]).userID == .unknown)
    #expect(throws: DecodingFailure.trailing(field: "User Index", offset: 1, count: 1)) { try UserIndex([3, 0]) }
  }
}
