/// Why a procedure over several requests did not succeed, where the bearer itself is well (``ATTError`` otherwise).
package enum GATTError: Error, Hashable, Sendable {
  /// The device listed a handle that is not behind the ones before it, or outside of what was asked for.
  case implausibleHandle(procedure: String, AttributeHandle, in: AttributeHandleRange)
  /// The device gave an entry of a length that its type cannot have.
  case implausibleLength(procedure: String, AttributeHandle, octets: Int)
  /// The device still had more after ``GATTClient/mostRequests`` requests.
  case endless(procedure: String)
  /// An attribute value has 512 octets at most (Vol 3 Part F §3.2.9); the device gave more.
  case overlongValue(AttributeHandle)
  /// More octets than one such PDU holds at this MTU, or than an attribute can have.
  case valueTooLong(octets: Int, most: Int)
  /// The device echoed other octets than were sent: nothing was written.
  case preparedValueDiffers(AttributeHandle)
  /// Another long write is under way; the device has one queue for both.
  case longWriteUnderway
  /// The characteristic cannot be subscribed to.
  case noClientCharacteristicConfiguration(BluetoothUUID)
}

extension GATTError: CustomStringConvertible {
  /// A sentence for the log: what, where, what next; no values.
  package var description: String {
    switch self {
    case .implausibleHandle(let procedure, let handle, let range):
      "\(procedure): the device listed handle \(handle), which is not within \(range). Its service list is not usable."
    case .implausibleLength(let procedure, let handle, let octets):
      "\(procedure): the device gave \(octets) octets for handle \(handle), a length that cannot be."
    case .endless(let procedure):
      "\(procedure): the device still had more after \(GATTClient.mostRequests) requests; it was given up."
    case .overlongValue(let handle): "The device gave more than 512 octets for handle \(handle)."
    case .valueTooLong(let octets, let most):
      "A value of \(octets) octets was to be written where \(most) are possible: exchange the MTU, or write it long."
    case .preparedValueDiffers(let handle):
      "The device echoed other octets for handle \(handle) than it was sent: nothing was written. Write it again."
    case .longWriteUnderway: "Another long write is under way on this link: write after it."
    case .noClientCharacteristicConfiguration(let uuid):
      "Characteristic \(uuid) has no Client Characteristic Configuration descriptor: it cannot be subscribed to."
    }
  }
}
