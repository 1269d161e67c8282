/// Eight octets that a sender has broadcast, and who it is (message 0x4E or 0x4F with extended data). Source: Tigge/openant
/// `ant/base/message.py` and `ant/easy/node.py`.
package struct ANTDataMessage: Hashable, Sendable {
  /// Who sends.
  package struct Sender: Hashable, Sendable {
    package let deviceNumber: UInt16
    /// Seven bits; 120 is a heart-rate strap.
    package let deviceType: UInt8
    /// It asks to be paired.
    package let isPairing: Bool
    package let transmissionType: UInt8

    /// 20 bits: the upper half of the transmission type stands before the device number.
    package var number: Int { Int(transmissionType >> 4) << 16 | Int(deviceNumber) }
  }

  /// How well it was heard.
  package struct Signal: Hashable, Sendable {
    /// 0x20: dBm. Others are measures of a stick's own.
    package let type: UInt8
    package let strength: Int8
    package let threshold: Int8
  }

  package let channel: UInt8
  /// Eight octets, a page of the sender's profile.
  package let payload: [UInt8]
  /// Nil when the stick was not asked for it.
  package let sender: Sender?
  package let signal: Signal?
  /// In 1/32768 s, going around every two seconds.
  package let timestamp: UInt16?
  /// Octets behind what the flags announce.
  package let trailing: [UInt8]

  /// - Parameter content: of the message.
  /// - Throws: ``DecodingFailure`` naming the field.
  package init(_ content: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(content)
    channel = try reader.uint8("Channel")
    payload = try reader.octets(8, "Data")
    let flags = reader.remaining == 0 ? 0 : try reader.uint8("Flags")
    if flags & 0x80 != 0 {
      let number = try reader.uint16("Device Number")
      let type = try reader.uint8("Device Type")
      sender = Sender(
        deviceNumber: number, deviceType: type & 0x7F, isPairing: type & 0x80 != 0,
        transmissionType: try reader.uint8("Transmission Type"))
    } else {
      sender = nil
    }
    if flags & 0x40 != 0 {
      let octets = try reader.octets(3, "RSSI")
      signal = Signal(
        type: octets[0], strength: Int8(bitPattern: octets[1]), threshold: Int8(bitPattern: octets[2]))
    } else {
      signal = nil
    }
    timestamp = flags & 0x20 != 0 ? try reader.uint16("Timestamp") : nil
    trailing = reader.rest()
  }

  package var json: JSON {
    var members: [JSON.Member] = [.init("channel", .integer(Int(channel))), .init("data", .octets(payload))]
    if let sender {
      members += [
        .init("number", .integer(sender.number)), .init("deviceType", .integer(Int(sender.deviceType))),
        .init("pairing", .boolean(sender.isPairing)),
        .init("transmissionType", .integer(Int(sender.transmissionType))),
      ]
    }
    if let signal {
      members.append(
        .init(
          "rssi", .array([.integer(Int(signal.type)), .integer(Int(signal.strength)), .integer(Int(signal.threshold))]))
      )
    }
    if let timestamp { members.append(.init("timestamp", .integer(Int(timestamp)))) }
    if !trailing.isEmpty { members.append(.init("trailing", .octets(trailing))) }
    return .object(members)
  }
}
