import Devices
import Foundation
import Observations
import Testing
import USBHost

/// The cuffs on a cable that answer in reports of their own: two of Beurer's, and an Omron's memory. What they answer is made
/// from bmdump, bmtoolkit and obpm, and the readings are nobody's.
@Suite struct USBCuffVisitTests {
  enum Model: String, CaseIterable {
    case bm58 = "beurer/bm58"
    case bm96 = "beurer/bm96"
    case omron = "omron/hem-7322u"
    case microlife = "microlife/bp-b3-comfort-pc"
    case microlifeText = "microlife/bp3gx1-5x"
    case contec = "contec/08a"
  }

  /// Systolic, diastolic, mean of the one that gives it, pulse, user; -1 where it does not say.
  static let expected: [Model: [[Int]]] = [
    .bm58: [[128, 80, 64, 1], [225, 90, 72, 2], [130, 81, 65, 1]],
    .bm96: [[128, 78, 64, 1], [121, 77, 60, 1], [180, 90, 72, 2]],
    .omron: [[128, 80, 64, 1], [140, 85, 70, 1], [151, 95, 71, 2]],
    .microlife: [[131, 82, 63, 2], [145, 91, 70, 2]],
    .microlifeText: [[131, 82, 63, -1], [145, 91, 70, -1]],
    .contec: [[148, 85, 105, 72, 1], [135, 85, 101, 72, 1], [120, 80, 93, 61, 3]],
  ]

  /// By user: two of MarkMLl's own, none, and one by hand.
  static let contec: [[[UInt8]]] = [
    [
      [0x82, 0x80, 0x94, 0xD5, 0xC8, 0xE9, 0x97, 0x85, 0x80, 0x81, 0x8D, 0x89, 0x80, 0x91],
      [0x82, 0x80, 0x87, 0xD5, 0xC8, 0xE5, 0x97, 0x85, 0x80, 0x82, 0x8D, 0xAB, 0x80, 0x91],
    ],
    [],
    [[0x80, 0x80, 0xF8, 0xD0, 0xBD, 0xDD, 0x9A, 0x82, 0x80, 0x8E, 0x88, 0x85, 0x80, 0x91]],
  ]

  /// 2026-02-14 08:05 and 2026-02-15 21:30: 3F1488 is 63, 82 and 131 in ten bits each.
  static let microlifeText = [
    "2602140805" + "000000" + "03F14883" + "00000000", "2602152130" + "200000" + "04616C91" + "00000000",
  ]

  /// Reports of a Microlife that answers in text, whose owner has a name in it.
  static func microlifeText(_ records: [String]) -> [[UInt8]] {
    let count = String(records.count, radix: 16, uppercase: true)
    let zeros = String(repeating: "0", count: 4 - count.count)
    let name = "414E4E999999999999999999"
    let text = "\(zeros)\(count)0004\(name)\(records.joined())"
    let sum = text.utf8.reduce(0) { ($0 + Int($1)) % 256 }
    let digits = (sum < 16 ? "0" : "") + String(sum, radix: 16, uppercase: true)
    let octets: [UInt8] = [0x06] + Array(text.utf8) + Array(digits.utf8)
    // With a report that holds nothing, as such converters send.
    var reports: [[UInt8]] = [[0xF0, 0, 0, 0, 0, 0, 0, 0]]
    for start in stride(from: 0, to: octets.count, by: 7) {
      let part = octets[start..<min(start + 7, octets.count)]
      reports.append([0xF0 | UInt8(part.count)] + part + [UInt8](repeating: 0, count: 7 - part.count))
    }
    return reports
  }

