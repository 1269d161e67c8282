import Foundation
import Observations

/// The OBX segments that one reading becomes.
///
/// OBX-4 places each in the device by the containment of IHE PCD-01, *MDS.VMD.channel.metric*: `1` is the device, `1.0.1` the
/// blood pressure with `1.0.1.1` … under it, `1.0.0.n` what stands by itself. The numbers are fixed, so that a withdrawal
/// names the OBX that it takes back whatever else was said beside it.
struct ReportResults {
  let reading: ObservationForRecord
  let timeZone: TimeZone

  /// One OBX.
  struct Line {
    /// OBX-3, and OBX-4.
    var code: String
    var place: String
    /// OBX-2, OBX-5 and OBX-6; nil: it has no value.
    var value: (type: String, text: String, unit: String?)?
    /// OBX-8.
    var flags: [String] = []
    /// OBX-11.
    var status: String
    /// OBX-14.
    var time: String?
    /// OBX-17.
    var method: String?
    /// OBX-18.
    var equipment: String?

    func segment(_ number: Int) -> HL7Segment {
      HL7Segment(
        "OBX",
        [
          1: "\(number)", 2: value?.type, 3: code, 4: place, 5: value?.text, 6: value?.unit,
          8: flags.joined(separator: "~"), 11: status, 14: time, 17: method, 18: equipment,
        ])
    }
  }

  // MDC terms beside those of the readings, and places.
  private enum Place {
    static let device = "1"
    static let pressure = "1.0.1"
    static let clock = "1.0.0.1"
    static let rate = "1.0.0.2"
    static let status = "1.0.0.3"
    static let saturation = "1.0.0.4"
    /// The first of what the device says of itself.
    static let about = 11
  }

  private var observation: Observation { reading.observation }
  private var isWithdrawn: Bool { reading.standing == .withdrawn }

  var lines: [Line] {
    var lines = [device]
    // What is true of the device is not taken back with the reading.
    if !isWithdrawn { lines += [clock].compactMap { $0 } + about }
    switch observation.kind {
    // PCD-01 reports what a device measured; it has no term for a mean over days.
    case .homeAverage: break
    case .bloodPressure: lines += pressures + [pulse, statusFlags].compactMap { $0 }
    case .heartRate:
      lines += window(observation.components, Terminology.heartRate, MDC.ecgHeartRate, Place.rate)
    case .oxygenSaturation:
      let (saturation, rate) = (MDC.pulsOximSatO2, MDC.pulsOximPulsRate)
      lines += window(
        observation.components.filter { $0.code == saturation }, Terminology.oxygenSaturationByPulseOximetry,
        saturation, Place.saturation)
      let rates = observation.components.filter { $0.code == rate }
      if !rates.isEmpty { lines += window(rates, Terminology.heartRate, rate, Place.rate) }
    }
    return lines
  }

  // MARK: The device

  private var device: Line {
    let special =
      switch observation.kind {
      case .bloodPressure, .homeAverage: Terminology.bloodPressureSpecialization
      case .heartRate: Terminology.heartRateSpecialization
      case .oxygenSaturation: Terminology.oximeterSpecialization
      }
    return Line(code: Self.term(special), place: Place.device, status: "X", equipment: equipment)
  }

  /// The EUI-64 that the device gives; else its Bluetooth address, which is an EUI-48; else the gateway's own name for it. A
  /// simulated device borrows what it plays, so that it has the last alone.
  private var equipment: String {
    if let name = reading.device.phdName { return "\(name)^^\(name)^EUI-\(name.count * 4)" }
    return HL7Field.components(reading.device.id.rawValue, ObservationReport.application)
  }

  /// What the device's clock showed at a moment of ours, MDC_ATTR_TIME_ABS: digits without an offset, for it has none.
  private var clock: Line? {
    guard let clock = CoincidentTimestamp(reading) else { return nil }
    return Line(
      code: Self.term(Terminology.absoluteTime), place: Place.clock,
      value: ("DTM", HL7Field.digits(clock.moment.addingTimeInterval(TimeInterval(clock.offset)), in: timeZone), nil),
      status: "R", time: HL7Field.time(clock.moment, in: timeZone))
  }

  private var about: [Line] {
    let information = reading.device.information
    let said: [(Terminology.Coding, String?)] = [
      (Terminology.manufacturer, information.manufacturer), (Terminology.model, information.model),
      (Terminology.serialNumber, information.serial), (Terminology.hardwareVersion, information.hardware),
      (Terminology.softwareVersion, information.software), (Terminology.firmwareVersion, information.firmware),
    ]
    return said.enumerated().compactMap { index, item in
      guard let text = item.1.map(HL7Field.escaped)?.trimmingCharacters(in: .whitespaces), !text.isEmpty else {
        return nil
      }
      return Line(
        code: Self.term(item.0), place: "1.0.0.\(Place.about + index)", value: ("ST", text, nil), status: "R")
    }
  }

  // MARK: What was measured

  /// The group without a value, and systolic, diastolic and mean under it. The first two are said even where they are missing.
  private var pressures: [Line] {
    let group = Line(
      code: Self.term(MDC.pressBldNoninv, Terminology.panel), place: Place.pressure, status: isWithdrawn ? "W" : "X",
      time: moment)
    let numbers = Terminology.pressures.enumerated().compactMap { index, pressure -> Line? in
      let component = observation.components.first { $0.code == pressure.code && $0.statistic == nil }
      guard component != nil || pressure.code != MDC.pressBldNoninvMean else { return nil }
      return numeric(
        component?.value, Self.term(pressure.code, pressure.loinc), "\(Place.pressure).\(index + 1)", time: nil)
    }
    return [group] + numbers
  }

