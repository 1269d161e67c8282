/// What an Etekcity (Transtek) TMB-1583-BS notifies on 0xFFF1: the unit of its display, the pressures, and the pulse, which
/// completes the measurement; or an error in the place of the last two. A frame is known by its first octets and its size.
///
/// The trap: the pressures' frame says a size of its own that reaches over the five octets of the pulse's, so that the two
/// look like one message cut at 20 octets. Known are they only with the smallest ATT_MTU, 23; a gateway should not ask
/// this device for a larger one.
/// Source: home-health-hub/etekcity-bp-ble.
package enum EtekcityNotification: Hashable, Sendable {
  /// The unit that the display shows. The pressures are in mmHg whatever it is.
  case displayUnit(PressureUnit)
  /// mmHg, and the place of the user on the device.
  case pressures(user: UInt8, systolic: UInt8, diastolic: UInt8)
  /// Per minute. `flags` bit 0: the body moved; 0x04 and nothing else: the pulse was irregular.
  case pulse(rate: UInt8, flags: UInt8)
  /// The measurement failed; the display shows E01 for 1.
  case failure(code: Int)

  private static let kinds: [(start: [UInt8], size: Int)] = [
    ([0xA5, 0x02, 0x01, 0x07, 0x00], 13), ([0xA5, 0x22, 0x02, 0x13, 0x00], 20), ([0xA5, 0x22, 0x02, 0x0A, 0x00], 16),
    ([0x00], 5),
  ]

  /// - Throws: ``DecodingFailure/outOfRange(field:offset:value:expected:)`` for `Header`, with the first octet that begins no
  ///   known frame; ``DecodingFailure/truncated(field:offset:need:have:)`` for `Header` or `Frame`;
  ///   ``DecodingFailure/trailing(field:offset:count:)`` for `Frame`.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var possible = Self.kinds
    var offset = 0
    while let kind = possible.first, offset < kind.start.count {
      guard offset < bytes.count else {
        throw .truncated(field: "Header", offset: offset, need: 1, have: 0)
      }
      possible.removeAll { $0.start.count <= offset || $0.start[offset] != bytes[offset] }
      guard !possible.isEmpty else {
        throw .outOfRange(
          field: "Header", offset: offset, value: Int(bytes[offset]), expected: "the start of a known frame")
      }
      offset += 1
    }
    var reader = ByteReader(bytes)
    let frame = try reader.octets(possible[0].size, "Frame")
    try reader.end(after: "Frame")
    self =
      switch frame.count {
      case 13: .displayUnit(frame[10] == 0x01 ? .kilopascal : .millimetreOfMercury)
      case 20: .pressures(user: frame[14], systolic: frame[15], diastolic: frame[17])
      case 16: .failure(code: Int(frame[15]) + 1)
      default: .pulse(rate: frame[1], flags: frame[3])
      }
  }

  package var json: JSON {
    switch self {
    case .displayUnit(let unit): .object([.init("displayUnit", .string(unit.rawValue))])
    case .pressures(let user, let systolic, let diastolic):
      .object([
        .init("user", .integer(Int(user))), .init("systolic", .integer(Int(systolic))),
        .init("diastolic", .integer(Int(diastolic))),
      ])
    case .pulse(let rate, let flags):
      .object([
        .init("pulseRate", .integer(Int(rate))), .init("flags", .integer(Int(flags))),
        .init("bodyMovement", .boolean(flags & 0x01 != 0)), .init("irregularPulse", .boolean(flags == 0x04)),
      ])
    case .failure(let code): .object([.init("failure", .integer(code))])
    }
  }
}
