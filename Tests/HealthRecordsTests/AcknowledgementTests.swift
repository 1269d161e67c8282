import Testing

@testable import HealthRecords

/// Answers written by hand from HL7 v2.6 §2.9 and §2.14, from the versions before it, and from what is no answer at all.
@Suite struct AcknowledgementTests {
  private static let header =
    #"MSH|^~\&|PHR||vitals-gateway^FEEDABEEDEAD77C3^EUI-64||20260310000512+0000||"# + "ACK^R01^ACK|A1|P|2.6"

  private func read(_ lines: String..., end: String = "\r") throws -> Acknowledgement {
    try Acknowledgement((lines.map { $0 + end }.joined()).utf8)
  }

  @Test(arguments: Acknowledgement.Code.allCases)
  func everyCodeIsRead(code: Acknowledgement.Code) throws {
    let answer = try read(Self.header, "MSA|\(code.rawValue)|20260310000512-0001")
    #expect(answer.code == code && answer.controlID == "20260310000512-0001")
    #expect(answer.text == nil && answer.faults == [] && answer.cause == .unstated)
  }

  @Test func linesMayEndAsOthersEndThem() throws {
    for end in ["\n", "\r\n", "\r\r"] {
      let answer = try read(Self.header, "MSA|AA|1", end: end)
      #expect(answer.code == .accepted && answer.controlID == "1")
    }
  }

  @Test func theHeaderSaysWhatSeparates() throws {
    let answer = try read("MSH#*~!%#PHR##G##20260310##ACK*R01*ACK#A1#P#2.6", "MSA#AE#7", "ERR##PID*1*3#101*x#E")
    #expect(answer.code == .error && answer.controlID == "7")
    #expect(answer.faults.map(\.location) == ["PID^1^3"] && answer.faults.map(\.code) == [101])
  }

  @Test func theErrorSegmentIsRead() throws {
    let answer = try read(
      Self.header, "MSA|AE|1", "ERR||PID^1^3|101^Required field missing^HL70357|E|||internal|Identifier is missing",
      "ERR||OBX^2^5^1^1|102^^HL70357|W")
    #expect(
      answer.faults == [
        fault("PID^1^3", 101, "E", "Identifier is missing"), fault("OBX^2^5^1^1", 102, "W", nil),
      ])
    #expect(answer.cause == .content)
  }

  /// ELD, before version 2.5; and MSA-6, before there was that.
  @Test func olderFormsAreRead() throws {
    let old = try read(Self.header, "MSA|AR|1", "ERR|PID^1^3^101&Required field missing&HL70357~OBR^1^4^103")
    #expect(
      old.faults == [fault("PID^1^3", 101, nil, "Required field missing"), fault("OBR^1^4", 103, nil, nil)])
    #expect(old.cause == .content)
    let oldest = try read(Self.header, "MSA|AR|1|Busy|||207^Application internal error")
    #expect(oldest.text == "Busy" && oldest.faults == [fault(nil, 207, nil, "Application internal error")])
    #expect(oldest.cause == .busy)
  }

  private func fault(
    _ location: String?, _ code: Int?, _ severity: String?, _ text: String?
  ) -> Acknowledgement.Fault {
    var fault = Acknowledgement.Fault()
    (fault.location, fault.code, fault.severity, fault.text) = (location, code, severity, text)
    return fault
  }

  @Test(arguments: [
    ("ERR||PID^1^3|100|E", Acknowledgement.Cause.content), ("ERR||PID^1^3|103|F", .content),
    ("ERR||MSH^1^9|200|E", .unsupported), ("ERR||MSH^1^12|203|E", .unsupported), ("ERR||PID^1^3|204|E", .unknownKey),
    ("ERR||MSH^1^10|205|E", .duplicate), ("ERR|||205|E", .duplicate), ("ERR||OBR^1^3|205|E", .duplicate),
    ("ERR||PID^1^3|205|E", .content), ("ERR|||206|E", .busy), ("ERR|||207|F", .busy), ("ERR|||0|I", .unstated),
    ("ERR|||9999|E", .unstated), ("ERR|||101|W", .unstated), ("ERR|||101|I\rERR|||207|E", .busy),
    ("ERR|||abc|E|||what|ever", .unstated), ("ERR", .unstated), ("ERR|", .unstated), ("ERRX||PID|101|E", .unstated),
  ])
  func theCauseIsWhatTable0357Says(line: String, cause: Acknowledgement.Cause) throws {
    #expect(try read(Self.header, "MSA|AE|1", line).cause == cause)
  }

  /// What is shown of a place is letters, digits and `^`, however long or odd it is.
  @Test func aPlaceIsHarmless() throws {
    let answer = try read(Self.header, "MSA|AE|1", "ERR||PID Nguyễn Văn A^1\u{7}^<3>^^^^^999|101|E")
    #expect(answer.faults.first?.location == "PIDNguyn^1^3")
  }

  @Test func whatIsNoAnswerIsRefusedWithAReason() {
    #expect(throws: Acknowledgement.Refusal.noHeader) { try read("") }
    #expect(throws: Acknowledgement.Refusal.noHeader) { try read("MSH") }
    #expect(throws: Acknowledgement.Refusal.noHeader) { try read("HTTP/1.1 400 Bad Request") }
    #expect(throws: Acknowledgement.Refusal.noAcknowledgement) { try read(Self.header) }
    #expect(throws: Acknowledgement.Refusal.noAcknowledgement) { try read(Self.header, "MSAX|AA|1") }
    #expect(throws: Acknowledgement.Refusal.unknownCode) { try read(Self.header, "MSA") }
    #expect(throws: Acknowledgement.Refusal.unknownCode) { try read(Self.header, "MSA|OK|1") }
  }

  /// Every prefix, every byte changed, and noise: an answer or a refusal, never a crash.
  @Test func anyBytesAreTaken() {
    let whole = Array((Self.header + "\rMSA|AE|1|text\rERR|PID^1^3^101&x|PID^1^3|101^x|E|||a|b\r").utf8)
    var read = 0
    func take(_ bytes: [UInt8]) {
      if (try? Acknowledgement(bytes)) != nil { read += 1 }
    }
    for count in 0...whole.count { take(Array(whole.prefix(count))) }
    for place in whole.indices {
      for value in [0, 0x0D, 0x1C, 0x7C, 0x5E, 0xC3, 0xFF] as [UInt8] {
        var bytes = whole
        bytes[place] = value
        take(bytes)
        bytes.remove(at: place)
        take(bytes)
      }
    }
    var state: UInt64 = 1
    for _ in 0..<300 {
      take(
        (0..<200).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let byte = UInt8(truncatingIfNeeded: state >> 33)
          return byte < 60 ? Array("MSH|A^~\\&\r".utf8)[Int(byte) % 10] : byte
        })
    }
    #expect(read > 100)
  }
}
