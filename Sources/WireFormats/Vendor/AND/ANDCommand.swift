/// What a gateway writes to the custom characteristic 233BF001-5A34-1B6D-975C-000D5690ABE4 of A&D's UA-651BLE and its
/// kin: size, type (1 write, 0 read), command, value.
///
/// Unpair (0x10) and delete all memory (0x12) exist and are left out: no gateway needs them, and they can't be undone.
/// Source: A&D's public sample code, andengineering/AndroidSampleCode.
package enum ANDCommand: Hashable, Sendable {
  /// Sets the clock, in the time of the household. A year outside 2000–2099 comes out as its last two digits.
  case setTime(DateTime)
  case readTime
  /// The device disconnects and goes to standby.
  case disconnect
  /// Whether measurements are kept when nobody is connected.
  case setBuffer(Bool)
  case readBuffer
  case readSettings
  /// The kept measurements are indicated, oldest first.
  case sendBuffered

  package var bytes: [UInt8] {
    switch self {
    case .setTime(let time):
      [
        0x08, 0x01, 0x01, UInt8(time.year % 100), time.month, time.day, time.hours, time.minutes, time.seconds,
      ]
    case .readTime: [0x02, 0x00, 0x04]
    case .disconnect: [0x02, 0x01, 0x03]
    case .setBuffer(let isOn): [0x03, 0x01, 0xA6, isOn ? 0x01 : 0x00]
    case .readBuffer: [0x02, 0x00, 0xD6]
    case .readSettings: [0x02, 0x00, 0xDB]
    case .sendBuffered: [0x02, 0x00, 0xE1]
    }
  }
}
