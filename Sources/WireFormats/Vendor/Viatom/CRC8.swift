/// CRC-8 with polynomial x⁸ + x² + x + 1 (0x07), from 0, nothing reflected. Its check value over "123456789" is 0xF4.
enum CRC8 {
  static func of(_ bytes: some Sequence<UInt8>) -> UInt8 {
    var crc: UInt8 = 0
    for byte in bytes {
      crc ^= byte
      for _ in 0..<8 { crc = crc & 0x80 == 0 ? crc << 1 : crc << 1 ^ 0x07 }
    }
    return crc
  }
}
