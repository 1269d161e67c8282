/// The six digits that a person reads on one side and types or compares on the other. A secret while pairing lasts:
/// its description does not show it.
package struct Passkey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// 0 to 999999.
  package let number: UInt32

  /// nil above 999999.
  package init?(number: UInt32) {
    guard number <= 999_999 else { return nil }
    self.number = number
  }

  /// nil for anything but six digits.
  package init?(digits: String) {
    guard digits.utf8.count == 6, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt32(digits)
    else { return nil }
    self.number = number
  }

  /// Six digits, for the person who pairs.
  package var digits: String {
    let digits = String(number)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  package var description: String { "passkey" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
