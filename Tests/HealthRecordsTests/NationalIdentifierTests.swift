import HealthRecords
import Testing

/// The shapes of `standards.md` §7.1. The numbers are made up, but for the example of the circular.
@Suite struct NationalIdentifierTests {
  @Test(arguments: [
    (NationalIdentifier.Kind.citizen, "087084000999"), (.citizen, "000000000000"), (.health, "0123456789.a1b2c3d4e5"),
    (.health, "0123456789.X"), (.insuranceCard, "GD4797912345678"), (.insuranceNumber, "7912345678"),
    (.facility, "79001"), (.facility, "01A05"),
  ])
  func isOne(kind: NationalIdentifier.Kind, text: String) throws {
    let identifier = try NationalIdentifier(kind, text)
    #expect(identifier.value == text && identifier.kind == kind)
  }

  @Test(arguments: [
    (NationalIdentifier.Kind.citizen, "08708400099", NationalIdentifier.Fault.length(.citizen, is: 11)),
    (.citizen, "0870840009991", .length(.citizen, is: 13)), (.citizen, "", .length(.citizen, is: 0)),
    (.citizen, "08708400099a", .character(.citizen, at: 12)), (.citizen, "087 08400099", .character(.citizen, at: 4)),
    // The old ID card's nine digits.
    (.citizen, "023456789", .length(.citizen, is: 9)),
    // Arabic digits and full-width ones.
    (.citizen, "٠87084000999", .character(.citizen, at: 1)), (.citizen, "08708400099９", .character(.citizen, at: 12)),
    (.citizen, "08708400099\u{39}\u{301}", .character(.citizen, at: 12)),
    (.health, "0123456789", .length(.health, is: 10)), (.health, "0123456789-a1", .character(.health, at: 11)),
    (.health, "0123456789.", .length(.health, is: 11)), (.health, "012345678a.a1", .character(.health, at: 10)),
    (.insuranceCard, "gd4797912345678", .character(.insuranceCard, at: 1)),
    (.insuranceCard, "G14797912345678", .character(.insuranceCard, at: 2)),
    (.insuranceCard, "7912345678", .length(.insuranceCard, is: 10)),
    (.insuranceNumber, "GD4797912345678", .length(.insuranceNumber, is: 15)),
    (.insuranceNumber, "79123456 8", .character(.insuranceNumber, at: 9)),
    (.facility, "7900", .length(.facility, is: 4)), (.facility, "79-01", .character(.facility, at: 3)),
    (.facility, "Đ9001", .character(.facility, at: 1)),
  ])
  func isNone(kind: NationalIdentifier.Kind, text: String, fault: NationalIdentifier.Fault) {
    #expect(throws: fault) { try NationalIdentifier(kind, text) }
    // What is told and logged does not say the number.
    #expect(text.isEmpty || !fault.description.contains(text))
  }
}
