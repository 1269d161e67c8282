/// A value that the device sent by itself.
package enum HandleValue: Sendable {
  case notification(AttributeHandle, [UInt8], Arrival)
  /// The device waits, up to 30 s, for the confirmation before it sends another.
  case indication(AttributeHandle, [UInt8], Arrival, IndicationConfirmation)

  /// The handle of the value, as in ``GATTDatabase/Characteristic/value``.
  package var handle: AttributeHandle {
    switch self {
    case .notification(let handle, _, _), .indication(let handle, _, _, _): handle
    }
  }

  /// The octets as received.
  package var value: [UInt8] {
    switch self {
    case .notification(_, let value, _), .indication(_, let value, _, _): value
    }
  }

  /// When it was taken from the link.
  package var arrival: Arrival {
    switch self {
    case .notification(_, _, let arrival), .indication(_, _, let arrival, _): arrival
    }
  }
}

/// The confirmation of one indication. Whoever took the indication sends it, after committing what it said; nothing
/// else does. Dropped without sending, the device is left unconfirmed and will tell the value again.
package struct IndicationConfirmation: Sendable {
  /// Weak: unread values must not keep a client alive that nobody else wants.
  private weak let client: GATTClient?
  private let id: ATTClientState.IndicationID

  init(client: GATTClient, id: ATTClientState.IndicationID) {
    self.client = client
    self.id = id
  }

  /// Hands the Handle Value Confirmation to the kernel. Throws ``ATTError/alreadyConfirmed`` the second time, and
  /// ``ATTError/linkEnded(_:)`` when the link is gone: then the device has not heard that its value was taken.
  package func send() async throws(ATTError) {
    guard let client else { throw .linkEnded(.closed) }
    try await client.confirm(id)
  }
}
