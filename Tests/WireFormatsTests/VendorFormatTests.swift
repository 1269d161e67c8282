import Foundation
import Testing
import WireFormats

/// By hand, from the layouts, except where said; the measurements are nobody's.
@Suite struct BeurerTests {
  @Test func pulseAndStatusAreBigEndian() throws {
    let bytes = try Hexadecimal.bytes("56 7300 4b00 0000 ea07 03 05 08 14 00 0041 01 0004")
    let measurement = try BeurerBloodPressureMeasurement(bytes).measurement
    #expect(measurement.systolic.value == 115 && measurement.diastolic.value == 75)
    #expect(measurement.meanArterialPressure.value == 0)
    #expect(measurement.pulseRate?.value == 65)
    #expect(measurement.userID == .number(1))
    #expect(measurement.status?.irregularPulse == true && measurement.status?.rawValue == 4)
    #expect(measurement.timeStamp?.isComplete == true)
    #expect(measurement.trailing.isEmpty)
    // The same octets as the specification has them: why a profile must say which it is.
    let plain = try BloodPressureMeasurement(bytes)
    #expect(plain.pulseRate?.value != 65 && plain.trailing.count == 1)
  }

  @Test func userIsReadThoughItsFlagIsClear() {
    #expect(throws: DecodingFailure.truncated(field: "User ID", offset: 7, need: 1, have: 0)) {
      try BeurerBloodPressureMeasurement([0x40, 120, 0, 80, 0, 0, 0])
    }
  }
}

@Suite struct ANDTests {
  static let time = DateTime(year: 2026, month: 3, day: 5, hours: 8, minutes: 20, seconds: 45)

  @Test(arguments: [
    (ANDCommand.setTime(time), "0801011a030508142d"), (.readTime, "020004"), (.disconnect, "020103"),
    (.setBuffer(true), "0301a601"), (.setBuffer(false), "0301a600"), (.readBuffer, "0200d6"),
    (.readSettings, "0200db"), (.sendBuffered, "0200e1"),
  ])
  func commands(command: ANDCommand, hex: String) throws {
    #expect(command.bytes == (try Hexadecimal.bytes(hex)))
    #expect(![0x10, 0x12].contains(command.bytes[2]), "unpair or erase")
    let frame = try ANDFrame(command.bytes)
    #expect(frame.command == command.bytes[2] && frame.trailing.isEmpty)
  }

  @Test func replies() throws {
    let buffer = try ANDFrame(Hexadecimal.bytes("0302d601 00000000000000000000000000000000"))
    #expect(buffer.kind == .response && buffer.bufferIsOn == true && buffer.trailing.count == 16)
    let other = try ANDFrame([3, 7, 0xD6, 1])
    #expect(other.kind == nil && other.bufferIsOn == nil && other.value == [1])
    #expect(throws: DecodingFailure.truncated(field: "Value", offset: 3, need: 2, have: 1)) {
      try ANDFrame([4, 2, 0xD6, 1])
    }
    #expect(throws: DecodingFailure.outOfRange(field: "Size", offset: 0, value: 20, expected: "2–19 octets")) {
      try ANDFrame([20, 2, 0xD6])
    }
  }
}

@Suite struct MicrolifeTests {
  /// The first: a unit test of derdilla's; records, name and bye as in two sources.
  @Test(arguments: [
    (
      MicrolifeCommand.setTime(DateTime(year: 2024, month: 6, day: 15, hours: 14, minutes: 30, seconds: 45)),
      "4dff00080d18060f0e1e2de7"
    ),
    (.records, "4dff000900000000000000fd52"), (.bye, "4dff00020452"), (.patientID, "4dff00020553"),
  ])
  func commands(command: MicrolifeCommand, hex: String) throws {
    #expect(command.bytes == (try Hexadecimal.bytes(hex)))
  }

