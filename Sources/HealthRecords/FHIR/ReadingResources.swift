import Foundation
import Observations

/// The Observations that one reading becomes.
struct ReadingResources {
  let reading: ObservationForRecord
  let naming: FHIRNaming
  let timeZone: TimeZone
  let patientURL: String
  let deviceURL: String
  let gatewayURL: String
  let clockURL: String?
  /// What the server has: a panel that is there is referred to by its id.
  var known: [ResourceName: [ServerResource]] = [:]
  /// What a mean was made of, where the server's own names of it are known; else it is named by identifiers.
  var sourceURLs: [String] = []
  /// False where another reading of the same Bundle already holds the guide's identifier.
  let byDeviceTime: Bool

  /// Without its values where it is withdrawn: they are somebody else's, and may never have arrived.
  private var observation: Observation {
    guard isWithdrawn else { return reading.observation }
    var observation = reading.observation
    observation.components = observation.components.map {
      ObservationComponent($0.code, statistic: $0.statistic, .absent(.error))
    }
    return observation
  }

  private var isWithdrawn: Bool { reading.standing == .withdrawn }

  /// The blood pressure, the pulse and the status flags; the window of a heart-rate stream; or the oxygen saturation and
  /// its pulse.
  var entries: [FHIRTransaction.Entry] {
    switch observation.kind {
    case .bloodPressure:
      let panel = bloodPressure
      let panelURL = known[panel.name]?.first.map { "Observation/\($0.id)" } ?? panel.fullURL
      return [panel, pulse, statusFlags(of: panelURL)].compactMap { $0 }
    case .heartRate:
      return [heartRate]
    case .oxygenSaturation:
      return [oxygenSaturation, oximeterPulse].compactMap { $0 }
    case .homeAverage:
      return [average]
    }
  }

  /// The resource's name at the server: what tells two readings apart in one Bundle.
  func identifier(_ code: MDCCode) -> RecordIdentifier {
    reading.recordIdentifier(code, naming, byDeviceTime: byDeviceTime)
  }

  /// `bp` and PhdCompoundNumericObservation. No component but the pressures: `vitalsigns` binds every component's
  /// value to common vital-sign units, so the guide's supplemental types would break the profile.
  private var bloodPressure: FHIRTransaction.Entry {
    let components = Terminology.pressures.compactMap { code, loinc -> JSONValue? in
      let component = observation.components.first { $0.code == code && $0.statistic == nil }
      // Systolic and diastolic are 1..1 slices of `bp`; the mean is there when the device sends it.
      guard component != nil || code != MDC.pressBldNoninvMean else { return nil }
      return .object(
        [JSONValue.Member("code", Terminology.concept(.init(code), loinc))] + value(component?.value, unit: "mmHg"))
    }
    return entry(
      MDC.pressBldNoninv,
      profiles: profiles(Terminology.bloodPressureProfile, "PhdCompoundNumericObservation", .bloodPressure),
      isVitalSign: true, code: Terminology.concept(.init(MDC.pressBldNoninv), Terminology.panel),
      rest: [
        JSONValue.Member("component", .array(components))
      ], hasValue: true)
  }

  /// The pulse that the cuff counted: an Observation of its own, for `bp` takes no rate.
  private var pulse: FHIRTransaction.Entry? {
    guard
      let component = observation.components.first(where: { $0.code == MDC.pulsRateNonInv && $0.statistic == nil })
    else { return nil }
    return rate(component.code, component.value)
  }

  private func rate(
    _ code: MDCCode, _ rate: ComponentValue?, components: [JSONValue.Member] = []
  ) -> FHIRTransaction.Entry {
    entry(
      code, profiles: profiles(Terminology.heartRateProfile, "PhdNumericObservation", .heartRate), isVitalSign: true,
      code: Terminology.concept(.init(code), Terminology.heartRate),
      rest: value(rate, unit: "beats/min") + components, hasValue: rate?.quantity != nil)
  }

  /// A window of a stream is one Observation of the mean over a period, named as such in `method`; least, most and
  /// number of beats are components with HL7's codes for statistics. As Observations of their own they would each
  /// carry LOINC 8867-4, and a reader that takes the latest heart rate would take the least of a minute for it.
  private var heartRate: FHIRTransaction.Entry {
    let (main, rest) = window(observation.components, unit: "beats/min")
    return rate(main?.code ?? MDC.ecgHeartRate, main?.value, components: rest)
  }

