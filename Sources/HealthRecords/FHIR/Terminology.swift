import Observations

/// The code systems, profiles and codes that the resources name.
enum Terminology {
  struct Coding {
    let system: String
    let code: String
    let display: String?

    init(_ system: String, _ code: String, _ display: String? = nil) {
      self.system = system
      self.code = code
      self.display = display
    }

    /// A term of ISO/IEEE 11073-10101, shown by its reference identifier.
    init(_ code: MDCCode, _ display: String? = nil) {
      self.init(MDC.system, String(code.rawValue), display ?? (MDC.hasName(code) ? code.description : nil))
    }

    var json: JSONValue {
      .object(["system": .string(system), "code": .string(code), "display": display.map(JSONValue.string)])
    }
  }

  static func concept(_ codings: Coding..., text: String? = nil) -> JSONValue {
    .object(["coding": .list(codings.map(\.json)), "text": text.map(JSONValue.string)])
  }

  static func loinc(_ code: String, _ display: String) -> Coding { Coding("http://loinc.org", code, display) }

  /// Profiles of FHIR R4 and of the Personal Health Device guide 2.0.0.
  static let bloodPressureProfile = "http://hl7.org/fhir/StructureDefinition/bp"
  static let heartRateProfile = "http://hl7.org/fhir/StructureDefinition/heartrate"
  static let vitalSignsProfile = "http://hl7.org/fhir/StructureDefinition/vitalsigns"
  static let oxygenSaturationProfile = "http://hl7.org/fhir/StructureDefinition/oxygensat"
  static func phdProfile(_ name: String) -> String { "http://hl7.org/fhir/uv/phd/StructureDefinition/" + name }

  static let vitalSigns = concept(
    Coding("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital Signs"))
  static let personalHealthDevice = concept(
    Coding("http://hl7.org/fhir/uv/phd/CodeSystem/PhdObservationCategories", "phd"))
  /// Health test data: "information … for testing purposes" (v3 ActReason).
  static let testData = Coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data")

  static func absent(_ reason: String) -> JSONValue {
    concept(Coding("http://terminology.hl7.org/CodeSystem/data-absent-reason", reason))
  }

  static let panel = loinc("85354-9", "Blood pressure panel with all children optional")
  static let heartRate = loinc("8867-4", "Heart rate")
  /// `oxygensat` binds 2708-6; 59408-5 says that it was measured through the skin.
  static let oxygenSaturation = loinc("2708-6", "Oxygen saturation in Arterial blood")
  static let oxygenSaturationByPulseOximetry = loinc(
    "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry")
  /// 8480-6 is systolic. A Vietnamese draft guide has the first two exchanged; do not follow it.
  static let pressures: [(code: MDCCode, loinc: Coding)] = [
    (MDC.pressBldNoninvSys, loinc("8480-6", "Systolic blood pressure")),
    (MDC.pressBldNoninvDia, loinc("8462-4", "Diastolic blood pressure")),
    (MDC.pressBldNoninvMean, loinc("8478-0", "Mean blood pressure")),
  ]

  /// The mean over a period, as US Core's average blood pressure says it.
  static let averagePanel = loinc("96607-7", "Blood pressure panel mean systolic and mean diastolic")
  /// Its code without the check digit, as identifiers end in it.
  static let averageNumber = "96607"
  static let averagePressures: [(code: MDCCode, loinc: Coding)] = [
    (MDC.pressBldNoninvSys, loinc("96608-5", "Systolic blood pressure mean")),
    (MDC.pressBldNoninvDia, loinc("96609-3", "Diastolic blood pressure mean")),
  ]
  /// How many readings, as the same profile codes it.
  static let occurrences = Coding("http://snomed.info/sct", "246432004", "Number of occurrences")

  /// The bits of MDC 8410608 in their order (guide, CodeSystem ASN1ToHL7).
  static let statusBits: [(flag: MeasurementFlag, coding: Coding)] = [
    (.bodyMovement, statusBit(0, "body-movement")),
    (.cuffTooLoose, statusBit(1, "cuff-too-loose")),
    (.irregularPulse, statusBit(2, "irregular-pulse")),
    (.pulseAboveRange, statusBit(3, "pulse-over-range-limit")),
    (.pulseBelowRange, statusBit(4, "pulse-under-range-limit")),
    (.improperPosition, statusBit(5, "improper-body-position")),
  ]

  private static func statusBit(_ bit: Int, _ name: String) -> Coding {
    Coding("http://terminology.hl7.org/CodeSystem/ASN1ToHL7", "8410608.\(bit)", name)
  }

  static func statistic(_ statistic: WindowStatistic) -> Coding {
    let code =
      switch statistic {
      case .mean: "average"
      case .minimum: "minimum"
      case .maximum: "maximum"
      case .count: "count"
      }
    return Coding("http://terminology.hl7.org/CodeSystem/observation-statistics", code)
  }

  // Terms that only resources about devices name.
  static let gatewayType = Coding(MDCCode(531_981), "MDC_MOC_VMS_MDS_AHD")
  static let deviceType = Coding(MDCCode(65573), "MDC_MOC_VMS_MDS_SIMP")
  static let bloodPressureSpecialization = Coding(MDCCode(528_391), "MDC_DEV_SPEC_PROFILE_BP")
  static let heartRateSpecialization = Coding(MDCCode(528_525), "MDC_DEV_SUB_SPEC_PROFILE_HR")
  static let oximeterSpecialization = Coding(MDCCode(528_388), "MDC_DEV_SPEC_PROFILE_PULS_OXIM")
  static let model = Coding(MDCCode(531_969), "MDC_ID_MODEL_NUMBER")
  static let manufacturer = Coding(MDCCode(531_970), "MDC_ID_MODEL_MANUFACTURER")
  static let serialNumber = Coding(MDCCode(531_972), "MDC_ID_PROD_SPEC_SERIAL")
  static let hardwareVersion = Coding(MDCCode(531_974), "MDC_ID_PROD_SPEC_HW")
  static let softwareVersion = Coding(MDCCode(531_975), "MDC_ID_PROD_SPEC_SW")
  static let firmwareVersion = Coding(MDCCode(531_976), "MDC_ID_PROD_SPEC_FW")
  /// A clock with date and time and no offset: what Date Time and Current Time give.
  static let absoluteTime = Coding(MDCCode(67975), "MDC_ATTR_TIME_ABS")
}

extension MDC {
  /// Whether ``MDCCode/description`` is a reference identifier and not the number again.
  fileprivate static func hasName(_ code: MDCCode) -> Bool { code.description.hasPrefix("MDC_") }
}
