import Foundation
import Testing
import WireFormats

@Suite struct CharacteristicsTests {
  @Test(arguments: ["2A35", "2a35", "0x2A35", "0x2a35", "00002a35-0000-1000-8000-00805f9b34fb"])
  func findsByEveryFormOfTheUUID(uuid: String) throws {
    let decoded = try Characteristics.decode(uuid: uuid, Hexadecimal.bytes("00780050005d00"))
    #expect(decoded.uuid == "2A35")
    #expect(decoded.name == "Blood Pressure Measurement")
    #expect(
      decoded.json.text == #"{"flags":0,"unit":"mmHg","systolic":120,"diastolic":80,"meanArterialPressure":93}"#)
  }

  @Test(arguments: ["2A99", "", "0x", "2A3", "00002a35-0000-1000-8000-00805f9b34fc", "Blood Pressure"])
  func unknownAnswersWithTheKnownOnes(uuid: String) throws {
    let failure = #expect(throws: Characteristics.Failure.self) { try Characteristics.decode(uuid: uuid, []) }
    let description = try #require(failure).description
    #expect(description.hasPrefix("Unknown characteristic '\(uuid)'."))
    for entry in Characteristics.all { #expect(description.contains("\(entry.uuid) \(entry.name)")) }
  }

  @Test func badValueSaysCharacteristicAndField() throws {
    let failure = #expect(throws: Characteristics.Failure.self) {
      try Characteristics.decode(uuid: "2A35", [0x00, 0x78])
    }
    #expect(
      try #require(failure).description
        == "Blood Pressure Measurement (2A35): Systolic: cut off: needs 2 octets at offset 1, only 1 octet left. "
        + "Check that the whole value was received.")
  }

  @Test func everyOneHasAGoldenValue() throws {
    let golden = try GoldenValue.all()
    #expect(Set(golden.map(\.uuid)) == Set(Characteristics.all.map(\.uuid)))
  }

  @Test func goldenValuesAreJSONOfThatText() throws {
    for golden in try GoldenValue.all() {
      let json = try Characteristics.decode(uuid: golden.uuid, golden.bytes).json
      let parsed = try JSONSerialization.jsonObject(with: Data(json.text.utf8))
      let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(json))
      #expect((parsed as? NSDictionary) == (encoded as? NSDictionary), "\(golden.uuid) \(json.text)")
    }
  }
}

@Suite struct JSONTests {
  @Test func text() throws {
    let json = JSON.object([
      .init("z", .integer(-1)), .init("a", .array([.null, .boolean(true), .boolean(false), .array([]), .object([])])),
      .init("q\"", .decimal(Decimal(string: "0.1")!)), .init("s", .string("\\ \u{1} \u{1F} \n\r\t\u{8}\u{C} é 🩺 /")),
    ])
    #expect(
      json.text
        == #"{"z":-1,"a":[null,true,false,[],{}],"q\"":0.1,"s":"\\ \u0001 \u001f \n\r\t\b\f é 🩺 /"}"#)
  }

  @Test func encodesExactly() throws {
    let json = JSON.array([.decimal(Decimal(string: "18.9")!), .integer(7), .string("é"), .null, .boolean(true)])
    #expect(String(decoding: try JSONEncoder().encode(json), as: UTF8.self) == #"[18.9,7,"é",null,true]"#)
  }
}

@Suite struct HexadecimalTests {
  @Test(arguments: ["1e8A00", "1E 8a 00", "0x1E8A00", "1e:8a:00", "1e-8a-00", "1e,8a,00", " 1e\t8a00 "])
  func reads(text: String) throws {
    #expect(try Hexadecimal.bytes(text) == [0x1E, 0x8A, 0x00])
  }

  @Test func writes() {
    #expect(Hexadecimal.text([0x1E, 0x8A, 0x00, 0xFF]) == "1E8A00FF")
    #expect(Hexadecimal.text([]) == "")
  }

  @Test func refuses() {
    #expect(throws: Hexadecimal.Failure.oddNumberOfDigits(3)) { try Hexadecimal.bytes("1e8") }
    #expect(throws: Hexadecimal.Failure.notADigit("g", position: 3)) { try Hexadecimal.bytes("1eg0") }
    #expect(throws: Hexadecimal.Failure.notADigit("x", position: 4)) { try Hexadecimal.bytes("1e0x00") }
    #expect(throws: Hexadecimal.Failure.notADigit("x", position: 4)) { try Hexadecimal.bytes("0x0x") }
    #expect(throws: Hexadecimal.Failure.notADigit("１", position: 1)) { try Hexadecimal.bytes("１１") }
  }
}
