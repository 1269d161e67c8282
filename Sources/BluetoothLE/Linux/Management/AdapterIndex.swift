/// The kernel's number of an adapter: 0 for `hci0`. It changes when an adapter is taken out and put back.
package struct AdapterIndex: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The value for commands and events that belong to no adapter.
  package static let none = AdapterIndex(rawValue: 0xFFFF)

  /// `hci0`, or `no adapter`.
  package var description: String { self == .none ? "no adapter" : "hci\(rawValue)" }
}
