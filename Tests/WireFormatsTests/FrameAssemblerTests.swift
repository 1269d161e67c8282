import Testing
import WireFormats

/// Frames of this test: how many octets follow the first one, up to 9, and those.
@Suite struct FrameAssemblerTests {
  static func assembler() -> FrameAssembler {
    FrameAssembler { (front) throws(DecodingFailure) in
      guard front[0] <= 9 else {
        throw .outOfRange(field: "Length", offset: 0, value: Int(front[0]), expected: "0–9")
      }
      return 1 + Int(front[0])
    }
  }

  @Test func everyWayOfCuttingGivesTheSameFrames() throws {
    let frames: [[UInt8]] = [[2, 7, 8], [0], [3, 1, 2, 3], [1, 9]]
    let whole = frames.flatMap { $0 }
    for cut in 1...whole.count {
      var assembler = Self.assembler()
      var found: [[UInt8]] = []
      for start in stride(from: 0, to: whole.count, by: cut) {
        found += try assembler.append(Array(whole[start..<min(start + cut, whole.count)]))
      }
      #expect(found == frames, "cut at \(cut)")
      #expect(assembler.waiting == 0)
    }
  }

  @Test func whatBeginsNoFrameIsGivenUp() throws {
    var assembler = Self.assembler()
    #expect(try assembler.append([3, 1]) == [])
    #expect(assembler.waiting == 2)
    #expect(try assembler.append([2, 3, 200, 1]) == [[3, 1, 2, 3]])
    #expect(throws: DecodingFailure.outOfRange(field: "Length", offset: 0, value: 200, expected: "0–9")) {
      try assembler.append([1])
    }
    #expect(assembler.waiting == 0)
    #expect(try assembler.append([1, 5]) == [[1, 5]])
    #expect(try assembler.append([5]) == [])
    assembler.reset()
    #expect(try assembler.append([1, 5]) == [[1, 5]])
    #expect(try assembler.append([]) == [])
  }
}
