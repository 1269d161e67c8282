import BluetoothLE

/// Puts made-up numbers in the place of what was measured. The flags, the lengths, the time stamp, the user and the status
/// stay: they are what a profile has to get right.
enum MadeUpValue {
  /// - Returns: the octets with other numbers in them; for a value whose layout nobody knows, zeros.
  static func value(_ octets: [UInt8], of type: BluetoothUUID) -> [UInt8] {
    guard let flags = octets.first else { return octets }
    var octets = octets
    switch type.short {
    // Blood Pressure Measurement and Intermediate Cuff Pressure: mmHg or kPa, then perhaps a time stamp, then a pulse.
    case 0x2A35, 0x2A36:
      let isKilopascal = flags & 1 == 1
      put(isKilopascal ? [0xA0, 0xF0, 0x6B, 0xF0, 0x7D, 0xF0] : [120, 0, 80, 0, 93, 0], at: 1, in: &octets)
      if flags & 4 != 0 { put([60, 0], at: flags & 2 != 0 ? 14 : 7, in: &octets) }
    // Heart Rate Measurement: the rate, then energy, then intervals of 1/1024 s.
    case 0x2A37:
      let isWide = flags & 1 == 1
      put(isWide ? [60, 0] : [60], at: 1, in: &octets)
      var place = isWide ? 3 : 2
      if flags & 8 != 0 {
        put([0, 0], at: place, in: &octets)
        place += 2
      }
      if flags & 16 != 0 {
        while place + 1 < octets.count {
          put([0, 4], at: place, in: &octets)
          place += 2
        }
      }
    // PLX: SpO2 and pulse rate.
    case 0x2A5E, 0x2A5F: put([97, 0, 60, 0], at: 1, in: &octets)
    default: octets = octets.map { _ in 0 }
    }
    return octets
  }

  /// Whether the layout is known, so that what comes of ``value(_:of:)`` is a value still.
  static func knows(_ type: BluetoothUUID) -> Bool {
    [0x2A35, 0x2A36, 0x2A37, 0x2A5E, 0x2A5F].contains(type.short)
  }

  /// NaN and the other special values are kept: that a device sends them is worth knowing.
  private static func put(_ new: [UInt8], at place: Int, in octets: inout [UInt8]) {
    guard new.count > 1 else {
      if place < octets.count { octets[place] = new[0] }
      return
    }
    for offset in stride(from: 0, to: new.count - 1, by: 2) where place + offset + 1 < octets.count {
      let word = UInt16(octets[place + offset]) | UInt16(octets[place + offset + 1]) << 8
      guard !(0x07FE...0x0802).contains(word) else { continue }
      octets.replaceSubrange(place + offset..<place + offset + 2, with: new[offset..<offset + 2])
    }
  }
}
