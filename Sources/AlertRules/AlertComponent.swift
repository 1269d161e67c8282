package import Observations

/// A value that a rule can look at, by the name rule files use.
package enum AlertComponent: String, Hashable, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  /// mmHg.
  case systolic
  /// mmHg.
  case diastolic
  /// Mean arterial pressure, mmHg.
  case mean
  /// The pulse that a cuff counted, per minute.
  case pulse
  /// The rate of a chest strap, per minute.
  case heartRate = "heart-rate"

  /// The nomenclature's term for it (ISO/IEEE 11073-10101).
  package var code: MDCCode {
    switch self {
    case .systolic: MDC.pressBldNoninvSys
    case .diastolic: MDC.pressBldNoninvDia
    case .mean: MDC.pressBldNoninvMean
    case .pulse: MDC.pulsRateNonInv
    case .heartRate: MDC.ecgHeartRate
    }
  }

  /// The unit that limits and values of this component are in.
  package var unit: UCUMUnit {
    switch self {
    case .systolic, .diastolic, .mean: .millimetreOfMercury
    case .pulse, .heartRate: .perMinute
    }
  }
}
