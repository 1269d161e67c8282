import Testing
import WireFormats

/// The commands of cuffs on a cable as other programs send them, and what no prefix or mutation shows.
@Suite struct USBCuffTests {
  static func octets(_ text: String) throws -> [UInt8] { try Hexadecimal.bytes(text) }

  @Test("a Beurer is asked as bmdump asks it")
  func beurerCommands() throws {
    #expect(BeurerHIDCommand.begin.bytes == (try Self.octets("aaf4f4f4f4f4f4f4")))
    #expect(BeurerHIDCommand.count.bytes == (try Self.octets("a2f4f4f4f4f4f4f4")))
    #expect(BeurerHIDCommand.reading(1).bytes == (try Self.octets("a301f4f4f4f4f4f4")))
    #expect(BeurerHIDCommand.userReading(user: 1, row: 0).bytes == (try Self.octets("a30100f4f4f4f4f4")))
    #expect(BeurerHIDCommand.end.bytes == (try Self.octets("f7f4f4f4f4f4f4f4")))
  }

  @Test("an Omron of the memory is asked as obpm asks it")
  func omronCommands() throws {
    #expect(OmronEEPROMReport.report(.start) == (try Self.octets("020800000000100018")))
    let block = try OmronFrame.read(address: 0x02AC, count: 0x28)
    #expect(OmronEEPROMReport.report(block) == (try Self.octets("0208010002ac28008f")))
    #expect(OmronEEPROMReport.report(.end) == (try Self.octets("02080f000000000007")))
    #expect(OmronEEPROMReport.abort == (try Self.octets("02080f0f0f0f000008")))
  }

  @Test("a BM96's reading is the same wherever it stands in the memory")
  func place() throws {
    let first = try BeurerBM96Record(try Self.octets("0003000108050e021a0201804e40"))
    let moved = try BeurerBM96Record(try Self.octets("0004070108050e021a0201804e40"))
    let other = try BeurerBM96Record(try Self.octets("0003000108060e021a0201804e40"))
    #expect(first.identifying == moved.identifying)
    #expect(first.identifying != other.identifying)
    #expect(first.raw != moved.raw)
  }

  @Test("a year that has its upper bit is no year 2154")
  func bits() throws {
    let record = try BeurerHIDRecord(try Self.octets("c84148828f072d9a"))
    #expect(record.systolic == 225 && record.diastolic == 90 && record.pulseRate == 72)
    #expect(record.dateTime == DateTime(year: 2026, month: 2, day: 15, hours: 7, minutes: 45, seconds: 0))
    #expect(record.user == 2 && record.monthFlag && record.yearFlag)
  }

  @Test("an older Microlife is asked as bpm_usb asks it, for its records and nothing else")
  func microlifeCommands() throws {
    #expect(MicrolifeTextCommand.records.bytes == [0x12, 0x16, 0x18, 0x22])
    let numbers = UInt8.min...UInt8.max
    #expect(numbers.filter { MicrolifeTextCommand(rawValue: $0) != nil } == [0x22])
  }

  // MARK: Contec

  @Test("a Contec is asked as the maker's program was seen to ask it")
  func contecCommands() throws {
    func padded(_ text: String) throws -> [UInt8] {
      let octets = try Self.octets(text)
      return octets + [UInt8](repeating: 0, count: 64 - octets.count)
    }
    #expect(ContecCommand.begin.bytes == (try padded("408ffffefdfc")))
    #expect(ContecCommand.identify.bytes == (try padded("428ffffefdfc")))
    #expect(ContecCommand.readings(.first).bytes == (try padded("434101040200")))
    #expect(ContecCommand.readings(.third).bytes == (try padded("434101060200")))
    // 0x41 is thought to clear the memory.
    let all = [.begin, .identify] + ContecCommand.User.allCases.map(ContecCommand.readings)
    #expect(Set(all.map { $0.bytes[0] }) == [0x40, 0x42, 0x43])
  }

  /// MarkMLl/contec08a: octets, and what the maker's program shows: systolic, diastolic, pulse, mean; day, hours, minutes.
  static let contecReadings: [(String, [Int?])] = [
    ("828094d5c8e9978580818d898091", [148, 85, 72, 105, 1, 13, 9]),
    ("828092d6baf1978580828a858091", [146, 86, 58, 113, 2, 10, 5]),
    ("828087d5c8e5978580828dab8091", [135, 85, 72, 101, 2, 13, 43]),
    ("82808ad4c2eb978580838b848091", [138, 84, 66, 107, 3, 11, 4]),
    ("828094dbc0f19981809c8c888091", [148, 91, 64, 113, 28, 12, 8]),
    ("82809dd9c3fb998380948c908091", [157, 89, 67, 123, 20, 12, 16]),
    ("828090dcc1f79985808f8a968091", [144, 92, 65, 119, 15, 10, 22]),
    ("828080d0bde29987808f8a818091", [128, 80, 61, 98, 15, 10, 1]),
  ]