  @Test func acknowledgement() throws {
    #expect(try MicrolifeReply(Hexadecimal.bytes("4d3a0002810a")).isAcknowledgement)
    #expect(throws: DecodingFailure.checksum(field: "Checksum", offset: 5)) {
      try MicrolifeReply(Hexadecimal.bytes("4d3a0002810b"))
    }
    #expect(throws: DecodingFailure.trailing(field: "Checksum", offset: 6, count: 1)) {
      try MicrolifeReply(Hexadecimal.bytes("4d3a0002810a00"))
    }
    #expect(
      throws: DecodingFailure.outOfRange(field: "Direction", offset: 1, value: 255, expected: "58 (0x3A, a reply)")
    ) { try MicrolifeReply(Hexadecimal.bytes("4dff00020452")) }
  }

  static let header = "000000 03 01" + String(repeating: "00", count: 33)

  @Test func records() throws {
    let payload = try Hexadecimal.bytes(
      Self.header + "794f42 1a03050814 8000" + "855447 1a0306072d c000" + "6e463a 1100000000 0000")
    let records = try MicrolifeRecords(payload: payload).records
    #expect(records.map(\.systolic) == [121, 133, 110] && records.map(\.diastolic) == [79, 84, 70])
    #expect(records.map(\.pulseRate) == [66, 71, 58])
    #expect(records.map(\.cuffFitted) == [true, true, false])
    #expect(records.map(\.irregularPulse) == [false, true, false])
    #expect(records[0].timeStamp == DateTime(year: 2026, month: 3, day: 5, hours: 8, minutes: 20, seconds: 0))
    #expect(records[2].timeStamp == nil)
    #expect(throws: DecodingFailure.truncated(field: "Record 3: Reserved", offset: 67, need: 1, have: 0)) {
      try MicrolifeRecords(payload: payload.dropLast())
    }
    #expect(throws: DecodingFailure.trailing(field: "Records", offset: 68, count: 1)) {
      try MicrolifeRecords(payload: payload + [0])
    }
    #expect(throws: DecodingFailure.truncated(field: "Header", offset: 0, need: 38, have: 5)) {
      try MicrolifeRecords(payload: Array(payload.prefix(5)))
    }
  }

  /// Cut into every size of notification.
  @Test func reassembly() throws {
    let golden = try GoldenValue.all(in: "vendor_golden.txt").filter { $0.uuid == "microlife-reply" }.map(\.bytes)
    let whole = golden.flatMap { $0 }
    for cut in 1...whole.count {
      var assembler = MicrolifeReply.assembler()
      var found: [[UInt8]] = []
      for start in stride(from: 0, to: whole.count, by: cut) {
        found += try assembler.append(Array(whole[start..<min(start + cut, whole.count)]))
      }
      #expect(found == golden, "cut at \(cut)")
    }
  }

  @Test func reassemblyIsBounded() {
    var assembler = MicrolifeReply.assembler()
    #expect(throws: DecodingFailure.outOfRange(field: "Length", offset: 2, value: 2590, expected: "1–2589 octets")) {
      try assembler.append([0x4D, 0x3A, 0x0A, 0x1E])
    }
    #expect(throws: DecodingFailure.outOfRange(field: "Start", offset: 0, value: 0, expected: "77 (0x4D)")) {
      try assembler.append([0, 0, 0, 0])
    }
    #expect(assembler.waiting == 0)
  }

  @Test func patientID() throws {
    let name = Array("A B".utf8) + [UInt8](repeating: 0, count: 17)
    let id = try MicrolifePatientID(payload: [5, 2] + [UInt8](repeating: 0x20, count: 20) + [0] + name)
    #expect(id.user == 2 && id.first == "" && id.second == "A B")
  }
}

@Suite struct ViatomTests {
  static let time = DateTime(year: 2026, month: 3, day: 5, hours: 8, minutes: 20, seconds: 45)
  /// Each command of ``ViatomCommand``, once.
  static let commands: [ViatomCommand] =
    [.deviceInformation, .setTime(time), .listFiles, .read(offset: 0x0403_0201), .stopReading]
    + ViatomCommand.File.allCases.map { .startReading($0) }
  /// Cuff, reset, erase: see ``ViatomCommand``.
  static let never: [UInt8] = [0x04, 0x09, 0x0A, 0x24, 0x25, 0x39, 0xE2, 0xE3]

  /// The checksums by long division, elsewhere than in the encoder.
  @Test func packets() throws {
    let expected = [
      "a5e11e00010000", "a5ec130001 0700 ea070305 08142d", "a5f10e00010000", "a5f30c0001 0400 01020304",
      "a5f40b00010000",
      "a5f20d0001 1400 62 70 32 6e 69 62 70 2e 6c 69 73 74 00000000 00000000",
    ]
    for (command, hex) in zip(Self.commands, expected) {
      let packet = try Hexadecimal.bytes(hex)
      #expect(command.bytes(sequenceNumber: 1) == packet + [VendorOracleTests.crc8(packet)])
    }
    #expect(VendorOracleTests.crc8(Array("123456789".utf8)) == 0xF4)
  }

