/// Takes messages out of what a stick sends: a message may stand in several packets, and a packet may hold several.
///
/// What is no message is left out octet by octet, so that the next whole one is found again. Holds less than one message.
package struct ANTMessageAssembler: Sendable {
  private var received: [UInt8] = []

  package init() {}

  /// How many octets wait for the rest of their message.
  package var waiting: Int { received.count }

  /// - Returns: the messages that are whole now, in their order.
  package mutating func append(_ packet: [UInt8]) -> [ANTMessage] {
    received += packet
    return messages()
  }

  /// The rest of what waits does not come: it began no message. What may have been hidden behind it is given.
  package mutating func giveUp() -> [ANTMessage] {
    var found: [ANTMessage] = []
    while !received.isEmpty {
      received.removeFirst()
      found += messages()
    }
    return found
  }

  private mutating func messages() -> [ANTMessage] {
    var found: [ANTMessage] = []
    var start = 0
    while start < received.count {
      do throws(DecodingFailure) {
        // Without its length nothing is known of it yet; 0 is refused below.
        let size = start + 1 < received.count ? Int(received[start + 1]) + ANTMessage.overhead : received.count
        found.append(try ANTMessage(Array(received[start...].prefix(size))))
        start += size
      } catch {
        if case .truncated = error { break }
        start += 1
      }
    }
    received.removeFirst(start)
    return found
  }
}
