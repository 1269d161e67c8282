/// How a cuff stores a measurement in a slot of its memory. Which cuff has which is the device profile's to say.
///
/// One structure of 16-bit words lies under all of them: systolic − 25 and diastolic; pulse and year; hour (5 bits from the
/// lowest), day (5), month (4) and two flags; second (6), minute (6), cuff (1), battery (1) and position (2); two words more
/// or three; the checksum.
package struct OmronRecordLayout: Hashable, Sendable {
  /// Which of the two highest bits of the date's word is which.
  package enum FlagOrder: String, Hashable, Sendable {
    /// Bit 15 is the body's movement, bit 14 the irregular heartbeat. Most sources have it so.
    case movementAbove = "movement-above"
    /// Bit 15 is the irregular heartbeat, bit 14 the body's movement.
    case irregularHeartbeatAbove = "irregular-heartbeat-above"
    /// Sources contradict each other: omblepy's hem-6232t and omron-bp against the rest, for cuffs with `big` words.
    case disputed
  }

  /// How much of the year's octet is the year.
  package enum YearBits: Int, Hashable, Sendable {
    /// 2000–2063.
    case six = 6
    /// 2000–2255.
    case eight = 8
  }

  /// How long a slot is.
  package enum Size: Int, Hashable, Sendable {
    case fourteen = 14
    case sixteen = 16
  }

  package let size: Size
  package let wordOrder: OmronWordOrder
  package let yearBits: YearBits
  package let flagOrder: FlagOrder

  package init(size: Size, wordOrder: OmronWordOrder, yearBits: YearBits, flagOrder: FlagOrder) {
    self.size = size
    self.wordOrder = wordOrder
    self.yearBits = yearBits
    self.flagOrder = flagOrder
  }

  package static let littleEndian14 = OmronRecordLayout(
    size: .fourteen, wordOrder: .little, yearBits: .six, flagOrder: .movementAbove)
  package static let littleEndian16 = OmronRecordLayout(
    size: .sixteen, wordOrder: .little, yearBits: .six, flagOrder: .movementAbove)

  /// The order of the flags stays disputed until somebody has settled it on the very cuff.
  package static func bigEndian14(yearBits: YearBits, flagOrder: FlagOrder = .disputed) -> OmronRecordLayout {
    OmronRecordLayout(size: .fourteen, wordOrder: .big, yearBits: yearBits, flagOrder: flagOrder)
  }

  /// The fields in the order of their octets, which is what a slot that ends too soon is measured by.
  var fields: [(name: String, width: Int)] {
    let pairs =
      wordOrder == .little
      ? ["Systolic", "Diastolic", "Pulse Rate", "Year"] : ["Diastolic", "Systolic", "Year", "Pulse Rate"]
    return pairs.map { ($0, 1) }
      + [("Date", 2), ("Time", 2), ("Octets 8–\(size.rawValue - 3)", size.rawValue - 10), ("Checksum", 2)]
  }
}
