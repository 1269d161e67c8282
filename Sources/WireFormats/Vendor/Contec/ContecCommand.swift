/// What a Contec 08A on a cable (0483:5750) is asked: reports of 64 octets. Source: MarkMLl/contec08a, `consoleapp.pas`, from
/// what the maker's program was seen to send.
///
/// There is none here that changes anything in the cuff's memory. 0x41 as the first octet is thought to clear it: it is
/// never sent.
package enum ContecCommand: Hashable, Sendable {
  /// Sent twice before anything else. What the cuff answers says nothing that is known.
  case begin
  /// What the cuff is: ``ContecIdentity``.
  case identify
  /// All readings of a user: ``ContecDump``.
  case readings(User)

  /// Of the three for whom the cuff keeps readings.
  package enum User: UInt8, CaseIterable, Hashable, Sendable {
    case first = 1
    case second, third
  }

  /// Octets of a report, in both directions.
  package static let size = 64

  package var bytes: [UInt8] {
    let asked: [UInt8] =
      switch self {
      case .begin: [0x40, 0x8F, 0xFF, 0xFE, 0xFD, 0xFC]
      case .identify: [0x42, 0x8F, 0xFF, 0xFE, 0xFD, 0xFC]
      case .readings(let user): [0x43, ContecIdentity.contec08A, 0x01, 0x03 + user.rawValue, 0x02]
      }
    return asked + [UInt8](repeating: 0, count: Self.size - asked.count)
  }
}
