import ArgumentParser
import Foundation
import LocalAPI

struct Patients: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: HelpText.patients.inProcess, discussion: HelpText.patientsExamples.inProcess,
    subcommands: [Add.self, Set.self, Identifiers.self, List.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.patientsAdd.inProcess, discussion: HelpText.patientsExamples.inProcess)

    @Argument(help: ArgumentHelp(HelpText.personName.inProcess))
    var name: String

    @Option(help: ArgumentHelp(HelpText.patientGroup.inProcess))
    var group: Group = .adult

    @OptionGroup var common: CommonOptions

    func validate() throws {
      if name.allSatisfy(\.isWhitespace) { throw ValidationError.wrong(.emptyName) }
    }

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

    @Argument(help: ArgumentHelp(HelpText.personArgument.inProcess))
    var patient: String

    @Option(help: ArgumentHelp(HelpText.patientGroup.inProcess))
    var group: Group?

    @Option(help: ArgumentHelp(HelpText.patientIdentifier.inProcess))
    var identifier: IdentifierKind?

    @Option(help: ArgumentHelp(HelpText.patientIdentifierFrom.inProcess, valueName: "file"))
    var from: String?

    @Flag(help: ArgumentHelp(HelpText.patientIdentifierRemove.inProcess))
    var remove = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
      if group == nil, identifier == nil { throw ValidationError(HelpText.patientSetNothing.inProcess) }
      if identifier == nil, from != nil || remove { throw ValidationError(HelpText.patientSetNoKind.inProcess) }
      if from != nil, remove { throw ValidationError(HelpText.patientSetBoth.inProcess) }
    }

    func run() async throws {
      let console = common.console
      var shown: Patient?
      if let group {
        let changed = try await common.client.setGroup(GroupChange(patient: patient, group: group.rawValue))
        shown = changed
        if !console.json { Patients.sayLimits(of: changed, console) }
      }
      if let identifier {
        let value = remove ? nil : try Self.number(identifier, from: from, console, line: { readLine() })
        let changed = try await common.client.setIdentifier(
          IdentifierChange(patient: patient, kind: identifier.rawValue, value: value))
        shown = changed
        console.say(
          remove ? ListText.identifierRemoved : ListText.identifierKept,
          ["kind": identifier.rawValue, "name": changed.name], .good)
      }
      if console.json, let shown { try console.document(shown) }
    }

    /// The number: never an argument, which every program of the machine can read. From a file, or from standard input.
    static func number(
      _ kind: IdentifierKind, from file: String?, _ console: Console, line: () -> String?
    ) throws -> String {
      let text: String?
      if let file {
        guard let whole = try? String(contentsOfFile: file, encoding: .utf8) else {
          throw CommandFailure(.failed, console.text(ListText.identifierUnreadable, ["file": file]))
        }
        text = whole
      } else {
        console.ask(console.text(ListText.identifierAsk, ["kind": kind.rawValue]))
        text = line()
      }
      let number = (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
      guard !number.isEmpty else { throw CommandFailure(.failed, console.text(ListText.identifierNone)) }
      return number
    }
  }

  /// What a number is, said by whoever types it: twelve digits are not guessed to be anything.
  enum IdentifierKind: String, ExpressibleByArgument, CaseIterable {
    case citizen = "cccd"
    case health = "health-id"
    case insuranceCard = "bhyt-15"
    case insuranceNumber = "bhyt-10"
  }

  struct Identifiers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.patientsIdentifiers.inProcess, discussion: HelpText.patientsExamples.inProcess)

    @Argument(help: ArgumentHelp(HelpText.personArgument.inProcess))
    var patient: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let identifiers = try await common.client.identifiers(of: patient)
      if console.json { return try console.document(identifiers) }
      if identifiers.isEmpty { return console.say(ListText.noIdentifiers) }
      Table(
        heads: [ListText.identifierKind, .identifierNumber].map { console.text($0) },
        rows: identifiers.map { Table.Row(cells: [$0.kind, $0.value]) }
      ).print(to: console)
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
        heads: [ListText.name, .id, .limits, .added].map { console.text($0) }, flexible: [0],
        rows: patients.map {
          Table.Row(
            cells: [$0.name, $0.id, Patients.word($0.group, console), $0.addedAt.shown(in: console.timeZone)])
        }
      ).print(to: console)
    }
  }
}
