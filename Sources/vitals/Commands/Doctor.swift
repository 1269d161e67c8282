import ArgumentParser
import LocalAPI

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.doctor.inProcess, discussion: HelpText.doctorExamples.inProcess)

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let console = common.console
    let report = try await common.client.doctor()
    if console.json {
      try console.document(report)
    } else {
      Self.show(report, console)
    }
    if report.verdict == .fail { throw CommandFailure.silent(.failed) }
  }

  static func show(_ report: DoctorReport, _ console: Console) {
    for check in report.checks {
      let words = HealthWords(
        kind: check.kind, parameters: check.parameters ?? [:], title: check.what, remedy: check.remedy, console.language
      )
      // What is well has nothing but English to say; that it is well is enough in another language.
      let isWell = check.verdict == .ok && check.kind == nil && console.language != .en
      console.say(
        "[\(console.text(verdict(check.verdict)))] \(name(check.id, console.language)): "
          + (isWell ? console.text(DoctorText.well) : words.title),
        check.verdict == .ok ? .good : check.verdict == .warn ? .warning : .bad)
      if check.verdict != .ok, let remedy = words.remedy {
        console.say("  " + console.text(StatusText.remedy, ["text": remedy]))
      }
    }
    switch report.verdict {
    case .ok: console.say(StatusText.allWell, [:], .good)
    case .warn: console.say(StatusText.somethingToDo, [:], .warning)
    case .fail: console.say(StatusText.somethingBroken, [:], .bad)
    }
  }

  private static func verdict(_ verdict: DoctorReport.Verdict) -> StatusText {
    switch verdict {
    case .ok: .verdictOK
    case .warn: .verdictWarn
    case .fail: .verdictFail
    }
  }

  /// `destination:clinic` is the destination, clinic; an unknown id stands for itself.
  private static func name(_ id: String, _ language: Language) -> String {
    let parts = id.split(separator: ":", maxSplits: 1).map(String.init)
    let key: StatusText? =
      switch parts.first {
      case DoctorReport.Check.Kind.adapter: .checkAdapter
      case DoctorReport.Check.Kind.permissions: .checkPermissions
      case DoctorReport.Check.Kind.rivalServices: .checkRivals
      case DoctorReport.Check.Kind.usb: .checkUSB
      case DoctorReport.Check.Kind.ant: .checkANT
      case DoctorReport.Check.Kind.kernel: .checkKernel
      case DoctorReport.Check.Kind.clock: .checkClock
      case DoctorReport.Check.Kind.disk: .checkDisk
      case DoctorReport.Check.Kind.encryption: .checkEncryption
      case DoctorReport.Check.Kind.store: .checkStore
      case DoctorReport.Check.Kind.copies: .checkCopies
      case DoctorReport.Check.Kind.destination: .checkDestination
      default: nil
      }
    guard let key else { return id }
    return parts.count > 1 ? "\(language.text(key)) \(parts[1])" : language.text(key)
  }
}