  @Test("the readings of a real Contec, as the maker's program shows them", arguments: contecReadings)
  func contecReal(text: String, shown: [Int?]) throws {
    let reading = try ContecReading(try Self.octets(text))
    let time = reading.dateTime
    #expect(
      [reading.systolic, reading.diastolic, reading.pulseRate, reading.mean]
        + [Int(time.day), Int(time.hours), Int(time.minutes)] == shown)
    #expect(reading.disputed.isEmpty && time.isPlausible)
    // Without the upper bit it would be below the mean: there the mean pressure alone says which it is.
    var octets = try Self.octets(text)
    octets[0] = 0x80
    #expect(try ContecReading(octets).disputed == ["systolic"])
  }

  /// A reading of a made-up person. By the octets' layout, not by our code.
  static func contec(_ systolic: Int, _ diastolic: Int, _ mean: Int, pulse: Int = 60, bits: Int? = nil) -> [UInt8] {
    let numbers = [0, systolic, diastolic, pulse, mean, 26, 2]
    var upper = 0
    for (place, number) in numbers.enumerated() where number >= 128 { upper |= 1 << place }
    let all: [Int] = [bits ?? upper] + numbers + [0, 14, 8, 5, 0, 17]
    return all.map { UInt8($0 | 0x80) }
  }

  @Test("below 128 mmHg the octet in front and the mean pressure say so together")
  func contecBelow() throws {
    for (systolic, diastolic, mean) in [(120, 80, 93), (127, 85, 99), (101, 70, 83), (95, 55, 70), (110, 65, 80)] {
      let reading = try ContecReading(Self.contec(systolic, diastolic, mean))
      #expect([reading.systolic, reading.diastolic, reading.mean] == [systolic, diastolic, mean])
      // The octet in front says 128 mmHg more, and the mean pressure does not believe it.
      #expect(try ContecReading(Self.contec(systolic, diastolic, mean, bits: 0x02)).disputed == ["systolic"])
    }
  }

  /// Whatever a cuff may measure, no octet in front of it makes another systolic pressure of it that is told: either the true one,
  /// or none.
  @Test("of no blood pressure anything else is told, whichever the octet in front")
  func contecNeverGuesses() throws {
    var told = 0
    var all = 0
    for systolic in stride(from: 70, through: 250, by: 3) {
      for diastolic in stride(from: 40, to: min(systolic - 15, 127), by: 3) {
        let pulsePressure = systolic - diastolic
        for mean in [diastolic + pulsePressure / 3, diastolic + pulsePressure / 2] where mean < 128 {
          for bits in [0x00, 0x02] {
            let reading = try ContecReading(Self.contec(systolic, diastolic, mean, bits: bits))
            let isTrue = reading.systolic == nil || reading.systolic == systolic
            if !isTrue || reading.diastolic != diastolic || reading.mean != mean {
              Issue.record("\(systolic)/\(diastolic) (\(mean)), \(bits)")
            }
            if (bits == 0x02) == (systolic >= 128) {
              all += 1
              if reading.systolic != nil { told += 1 }
            }
          }
        }
      }
    }
    // Nor is nothing told: of those whose octet in front is right, nearly all.
    #expect(told > all * 95 / 100, "\(told) of \(all)")
  }

  @Test("a crisis is told: the mean and the diastolic pressure may need their upper bits")
  func contecHigh() throws {
    for (systolic, diastolic, mean) in [(190, 110, 137), (220, 130, 160), (240, 140, 173)] {
      let reading = try ContecReading(Self.contec(systolic, diastolic, mean))
      #expect([reading.systolic, reading.diastolic, reading.mean] == [systolic, diastolic, mean])
    }
  }

  @Test("a fast pulse is told as far as its octet cannot be a slow one")
  func contecPulse() throws {
    func pulse(_ rate: Int) throws -> Int? { try ContecReading(Self.contec(148, 85, 105, pulse: rate)).pulseRate }
    #expect(try pulse(127) == 127)
    #expect(try pulse(128) == 128)
    #expect(try pulse(157) == 157)
    #expect(try pulse(158) == nil)
    #expect(try ContecReading(Self.contec(148, 85, 105, pulse: 180)).disputed == ["pulseRate"])
  }

  @Test("a dump is put together whatever was left over before it, and a bad reading is one bad reading")
  func contecDump() throws {
    let heard: [UInt8] = [0x4A, 0x43, 0x01, 0]
    func header(_ user: UInt8, _ count: UInt8) -> [UInt8] {
      var octets = [UInt8](repeating: 0x80, count: 14)
      (octets[0], octets[1], octets[4], octets[5], octets[13]) = (0x46, 0x41, 0x80 | count, 0x82, 0x80 | user)
      return octets
    }
    let reading = Self.contec(120, 80, 93)
    var dump = ContecDump(of: .second)
    // The rest of one of the first user, one of the second that was cut off.
    for report in [reading, heard, header(1, 1), reading, heard, header(2, 2), reading, heard, header(2, 2), [0x82]] {
      #expect(try dump.append(report).map { _ in true } == nil)
    }
    let answer = try #require(try dump.append(reading))
    guard case .readings(let items) = answer else { throw DecodingFailure.checksum(field: "Items", offset: 0) }
    #expect(items.map(\.bytes) == [[0x82], reading])
    #expect((try? items[0].reading.get()) == nil)
    #expect(try items[1].reading.get().systolic == 120)
    // A user without readings, and a cuff that is switched off.
    #expect(try dump.append(heard).map { _ in true } == nil)
    guard case .readings(let none)? = try dump.append(header(2, 0)) else {
      throw DecodingFailure.checksum(field: "Items", offset: 0)
    }
    #expect(none.isEmpty)
    guard case .refused? = try dump.append([0x4A, 0x43, 0x00]) else {
      throw DecodingFailure.checksum(field: "Status", offset: 2)
    }
    #expect(throws: DecodingFailure.self) { try dump.append([0x4A]) }
    #expect(throws: DecodingFailure.self) {
      _ = try dump.append(heard)
      return try dump.append(header(2, 101))
    }
  }
}
