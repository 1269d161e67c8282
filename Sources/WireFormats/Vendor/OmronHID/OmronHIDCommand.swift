/// What an Omron cuff with the USB identifiers 0590:0028 is asked: three letters, octets, and the exclusive or of these.
/// Source: openyou/libomron, `doc/omron_protocol_notes.asciidoc`, `src/omron.c`.
///
/// There is none here that changes anything in the cuff's memory.
package enum OmronHIDCommand: Hashable, Sendable {
  /// Model and version.
  case version
  /// How many readings a user's bank holds.
  case count(bank: UInt8)
  /// A reading; 0 is the newest.
  case reading(bank: UInt8, index: UInt8)
  /// Switches the cuff's transfer off.
  case end
  /// Not a command: zeros, after which the cuff takes commands again, whatever it was in the middle of.
  case synchronise

  package var bytes: [UInt8] {
    func asked(_ letters: String, _ arguments: [UInt8]) -> [UInt8] {
      Array(letters.utf8) + arguments + [arguments.reduce(0, ^)]
    }
    return switch self {
    case .version: asked("VER", Array("0".utf8))
    case .count(let bank): asked("GDC", [0, bank, 0, 0])
    case .reading(let bank, let index): asked("GME", [0, bank, 0, index])
    // No checksum: FF twice.
    case .end: Array("END".utf8) + [0xFF, 0xFF]
    case .synchronise: [UInt8](repeating: 0, count: 12)
    }
  }

  /// How many octets the whole answer has.
  package var answerLength: Int {
    switch self {
    case .version: 15
    case .count: 8
    case .reading: 17
    case .end: 5
    case .synchronise: 2
    }
  }

  /// The two octets of the feature report that says what is going to be asked. The first has been seen to be anything.
  package enum Mode: UInt8, Hashable, Sendable {
    case information = 0x01
    case readings = 0x2C

    package var bytes: [UInt8] { [0x01, rawValue] }
  }
}
