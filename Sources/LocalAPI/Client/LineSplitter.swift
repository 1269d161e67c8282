import Foundation

/// Cuts octets that come in pieces into lines, leaving out empty ones.
struct LineSplitter {
  /// A line longer than this is no line of ours: nothing here is near it, and memory is not a stranger's to fill.
  static let limit = 4 << 20

  private var rest: [UInt8] = []

  /// The lines that `octets` completes; nil when a line is longer than ``limit``.
  mutating func lines(adding octets: some Sequence<UInt8>) -> [Data]? {
    var lines: [Data] = []
    for octet in octets {
      if octet == UInt8(ascii: "\n") {
        if !rest.isEmpty { lines.append(Data(rest)) }
        rest.removeAll(keepingCapacity: true)
      } else {
        rest.append(octet)
        if rest.count > Self.limit { return nil }
      }
    }
    return lines
  }

  /// What came after the last line break.
  mutating func remainder() -> Data? {
    defer { rest = [] }
    return rest.isEmpty ? nil : Data(rest)
  }
}
