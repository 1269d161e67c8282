import AlertRules
import Foundation
import LocalAPI
import Observations

/// Readings and alerts on standard output, for a person who watches (`make run`). Never used by the service: there,
/// standard output is the journal, and a journal holds no readings.
struct ConsoleOutput {
  let timeZone: @Sendable () -> TimeZone
  let ingest: Ingest

  func run() async {
    // A terminal that is held (Ctrl-S) takes nothing: what is too old by then is left out.
    let (events, continuation) = AsyncStream.makeStream(
      of: Ingest.IngestEvent.self, bufferingPolicy: .bufferingNewest(1_000))
    let watch = ingest.watch { event in
      if case .live = event { return }
      continuation.yield(event)
    }
    defer { watch.cancel() }
    for await event in events {
      switch event {
      case .stored(let observation): say(Self.line(observation, in: timeZone()))
      case .alert(let transition): say(Self.line(transition, in: timeZone()))
      case .live: continue
      }
    }
  }

  private func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  static func line(_ observation: Observation, in timeZone: TimeZone) -> String {
    let time = Timestamp(observation.effective.end).shown(in: timeZone)
    func number(_ code: MDCCode, _ statistic: WindowStatistic? = nil) -> String {
      observation.quantity(code, statistic)?.value.description ?? "?"
    }
    var words: String
    switch observation.kind {
    case .bloodPressure:
      words = "\(number(MDC.pressBldNoninvSys))/\(number(MDC.pressBldNoninvDia)) mmHg"
      if let pulse = observation.quantity(MDC.pulsRateNonInv) { words += ", pulse \(pulse.value) /min" }
    case .homeAverage:
      words =
        "home average \(number(MDC.pressBldNoninvSys, .mean))/\(number(MDC.pressBldNoninvDia, .mean)) mmHg of "
        + "\(number(MDC.pressBldNoninv, .count)) readings"
    case .heartRate:
      words =
        "heart rate \(number(MDC.ecgHeartRate, .mean)) /min (\(number(MDC.ecgHeartRate, .minimum)) to "
        + "\(number(MDC.ecgHeartRate, .maximum)))"
    case .oxygenSaturation:
      let isWindow = observation.quantity(MDC.pulsOximSatO2, .mean) != nil
      words = "oxygen saturation \(number(MDC.pulsOximSatO2, isWindow ? .mean : nil)) %"
      if isWindow {
        words += " (\(number(MDC.pulsOximSatO2, .minimum)) to \(number(MDC.pulsOximSatO2, .maximum)))"
      }
      if let pulse = observation.quantity(MDC.pulsOximPulsRate, isWindow ? .mean : nil) {
        words += ", pulse \(pulse.value) /min"
      }
    }
    for flag in observation.flags.map(\.rawValue).sorted() { words += ", \(flag)" }
    for mark in observation.marks.map(\.rawValue).sorted() { words += ", \(mark)" }
    return prefix(observation.provenance.isSimulated) + "\(time)  \(words)  [\(observation.provenance.profile)]"
  }

  static func line(_ transition: AlertTransition, in timeZone: TimeZone) -> String {
    let time = Timestamp(transition.at).shown(in: timeZone)
    var value = "\(transition.measure) \(transition.value)"
    if transition.component != nil { value += " \(transition.unit.display)" }
    if transition.fact != nil { value += " \(transition.unit.display)" + (transition.about.map { " of \($0)" } ?? "") }
    if let stage = transition.stage { value += ", \(stage.rawValue)" }
    let words =
      transition.to == .firing
      ? "ALERT (\(transition.severity.rawValue)): \(value), limit \(transition.limit) [\(transition.rule)]"
      : "over: \(value) [\(transition.rule)]"
    return prefix(transition.isSimulated) + "\(time)  \(words)" + (transition.notStored ? " (NOT STORED)" : "")
      + (transition.timeIsUncertain == true ? " (TIME UNCERTAIN)" : "")
  }

  private static func prefix(_ isSimulated: Bool) -> String { isSimulated ? "[SIMULATED] " : "" }
}
