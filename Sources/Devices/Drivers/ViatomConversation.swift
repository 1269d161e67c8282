import WireFormats

/// The talk with one Viatom: each command once, with its number, and the packet that answers it.
struct ViatomConversation {
  /// More than any of these devices holds: a size beyond it is none.
  private static let largestFile: UInt32 = 0x1_0000

  private var talk: FramedConversation
  private var number: UInt8 = 0

  init(_ talk: FramedConversation) { self.talk = talk }

  /// - Throws: ``SessionEnd/requestFailed(what:reason:)`` when the device refuses it.
  private mutating func ask(
    _ command: ViatomCommand, _ what: String, _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> ViatomPacket {
    number = number == 254 ? 0 : number + 1
    let packet = try await talk.ask(command.bytes(sequenceNumber: number), what, &visit) {
      (frame) throws(DecodingFailure) in
      let packet = try ViatomPacket(frame)
      // It tells of itself while it measures.
      return packet.command == command.opCode.rawValue ? packet : nil
    }
    if let refusal = packet.refusal {
      throw SessionFailure(
        .requestFailed(what: what, reason: "The device refused it (0x\(Hexadecimal.text([refusal])))."))
    }
    return packet
  }

  /// What `decode` makes of an answer's payload.
  private func decoded<Value>(
    _ what: String, _ decode: () throws(DecodingFailure) -> Value
  ) throws(SessionFailure) -> Value {
    do throws(DecodingFailure) {
      return try decode()
    } catch {
      throw SessionFailure(.damaged(what: what, reason: "\(error)"))
    }
  }

  mutating func deviceInformation(
    _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> ViatomDeviceInformation {
    let what = "Asking for its clock"
    let payload = try await ask(.deviceInformation, what, &visit).payload
    return try decoded(what) { () throws(DecodingFailure) in try ViatomDeviceInformation(payload: payload) }
  }

  mutating func hasFile(
    _ file: ViatomCommand.File, _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> Bool {
    let what = "Asking for its files"
    let payload = try await ask(.listFiles, what, &visit).payload
    return try decoded(what) { () throws(DecodingFailure) in try ViatomFileList(payload: payload) }
      .names.contains(file.rawValue)
  }

  mutating func setTime(_ time: DateTime, _ visit: inout GATTVisit) async throws(SessionFailure) {
    _ = try await ask(.setTime(time), "Writing the clock", &visit)
  }

  /// The whole file: opened, read piece by piece as the device gives them, and closed.
  mutating func read(
    _ file: ViatomCommand.File, _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> ViatomBloodPressureFile {
    let opening = "Opening its records"
    let size = try await ask(.startReading(file), opening, &visit).fileSize
    guard let size, size <= Self.largestFile else {
      let found = size.map { "\($0)" } ?? "none"
      let reason = "File Size: \(found); expected up to \(Self.largestFile) octets."
      throw SessionFailure(.damaged(what: opening, reason: reason))
    }
    let reading = "Reading its records"
    var octets: [UInt8] = []
    while octets.count < size {
      let piece = try await ask(.read(offset: UInt32(octets.count)), reading, &visit).payload
      guard !piece.isEmpty, octets.count + piece.count <= size else {
        let place = "\(piece.count) octets at \(octets.count) of \(size)"
        throw SessionFailure(.damaged(what: reading, reason: "Payload: \(place)."))
      }
      octets += piece
    }
    _ = try await ask(.stopReading, "Closing its records", &visit)
    return try decoded(reading) { () throws(DecodingFailure) in try ViatomBloodPressureFile(octets) }
  }
}
