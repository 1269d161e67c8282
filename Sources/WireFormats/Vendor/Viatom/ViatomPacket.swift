/// What a Viatom notifies on 0734594A-A8E7-4B1A-A6B1-CD5243059A57: `A5`, command, its complement, direction, sequence number,
/// length (little endian), payload, CRC-8. It comes in as many notifications as it needs: see ``assembler()``.
package struct ViatomPacket: Hashable, Sendable {
  /// Of the command that this answers; 0x08 comes unasked while the device measures.
  package let command: UInt8
  /// 0x01 for an answer. Anything else in its place refuses the command: 0xE1 when a file is opened twice.
  package let direction: UInt8
  /// As in the command.
  package let sequenceNumber: UInt8
  /// 0–2048 octets.
  package let payload: [UInt8]

  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)`` for any field;
  ///   ``DecodingFailure/outOfRange(field:offset:value:expected:)`` for `Header`, `Complement of Command` or `Length`;
  ///   ``DecodingFailure/trailing(field:offset:count:)`` and ``DecodingFailure/checksum(field:offset:)`` for `CRC`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let start = try Start(&reader)
    (command, direction, sequenceNumber) = (start.command, start.direction, start.sequenceNumber)
    payload = try reader.octets(start.length, "Payload")
    let crc = try reader.uint8("CRC")
    try reader.end(after: "CRC")
    guard crc == CRC8.of(bytes.dropLast()) else { throw .checksum(field: "CRC", offset: bytes.count - 1) }
  }

  /// The code in the place of the direction when the device refuses the command; nil for an answer.
  package var refusal: UInt8? { direction == 0x01 ? nil : direction }

  /// The size of the file that was opened, in octets; nil when this does not answer ``ViatomCommand/startReading(_:)``.
  package var fileSize: UInt32? {
    guard refusal == nil, command == ViatomCommand.OpCode.startReading.rawValue else { return nil }
    var reader = ByteReader(payload)
    return try? reader.uint32("File Size")
  }

  /// Puts packets together from notifications.
  package static func assembler() -> FrameAssembler {
    FrameAssembler { (front) throws(DecodingFailure) in
      guard front.count >= 7 else { return nil }
      var reader = ByteReader(front)
      return 8 + (try Start(&reader)).length
    }
  }

  package var json: JSON {
    .object([
      .init("command", .integer(Int(command))),
      .init("direction", .integer(Int(direction))),
      .init("sequenceNumber", .integer(Int(sequenceNumber))),
      .init("payload", .octets(payload)),
    ])
  }

  /// The seven octets before the payload.
  private struct Start {
    let command: UInt8
    let direction: UInt8
    let sequenceNumber: UInt8
    let length: Int

    init(_ reader: inout ByteReader) throws(DecodingFailure) {
      let header = try reader.uint8("Header")
      guard header == 0xA5 else {
        throw .outOfRange(field: "Header", offset: 0, value: Int(header), expected: "165 (0xA5)")
      }
      command = try reader.uint8("Command")
      let complement = try reader.uint8("Complement of Command")
      guard complement == ~command else {
        throw .outOfRange(
          field: "Complement of Command", offset: 2, value: Int(complement), expected: "\(~command)")
      }
      direction = try reader.uint8("Direction")
      sequenceNumber = try reader.uint8("Sequence Number")
      length = Int(try reader.uint16("Length"))
      guard length <= 2048 else {
        throw .outOfRange(field: "Length", offset: 5, value: length, expected: "0–2048 octets")
      }
    }
  }
}
