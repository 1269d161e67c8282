/// Which of its users the device says it measured.
package enum UserID: Hashable, Sendable {
  /// 0–254.
  case number(UInt8)
  /// 255: the device does not know.
  case unknown

  init(_ octet: UInt8) { self = octet == 0xFF ? .unknown : .number(octet) }

  /// The number, or nil when the device does not know.
  package var number: UInt8? {
    if case .number(let number) = self { number } else { nil }
  }

  /// The number, or `null` when the device does not know.
  package var json: JSON { number.map { .integer(Int($0)) } ?? .null }
}
