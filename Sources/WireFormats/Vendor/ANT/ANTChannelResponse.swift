/// What a stick says of a channel (message 0x40): its answer to a command, or an event. Source: Tigge/openant
/// `ant/base/message.py`.
package struct ANTChannelResponse: Hashable, Sendable {
  package static let success: UInt8 = 0
  package static let eventChannelClosed: UInt8 = 7

  /// The channel, or what the first octet of the command was.
  package let channel: UInt8
  /// The identifier of the command that is answered; nil for an event.
  package let command: UInt8?
  /// ``success``, or why not; of an event which one.
  package let code: UInt8

  /// - Parameter content: of the message; what stands behind the code is of no use here.
  /// - Throws: ``DecodingFailure`` naming `Channel`, `Message ID` or `Message Code`.
  package init(_ content: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(content)
    channel = try reader.uint8("Channel")
    let id = try reader.uint8("Message ID")
    command = id == 1 ? nil : id
    code = try reader.uint8("Message Code")
  }

  /// The code by its name in the protocol; nil for one that is not known here.
  package var name: String? {
    switch code {
    case 0: "RESPONSE_NO_ERROR"
    case 1: "EVENT_RX_SEARCH_TIMEOUT"
    case 2: "EVENT_RX_FAIL"
    case 7: "EVENT_CHANNEL_CLOSED"
    case 8: "EVENT_RX_FAIL_GO_TO_SEARCH"
    case 9: "EVENT_CHANNEL_COLLISION"
    case 21: "CHANNEL_IN_WRONG_STATE"
    case 22: "CHANNEL_NOT_OPENED"
    case 24: "CHANNEL_ID_NOT_SET"
    case 40: "INVALID_MESSAGE"
    case 41: "INVALID_NETWORK_NUMBER"
    default: nil
    }
  }

  package var json: JSON {
    .object(
      [.init("channel", .integer(Int(channel)))]
        + (command.map { [.init("command", .integer(Int($0)))] } ?? [])
        + [.init("code", .integer(Int(code))), .init("name", name.map { .string($0) } ?? .null)])
  }
}
