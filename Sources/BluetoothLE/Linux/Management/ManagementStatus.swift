/// The status of a management command (BlueZ management protocol, "Error Codes"). 0 is success.
package struct ManagementStatus: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let success = ManagementStatus(rawValue: 0x00)
  package static let unknownCommand = ManagementStatus(rawValue: 0x01)
  package static let notConnected = ManagementStatus(rawValue: 0x02)
  package static let failed = ManagementStatus(rawValue: 0x03)
  package static let connectFailed = ManagementStatus(rawValue: 0x04)
  package static let authenticationFailed = ManagementStatus(rawValue: 0x05)
  package static let notPaired = ManagementStatus(rawValue: 0x06)
  package static let noResources = ManagementStatus(rawValue: 0x07)
  package static let timeout = ManagementStatus(rawValue: 0x08)
  package static let alreadyConnected = ManagementStatus(rawValue: 0x09)
  package static let busy = ManagementStatus(rawValue: 0x0A)
  package static let rejected = ManagementStatus(rawValue: 0x0B)
  package static let notSupported = ManagementStatus(rawValue: 0x0C)
  package static let invalidParameters = ManagementStatus(rawValue: 0x0D)
  package static let disconnected = ManagementStatus(rawValue: 0x0E)
  package static let notPowered = ManagementStatus(rawValue: 0x0F)
  package static let cancelled = ManagementStatus(rawValue: 0x10)
  package static let invalidIndex = ManagementStatus(rawValue: 0x11)
  package static let rfKilled = ManagementStatus(rawValue: 0x12)
  package static let alreadyPaired = ManagementStatus(rawValue: 0x13)
  package static let permissionDenied = ManagementStatus(rawValue: 0x14)

  private static let names = [
    "success", "unknown command", "not connected", "failed", "connect failed", "authentication failed", "not paired",
    "no resources", "timeout", "already connected", "busy", "rejected", "not supported", "invalid parameters",
    "disconnected", "not powered", "cancelled", "invalid index", "blocked by rfkill", "already paired",
    "permission denied",
  ]

  /// The protocol's name with the number, or the number alone where the protocol has no name for it.
  package var description: String {
    let number = rawValue < 16 ? "0x0\(String(rawValue, radix: 16))" : "0x\(String(rawValue, radix: 16))"
    return Int(rawValue) < Self.names.count ? "\(Self.names[Int(rawValue)]) (\(number))" : "status \(number)"
  }
}
