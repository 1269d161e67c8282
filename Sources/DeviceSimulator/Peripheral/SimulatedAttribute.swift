package import BluetoothLE

/// One attribute of a simulated device.
package struct SimulatedAttribute: Hashable, Sendable {
  package var handle: UInt16
  package var type: BluetoothUUID
  package var value: [UInt8]
  /// A 2902 can always be written.
  package var isWritable: Bool
  /// The ATT error that reading it gives; nil when it can be read.
  package var readError: UInt8?
  /// At which octets a Date Time stands that is moved when the session is played live.
  package var stamps: [Int]

  package init(
    _ handle: UInt16, _ type: BluetoothUUID, _ value: [UInt8], isWritable: Bool = false, readError: UInt8? = nil,
    stamps: [Int] = []
  ) {
    self.handle = handle
    self.type = type
    self.value = value
    self.isWritable = isWritable || type == BluetoothUUID(0x2902)
    self.readError = readError
    self.stamps = stamps
  }
}

/// One thing that a simulated device does of itself.
package enum SimulatedStep: Hashable, Sendable {
  /// Waits until the descriptor 2902 under this handle is not 0.
  case awaitSubscription(UInt16)
  /// Waits until the attribute under this handle has been written with this value.
  case awaitWrite(UInt16, [UInt8])
  /// Sends a Handle Value Indication and waits for its confirmation.
  case indicate(UInt16, [UInt8], stamps: [Int] = [])
  /// Sends notifications, going round in `values` until there were `times`, `every` seconds after one another.
  case notify(UInt16, [[UInt8]], times: Int, every: Double)
  /// Advertises these AD structures, going round in `values` until there were `times`, `every` seconds after one another.
  /// Only heard of a device that no link is made to.
  case advertise([[UInt8]], times: Int, every: Double)
  /// Nothing happens for so many seconds.
  case wait(Double)
  /// Changes an attribute's value.
  case set(UInt16, [UInt8])
  /// Ends the link.
  case end
}
