import ArgumentParser
import LocalAPI

struct Patients: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.patients.inProcess, discussion: HelpText.patientsExamples.inProcess,
    subcommands: [Add.self, Set.self, List.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.patientsAdd.inProcess, discussion: HelpText.patientsExamples.inProcess)

    @Argument(help: ArgumentHelp(HelpText.personName.inProcess))
    var name: String

    @Option(help: ArgumentHelp(HelpText.patientGroup.inProcess))
    var group: Group = .adult

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let patient = try await common.client.addPatient(NewPatient(name: name, group: group.rawValue))
      if console.json { return try console.document(patient) }
      console.say(ListText.patientAdded, ["name": patient.name, "id": patient.id], .good)
      Patients.sayLimits(of: patient, console)
    }
  }

  /// Whose limits hold; the daemon's own word.
  enum Group: String, ExpressibleByArgument, CaseIterable { case adult, child, pregnancy }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.patientsSet.inProcess, discussion: HelpText.patientsExamples.inProcess)

    @Argument(help: ArgumentHelp(HelpText.patientOption.inProcess))
    var patient: String

    @Option(help: ArgumentHelp(HelpText.patientGroup.inProcess))
    var group: Group

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let patient = try await common.client.setGroup(GroupChange(patient: patient, group: group.rawValue))
      if console.json { return try console.document(patient) }
      Patients.sayLimits(of: patient, console)
    }
  }

  private static func sayLimits(of patient: Patient, _ console: Console) {
    console.say(
      patient.group == "adult" ? ListText.limitsOfAdults : ListText.limitsOfNobody,
      ["name": patient.name, "id": patient.id])
  }

  private static func word(_ group: String, _ console: Console) -> String {
    switch Group(rawValue: group) {
    case .adult: console.text(ListText.adult)
    case .child: console.text(ListText.child)
    case .pregnancy: console.text(ListText.pregnancy)
    case nil: group
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.patientsList.inProcess, discussion: HelpText.patientsExamples.inProcess)

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let patients = try await common.client.patients()
      if console.json { return try console.document(patients) }
      if patients.isEmpty { return console.say(ListText.noPatients) }
      Table(
        heads: [ListText.name, .id, .limits, .added].map { console.text($0) },
        rows: patients.map {
          Table.Row(
            cells: [$0.name, $0.id, Patients.word($0.group, console), $0.addedAt.shown(in: console.timeZone)])
        }
      ).print(to: console)
    }
  }
}
