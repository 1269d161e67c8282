import Testing
import WireFormats

/// USB Personal Healthcare 1.0, 5.2. Octets by hand.
@Suite struct PersonalHealthcareDescriptorsTests {
  /// Class function of 11073-20601; one specialisation, 4103.
  static let interface: [UInt8] = [0x04, 0x20, 0x02, 0x00, 0x06, 0x30, 0x00, 0x01, 0x07, 0x10]
  static let qualityOfService: [UInt8] = [0x04, 0x21, 0x01, 0x10]
  static let metadata: [UInt8] = [0x05, 0x22, 0xAA, 0xBB, 0xCC]

  @Test func whatADeviceSaysIsRead() throws {
    let read = try PersonalHealthcareDescriptors(
      interface: Self.interface, endpoints: [Self.qualityOfService + Self.metadata, Self.qualityOfService])
    #expect(read.dataCode == PersonalHealthcareDescriptors.ieee11073)
    #expect(!read.hasMetadataPreamble)
    #expect(read.specialisations == [4103])
    // With a preamble, of a maker's own messages, no specialisation, and a descriptor that nobody knows.
    let other = try PersonalHealthcareDescriptors(
      interface: [0x03, 0x41, 0xFF, 0x04, 0x20, 0x01, 0x01, 0x06, 0x30, 0x00, 0x01, 0x00, 0x00], endpoints: [])
    #expect(other.dataCode == 1 && other.hasMetadataPreamble && other.specialisations.isEmpty)
  }

  @Test(
    arguments: [
      ([0x05, 0x20, 0x02, 0x00, 0x00], [], "PHDC class function descriptor: bLength"),
      ([0x03, 0x20, 0x02], [], "PHDC class function descriptor: bLength"),
      ([], [], "PHDC class function descriptor"),
      (
        [0x04, 0x20, 0x02, 0x00, 0x06, 0x30, 0x00, 0x02, 0x07, 0x10], [],
        "11073 PHD function extension descriptor: bLength"
      ),
      ([0x04, 0x20, 0x02, 0x00, 0x03, 0x30, 0x00], [], "11073 PHD function extension descriptor: bNumDevSpecs"),
      ([0x04, 0x20, 0x02, 0x00], [0x05, 0x21, 0x01, 0x10, 0x00], "PHDC QoS descriptor: bLength"),
      ([0x04, 0x20, 0x02, 0x00], [0x09, 0x22, 0x01], "PHDC meta-data descriptor"),
      ([0x04, 0x20, 0x02, 0x00, 0x00, 0x77], [], "class-specific descriptor: bLength"),
      ([0x04, 0x20, 0x02, 0x00, 0x04], [], "class-specific descriptor: bDescriptorType"),
    ] as [([UInt8], [UInt8], String)])
  func whatIsMalformedIsNamed(interface: [UInt8], endpoint: [UInt8], field: String) {
    do {
      _ = try PersonalHealthcareDescriptors(interface: interface, endpoints: [endpoint])
      Issue.record("read")
    } catch {
      #expect(error.field == field)
    }
  }

  /// Every prefix and many mutations: an error or a value, and never more specialisations than there is room for.
  @Test func mutationsEndInAnErrorOrAValue() {
    let whole = Self.interface + Self.qualityOfService + Self.metadata
    var read = 0
    var refused = 0
    for mutation in Mutations(golden: [GoldenValue(uuid: "phdc", bytes: whole)], count: 20_000, seed: 43) {
      do {
        let descriptors = try PersonalHealthcareDescriptors(interface: mutation.bytes, endpoints: [])
        #expect(descriptors.specialisations.count * 2 <= mutation.bytes.count)
        read += 1
      } catch {
        #expect(error.offset <= mutation.bytes.count)
        refused += 1
      }
    }
    #expect(read > 1_000 && refused > 1_000)
    for count in 0..<4 {
      #expect(throws: DecodingFailure.self) {
        try PersonalHealthcareDescriptors(interface: Array(Self.interface.prefix(count)), endpoints: [])
      }
    }
  }
}
