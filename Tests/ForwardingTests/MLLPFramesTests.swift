import Testing

@testable import Forwarding

/// Minimal Lower Layer Protocol, release 1, however TCP cuts it.
@Suite struct MLLPFramesTests {
  private static let a = Array("MSH|one\r".utf8)
  private static let b = Array("MSH|two\r".utf8)

  @Test func aBlockIsWhatStandsBetween() {
    #expect(MLLPFrames.framed([0x41, 0x0D]) == [0x0B, 0x41, 0x0D, 0x1C, 0x0D])
  }

  /// Two blocks with a line's end between them, cut at every place and at every pair of places.
  @Test func howeverTheyAreCutTheyAreWhole() throws {
    let bytes: [UInt8] = [0x0B] + Self.a + [0x1C, 0x0D, 0x0A, 0x0B] + Self.b + [0x1C, 0x0D]
    for first in 0...bytes.count {
      for second in first...bytes.count {
        var frames = MLLPFrames()
        var found: [[UInt8]] = []
        for part in [bytes[..<first], bytes[first..<second], bytes[second...]] { found += try frames.append(part) }
        #expect(found == [Self.a, Self.b])
        #expect(!frames.isInside)
      }
    }
  }

  @Test func aBlockWithoutItsLastByteIsWhole() throws {
    var frames = MLLPFrames()
    #expect(try frames.append([0x0B] + Self.a + [0x1C]) == [Self.a])
    #expect(try frames.append([0x0B] + Self.b + [0x1C]) == [Self.b])
    // The byte that was missing comes late, and is no block.
    #expect(try frames.append([0x0D]) == [])
    #expect(try frames.append([0x0B] + Self.b) == [])
    #expect(frames.isInside)
  }

  @Test func aBlockThatBeginsAnewIsTheNewOne() throws {
    var frames = MLLPFrames()
    #expect(try frames.append([0x0B] + Self.a + [0x0B] + Self.b + [0x1C, 0x0D]) == [Self.b])
  }

  @Test func bothLimitsHold() throws {
    var frames = MLLPFrames()
    let most = [UInt8](repeating: 0x41, count: MLLPFrames.longest)
    #expect(try frames.append([0x0B] + most + [0x1C]) == [most])
    #expect(throws: MLLPFrames.Fault.tooLong) { try frames.append([0x0B] + most + [0x41]) }
    var noisy = MLLPFrames()
    #expect(try noisy.append([UInt8](repeating: 0x41, count: MLLPFrames.mostNoise)) == [])
    #expect(throws: MLLPFrames.Fault.noise) { try noisy.append([0x41]) }
    // Noise between blocks is forgotten at each of them.
    var patient = MLLPFrames()
    for _ in 0..<10 {
      let bytes = [UInt8](repeating: 0x41, count: MLLPFrames.mostNoise) + [0x0B] + Self.a + [0x1C]
      #expect(try patient.append(bytes) == [Self.a])
    }
  }

  @Test func anAddressIsAHostAndAPort() throws {
    let address = try MLLPAddress("mllps://HL7.Clinic.example:2575", allowsPrivate: false)
    #expect(address.host == "hl7.clinic.example" && address.port == 2575 && address.isEncrypted)
    #expect(try MLLPAddress("mllp://[::1]:2575", allowsPrivate: false).host == "::1")
    #expect(try MLLPAddress("mllp://192.168.1.9:1", allowsPrivate: true).isEncrypted == false)
    #expect(throws: DestinationFault.plainMLLP(host: "192.168.1.9")) {
      try MLLPAddress("mllp://192.168.1.9:2575", allowsPrivate: false)
    }
    let wrong = [
      "https://a.example:1", "mllps://a.example", "mllps://:2575", "mllps://a.example:0", "mllps://a.example:99999",
      "mllps://u@a.example:1", "mllps://a.example:1/path", "mllps://a.example:1?x", "a.example:1", "",
    ]
    for text in wrong {
      #expect(throws: DestinationFault.self, "\(text)") { try MLLPAddress(text, allowsPrivate: true) }
    }
  }
}
