/// What an older Microlife on a cable (04B4:5500) is asked: three octets that are always the same, and a number.
/// Source: joergmlpts/blood-pressure-monitor `bpm_usb.py`, N0ury/py-bpddl `microlife.py`.
///
/// Only what reads is here. 0x23 writes the patient's name and, with other octets behind it, clears the memory; 0x27 writes the
/// clock. Neither is ever sent.
package enum MicrolifeTextCommand: UInt8, Hashable, Sendable {
  /// All records: ``MicrolifeTextReply``.
  case records = 0x22

  package var bytes: [UInt8] { [0x12, 0x16, 0x18, rawValue] }
}
