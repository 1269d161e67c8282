package import Foundation

/// One page of the ANT+ heart-rate profile (device type 120), eight octets. Sources: Tigge/openant
/// `ant/devices/heart_rate.py`; AntPlus `HeartRate.cs` and its unit tests.
///
/// A strap of the first generation has no pages: its first four octets mean nothing, and its toggle bit never changes. So
/// ``content`` counts only of a strap whose ``toggle`` was seen to change.
package struct ANTHeartRatePage: Hashable, Sendable {
  package static let deviceType: UInt8 = 120
  /// In 1/32768 s: about four messages a second.
  package static let period: UInt16 = 8070
  /// MHz above 2400.
  package static let frequency: UInt8 = 57

  package enum BatteryStatus: UInt8, Hashable, Sendable {
    case new = 1
    case good, ok, low, critical
  }

  /// What a page says besides the beats.
  package enum Content: Hashable, Sendable {
    /// Page 0: nothing.
    case standard
    /// Page 1, in seconds.
    case operatingTime(Int)
    /// Page 2; the serial number's lower half is the device number.
    case manufacturer(id: UInt8, serialUpperHalf: UInt16)
    /// Page 3.
    case product(hardware: UInt8, software: UInt8, model: UInt8)
    /// Page 4: when the beat before this one was, in 1/1024 s.
    case previousBeat(time: UInt16)
    /// Page 6, a bit for each kind of exercise.
    case capabilities(supported: UInt8, enabled: UInt8)
    /// Page 7: percent of full, volts; nil where it is not said.
    case battery(percent: Int?, volts: Decimal?, status: BatteryStatus?)
    case other
  }

  /// Seven bits.
  package let number: UInt8
  /// Changes every four messages.
  package let toggle: Bool
  /// Octets 1 to 3, whose meaning the page's number says.
  package let specific: [UInt8]
  /// When the last beat was, in 1/1024 s; goes around every 64 s.
  package let beatTime: UInt16
  /// Of all beats; goes around after 255.
  package let beatCount: UInt8
  /// Per minute; 0 is no data.
  package let heartRate: UInt8

  /// - Throws: ``DecodingFailure`` naming the field.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    let first = try reader.uint8("Data Page")
    number = first & 0x7F
    toggle = first & 0x80 != 0
    specific = try reader.octets(3, "Page Specific")
    beatTime = try reader.uint16("Heart Beat Event Time")
    beatCount = try reader.uint8("Heart Beat Count")
    heartRate = try reader.uint8("Computed Heart Rate")
    try reader.end(after: "Computed Heart Rate")
  }

  package var content: Content {
    let word = UInt16(specific[1]) | UInt16(specific[2]) << 8
    return switch number {
    case 0: .standard
    case 1: .operatingTime((Int(specific[0]) | Int(word) << 8) * 2)
    case 2: .manufacturer(id: specific[0], serialUpperHalf: word)
    case 3: .product(hardware: specific[0], software: specific[1], model: specific[2])
    case 4: .previousBeat(time: word)
    case 6: .capabilities(supported: specific[1], enabled: specific[2])
    case 7:
      .battery(
        percent: specific[0] <= 100 ? Int(specific[0]) : nil,
        // A coarse voltage of 15 is not known.
        volts: specific[2] & 0x0F == 0x0F
          ? nil : Decimal(Int(specific[2] & 0x0F) * 256 + Int(specific[1])) / 256,
        status: BatteryStatus(rawValue: specific[2] >> 4 & 0x07))
    default: .other
    }
  }

  package var json: JSON {
    func integer(_ value: some BinaryInteger) -> JSON { .integer(Int(value)) }
    let more: [JSON.Member]
    switch content {
    case .standard, .other: more = []
    case .operatingTime(let seconds): more = [.init("operatingTime", integer(seconds))]
    case .manufacturer(let id, let serial):
      more = [.init("manufacturer", integer(id)), .init("serialUpperHalf", integer(serial))]
    case .product(let hardware, let software, let model):
      more = [
        .init("hardware", integer(hardware)), .init("software", integer(software)), .init("model", integer(model)),
      ]
    case .previousBeat(let time): more = [.init("previousBeatTime", integer(time))]
    case .capabilities(let supported, let enabled):
      more = [.init("supported", integer(supported)), .init("enabled", integer(enabled))]
    case .battery(let percent, let volts, let status):
      more = [
        .init("battery", percent.map { .integer($0) } ?? .null),
        .init("volts", volts.map { .decimal($0) } ?? .null),
        .init("batteryStatus", status.map { .string("\($0)") } ?? .null),
      ]
    }
    return .object(
      [.init("page", integer(number)), .init("toggle", .boolean(toggle))] + more + [
        .init("beatTime", integer(beatTime)), .init("beatCount", integer(beatCount)),
        .init("heartRate", heartRate == 0 ? .null : integer(heartRate)),
      ])
  }
}
