/// A term of the ISO/IEEE 11073-10101 nomenclature, as one 32-bit code: partition × 65536 + term code.
package struct MDCCode: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }
  package init(_ rawValue: UInt32) { self.rawValue = rawValue }

  package init(from decoder: any Decoder) throws {
    rawValue = try decoder.singleValueContainer().decode(UInt32.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  /// The reference identifier where it is one of ``MDC``'s, else the number.
  package var description: String { MDC.referenceIdentifiers[self] ?? String(rawValue) }
}

/// The terms of ISO/IEEE 11073-10101 that a gateway of blood pressure, heart rate and oxygen saturation says.
package enum MDC {
  /// The code system's URI in FHIR.
  package static let system = "urn:iso:std:iso:11073:10101"

  /// Non-invasive blood pressure, the group of systolic, diastolic and mean.
  package static let pressBldNoninv = MDCCode(150020)
  /// Systolic, mmHg.
  package static let pressBldNoninvSys = MDCCode(150021)
  /// Diastolic, mmHg.
  package static let pressBldNoninvDia = MDCCode(150022)
  /// Mean arterial, mmHg.
  package static let pressBldNoninvMean = MDCCode(150023)
  /// Pulse rate as a cuff counts it, per minute.
  package static let pulsRateNonInv = MDCCode(149546)
  /// Pulse rate as an oximeter counts it, per minute.
  package static let pulsOximPulsRate = MDCCode(149530)
  /// Oxygen saturation by pulse oximetry, percent.
  package static let pulsOximSatO2 = MDCCode(150456)
  /// Heart rate from the heart's electrical activity (a chest strap), per minute.
  package static let ecgHeartRate = MDCCode(147842)
  /// The status flags of a blood-pressure measurement.
  package static let bloodPressureMeasurementStatus = MDCCode(8_410_608)

  static let referenceIdentifiers: [MDCCode: String] = [
    pressBldNoninv: "MDC_PRESS_BLD_NONINV",
    pressBldNoninvSys: "MDC_PRESS_BLD_NONINV_SYS",
    pressBldNoninvDia: "MDC_PRESS_BLD_NONINV_DIA",
    pressBldNoninvMean: "MDC_PRESS_BLD_NONINV_MEAN",
    pulsRateNonInv: "MDC_PULS_RATE_NON_INV",
    pulsOximPulsRate: "MDC_PULS_OXIM_PULS_RATE",
    pulsOximSatO2: "MDC_PULS_OXIM_SAT_O2",
    ecgHeartRate: "MDC_ECG_HEART_RATE",
    bloodPressureMeasurementStatus: "MDC_BLOOD_PRESSURE_MEASUREMENT_STATUS",
  ]
}
