/// What a gateway writes to characteristic 0xFFF2 of a Microlife BP3GY1-2N: `4D FF`, a length (big endian, of what follows
/// it), the payload, and the sum of all octets before. A write takes 20 octets at most.
///
/// Setting a patient's name (0x06) is left out. Source: joergmlpts/blood-pressure-monitor, derdilla's
/// blood-pressure-monitor-fl.
package enum MicrolifeCommand: Hashable, Sendable {
  /// Sets the clock, in the time of the household. A year outside 2000–2099 comes out as its last two digits.
  case setTime(DateTime)
  /// All records of the user that is chosen on the device.
  case records
  /// The user that is chosen on the device, and the users' names.
  case patientID
  /// The device ends the connection.
  case bye

  package var bytes: [UInt8] {
    let payload: [UInt8] =
      switch self {
      case .setTime(let time):
        [0x0D, UInt8(time.year % 100), time.month, time.day, time.hours, time.minutes, time.seconds]
      case .records: [0, 0, 0, 0, 0, 0, 0, 0xFD]
      case .patientID: [0x05]
      case .bye: [0x04]
      }
    let frame = [0x4D, 0xFF, 0x00, UInt8(payload.count + 1)] + payload
    return frame + [MicrolifeReply.sum(frame)]
  }
}
