/// What an adapter can do, or what is switched on (management protocol, "Read Controller Information"). Bits that have
/// no name here are kept.
package struct AdapterSettings: OptionSet, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let powered = AdapterSettings(rawValue: 1 << 0)
  package static let connectable = AdapterSettings(rawValue: 1 << 1)
  package static let discoverable = AdapterSettings(rawValue: 1 << 3)
  package static let bondable = AdapterSettings(rawValue: 1 << 4)
  package static let secureSimplePairing = AdapterSettings(rawValue: 1 << 6)
  /// BR/EDR.
  package static let classic = AdapterSettings(rawValue: 1 << 7)
  package static let lowEnergy = AdapterSettings(rawValue: 1 << 9)
  package static let advertising = AdapterSettings(rawValue: 1 << 10)
  package static let secureConnections = AdapterSettings(rawValue: 1 << 11)
  package static let privacy = AdapterSettings(rawValue: 1 << 13)
  /// The configured static address is the one in use.
  package static let staticAddress = AdapterSettings(rawValue: 1 << 15)

  private static let names: [(AdapterSettings, String)] = [
    (.powered, "powered"), (.connectable, "connectable"), (.discoverable, "discoverable"), (.bondable, "bondable"),
    (.secureSimplePairing, "secure simple pairing"), (.classic, "BR/EDR"), (.lowEnergy, "LE"),
    (.advertising, "advertising"), (.secureConnections, "secure connections"), (.privacy, "privacy"),
    (.staticAddress, "static address"),
  ]

  package var description: String {
    let named = Self.names.filter { contains($0.0) }
    let rest = subtracting(AdapterSettings(named.map(\.0)))
    let parts = named.map(\.1) + (rest.isEmpty ? [] : ["0x" + String(rest.rawValue, radix: 16)])
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }
}
