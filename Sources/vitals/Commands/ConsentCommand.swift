import ArgumentParser
import LocalAPI

struct ConsentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consent", abstract: HelpText.consent.inProcess, discussion: HelpText.consentExamples.inProcess,
    subcommands: [Grant.self, Withdraw.self, List.self])

  /// The four words of a consent. None has a default: somebody must have been asked.
  struct Words: ParsableArguments {
    @Option(help: ArgumentHelp(HelpText.consentPatient.inProcess, valueName: "id|name"))
    var patient: String

    @Option(help: ArgumentHelp(HelpText.destination.inProcess))
    var destination: String

    @Option(help: ArgumentHelp(HelpText.who.inProcess))
    var who: String

    @Option(help: ArgumentHelp(HelpText.relationship.inProcess))
    var relationship: String

    func validate() throws {
      for (name, word) in [
        ("patient", patient), ("destination", destination), ("who", who), ("relationship", relationship),
      ] where word.allSatisfy(\.isWhitespace) {
        throw ValidationError.wrong(.empty, "--\(name)")
      }
    }

    var request: ConsentRequest {
      ConsentRequest(patient: patient, destination: destination, who: who, relationship: relationship)
    }
  }

  struct Grant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.consentGrant.inProcess, discussion: HelpText.consentExamples.inProcess)

    @OptionGroup var words: Words
    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let consent = try await common.client.grantConsent(words.request)
      if console.json { return try console.document(consent) }
      console.say(
        ListText.consentGranted,
        [
          "who": consent.who, "relationship": consent.relationship, "person": consent.patientName ?? consent.patient,
          "destination": consent.destination,
        ], .good)
    }
  }

  struct Withdraw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.consentWithdraw.inProcess, discussion: HelpText.consentExamples.inProcess)

    @Option(help: ArgumentHelp(HelpText.consentPatient.inProcess, valueName: "id|name"))
    var patient: String

    @Option(help: ArgumentHelp(HelpText.destination.inProcess))
    var destination: String

    @Option(help: ArgumentHelp(HelpText.whoWithdrawn.inProcess))
    var who: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let withdrawn = try await common.client.withdrawConsent(
        ConsentWithdrawal(patient: patient, destination: destination, who: who))
      if console.json { return try console.document(withdrawn) }
      for consent in withdrawn {
        console.say(
          ListText.consentWithdrawn,
          [
            "who": consent.who, "person": consent.patientName ?? consent.patient, "destination": consent.destination,
          ], .good)
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: HelpText.consentList.inProcess, discussion: HelpText.consentExamples.inProcess)

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let consents = try await common.client.consents()
      if console.json { return try console.document(consents) }
      if consents.isEmpty { return console.say(ListText.noConsents) }
      Table(
        heads: [ListText.person, .destination, .who, .relationship, .granted, .withdrawn].map { console.text($0) },
        flexible: [0, 1, 2, 3],
        rows: consents.map { consent in
          Table.Row(
            cells: [
              consent.patientName ?? consent.patient, consent.destination, consent.who, consent.relationship,
              consent.grantedAt.shown(in: console.timeZone),
              consent.withdrawnAt?.shown(in: console.timeZone) ?? "",
            ], style: consent.withdrawnAt == nil ? .plain : .faint)
        }
      ).print(to: console)
    }
  }
}
