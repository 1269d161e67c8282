import BluetoothLE
import Foundation

/// Commands and their answers, for devices that tell nothing unasked.
extension GATTVisit {
  /// Writes a command to a characteristic, by Write Request or Write Command as its properties allow.
  ///
  /// - Parameter acknowledged: which of the two where it allows both.
  mutating func send(
    _ bytes: [UInt8], to uuid: BluetoothUUID, acknowledged: Bool, _ what: String
  ) async throws(SessionFailure) {
    guard let characteristic = database.characteristic(uuid) else { throw SessionFailure(.unsuitable(missing: uuid)) }
    let properties = characteristic.properties
    let isRequest =
      acknowledged
      ? properties.contains(.write) || !properties.contains(.writeWithoutResponse)
      : !properties.contains(.writeWithoutResponse)
    try await need(what) { [gate] in try await gate.write(bytes, to: characteristic, isRequest: isRequest, by: $0) }
  }

  /// Gives each value of the driver's characteristics to `take` until that has what it waits for; nil when `limit` passes
  /// before. What came between the command and this call has waited. An indication is confirmed: the device holds what it
  /// answers from, and an answer is no reading.
  mutating func answer<Answer>(
    within limit: Duration, _ take: (Incoming) -> Answer?
  ) async throws(SessionFailure) -> Answer? {
    let deadline = ContinuousClock.now + limit
    while true {
      // Also a device that never stops talking has only so long.
      let left = max(deadline - .now, .zero)
      guard let incoming = try await next(quietFor: left) else { return nil }
      try await confirm(incoming.confirmation)
      if let answer = take(incoming) { return answer }
      if left == .zero { return nil }
    }
  }
}
