package import Foundation

/// A unit of the Unified Code for Units of Measure, by its case-sensitive code.
package struct UCUMUnit: RawRepresentable, Hashable, Sendable, Codable {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  package init(from decoder: any Decoder) throws {
    rawValue = try decoder.singleValueContainer().decode(String.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  /// The code system's URI in FHIR.
  package static let system = "http://unitsofmeasure.org"

  /// Millimetres of mercury: the unit every pressure is kept in.
  package static let millimetreOfMercury = UCUMUnit(rawValue: "mm[Hg]")
  /// Per minute: the unit of every rate.
  package static let perMinute = UCUMUnit(rawValue: "/min")
  package static let percent = UCUMUnit(rawValue: "%")
  package static let day = UCUMUnit(rawValue: "d")
  package static let minute = UCUMUnit(rawValue: "min")
  package static let megabyte = UCUMUnit(rawValue: "MBy")
  /// A number of things.
  package static let count = UCUMUnit(rawValue: "1")
  package static let kilopascal = UCUMUnit(rawValue: "kPa")

  /// What a person reads: `mmHg`, `bpm`.
  package var display: String {
    switch self {
    case .millimetreOfMercury: "mmHg"
    case .perMinute: "/min"
    case .megabyte: "MB"
    default: rawValue
    }
  }
}

/// A finite number with its unit.
package struct Quantity: Hashable, Sendable, Codable {
  package var value: Decimal
  package var unit: UCUMUnit

  package init(_ value: Decimal, _ unit: UCUMUnit) {
    self.value = value
    self.unit = unit
  }

  /// The same pressure in mmHg, from kPa by 1 kPa = 7.50062 mmHg, to one decimal place; every other unit as it is.
  package var inMillimetresOfMercury: Quantity {
    guard unit == .kilopascal else { return self }
    var exact = value * Decimal(sign: .plus, exponent: -5, significand: 750_062)
    var rounded = Decimal()
    NSDecimalRound(&rounded, &exact, 1, .plain)
    return Quantity(rounded, .millimetreOfMercury)
  }
}

/// Why a component has no number: FHIR's `data-absent-reason` codes that an SFLOAT's special values map to
/// (Personal Health Device guide, FLOATS).
package enum DataAbsentReason: String, Hashable, Sendable, Codable, CaseIterable {
  /// SFLOAT 0x07FF.
  case notANumber = "not-a-number"
  /// SFLOAT 0x07FE.
  case positiveInfinity = "positive-infinity"
  /// SFLOAT 0x0802.
  case negativeInfinity = "negative-infinity"
  /// SFLOAT 0x0800 (not at this resolution) and 0x0801 (reserved).
  case error
}

/// What one component holds: a number, or the reason why there is none.
package enum ComponentValue: Hashable, Sendable, Codable {
  case quantity(Quantity)
  case absent(DataAbsentReason)

  package var quantity: Quantity? {
    if case .quantity(let quantity) = self { quantity } else { nil }
  }
}
