/// A blood pressure as an Omron cuff stores it in its memory. Source: userx14/omblepy, eigger/hass-omron, and records that
/// their users have published.
///
/// Only a slot of the wrong size is refused, see ``OmronSlot``. An impossible date and a wrong checksum are kept and said.
package struct OmronRecord: Hashable, Sendable {
  /// mmHg, 25–280.
  package let systolic: UInt16
  /// mmHg.
  package let diastolic: UInt8
  /// Per minute.
  package let pulseRate: UInt8
  /// On the cuff's clock. Seconds of 60–63, which cuffs do store, are 59 here. A month or day of 0 is *not known*; other
  /// impossible parts are in ``DateTime/implausibleFields``.
  package let dateTime: DateTime
  /// Bit 15 of the date's word, or bit 32 counted from the front of a slot with `big` words.
  package let upperFlag: Bool
  /// Bit 14 of the date's word, or bit 33 counted from the front of a slot with `big` words.
  package let lowerFlag: Bool
  /// Whether the cuff sat well. A cuff without that sensor may store either.
  package let cuffFit: Bool
  /// Bit 13 of the time's word. Disputed: hass-omron had it for the battery, and later for nothing that a memory map of
  /// Omron's names. Not to be told to anybody.
  package let batteryLow: Bool
  /// 0–3. On a wrist cuff how the arm was held, 0 meaning well; on an upper-arm cuff 1, 2, 3 count the measurements of an
  /// automatic series of three, and 0 is a single one.
  package let position: UInt8
  /// Counts up by one a record; nil with `big` words, where it has not been found.
  package let sequenceNumber: UInt16?
  package let checksum: OmronChecksum
  /// The slot as it was read.
  package let raw: [UInt8]
  package let layout: OmronRecordLayout

  /// - Parameter raw: as long as `layout` says.
  init(_ raw: [UInt8], _ layout: OmronRecordLayout) {
    let octets = layout.wordOrder.exchange(raw)
    func word(_ index: Int) -> UInt16 { UInt16(octets[index]) | UInt16(octets[index + 1]) << 8 }
    let (date, time) = (word(4), word(6))
    systolic = UInt16(octets[0]) + 25
    diastolic = octets[1]
    pulseRate = octets[2]
    dateTime = DateTime(
      year: 2000 + UInt16(layout.yearBits == .six ? octets[3] & 0x3F : octets[3]), month: UInt8(date >> 10 & 0x0F),
      day: UInt8(date >> 5 & 0x1F), hours: UInt8(date & 0x1F), minutes: UInt8(time >> 6 & 0x3F),
      seconds: UInt8(min(time & 0x3F, 59)))
    upperFlag = date & 1 << 15 != 0
    lowerFlag = date & 1 << 14 != 0
    cuffFit = time & 1 << 12 != 0
    batteryLow = time & 1 << 13 != 0
    position = UInt8(time >> 14)
    sequenceNumber = layout.wordOrder == .little ? word(10) : nil
    checksum = OmronChecksum(
      of: octets.dropLast(2), sum: octets[octets.count - 2], companion: octets[octets.count - 1])
    self.raw = raw
    self.layout = layout
  }

  /// Nil where the order of the flags is disputed and they differ: one of this and ``bodyMovement`` was found.
  package var irregularHeartbeat: Bool? {
    switch layout.flagOrder {
    case .movementAbove: lowerFlag
    case .irregularHeartbeatAbove: upperFlag
    case .disputed: upperFlag == lowerFlag ? upperFlag : nil
    }
  }

  /// Nil where ``irregularHeartbeat`` is.
  package var bodyMovement: Bool? {
    switch layout.flagOrder {
    case .movementAbove: upperFlag
    case .irregularHeartbeatAbove: lowerFlag
    case .disputed: upperFlag == lowerFlag ? upperFlag : nil
    }
  }

  /// The members of ``json`` that sources disagree about.
  package var disputed: [String] {
    (layout.flagOrder == .disputed ? ["irregularHeartbeat", "bodyMovement"] : []) + ["batteryLow"]
  }

  package var json: JSON {
    func flag(_ value: Bool?) -> JSON { value.map { .boolean($0) } ?? .null }
    var members: [JSON.Member] = [
      .init("unit", .string(PressureUnit.millimetreOfMercury.rawValue)),
      .init("systolic", .integer(Int(systolic))),
      .init("diastolic", .integer(Int(diastolic))),
      .init("pulseRate", .integer(Int(pulseRate))),
      .init("dateTime", dateTime.json),
      .init("irregularHeartbeat", flag(irregularHeartbeat)),
      .init("bodyMovement", flag(bodyMovement)),
    ]
    if layout.flagOrder == .disputed {
      members += [.init("upperFlag", .boolean(upperFlag)), .init("lowerFlag", .boolean(lowerFlag))]
    }
    members += [
      .init("cuffFit", .boolean(cuffFit)),
      .init("batteryLow", .boolean(batteryLow)),
      .init("position", .integer(Int(position))),
      .init("disputed", .array(disputed.map { .string($0) })),
    ]
    if let sequenceNumber { members.append(.init("sequenceNumber", .integer(Int(sequenceNumber)))) }
    members += [.init("checksum", .string(checksum.rawValue)), .init("raw", .octets(raw))]
    return .object(members)
  }
}
