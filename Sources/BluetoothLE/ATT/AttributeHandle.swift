/// The number of an attribute on one server, 0x0001–0xFFFF; 0x0000 stands for none (Core Specification Vol 3 Part F
/// §3.2.2).
package struct AttributeHandle: RawRepresentable, Hashable, Comparable, Sendable, Codable {
  /// The number, 0x0000–0xFFFF.
  package let rawValue: UInt16
  /// Any number; 0x0000 is no attribute.
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// 0x0001.
  package static let first = AttributeHandle(rawValue: 0x0001)
  /// 0xFFFF.
  package static let last = AttributeHandle(rawValue: 0xFFFF)
  /// 0x0000: an error that is of no attribute.
  package static let none = AttributeHandle(rawValue: 0x0000)

  /// The handle after this one; nil after 0xFFFF.
  package var next: AttributeHandle? {
    rawValue == 0xFFFF ? nil : AttributeHandle(rawValue: rawValue + 1)
  }

  /// Servers order attributes by handle.
  package static func < (left: AttributeHandle, right: AttributeHandle) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension AttributeHandle: ExpressibleByIntegerLiteral {
  /// For handles written in source.
  package init(integerLiteral value: UInt16) { self.init(rawValue: value) }
}

extension AttributeHandle: CustomStringConvertible {
  /// `0x002A`.
  package var description: String { hexadecimal(rawValue) }
}

/// Handles from ``start`` to ``end``, both included. As received, `end` may be below `start`.
package struct AttributeHandleRange: Hashable, Sendable, Codable {
  /// The first.
  package var start: AttributeHandle
  /// The last.
  package var end: AttributeHandle

  /// In the order of the PDU: start, end.
  package init(_ start: AttributeHandle, _ end: AttributeHandle) {
    self.start = start
    self.end = end
  }

  /// 0x0001–0xFFFF.
  package static let all = AttributeHandleRange(.first, .last)

  /// Whether a request may ask for it: not from 0x0000, and not backwards (§3.4.3.1).
  package var isValid: Bool { start != .none && start <= end }

  /// Both ends belong to it.
  package func contains(_ handle: AttributeHandle) -> Bool { start <= handle && handle <= end }
}

extension AttributeHandleRange: CustomStringConvertible {
  /// `0x0001–0x0005`.
  package var description: String { "\(start)–\(end)" }
}

/// `0x2A` for an octet, `0x002A` for two.
func hexadecimal(_ value: some FixedWidthInteger) -> String {
  let digits = String(value, radix: 16, uppercase: true)
  return "0x" + String(repeating: "0", count: max(0, value.bitWidth / 4 - digits.count)) + digits
}
