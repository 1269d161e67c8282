/// What a gateway writes to characteristic 8B00ACE7-EB0B-49B0-BBE9-9AEE0A26E1A3 of a Viatom (Wellue) BP2.
///
/// The trap of this device: 0x09, 0x0A, 0x24, 0x25 and 0x39 inflate the cuff, 0x04 and 0xE3 erase everything, 0xE2 resets.
/// So there is no packet of any command: only those of ``OpCode``, which does not have these.
/// Source: chalimov, LP-BP2W_PROTOCOL.md.
package enum ViatomCommand: Hashable, Sendable {
  /// The commands there are. Reading files shows a sign on the device until it ends.
  package enum OpCode: UInt8, Hashable, Sendable, CaseIterable {
    case deviceInformation = 0xE1
    case setTime = 0xEC
    case listFiles = 0xF1
    case startReading = 0xF2
    case read = 0xF3
    case stopReading = 0xF4
  }

  /// The files that a gateway reads, by their names, of 16 octets at most.
  package enum File: String, Hashable, Sendable, CaseIterable {
    case bloodPressureRecords = "bp2nibp.list"
  }

  /// Answered by a ``ViatomDeviceInformation``.
  case deviceInformation
  /// Sets the clock, in the time of the household.
  case setTime(DateTime)
  /// Answered by a ``ViatomFileList``.
  case listFiles
  /// Opens a file; answered by its size (``ViatomPacket/fileSize``). A device that is measuring does not answer, and one
  /// that was asked already on this connection may refuse.
  case startReading(File)
  /// Answered by the octets from here on, as many as the device likes.
  case read(offset: UInt32)
  /// Closes the file.
  case stopReading

  package var opCode: OpCode {
    switch self {
    case .deviceInformation: .deviceInformation
    case .setTime: .setTime
    case .listFiles: .listFiles
    case .startReading: .startReading
    case .read: .read
    case .stopReading: .stopReading
    }
  }

  /// Whether `bytes` are one whole packet of one of these commands and nothing else: what may be written to the device,
  /// whoever put it together.
  package static func isPacket(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 8, bytes[0] == 0xA5, let opCode = OpCode(rawValue: bytes[1]), bytes[2] == ~opCode.rawValue,
      bytes[3] == 0x00, bytes.count == 8 + Int(bytes[5]) + Int(bytes[6]) << 8
    else { return false }
    return bytes.last == CRC8.of(bytes.dropLast())
  }

  /// The packet.
  /// - Parameter sequenceNumber: 0–254, comes back in the answer.
  package func bytes(sequenceNumber: UInt8) -> [UInt8] {
    let payload = payload
    let packet: [UInt8] =
      [0xA5, opCode.rawValue, ~opCode.rawValue, 0x00, sequenceNumber, UInt8(payload.count), 0x00] + payload
    return packet + [CRC8.of(packet)]
  }

  private var payload: [UInt8] {
    func littleEndian(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    switch self {
    case .deviceInformation, .listFiles, .stopReading: return []
    case .setTime(let time):
      return [
        UInt8(time.year & 0xFF), UInt8(time.year >> 8), time.month, time.day, time.hours, time.minutes, time.seconds,
      ]
    case .startReading(let file):
      // The name, NULs to 16 octets, and the offset to start from, 0.
      let name = Array(file.rawValue.utf8.prefix(16))
      return name + [UInt8](repeating: 0, count: 20 - name.count)
    case .read(let offset): return littleEndian(offset)
    }
  }
}