  /// `oxygensat` and PhdNumericObservation.
  private var oxygenSaturation: FHIRTransaction.Entry {
    let (main, rest) = window(observation.components.filter { $0.code == MDC.pulsOximSatO2 }, unit: "%")
    return entry(
      MDC.pulsOximSatO2,
      profiles: profiles(Terminology.oxygenSaturationProfile, "PhdNumericObservation", .oxygenSaturation),
      isVitalSign: true,
      code: Terminology.concept(
        .init(MDC.pulsOximSatO2), Terminology.oxygenSaturation, Terminology.oxygenSaturationByPulseOximetry),
      rest: value(main?.value, unit: "%") + rest, hasValue: main?.value.quantity != nil)
  }

  /// The pulse that the oximeter counted, as a cuff's; nil when it counted none.
  private var oximeterPulse: FHIRTransaction.Entry? {
    let (main, rest) = window(observation.components.filter { $0.code == MDC.pulsOximPulsRate }, unit: "beats/min")
    return main.map { rate($0.code, $0.value, components: rest) }
  }

  /// What one Observation says of a value, or of a window's values of one kind: the value or the mean, and the elements that
  /// belong to a window.
  private func window(
    _ components: [ObservationComponent], unit: String
  ) -> (main: ObservationComponent?, rest: [JSONValue.Member]) {
    let main = components.first { $0.statistic == .mean } ?? components.first { $0.statistic == nil }
    let statistics = components.compactMap { component -> JSONValue? in
      guard let statistic = component.statistic, statistic != .mean, let quantity = component.value.quantity else {
        return nil
      }
      let code = JSONValue.Member("code", Terminology.concept(Terminology.statistic(statistic)))
      // A count has no unit among `ucum-vitals-common`, which binds quantities; an integer is not bound.
      if statistic == .count { return .object([code, .init("valueInteger", .number(quantity.value))]) }
      return .object([code] + value(component.value, unit: unit))
    }
    var rest: [JSONValue.Member] = []
    if main?.statistic == .mean {
      rest.append(.init("method", Terminology.concept(Terminology.statistic(.mean), text: "mean over the period")))
    }
    if let list = JSONValue.list(statistics) { rest.append(.init("component", list)) }
    return (main, rest)
  }

  /// The status bits that are set (events need be reported only when set), derived from the blood pressure.
  private func statusFlags(of panelURL: String) -> FHIRTransaction.Entry? {
    let bits = Terminology.statusBits.filter { observation.flags.contains($0.flag) }
    if bits.isEmpty { return nil }
    let code = MDC.bloodPressureMeasurementStatus
    return entry(
      code, profiles: [Terminology.phdProfile("PhdBitsEnumerationObservation")], isVitalSign: false,
      code: Terminology.concept(.init(code)),
      rest: [
        .init("derivedFrom", [.object(["reference": .string(panelURL)])]),
        .init(
          "component",
          .array(
            bits.map { bit in
              let code = JSONValue.Member("code", Terminology.concept(bit.coding))
              return .object(
                [code, isWithdrawn ? value(.absent(.error), unit: "")[0] : .init("valueBoolean", true)])
            })),
      ], hasValue: false)
  }

  /// The mean of a series of blood pressures: `vitalsigns` with the codes of US Core's average blood pressure. It is no
  /// Observation of the device guide, whose device is always a sensor.
  private var average: FHIRTransaction.Entry {
    let identifier = RecordIdentifier(
      system: naming.readingSystem,
      value: "\(RecordIdentifier.digest(reading.observation.identity.rawValue))-\(Terminology.averageNumber)")
    var components = Terminology.averagePressures.map { code, loinc -> JSONValue in
      let component = observation.components.first { $0.code == code && $0.statistic == .mean }
      return .object([JSONValue.Member("code", Terminology.concept(loinc))] + value(component?.value, unit: "mmHg"))
    }
    if let count = observation.quantity(MDC.pressBldNoninv, .count) {
      // An integer: `ucum-vitals-common`, which binds quantities, has no unit for a count.
      components.append(
        .object([
          "code": Terminology.concept(Terminology.occurrences, Terminology.statistic(.count)),
          "valueInteger": .number(count.value),
        ]))
    }
    let sources =
      sourceURLs.isEmpty
      ? reading.sources.map { source -> JSONValue in
        .object([
          "type": "Observation",
          "identifier": source.recordIdentifier(MDC.pressBldNoninv, naming, byDeviceTime: true).json,
        ])
      } : sourceURLs.map { .object(["reference": .string($0)]) }
    var members: [JSONValue.Member] = [
      .init("resourceType", "Observation"),
      .init(
        "meta",
        PartyResources.meta(
          [Terminology.vitalSignsProfile] + naming.extraProfiles[.homeAverage, default: []],
          isTest: observation.provenance.isSimulated)),
      .init("identifier", [identifier.json]),
      .init("status", isWithdrawn ? "entered-in-error" : "final"),
      .init("category", [Terminology.vitalSigns, Terminology.personalHealthDevice]),
      .init("code", Terminology.concept(Terminology.averagePanel)),
      .init("subject", .object(["reference": .string(patientURL)])),
      effective,
      .init("note", .array(reading.notes.map { .object(["text": .string($0)]) })),
      .init("device", .object(["reference": .string(deviceURL)])),
    ]
    if !isWithdrawn, let sources = JSONValue.list(sources) { members.append(.init("derivedFrom", sources)) }
    members.append(.init("component", .array(components)))
    return FHIRTransaction.Entry(
      identifier: identifier, resource: .object(members), replaces: reading.standing != .new)
  }