  static let bm58: [[UInt8]] = [
    [0x67, 0x37, 0x40, 0x02, 0x0E, 0x0B, 0x1E, 0x1A],
    [0xC8, 0x41, 0x48, 0x82, 0x8F, 0x07, 0x2D, 0x9A],
    // A month 13.
    [0x69, 0x38, 0x41, 0x0D, 0x0E, 0x0B, 0x1F, 0x1A],
  ]
  /// By user. With an electrocardiogram.
  static let bm96: [[[UInt8]]] = [
    [
      [0, 0, 0, 1, 8, 5, 14, 2, 26, 2, 1, 128, 78, 64],
      [0, 1, 0, 2, 9, 0, 15, 2, 26, 0, 1, 70, 0, 0],
      [0, 2, 0, 1, 8, 6, 14, 2, 26, 2, 1, 121, 77, 60],
    ],
    [[1, 0, 0, 1, 23, 59, 31, 12, 25, 3, 0, 180, 90, 72]],
  ]
  /// A slot: 2026-02-14 11:`minute`:05.
  static func slot(_ systolic: UInt8, _ diastolic: UInt8, _ pulse: UInt8, minute: Int) -> [UInt8] {
    let time = 0x1000 | minute << 6 | 5
    return [diastolic, systolic - 25, 26, pulse, 0x09, 0xCB, UInt8(time >> 8), UInt8(time & 0xFF), 0, 0, 0, 0, 0, 0]
  }

  /// - Parameter slots: how many each user has room for.
  static func memory(_ slots: Int, second: [[UInt8]] = [slot(151, 95, 71, minute: 32)]) -> [UInt8] {
    let first = [slot(128, 80, 64, minute: 30), slot(140, 85, 70, minute: 31)]
    func bank(_ taken: [[UInt8]]) -> [UInt8] {
      taken.flatMap { $0 } + [UInt8](repeating: 0xFF, count: (slots - taken.count) * 14)
    }
    return bank(first) + bank(second)
  }

  /// A frame as the notes write it: 4D 3A, length, payload, sum.
  static func microlife(_ payload: [UInt8]) -> [[UInt8]] {
    let length = payload.count + 1
    var frame = [0x4D, 0x3A, UInt8(length >> 8), UInt8(length & 0xFF)] + payload
    frame.append(frame.reduce(0, &+))
    return stride(from: 0, to: frame.count, by: 7).map { start in
      let part = frame[start..<min(start + 7, frame.count)]
      // The upper half of the first octet has been seen set; the rest is left from before.
      return [0xF0 | UInt8(part.count)] + part + [UInt8](repeating: 0x55, count: 7 - part.count)
    }
  }

  /// Two of its second user, 2026-02-14 08:05 and 2026-02-15 21:30, the cuff on well.
  static let microlifeRecords: [UInt8] =
    [0, 0, 0, 2] + [UInt8](repeating: 0, count: 34) + [131, 82, 63, 26, 2, 14, 8, 5, 0x80, 0]
    + [145, 91, 70, 26, 2, 15, 21, 30, 0x80, 0]

