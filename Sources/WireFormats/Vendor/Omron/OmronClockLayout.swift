/// Where a cuff's clock stands in its block of settings. Which cuff has which is the device profile's to say.
///
/// Everywhere it is year − 2000, month, day, hour, minute, second, one octet each; with `big` words it therefore reads month,
/// year, hour, day, second, minute.
package struct OmronClockLayout: Hashable, Sendable {
  /// What the last two octets of the block are when it is written.
  package enum Checksum: String, Hashable, Sendable {
    /// The sum of all before it, then 0.
    case sumThenZero = "sum-then-zero"
    /// 0, then the sum.
    case zeroThenSum = "zero-then-sum"
    /// The sum's complement, then the sum.
    case complementThenSum = "complement-then-sum"
  }

  /// Octets of the block.
  package let size: Int
  /// Where the six octets start. Even, so that they fill words.
  package let offset: Int
  package let wordOrder: OmronWordOrder
  package let checksum: Checksum

  /// Nil where the clock does not fill words, or where a block of `size` has no room for it and the checksum.
  package init?(size: Int, offset: Int, wordOrder: OmronWordOrder, checksum: Checksum) {
    guard 8...0xFF ~= size, size % 2 == 0, 0...size - 8 ~= offset, offset % 2 == 0 else { return nil }
    self.init(size, offset, wordOrder, checksum)
  }

  private init(_ size: Int, _ offset: Int, _ wordOrder: OmronWordOrder, _ checksum: Checksum) {
    self.size = size
    self.offset = offset
    self.wordOrder = wordOrder
    self.checksum = checksum
  }

  /// Ten octets, `big` words.
  package static let classicMixed = OmronClockLayout(10, 2, .big, .zeroThenSum)
  /// Ten octets, `little` words. From hass-omron alone: no block of a cuff has been seen.
  package static let linear10 = OmronClockLayout(10, 2, .little, .zeroThenSum)
  /// Sixteen octets, `little` words.
  package static let modernOffset8 = OmronClockLayout(16, 8, .little, .sumThenZero)
  /// Sixteen octets, `big` words. hass-omron writes it as `sumThenZero`; this is what a cuff had in it.
  package static let classicOffset8 = OmronClockLayout(16, 8, .big, .complementThenSum)
}
