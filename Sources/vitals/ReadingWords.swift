import Foundation
import LocalAPI

/// A reading in words.
struct ReadingWords {
  var language: Language
  var timeZone: TimeZone

  /// `128/82 mmHg, mean 97, pulse 71/min`.
  func values(_ reading: Reading) -> String {
    func number(_ name: String) -> String? {
      switch reading.values[name] {
      case .quantity(let value, _): "\(value)"
      case .absent: language.text(ListText.noValue)
      case nil: nil
      }
    }
    func rate(_ name: String) -> String? {
      guard case .quantity(let value, let unit) = reading.values[name] else { return number(name) }
      return "\(value)\(unit.hasPrefix("/") ? "" : " ")\(unit)"
    }
    var parts: [String] = []
    let systolic = number(Reading.Name.systolic)
    let diastolic = number(Reading.Name.diastolic)
    if systolic != nil || diastolic != nil {
      let unknown = language.text(ListText.noValue)
      parts.append(
        language.text(ListText.bloodPressure, ["systolic": systolic ?? unknown, "diastolic": diastolic ?? unknown]))
    }
    if let saturation = number(Reading.Name.oxygenSaturation) {
      var text = language.text(ListText.oxygenSaturation, ["value": saturation])
      if let least = number(Reading.Name.oxygenSaturationMinimum),
        let most = number(Reading.Name.oxygenSaturationMaximum)
      {
        text += " (\(least)–\(most))"
      }
      parts.append(text)
    }
    if let mean = number(Reading.Name.mean) { parts.append(language.text(ListText.mean, ["value": mean])) }
    if let pulse = rate(Reading.Name.pulse) { parts.append(language.text(ListText.pulse, ["value": pulse])) }
    if let heartRate = rate(Reading.Name.heartRate) {
      var text = language.text(ListText.heartRate, ["value": heartRate])
      if let least = number(Reading.Name.heartRateMinimum), let most = number(Reading.Name.heartRateMaximum) {
        text += " (\(least)–\(most))"
      }
      parts.append(text)
    }
    if let beats = number(Reading.Name.beats) { parts.append(language.text(ListText.beats, ["value": beats])) }
    return parts.isEmpty ? language.text(ListText.noValue) : parts.joined(separator: ", ")
  }

  /// What a reader must know before believing the numbers: simulated first.
  func notes(_ reading: Reading) -> String {
    var notes: [String] = []
    if reading.simulated { notes.append(language.text(ListText.simulated)) }
    if reading.authentication == "unauthenticated", !reading.simulated {
      notes.append(language.text(ListText.unprotected))
    }
    notes += reading.marks.map { mark in Self.mark(mark).map { language.text($0) } ?? mark }
    notes += reading.flags.map { flag in Self.flag(flag).map { language.text($0) } ?? flag }
    if let basis = Self.basis(reading.basis) { notes.append(language.text(basis)) }
    if reading.patient == nil, let number = reading.userSlot {
      notes.append(language.text(OwnershipText.user, ["number": String(number)]))
    }
    if let likely = reading.likelyPatientName ?? reading.likelyPatient {
      notes.append(language.text(OwnershipText.likely, ["person": likely]))
    }
    if let destinations = reading.uncorrected {
      notes.append(
        language.text(OwnershipText.notCorrected, ["destinations": destinations.joined(separator: ", ")]))
    }
    return notes.joined(separator: ", ")
  }

  /// `2026-11-22 07:30 +07:00`; a period by both its ends.
  func time(_ reading: Reading) -> String {
    let start = reading.effective.shown(in: timeZone)
    guard let end = reading.effectiveEnd else { return start }
    let shownEnd = end.shown(in: timeZone)
    // `2026-11-22 ` is eleven letters, ` +07:00` seven.
    return shownEnd.prefix(11) == start.prefix(11) && shownEnd.suffix(7) == start.suffix(7)
      ? "\(start.dropLast(7))–\(shownEnd.dropFirst(11))" : "\(start) – \(shownEnd)"
  }

  func person(_ reading: Reading) -> String {
    reading.patientName ?? reading.patient ?? language.text(ListText.nobodyYet)
  }

  /// - Parameter ids: with the ids of the readings, which `claim` and `disown` take.
  func table(_ readings: [Reading], ids: Bool) -> Table {
    Table(
      heads: heads + (ids ? [language.text(ListText.id)] : []), flexible: [1, 3, 4],
      rows: readings.map { row($0, ids: ids) })
  }

  func row(_ reading: Reading, ids: Bool = false) -> Table.Row {
    Table.Row(
      cells: [
        time(reading), person(reading), values(reading), reading.deviceName ?? reading.device, notes(reading),
      ] + (ids ? [reading.id] : []),
      style: reading.simulated ? .simulated : .plain)
  }

  var heads: [String] {
    [ListText.time, .person, .reading, .device, .notes].map { language.text($0) }
  }

  private static func mark(_ mark: String) -> ListText? {
    switch mark {
    case "possible-repeat": .possibleRepeat
    case "shares-device-time": .sharesDeviceTime
    case "clock-unusable": .clockUnusable
    case "not-measured": .notMeasured
    case "time-provisional": .timeProvisional
    case "time-corrected": .timeCorrected
    default: nil
    }
  }

  private static func flag(_ flag: String) -> ListText? {
    switch flag {
    case "body-movement": .bodyMovement
    case "cuff-too-loose": .cuffTooLoose
    case "irregular-pulse": .irregularPulse
    case "pulse-above-range": .pulseAboveRange
    case "pulse-below-range": .pulseBelowRange
    case "improper-position": .improperPosition
    case "questionable": .questionable
    default: nil
    }
  }

  /// Said only where it is not the plain case.
  private static func basis(_ basis: String) -> ListText? {
    switch basis {
    case "device-clock-corrected": .clockCorrected
    case "device-clock-unchecked": .clockUnchecked
    case "received": .timeReceived
    case "between-visits": .timeBetweenVisits
    case "box-clock-unknown": .timeUnknown
    default: nil
    }
  }
}
