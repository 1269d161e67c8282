import BluetoothLE

/// Writes the values of a device's characteristics. Every write of a visit goes through it, so that what a device must never
/// be sent (``DeviceDriver/permits(_:to:)``) is not sent from anywhere.
struct WriteGate: Sendable {
  struct Refused: Error, CustomStringConvertible {
    let driver: String
    var description: String {
      "These octets are none that the driver \(driver) sends to its devices: nothing was written. Check the profile."
    }
  }

  let driver: any DeviceDriver

  /// - Parameter isRequest: by Write Request; else by Write Command.
  func write(
    _ value: [UInt8], to characteristic: GATTDatabase.Characteristic, isRequest: Bool, by client: GATTClient
  ) async throws {
    guard driver.permits(value, to: characteristic.uuid) else { throw Refused(driver: driver.name) }
    // A maker's commands may be longer than one write; their frames say where they end.
    let most = await client.mtu - 3
    for start in stride(from: 0, to: value.count, by: most) {
      let part = Array(value[start..<min(start + most, value.count)])
      if isRequest {
        try await client.write(characteristic.value, part)
      } else {
        try await client.writeWithoutResponse(characteristic.value, part)
      }
    }
  }
}
