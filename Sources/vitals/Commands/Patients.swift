import ArgumentParser
import LocalAPI

struct Patients: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.patients.inProcess, discussion: HelpText.patientsExamples.inProcess,
    subcommands: [Add.self, List.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.patientsAdd.inProcess, discussion: HelpText.patientsExamples.inProcess)

    @Argument(help: ArgumentHelp(HelpText.personName.inProcess))
    var name: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let patient = try await common.client.addPatient(NewPatient(name: name))
      if console.json { return try console.document(patient) }
      console.say(ListText.patientAdded, ["name": patient.name, "id": patient.id], .good)
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
        heads: [ListText.name, .id, .added].map { console.text($0) },
        rows: patients.map { Table.Row(cells: [$0.name, $0.id, $0.addedAt.shown(in: console.timeZone)]) }
      ).print(to: console)
    }
  }
}
