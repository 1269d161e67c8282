/// The heart rate that a Polar sensor or watch advertises in its manufacturer data (company 0x006B): sections, one of them
/// three octets with the rate.
///
/// Source: polarofficial/polar-ble-sdk.
package struct PolarHeartRateAdvertisement: Hashable, Sendable {
  /// Polar Electro.
  package static let company: UInt16 = 0x006B

  /// As sent. Bit 1 contact, bits 2–4 a counter that changes with each new rate; bit 6 is clear.
  package let flags: UInt8
  /// Beats per minute, as the sensor itself would show it; 0 when it has none.
  package let heartRate: UInt8
  /// The rate that follows quick changes, when the device sends two.
  package let fastHeartRate: UInt8?
  /// Octets after the rate; to be ignored.
  package let trailing: [UInt8]

  /// - Parameter manufacturerData: what follows the company's number.
  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)``: for `Flags` when no section holds a rate, as in the
  ///   advertisements of a watch that does not share it; else for `Section Length`, `Section`, `kHz Code` or `Heart Rate`.
  package init(manufacturerData: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(manufacturerData)
    var flags = try reader.uint8("Flags")
    // Bit 6: a section of another kind, which says its own length.
    while flags & 0x40 != 0 {
      let length = Int(try reader.uint8("Section Length"))
      _ = try reader.octets(length, "Section")
      flags = try reader.uint8("Flags")
    }
    self.flags = flags
    _ = try reader.uint8("kHz Code")
    let first = try reader.uint8("Heart Rate")
    // One octet more and no other: the slow average, which is the one to be shown.
    if reader.remaining == 1 {
      fastHeartRate = first
      heartRate = try reader.uint8("Heart Rate")
    } else {
      fastHeartRate = nil
      heartRate = first
    }
    trailing = reader.rest()
  }

  /// Flags bit 1: the sensor touches skin.
  package var sensorContact: Bool { flags & 0x02 != 0 }
  /// Flags bits 2–4: the same number means the same measurement.
  package var counter: UInt8 { flags >> 2 & 0x07 }

  package var json: JSON {
    var members: [JSON.Member] = [
      .init("flags", .integer(Int(flags))),
      .init("sensorContact", .boolean(sensorContact)),
      .init("counter", .integer(Int(counter))),
      .init("heartRate", .integer(Int(heartRate))),
    ]
    if let fastHeartRate { members.append(.init("fastHeartRate", .integer(Int(fastHeartRate)))) }
    if !trailing.isEmpty { members.append(.init("trailing", .octets(trailing))) }
    return .object(members)
  }
}