  // MARK: What they have in common

  private func profiles(_ vitalSign: String, _ phd: String, _ resource: FHIRNaming.Resource) -> [String] {
    [vitalSign, Terminology.phdProfile(phd)] + naming.extraProfiles[resource, default: []]
  }

  private func entry(
    _ type: MDCCode, profiles: [String], isVitalSign: Bool, code: JSONValue, rest: [JSONValue.Member], hasValue: Bool
  ) -> FHIRTransaction.Entry {
    let identifier = identifier(type)
    var members: [JSONValue.Member] = [
      .init("resourceType", "Observation"),
      .init("meta", PartyResources.meta(profiles, isTest: observation.provenance.isSimulated)),
      .init("extension", .array(extensions)),
      .init("identifier", [identifier.json]),
      .init("status", isWithdrawn ? "entered-in-error" : "final"),
      .init(
        "category",
        isVitalSign ? [Terminology.vitalSigns, Terminology.personalHealthDevice] : [Terminology.personalHealthDevice]),
      .init("code", code),
      .init("subject", .object(["reference": .string(patientURL)])),
      effective,
    ]
    if hasValue, reading.isQuestionable {
      members.append(
        .init("interpretation", [Terminology.concept(.init(naming.measurementStatusSystem, "questionable"))]))
    }
    if isVitalSign, let notes = JSONValue.list(reading.notes.map { .object(["text": .string($0)]) }) {
      members.append(.init("note", notes))
    }
    members.append(.init("device", .object(["reference": .string(deviceURL)])))
    return FHIRTransaction.Entry(
      identifier: identifier, resource: .object(members + rest), replaces: reading.standing != .new)
  }

  private var extensions: [JSONValue] {
    var extensions: [JSONValue] = [
      .object([
        "url": "http://hl7.org/fhir/StructureDefinition/observation-gatewayDevice",
        "valueReference": .object(["reference": .string(gatewayURL)]),
      ])
    ]
    if let clockURL {
      extensions.append(
        .object([
          "url": .string(Terminology.phdProfile("CoincidentTimeStampReference")),
          "valueReference": .object(["reference": .string(clockURL)]),
        ]))
    }
    return extensions
  }

  private var effective: JSONValue.Member {
    switch observation.effective.span {
    case .instant(let date):
      JSONValue.Member("effectiveDateTime", .string(FHIRDateTime.text(date, in: timeZone)))
    case .period(let start, let end):
      JSONValue.Member(
        "effectivePeriod",
        .object([
          "start": .string(FHIRDateTime.text(start, in: timeZone)),
          "end": .string(FHIRDateTime.text(end, in: timeZone)),
        ]))
    }
  }

  /// `valueQuantity`, or `dataAbsentReason` in its place (vs-3). A component that is missing altogether is `unknown`.
  private func value(_ value: ComponentValue?, unit: String) -> [JSONValue.Member] {
    switch value {
    case .quantity(let quantity):
      let quantity = quantity.inMillimetresOfMercury
      return [
        .init(
          "valueQuantity",
          .object([
            "value": .number(quantity.value), "unit": .string(unit), "system": .string(UCUMUnit.system),
            "code": .string(quantity.unit.rawValue),
          ]))
      ]
    case .absent(let reason):
      return [.init("dataAbsentReason", Terminology.absent(reason.rawValue))]
    case nil:
      return [.init("dataAbsentReason", Terminology.absent("unknown"))]
    }
  }
}
