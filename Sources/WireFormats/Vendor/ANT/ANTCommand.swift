/// What a host tells an ANT stick, so that it listens to heart-rate straps. Source: Tigge/openant `ant/base/message.py`,
/// `ant/base/ant.py`.
package enum ANTCommand: Hashable, Sendable {
  /// Closes everything; answered with ``ANTMessageID/startup`` only.
  case reset
  /// The channel identifier of the sender goes with each message.
  case extendedMessages
  case networkKey(ANTNetworkKey, network: UInt8)
  /// As the one that listens (channel type 0).
  case assign(channel: UInt8, network: UInt8)
  /// 0 for a number or a transmission type is any.
  case channelID(channel: UInt8, number: UInt16, deviceType: UInt8, transmissionType: UInt8)
  /// In 1/32768 s.
  case period(channel: UInt8, UInt16)
  /// In steps of 2.5 s; 255 is no limit.
  case searchTimeout(channel: UInt8, UInt8)
  /// MHz above 2400.
  case frequency(channel: UInt8, UInt8)
  case open(channel: UInt8)
  /// Listens all the time to everything that fits channel 0's identifier: as many senders as there are.
  case openScan
  case close(channel: UInt8)

  package var message: ANTMessage {
    func octets(_ word: UInt16) -> [UInt8] { [UInt8(word & 0xFF), UInt8(word >> 8)] }
    return switch self {
    case .reset: ANTMessage(id: 0x4A, content: [0])
    // Bit 7: channel identifier.
    case .extendedMessages: ANTMessage(id: 0x6E, content: [0, 0x80])
    case .networkKey(let key, let network): ANTMessage(id: 0x46, content: [network] + key.octets)
    case .assign(let channel, let network): ANTMessage(id: 0x42, content: [channel, 0, network])
    case .channelID(let channel, let number, let deviceType, let transmissionType):
      ANTMessage(id: 0x51, content: [channel] + octets(number) + [deviceType, transmissionType])
    case .period(let channel, let period): ANTMessage(id: 0x43, content: [channel] + octets(period))
    case .searchTimeout(let channel, let limit): ANTMessage(id: 0x44, content: [channel, limit])
    case .frequency(let channel, let frequency): ANTMessage(id: 0x45, content: [channel, frequency])
    case .open(let channel): ANTMessage(id: 0x4B, content: [channel])
    case .openScan: ANTMessage(id: 0x5B, content: [0])
    case .close(let channel): ANTMessage(id: 0x4C, content: [channel])
    }
  }

  /// In words, for what failed.
  package var title: String {
    switch self {
    case .reset: "resetting it"
    case .extendedMessages: "asking for device numbers"
    case .networkKey: "setting the network key"
    case .assign: "assigning a channel"
    case .channelID: "setting the channel's identifier"
    case .period: "setting the channel's period"
    case .searchTimeout: "setting the channel's search limit"
    case .frequency: "setting the channel's frequency"
    case .open, .openScan: "opening the channel"
    case .close: "closing the channel"
    }
  }
}

/// Identifiers of the messages that a stick sends.
package enum ANTMessageID {
  /// ``ANTChannelResponse``.
  package static let channelResponse: UInt8 = 0x40
  /// ``ANTDataMessage``.
  package static let broadcast: UInt8 = 0x4E
  /// ``ANTDataMessage``, of which the sender wants to know that it arrived.
  package static let acknowledged: UInt8 = 0x4F
  /// The stick has started, by itself or because it was reset.
  package static let startup: UInt8 = 0x6F
}

/// The key of an ANT network, eight octets. That of ANT+ is given by its owner to adopters, so it is never shipped, and
/// never written anywhere: it says nothing when it is printed.
package struct ANTNetworkKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  package static let size = 8

  let octets: [UInt8]

  /// Nil unless there are ``size`` octets.
  package init?(_ octets: [UInt8]) {
    guard octets.count == Self.size else { return nil }
    self.octets = octets
  }

  package var description: String { "a network key" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
