/// The reports in which a Microlife on a cable (04D9:B554) carries what its relatives say over Bluetooth: the lower half of
/// the first octet says how many of the others count. Source: vytautas-valaitis/microlife_bp `bp.py`.
package enum MicrolifeHIDReport {
  package static let size = 8
  /// The most octets that count in one report.
  package static let capacity = 7

  /// The octets that count; what follows them is not looked at.
  ///
  /// - Throws: ``DecodingFailure`` naming `Report Length` or `Report Data`.
  package static func payload(_ report: [UInt8]) throws(DecodingFailure) -> [UInt8] {
    var reader = ByteReader(report)
    let length = Int(try reader.uint8("Report Length") & 0x0F)
    guard length <= capacity else {
      throw .outOfRange(field: "Report Length", offset: 0, value: length, expected: "0–7 octets")
    }
    return try reader.octets(length, "Report Data")
  }

  /// A command in as many reports as it needs; what does not count is 0.
  ///
  /// The source writes one report of as many octets as a command has; that a report holds no more than seven is what the
  /// device's own are like, and what its relative 04B4:5500 demands.
  package static func reports(_ command: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: command.count, by: capacity).map { start in
      let part = command[start..<min(start + capacity, command.count)]
      return [UInt8(part.count)] + part + [UInt8](repeating: 0, count: capacity - part.count)
    }
  }
}