  private var pulse: Line? {
    observation.components.first { $0.code == MDC.pulsRateNonInv && $0.statistic == nil }.map {
      numeric($0.value, Self.term($0.code, Terminology.heartRate), Place.rate, time: moment)
    }
  }

  /// The status bits that are set, as Continua writes a BITS-16: `1^name(bit)` for each.
  private var statusFlags: Line? {
    let set = Terminology.statusBits.enumerated().filter { observation.flags.contains($0.element.flag) }
    guard !set.isEmpty else { return nil }
    let code = Self.term(.init(MDC.bloodPressureMeasurementStatus))
    guard !isWithdrawn else { return Line(code: code, place: Place.status, status: "W", time: moment) }
    let bits = set.map { HL7Field.components("1", "\($0.element.coding.display ?? "")(\($0.offset))") }
    return Line(
      code: code, place: Place.status, value: ("CWE", bits.joined(separator: "~"), nil), status: status, time: moment)
  }

  /// A value, or a window over a stream: the mean, named so in OBX-17, and least, most and number of beats as facets of it
  /// under codes of their own. Under the rate's code a receiver that takes the latest rate would take the least of a minute
  /// for it.
  private func window(
    _ components: [ObservationComponent], _ loinc: Terminology.Coding, _ code: MDCCode, _ place: String
  ) -> [Line] {
    let main = components.first { $0.statistic == .mean } ?? components.first { $0.statistic == nil }
    var line = numeric(main?.value, Self.term(main?.code ?? code, loinc), place, time: moment)
    if main?.statistic == .mean { line.method = HL7Field.term("average", "mean over the period", Self.local) }
    let facets = components.compactMap { component -> Line? in
      guard let statistic = component.statistic, statistic != .mean, component.value.quantity != nil || isWithdrawn
      else { return nil }
      let (number, text) =
        switch statistic {
        case .mean: (0, "")
        case .minimum: (1, "least over the period")
        case .maximum: (2, "most over the period")
        case .count: (3, "number of beats in the period")
        }
      return numeric(
        component.value, HL7Field.term(Terminology.statistic(statistic).code, text, Self.local), "\(place).\(number)",
        time: moment)
    }
    return [line] + facets
  }

  // MARK: What they have in common

  /// OBX-2, 5, 6, 8 and 11 of a number or of its absence. OBX-8 by HL7's mapping of PCD-01: `NI` no information, `INV`
  /// invalid, `>` and `<` beyond the scale; without a value the status is `X`.
  private func numeric(_ value: ComponentValue?, _ code: String, _ place: String, time: String?) -> Line {
    var line = Line(code: code, place: place, status: status, time: time)
    guard !isWithdrawn else { return line }
    switch value {
    case .quantity(let quantity):
      let quantity = quantity.inMillimetresOfMercury
      line.value = ("NM", "\(quantity.value)", Self.unit(quantity.unit))
      if reading.isQuestionable { line.flags.append("QUES") }
    case .absent(let reason):
      line.status = "X"
      switch reason {
      case .notANumber: line.flags.append("NI")
      case .error: line.flags.append("INV")
      case .positiveInfinity: line.flags.append(">")
      case .negativeInfinity: line.flags.append("<")
      }
    case nil:
      line.status = "X"
      line.flags.append("NI")
    }
    if observation.provenance.isSimulated { line.flags.append("TEST") }
    return line
  }

  /// OBX-11 (table 0085): nobody has looked at what a device says, `R`; a correction is `C`, a withdrawal `W`.
  private var status: String {
    switch reading.standing {
    case .new: "R"
    case .restated: "C"
    case .withdrawn: "W"
    }
  }

  /// OBX-14; nil for a period, which OBR-7 and OBR-8 say.
  private var moment: String? {
    guard case .instant(let date) = observation.effective.span else { return nil }
    return HL7Field.time(date, in: timeZone)
  }

  /// The coding system of codes that are this project's (table 0396: `99` and a name).
  private static let local = "99VITALS"

  private static func term(_ coding: Terminology.Coding) -> String {
    HL7Field.term(coding.code, coding.display ?? "", "MDC")
  }

  /// The MDC term, and LOINC's beside it.
  private static func term(_ code: MDCCode, _ loinc: Terminology.Coding) -> String {
    HL7Field.components(
      "\(code.rawValue)", code.description, "MDC", loinc.code, loinc.display, "LN")
  }

  /// The MDC unit, and UCUM's beside it.
  private static func unit(_ unit: UCUMUnit) -> String {
    let mdc: (UInt32, String)? =
      switch unit {
      case .millimetreOfMercury: (266_016, "MDC_DIM_MMHG")
      case .perMinute: (264_864, "MDC_DIM_BEAT_PER_MIN")
      case .percent: (262_688, "MDC_DIM_PERCENT")
      case .count: (262_656, "MDC_DIM_DIMLESS")
      default: nil
      }
    guard let (code, name) = mdc else { return HL7Field.term(unit.rawValue, unit.rawValue, "UCUM") }
    return HL7Field.components("\(code)", name, "MDC", unit.rawValue, unit.rawValue, "UCUM")
  }
}
