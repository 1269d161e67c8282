/// What an Omron cuff with the USB identifiers 0590:0028 answers, put together from its reports: `OK`, 0, octets, and the
/// exclusive or of these; or `NO`, which asks for the same command again. Source: openyou/libomron.
package enum OmronHIDAnswer: Hashable, Sendable {
  /// The octets between `OK` 0 and the checksum.
  case data([UInt8])
  /// Not now: ask again.
  case refused
  /// `OFF`: the cuff has ended its transfer.
  case off
  /// `OK` alone: the cuff takes commands.
  case ready

  /// - Parameter bytes: what counts of the reports, as long as ``isComplete(_:for:)`` says.
  /// - Throws: ``DecodingFailure`` naming `Status`, `Data` or `Checksum`.
  package init(_ bytes: [UInt8], to command: OmronHIDCommand) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let status = UInt16(try reader.uint16("Status")).byteSwapped
    switch (status, command) {
    case (0x4E4F, _):  // NO
      try reader.end(after: "Status")
      self = .refused
    case (0x4F46, .end):  // OF
      // Three more letters; that they are there is all that matters, and seven are known to be announced.
      let rest = try reader.octets(3, "Status")
      guard rest == Array("F\r\n".utf8) else {
        throw .outOfRange(field: "Status", offset: 2, value: Int(rest[0]), expected: "OFF and the end of a line")
      }
      self = .off
    case (0x4F4B, .synchronise):  // OK
      try reader.end(after: "Status")
      self = .ready
    case (0x4F4B, .version), (0x4F4B, .count), (0x4F4B, .reading):
      let zero = try reader.uint8("Status")
      guard zero == 0 else {
        throw .outOfRange(field: "Status", offset: 2, value: Int(zero), expected: "0 after OK")
      }
      let data = try reader.octets(command.answerLength - 4, "Data")
      let checksum = try reader.uint8("Checksum")
      try reader.end(after: "Checksum")
      guard data.reduce(0, ^) == checksum else {
        throw .checksum(field: "Checksum", offset: command.answerLength - 1)
      }
      self = .data(data)
    default:
      throw .outOfRange(field: "Status", offset: 0, value: Int(status), expected: "OK (0x4F4B) or NO (0x4E4F)")
    }
  }

  /// Whether nothing more is to come.
  package static func isComplete(_ bytes: [UInt8], for command: OmronHIDCommand) -> Bool {
    bytes.count >= command.answerLength || bytes.starts(with: Array("NO".utf8))
  }
}