  /// What must never be sent has no op code, and no encoder makes it, whatever its arguments.
  @Test func neverSent() {
    for opCode in Self.never { #expect(ViatomCommand.OpCode(rawValue: opCode) == nil) }
    #expect(Set(Self.commands.map(\.opCode)) == Set(ViatomCommand.OpCode.allCases), "a command is not tried here")
    for command in Self.commands {
      for sequenceNumber in UInt8.min...UInt8.max {
        let packet = command.bytes(sequenceNumber: sequenceNumber)
        #expect(!Self.never.contains(packet[1]))
        #expect(packet[1] == command.opCode.rawValue && packet[2] == ~packet[1])
      }
    }
    var random = SplitMix64(seed: OracleTests.seed)
    for _ in 0..<2_000 {
      let command: ViatomCommand =
        random.below(2) == 0
        ? .read(offset: UInt32(truncatingIfNeeded: random.next()))
        : .setTime(
          DateTime(
            year: UInt16(truncatingIfNeeded: random.next()), month: random.octets(1)[0], day: random.octets(1)[0],
            hours: random.octets(1)[0], minutes: random.octets(1)[0], seconds: random.octets(1)[0]))
      #expect(!Self.never.contains(command.bytes(sequenceNumber: random.octets(1)[0])[1]))
    }
  }

  @Test func answers() throws {
    let golden = try GoldenValue.all(in: "vendor_golden.txt").filter { $0.uuid == "viatom-packet" }.map(\.bytes)
    let size = try ViatomPacket(golden[0])
    #expect(size.fileSize == 165 && size.refusal == nil && size.sequenceNumber == 3)
    let refused = try ViatomPacket(golden[1])
    #expect(refused.refusal == 0xE1 && refused.fileSize == nil)
    #expect(throws: DecodingFailure.checksum(field: "CRC", offset: golden[0].count - 1)) {
      try ViatomPacket(golden[0].dropLast() + [golden[0].last! ^ 1])
    }
  }

  @Test func reassembly() throws {
    let golden = try GoldenValue.all(in: "vendor_golden.txt").filter { $0.uuid == "viatom-packet" }.map(\.bytes)
    let whole = golden.flatMap { $0 }
    for cut in 1...whole.count {
      var assembler = ViatomPacket.assembler()
      var found: [[UInt8]] = []
      for start in stride(from: 0, to: whole.count, by: cut) {
        found += try assembler.append(Array(whole[start..<min(start + cut, whole.count)]))
      }
      #expect(found == golden, "cut at \(cut)")
    }
    var assembler = ViatomPacket.assembler()
    #expect(throws: DecodingFailure.outOfRange(field: "Length", offset: 5, value: 2049, expected: "0–2048 octets")) {
      try assembler.append([0xA5, 0xF3, 0x0C, 1, 0, 0x01, 0x08])
    }
    #expect(
      throws: DecodingFailure.outOfRange(field: "Complement of Command", offset: 2, value: 0x0D, expected: "12")
    ) { try assembler.append([0xA5, 0xF3, 0x0D, 1, 0, 0, 0]) }
    #expect(assembler.waiting == 0)
  }

  @Test func records() throws {
    let golden = try #require(try GoldenValue.all(in: "vendor_golden.txt").first { $0.uuid == "viatom-bp-file" })
    let file = try ViatomBloodPressureFile(golden.bytes)
    #expect(file.emptyPlaces == 1)
    #expect(file.records.map(\.systolic) == [131, 119] && file.records.map(\.diastolic) == [82, 76])
    #expect(file.records.map(\.meanArterialPressure) == [98, 90] && file.records.map(\.pulseRate) == [69, 63])
    #expect(file.records.map(\.irregularPulse) == [true, false] && file.records.map(\.userID) == [1001, 1002])
    #expect(throws: DecodingFailure.truncated(field: "Record 3: Padding", offset: 105, need: 16, have: 15)) {
      try ViatomBloodPressureFile(golden.bytes.dropLast())
    }
  }

  @Test func filesAndDevice() throws {
    let golden = try GoldenValue.all(in: "vendor_golden.txt")
    let files = try #require(golden.first { $0.uuid == "viatom-files" })
    #expect(try ViatomFileList(payload: files.bytes).names == ["bp2nibp.list", "bp2ecg.list"])
    let device = try #require(golden.first { $0.uuid == "viatom-device" })
    #expect(try ViatomDeviceInformation(payload: device.bytes).clock == Self.time)
    #expect(throws: DecodingFailure.malformedText(field: "File Name", offset: 2)) {
      try ViatomFileList(payload: [1, 0x61, 0xE9] + [UInt8](repeating: 0, count: 14))
    }
  }
}

