import ArgumentParser
import Gateway

/// `vitalsd`: the daemon, and the offline commands that `vitals` passes on to it.
@main
struct Vitalsd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vitalsd",
    abstract: "Reads blood-pressure and heart-rate devices, keeps, alerts, forwards.",
    discussion: """
      EXAMPLES
        vitalsd run --config /etc/vitals/vitalsd.yaml
        vitalsd check /etc/vitals/vitalsd.yaml /etc/vitals/rules.d
        vitalsd decode --characteristic 2A35 0e80005100610000

      EXIT STATUS
        0 well · 1 failed, or something was found wrong · 64 the arguments are off
      """,
    version: GatewayDaemon.version,
    subcommands: [
      Run.self, Check.self, Decode.self, Supported.self, Learn.self, RulesTest.self, Texts.self, Example.self,
      Key.self, Restore.self,
    ],
    defaultSubcommand: Run.self)
}