  /// What MarkMLl's cuff was seen to answer; to the opening nobody has written down what.
  static func contecAnswer(_ report: [UInt8], _ users: [[[UInt8]]] = contec) -> [[UInt8]] {
    func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: 64 - bytes.count) }
    let hello: [UInt8] = [0x8F, 0xFF, 0xFE, 0xFD, 0xFC]
    if report == padded([0x40] + hello) { return [padded([0x4B, 0x40])] }
    if report == padded([0x42] + hello) { return [padded([0x48, 0x41, 0x02, 0x13, 0x01, 0x02])] }
    guard let user = (1...3).first(where: { report == padded([0x43, 0x41, 1, UInt8(3 + $0), 2]) }) else { return [] }
    let readings = users[user - 1]
    var header = [UInt8](repeating: 0x80, count: 14)
    (header[0], header[1], header[5]) = (0x46, 0x41, 0x82)
    header[4] |= UInt8(readings.count)
    header[13] |= UInt8(user)
    return [padded([0x4A, 0x43, 1]), padded(header)] + readings.map(padded)
  }

  static func cuff(
    _ model: Model, faults: [Int: USBReportCuff.Fault] = [:], hasOut: Bool = true, memory: [UInt8]? = nil,
    bm96: [[[UInt8]]] = bm96, bm58: [[UInt8]] = bm58, contec: [[[UInt8]]] = contec,
    microlifeText: [String] = microlifeText
  ) -> USBReportCuff {
    switch model {
    case .bm58:
      USBReportCuff(vendor: 0x0C45, product: 0x7406, packetSize: 8, hasOut: hasOut, faults: faults) { report in
        guard report.count == 8 else { return [] }
        func filled(_ bytes: [UInt8]) -> [[UInt8]] { [bytes + [UInt8](repeating: 0xF4, count: 8 - bytes.count)] }
        switch report[0] {
        case 0xAA: return filled([0x55])
        case 0xA2: return filled([UInt8(bm58.count)])
        case 0xA3 where 1...bm58.count ~= Int(report[1]): return [bm58[Int(report[1]) - 1]]
        default: return []
        }
      }
    case .bm96:
      USBReportCuff(vendor: 0x314A, product: 0x0102, packetSize: 64, hasOut: hasOut, faults: faults) { report in
        guard report.count == 8 else { return [] }
        let nothing = [UInt8](repeating: 0xF4, count: 64)
        func padded(_ bytes: [UInt8]) -> [[UInt8]] {
          [nothing, bytes + [UInt8](repeating: 0x77, count: 64 - bytes.count)]
        }
        switch report[0] {
        case 0xAA: return padded([0x55])
        case 0xA2: return padded(bm96.map { UInt8($0.count) })
        case 0xA3 where report[1] < 2 && Int(report[2]) < bm96[Int(report[1])].count:
          return padded(bm96[Int(report[1])][Int(report[2])])
        default: return []
        }
      }
    case .microlife:
      USBReportCuff(vendor: 0x04D9, product: 0xB554, packetSize: 8, hasOut: hasOut, faults: faults) { report in
        switch report {
        case [6, 0x4D, 0xFF, 0x00, 0x02, 0x05, 0x53, 0]:
          return microlife(
            [0x05, 0x02] + [UInt8](repeating: 0x20, count: 20) + [0] + [UInt8](repeating: 0x20, count: 20))
        case [6, 0, 0, 0, 0, 0xFD, 0x52, 0]: return microlife(microlifeRecords)
        default: return []
        }
      }
    case .microlifeText:
      USBReportCuff(vendor: 0x04B4, product: 0x5500, packetSize: 8, hasOut: hasOut, faults: faults) { report in
        report == [4, 0x12, 0x16, 0x18, 0x22, 0, 0, 0] ? Self.microlifeText(microlifeText) : []
      }
    case .contec:
      USBReportCuff(vendor: 0x0483, product: 0x5750, packetSize: 64, hasOut: hasOut, faults: faults) { report in
        contecAnswer(report, contec)
      }
    case .omron:
      USBReportCuff(vendor: 0x0590, product: 0x0090, packetSize: 64, hasOut: hasOut, faults: faults) { report in
        let memory = memory ?? Self.memory(100)
        guard report.count == 9, report[0] == 2, report.dropFirst().reduce(0, ^) == 0 else { return [] }
        var frame: [UInt8]
        switch (report[2], report[3]) {
        case (0, 0): frame = [8, 0x80, 0, 0, 0, 0x10, 0]
        case (1, 0):
          let start = (Int(report[4]) << 8 | Int(report[5])) - 0x02AC
          let end = start + Int(report[6])
          guard start >= 0, end <= memory.count else {
            frame = [8, 0x81, 0, report[4], report[5], report[6], 0xE3]
            break
          }
          frame = [report[6] + 8, 0x81, 0, report[4], report[5], report[6]] + memory[start..<end] + [0]
        case (0x0F, 0): frame = [8, 0x8F, 0, 0, 0, 0, 0]
        default: return []
        }
        frame.append(frame.reduce(0, ^))
        return [[1] + frame + [UInt8](repeating: 0, count: 63 - frame.count)]
      }
    }
  }

  /// Read once: there are some hundreds of visits.
  static let library = ProfileLibrary.load([EveryProfileTests.directory]).library

  static func visit(
    _ cuff: USBReportCuff, _ model: Model, _ memory: OmronUSBVisitTests.Memory, constants: [String: Decimal] = [:]
  ) async throws -> SessionEnd {
    let match = try #require(DeviceMatcher(library).match(cuff.device))
    #expect(match.profile.name == model.rawValue)
    let interface = try #require(cuff.device.interface(ofClass: match.driver.interfaceClass))
    var given = constants
    if model == .omron, given["slots"] == nil { given["slots"] = 100 }
    return await match.driver.run(
      USBSession(
        device: DeviceID(rawValue: "usb:\(cuff.device.model)"), profile: match.profile, channel: cuff,
        interface: interface, isSimulated: false, receivedNow: { Date(timeIntervalSince1970: 1_790_000_000) },
        timeZone: TimeZone(secondsFromGMT: 0) ?? .current, sink: memory, constants: given))
  }

  static func sorted(_ readings: [[Int]]) -> [[Int]] { readings.sorted { $0.lexicographicallyPrecedes($1) } }

  @Test("its readings once; a second visit stores none", arguments: Model.allCases, [true, false])
  func once(model: Model, hasOut: Bool) async throws {
    let memory = OmronUSBVisitTests.Memory()
    for _ in 0..<2 {
      let cuff = Self.cuff(model, hasOut: hasOut)
      #expect(try await Self.visit(cuff, model, memory) == .idle)
      #expect(Self.sorted(await memory.readings) == Self.sorted(try #require(Self.expected[model])))
      // It is told the end and nothing that could change it.
      let words = await cuff.heard.map { model == .omron ? Array($0[2...3]) : [$0[0]] }
      let known: [[UInt8]] =
        switch model {
        case .omron: [[0, 0], [1, 0], [0x0F, 0]]
        case .microlife: [[7], [6]]
        case .microlifeText: [[4]]
        case .contec: [[0x40], [0x42], [0x43]]
        case .bm58, .bm96: [[0xAA], [0xA2], [0xA3], [0xF7]]
        }
      #expect(Set(words) == Set(known))
      #expect(words.last == known.last)
      let value: UInt16 = model == .omron ? 0x0202 : 0x0200
      #expect(Set(await cuff.controls.map(\.value)) == (hasOut ? [] : [value]))
    }
    #expect(await memory.duplicates == 0)
    #expect(await memory.undecodable == [])
    #expect(await memory.stored.allSatisfy { $0.provenance.authentication == .wired })
  }

  @Test("unplugged at each transfer in turn, it says so, and the next visit completes", arguments: Model.allCases)
  func unplugged(model: Model) async throws {
    let whole = Self.cuff(model)
    _ = try await Self.visit(whole, model, OmronUSBVisitTests.Memory())
    let count = await whole.transferCount
    #expect(count > 10)
    for index in 0..<count {
      let memory = OmronUSBVisitTests.Memory()
      let end = try await Self.visit(Self.cuff(model, faults: [index: .removed]), model, memory)
      #expect(
        end == .linkEnded(reason: "the device was unplugged") || (end == .idle && index == count - 1),
        "transfer \(index): \(end)")
      #expect(try await Self.visit(Self.cuff(model), model, memory) == .idle)
      #expect(Self.sorted(await memory.readings) == Self.sorted(try #require(Self.expected[model])), "at \(index)")
      #expect(await memory.duplicates == 0)
    }
  }

  @Test(
    "one fault at each transfer in turn costs nothing",
    arguments: Model.allCases, [USBReportCuff.Fault.stalled, .silent, .short, .overflow])
  func faults(model: Model, fault: USBReportCuff.Fault) async throws {
    let whole = Self.cuff(model)
    _ = try await Self.visit(whole, model, OmronUSBVisitTests.Memory())
    for index in 0..<(await whole.transferCount) {
      let memory = OmronUSBVisitTests.Memory()
      // Of a BM96's empty reports one octet is as good as all.
      let end = try await Self.visit(
        Self.cuff(model, faults: [index: fault]), model, memory, constants: ["answer-limit": 0.05])
      #expect(end == .idle, "\(fault) at \(index)")
      #expect(
        Self.sorted(await memory.readings) == Self.sorted(try #require(Self.expected[model])), "\(fault) at \(index)")
      #expect(await memory.undecodable == [], "\(fault) at \(index)")
    }
  }

  /// The first question that a visit cannot do without.
  static func first(_ model: Model) -> String {
    [.microlife, .microlifeText].contains(model) ? "Asking for its records" : "Opening the cuff's memory"
  }

  @Test("a cuff that never answers costs a bounded number of transfers", arguments: Model.allCases)
  func silent(model: Model) async throws {
    let cuff = USBReportCuff(
      vendor: Self.cuff(model).device.vendor, product: Self.cuff(model).device.product, packetSize: 64
    ) { _ in [] }
    let end = try await Self.visit(cuff, model, OmronUSBVisitTests.Memory())
    #expect(end == .noAnswer(to: Self.first(model)))
    #expect(await cuff.transferCount < 20)
  }

  @Test("reports that are longer than declared are said to be so", arguments: Model.allCases)
  func long(model: Model) async throws {
    let cuff = USBReportCuff(
      vendor: Self.cuff(model).device.vendor, product: Self.cuff(model).device.product, packetSize: 64
    ) { _ in [[UInt8](repeating: 0x55, count: 100)] }
    let end = try await Self.visit(cuff, model, OmronUSBVisitTests.Memory())
    let reason = "A report was longer than the device had declared."
    #expect(end == .damaged(what: Self.first(model), reason: reason))
  }

  // MARK: What each has of its own

  @Test("a Microlife that does not say who is chosen is read, and its records say no user")
  func nobodyChosen() async throws {
    let memory = OmronUSBVisitTests.Memory()
    let cuff = USBReportCuff(vendor: 0x04D9, product: 0xB554, packetSize: 8) { report in
      report == [6, 0, 0, 0, 0, 0xFD, 0x52, 0] ? Self.microlife(Self.microlifeRecords) : []
    }
    #expect(try await Self.visit(cuff, .microlife, memory, constants: ["answer-limit": 0.05]) == .idle)
    #expect(await memory.stored.map(\.userSlot) == [nil, nil])
    #expect(
      await memory.stored.map(\.provenance.deviceTime?.verbatim) == ["2026-02-14T08:05:00", "2026-02-15T21:30:00"])
  }

  @Test("an Omron that may be either model gives what is the first user's on both, and says why not more")
  func eitherModel() async throws {
    for slots in [60, 100] {
      let memory = OmronUSBVisitTests.Memory()
      // The 7322U's second user begins at its hundredth slot, inside what is looked at.
      let cuff = Self.cuff(.omron, memory: Self.memory(slots))
      let end = try await Self.visit(cuff, .omron, memory, constants: ["slots": 0])
      guard case .requestFailed("Reading the second user's readings", let reason) = end else {
        Issue.record("\(slots): \(end)")
        continue
      }
      #expect(reason.contains("constants.slots"))
      #expect(await memory.readings == [[128, 80, 64, 1], [140, 85, 70, 1]])
      // Told which it is, it gives the rest, and nothing twice.
      let told = Self.cuff(.omron, memory: Self.memory(slots))
      #expect(try await Self.visit(told, .omron, memory, constants: ["slots": Decimal(slots)]) == .idle)
      #expect(await memory.readings == Self.expected[.omron])
      #expect(await memory.duplicates == 0)
    }
  }

  @Test("an Omron whose second user has nothing needs no telling")
  func oneUser() async throws {
    for slots in [60, 100] {
      let memory = OmronUSBVisitTests.Memory()
      let cuff = Self.cuff(.omron, memory: Self.memory(slots, second: []))
      #expect(try await Self.visit(cuff, .omron, memory, constants: ["slots": 0]) == .idle)
      #expect(await memory.readings == [[128, 80, 64, 1], [140, 85, 70, 1]])
    }
  }

  @Test("a BM96's readings that have moved in its memory are known")
  func moved() async throws {
    let memory = OmronUSBVisitTests.Memory()
    _ = try await Self.visit(Self.cuff(.bm96), .bm96, memory)
    var rows = Self.bm96
    rows[0].insert([0, 0, 0, 1, 8, 7, 16, 2, 26, 2, 1, 133, 79, 66], at: 0)
    for index in rows[0].indices { rows[0][index][1] = UInt8(index) }
    #expect(try await Self.visit(Self.cuff(.bm96, bm96: rows), .bm96, memory) == .idle)
    #expect(await memory.readings.count == 4)
    #expect(await memory.readings.last == [133, 79, 66, 1])
  }

  @Test("a row of a kind that nobody knows, or of another user, is kept as it came and costs no other")
  func unreadable() async throws {
    let memory = OmronUSBVisitTests.Memory()
    var rows = Self.bm96
    rows[0][0][3] = 3
    rows[1][0][0] = 0
    #expect(try await Self.visit(Self.cuff(.bm96, bm96: rows), .bm96, memory) == .idle)
    #expect(await memory.readings == [[121, 77, 60, 1]])
    let kept = await memory.undecodable
    #expect(kept.map { Array($0.bytes.prefix(14)) } == [rows[0][0], rows[1][0]])
    #expect(kept.first?.reason.hasPrefix("Type") == true && kept.last?.reason.hasPrefix("User") == true)
  }

  @Test("the bits of a Beurer that depend on the model are told where the profile says what they are")
  func flags() async throws {
    for (constants, flags): ([String: Decimal], Set<MeasurementFlag>) in [
      ([:], [.irregularPulse]), (["month-flag-is-movement": 1], [.irregularPulse, .bodyMovement]),
      (["year-flag-is-irregular": 0], []),
    ] {
      let memory = OmronUSBVisitTests.Memory()
      _ = try await Self.visit(Self.cuff(.bm58), .bm58, memory, constants: constants)
      let stored = await memory.stored
      #expect(stored.map(\.flags) == [[], flags, []])
      #expect(stored.map(\.effective.basis) == [.deviceClockUnchecked, .deviceClockUnchecked, .betweenVisits])
      #expect(stored.last?.marks == [.clockUnusable])
    }
  }

  @Test("two readings of one minute that are the same are two, at each visit")
  func equal() async throws {
    let memory = OmronUSBVisitTests.Memory()
    for _ in 0..<2 {
      _ = try await Self.visit(Self.cuff(.bm58, bm58: [Self.bm58[0], Self.bm58[0]]), .bm58, memory)
      #expect(await memory.readings == [[128, 80, 64, 1], [128, 80, 64, 1]])
    }
    #expect(await memory.duplicates == 0)
  }

  // MARK: Contec and the Microlife that answers in text

  @Test("a Contec's reading whose systolic pressure is disputed is kept as it came, and costs no other")
  func disputed() async throws {
    let memory = OmronUSBVisitTests.Memory()
    var readings = Self.contec
    // 120 mmHg by the mean pressure, 248 by the octet in front.
    readings[2].insert([0x82] + readings[2][0].dropFirst(), at: 0)
    #expect(try await Self.visit(Self.cuff(.contec, contec: readings), .contec, memory) == .idle)
    #expect(Self.sorted(await memory.readings) == Self.sorted(try #require(Self.expected[.contec])))
    let kept = await memory.undecodable
    #expect(kept.map(\.bytes) == [readings[2][0]])
    #expect(kept.first?.reason.hasPrefix("The systolic pressure cannot be told") == true)
  }

  @Test("two people who have the same in one minute have a reading each, at each visit")
  func samePressures() async throws {
    let memory = OmronUSBVisitTests.Memory()
    let reading = Self.contec[0][0]
    for _ in 0..<2 {
      let cuff = Self.cuff(.contec, contec: [[reading], [reading], []])
      #expect(try await Self.visit(cuff, .contec, memory) == .idle)
      #expect(await memory.readings == [[148, 85, 105, 72, 1], [148, 85, 105, 72, 2]])
    }
  }

  @Test("a hundred readings of each user")
  func fullContec() async throws {
    let memory = OmronUSBVisitTests.Memory()
    let readings = [UInt8](1...3).map { user in
      [UInt8](0..<100).map { number -> [UInt8] in
        // 10x/70, mean 82.
        let pressures: [UInt8] = [0x80, 0x80, 0xE4 + user, 0xC6, 0xBC, 0xD2, 0x9A, 0x83]
        let time: [UInt8] = [0x80, 0x81, 0x80 + number / 60, 0x80 + number % 60, 0x80, 0x91]
        return pressures + time
      }
    }
    #expect(try await Self.visit(Self.cuff(.contec, contec: readings), .contec, memory) == .idle)
    #expect(await memory.readings.count == 300)
    #expect(await memory.undecodable.isEmpty)
  }

  @Test("a device with a Contec's identifiers that is none is asked nothing more")
  func stranger() async throws {
    let cuff = USBReportCuff(vendor: 0x0483, product: 0x5750, packetSize: 64) { report in
      [[report[0] == 0x42 ? 0x48 : 0x01, 0x07, 0, 0] + [UInt8](repeating: 0, count: 60)]
    }
    let end = try await Self.visit(cuff, .contec, OmronUSBVisitTests.Memory(), constants: ["answer-limit": 0.05])
    guard case .damaged("Asking the cuff what it is", let reason) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(reason.contains("Contec 08A"))
    #expect(Set(await cuff.heard.map { $0[0] }) == [0x40, 0x42])
  }

  @Test("a Contec that is switched off says how to go on")
  func switchedOff() async throws {
    let cuff = USBReportCuff(vendor: 0x0483, product: 0x5750, packetSize: 64) { report in
      let answer: [UInt8] = report[0] == 0x43 ? [0x4A, 0x43, 0x00] : [0x48, 0x41, 0x02, 0x13]
      return [answer + [UInt8](repeating: 0, count: 64 - answer.count)]
    }
    let end = try await Self.visit(cuff, .contec, OmronUSBVisitTests.Memory())
    guard case .requestFailed("Reading the cuff's memory", let reason) = end else {
      Issue.record("\(end)")
      return
    }
    #expect(reason.contains("switched off"))
  }

  @Test("a user of whom a Contec says nothing costs no other, and is said")
  func silentUser() async throws {
    let memory = OmronUSBVisitTests.Memory()
    let cuff = USBReportCuff(vendor: 0x0483, product: 0x5750, packetSize: 64) { report in
      report[0] == 0x43 && report[3] == 5 ? [] : Self.contecAnswer(report)
    }
    let end = try await Self.visit(cuff, .contec, memory, constants: ["answer-limit": 0.05])
    #expect(end == .noAnswer(to: "Asking for the readings of user 2"))
    #expect(Self.sorted(await memory.readings) == Self.sorted(try #require(Self.expected[.contec])))
  }

  @Test("a Microlife's record that cannot be read is kept as it came; an undated one is the period's")
  func textRecords() async throws {
    let memory = OmronUSBVisitTests.Memory()
    let records = [
      Self.microlifeText[0], "2602140806" + "000000" + "03F14800" + "00000000",
      "0000000000" + "000000" + "04616C92" + "00000000",
    ]
    let cuff = Self.cuff(.microlifeText, microlifeText: records)
    #expect(try await Self.visit(cuff, .microlifeText, memory) == .idle)
    #expect(await memory.readings == [[131, 82, 63, -1], [146, 91, 70, -1]])
    #expect(await memory.undecodable.map(\.bytes) == [Array(records[1].utf8)])
    #expect(await memory.stored.map(\.effective.basis) == [.deviceClockUnchecked, .betweenVisits])
    // What a person has called herself is in nothing that is kept.
    #expect(await memory.stored.allSatisfy { $0.provenance.bytes.count == 32 })
  }

  @Test("a Microlife's whole memory, 200 records")
  func fullText() async throws {
    let memory = OmronUSBVisitTests.Memory()
    let records = (0..<200).map { number in
      let minute = (number % 60 < 10 ? "0" : "") + "\(number % 60)"
      return "26030108\(minute)00000003F148\(String(100 + number / 60, radix: 16))00000000"
    }
    let cuff = Self.cuff(.microlifeText, microlifeText: records)
    #expect(try await Self.visit(cuff, .microlifeText, memory) == .idle)
    #expect(await memory.readings.count == 200)
  }
}
