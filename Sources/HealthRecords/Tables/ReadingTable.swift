package import Foundation
package import Observations

/// Readings as rows of comma-separated values: UTF-8, one reading a line, the first line names the columns. A cell is
/// empty where there is nothing, or no number.
package struct ReadingTable: Sendable {
  /// Whose offset the times are written with.
  package let timeZone: TimeZone

  package init(timeZone: TimeZone) { self.timeZone = timeZone }

  /// The names of the columns, in order. New ones are added at the end.
  package static let columns = [
    "reading", "patient", "patient_name", "kind", "start", "end", "time_basis", "systolic_mmHg", "diastolic_mmHg",
    "mean_mmHg", "pulse_per_min", "heart_rate_per_min", "heart_rate_least_per_min", "heart_rate_most_per_min",
    "oxygen_saturation_percent", "flags", "marks", "device", "manufacturer", "model", "received", "device_time",
    "device_clock_offset_s", "link", "simulated",
  ]

  package static var head: String { CSVText.line(columns) }

  /// - Parameter patient: nil: nobody known.
  package func line(_ reading: Observation, of patient: Patient?, by device: DeviceDescription) -> String {
    func number(_ code: MDCCode, _ statistic: WindowStatistic? = nil) -> String? {
      reading.quantity(code, statistic).map { $0.inMillimetresOfMercury.value.description }
    }
    func time(_ date: Date) -> String { FHIRDateTime.text(date, in: timeZone) }
    let provenance = reading.provenance
    let pulse =
      number(MDC.pulsRateNonInv) ?? number(MDC.pulsOximPulsRate) ?? number(MDC.pulsOximPulsRate, .mean)
    return CSVText.line([
      reading.id.rawValue, patient?.id.rawValue ?? "", CSVText.named(patient?.name), reading.kind.rawValue,
      time(reading.effective.start), time(reading.effective.end), reading.effective.basis.rawValue,
      number(MDC.pressBldNoninvSys) ?? "", number(MDC.pressBldNoninvDia) ?? "", number(MDC.pressBldNoninvMean) ?? "",
      pulse ?? "", number(MDC.ecgHeartRate, .mean) ?? number(MDC.ecgHeartRate) ?? "",
      number(MDC.ecgHeartRate, .minimum) ?? "", number(MDC.ecgHeartRate, .maximum) ?? "",
      number(MDC.pulsOximSatO2, .mean) ?? number(MDC.pulsOximSatO2) ?? "",
      reading.flags.map(\.rawValue).sorted().joined(separator: " "),
      reading.marks.map(\.rawValue).sorted().joined(separator: " "), reading.device.rawValue,
      CSVText.named(device.information.manufacturer), CSVText.named(device.information.model ?? device.name),
      time(provenance.receivedAt), provenance.deviceTime?.verbatim ?? "",
      provenance.clockOffset.map { String(Int($0.rounded())) } ?? "", provenance.authentication.rawValue,
      provenance.isSimulated ? "yes" : "no",
    ])
  }
}
