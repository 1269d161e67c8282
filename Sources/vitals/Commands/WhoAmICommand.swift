import ArgumentParser
import LocalAPI

struct WhoAmICommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "whoami", abstract: RoleText.whoami.inProcess, discussion: RoleText.whoamiExamples.inProcess)

  @OptionGroup var common: CommonOptions

  private static func word(_ role: Role) -> RoleText {
    switch role {
    case .own: .ownWord
    case .operate: .operateWord
    case .administer: .administerWord
    }
  }

  func run() async throws {
    let console = common.console
    let me = try await common.client.whoAmI()
    if console.json { return try console.document(me) }
    console.say(
      RoleText.youAre, ["user": UserName.shown(me.uid, name: me.user), "role": console.text(Self.word(me.role))])
    switch me.role {
    case .own:
      let names = (me.patients ?? []).map { "\($0.name) (\($0.id))" }
      console.say(
        names.isEmpty
          ? console.text(RoleText.ownNobody) : console.text(RoleText.own, ["names": names.joined(separator: ", ")]))
    case .operate: console.say(RoleText.operate)
    case .administer: console.say(RoleText.administer)
    }
    let commands = CommandNeed.all.filter { $0.role.map { $0 <= me.role } ?? true }.map(\.command)
    console.say(RoleText.commands, ["names": commands.joined(separator: ", ")])
  }
}
