/// Minimal Lower Layer Protocol, release 1: a block is 0x0B, the message, 0x1C 0x0D. Bytes come as TCP cuts them: a block
/// in pieces, several in one, noise between.
struct MLLPFrames {
  static let start: UInt8 = 0x0B
  static let end: UInt8 = 0x1C
  /// More than any acknowledgement has.
  static let longest = 1 << 20
  /// Bytes outside of blocks that are let pass: nothing that speaks MLLP sends more than a line's end.
  static let mostNoise = 4096

  enum Fault: Error, Hashable, CustomStringConvertible {
    case tooLong
    case noise

    var description: String {
      switch self {
      case .tooLong: "it answered more than \(MLLPFrames.longest) bytes"
      case .noise: "what it answers is not framed as MLLP (0x0B … 0x1C 0x0D)"
      }
    }
  }

  /// The block that has begun; nil outside of one.
  private var block: [UInt8]?
  private var noise = 0

  /// Whether the last bytes began something that has not ended.
  var isInside: Bool { block != nil }

  static func framed(_ message: [UInt8]) -> [UInt8] { [start] + message + [end, 0x0D] }

  /// What has become whole with these bytes, in order.
  ///
  /// A block ends with 0x1C, whatever follows it: some leave the 0x0D out. A 0x0B within a block begins it anew: its first
  /// part was cut off.
  ///
  /// - Throws: ``Fault``; nothing can be read after it.
  mutating func append(_ bytes: some Sequence<UInt8>) throws(Fault) -> [[UInt8]] {
    var found: [[UInt8]] = []
    for byte in bytes {
      switch byte {
      case Self.start: block = []
      case Self.end where block != nil:
        if let block { found.append(block) }
        block = nil
        noise = 0
      case _ where block != nil:
        block?.append(byte)
        if let count = block?.count, count > Self.longest { throw .tooLong }
      default:
        noise += 1
        if noise > Self.mostNoise { throw .noise }
      }
    }
    return found
  }
}