@Suite struct NotificationTests {
  @Test func etekcity() throws {
    let zeros = [UInt8](repeating: 0, count: 9)
    #expect(
      try EtekcityNotification([0xA5, 0x22, 0x02, 0x13, 0x00] + zeros + [2, 119, 0, 76, 0, 0])
        == .pressures(user: 2, systolic: 119, diastolic: 76))
    #expect(try EtekcityNotification([0, 66, 0, 4, 0]) == .pulse(rate: 66, flags: 4))
    #expect(try EtekcityNotification([0, 66, 0, 4, 0]).json.text.hasSuffix(#""irregularPulse":true}"#))
    #expect(
      try EtekcityNotification([0xA5, 0x22, 0x02, 0x0A, 0x00] + zeros + [0, 0]) == .failure(code: 1))
    #expect(
      try EtekcityNotification([0xA5, 0x02, 0x01, 0x07, 0x00] + zeros.prefix(8)) == .displayUnit(.millimetreOfMercury))
    #expect(throws: DecodingFailure.trailing(field: "Frame", offset: 20, count: 5)) {
      try EtekcityNotification([0xA5, 0x22, 0x02, 0x13, 0x00] + zeros + zeros + [0, 0])
    }
    #expect(throws: DecodingFailure.truncated(field: "Frame", offset: 0, need: 5, have: 4)) {
      try EtekcityNotification([0, 66, 0, 4])
    }
    #expect(throws: DecodingFailure.truncated(field: "Header", offset: 3, need: 1, have: 0)) {
      try EtekcityNotification([0xA5, 0x22, 0x02])
    }
    #expect(
      throws: DecodingFailure.outOfRange(
        field: "Header", offset: 1, value: 3, expected: "the start of a known frame")
    ) { try EtekcityNotification([0xA5, 0x03, 0x02, 0x0A, 0x00]) }
  }

  @Test func yonker() throws {
    let measurement = try YonkerMeasurement(Hexadecimal.bytes("81774c42 0001 05031a0814 00000000"))
    #expect(measurement.systolic == 119 && measurement.diastolic == 76 && measurement.pulseRate == 66)
    #expect(measurement.timeStamp == DateTime(year: 2026, month: 3, day: 5, hours: 8, minutes: 20, seconds: 0))
    #expect(
      throws: DecodingFailure.outOfRange(
        field: "Frame Type", offset: 0, value: 0x80, expected: "129 (0x81, a result)")
    ) { try YonkerMeasurement([0x80, 0, 99]) }
  }

  @Test func advertisements() throws {
    let three = try PolarHeartRateAdvertisement(manufacturerData: [0x16, 0x44, 66])
    #expect(three.heartRate == 66 && three.fastHeartRate == nil && three.sensorContact && three.counter == 5)
    let four = try PolarHeartRateAdvertisement(manufacturerData: [0x2F, 0x16, 65, 68])
    #expect(four.heartRate == 68 && four.fastHeartRate == 65)
    let section = try PolarHeartRateAdvertisement(manufacturerData: [0x72, 2, 9, 9, 0x33, 0, 62])
    #expect(section.heartRate == 62 && section.trailing.isEmpty)
    #expect(throws: DecodingFailure.truncated(field: "Flags", offset: 4, need: 1, have: 0)) {
      try PolarHeartRateAdvertisement(manufacturerData: [0x72, 2, 9, 9])
    }
    #expect(PolarHeartRateAdvertisement.company == 107)
    let armband = try XOSSHeartRateAdvertisement(manufacturerData: [1, 87, 6, 66])
    #expect(armband.heartRate == 66 && armband.battery == 87)
    #expect(throws: DecodingFailure.trailing(field: "Heart Rate", offset: 4, count: 1)) {
      try XOSSHeartRateAdvertisement(manufacturerData: [1, 87, 6, 66, 0])
    }
  }

  /// A failure is logged: what it says of a damaged frame tells nothing of the measurement in it.
  @Test func checksumDescribesItself() {
    #expect(
      DecodingFailure.checksum(field: "CRC", offset: 11).description
        == "CRC: does not match the octets around it, at offset 11. "
        + "The value was damaged on its way: ask for it again.")
    #expect(DecodingFailure.checksum(field: "CRC", offset: 11).offset == 11)
  }
}
