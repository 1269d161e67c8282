import ArgumentParser
import LocalAPI

/// `vitals reload`.
struct ReloadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: ReloadText.help.inProcess, discussion: ReloadText.examples.inProcess)

  @OptionGroup var common: CommonOptions

  func run() async throws { try Self.say(await common.client.reload(), common.console) }

  /// - Throws: ``CommandFailure``, said already, when nothing was taken.
  static func say(_ answer: ReloadAnswer, _ console: Console) throws {
    if console.json {
      try console.document(answer)
    } else if answer.applied {
      for change in answer.changes { console.say(line(change, console)) }
      console.say(
        answer.changes.isEmpty ? ReloadText.nothingChanged : .taken, ["count": "\(answer.changes.count)"], .good)
      if answer.closedAlerts > 0 { console.say(ReloadText.closedAlerts, ["count": "\(answer.closedAlerts)"], .warning) }
      if answer.closedDeliveries > 0 {
        console.say(ReloadText.closedDeliveries, ["count": "\(answer.closedDeliveries)"], .warning)
      }
    } else {
      for error in answer.errors { console.say(error.text(isVietnamese: console.language == .vi)) }
      console.say(ReloadText.notTaken, ["count": "\(answer.errors.count)"], .bad)
    }
    if !answer.applied { throw CommandFailure.silent(.failed) }
  }

  private static func line(_ change: ReloadAnswer.Change, _ console: Console) -> String {
    let what: ReloadText =
      switch change.what {
      case .rule: .rule
      case .destination: .destination
      case .contact: .contact
      case .profile: .profile
      case .setting: .setting
      }
    let sign =
      switch change.change {
      case .added: "+"
      case .removed: "-"
      case .changed: "~"
      }
    let word: ReloadText =
      switch change.change {
      case .added: .added
      case .removed: .removed
      case .changed: .changed
      }
    return "\(sign) \(console.text(what)) \(change.name): \(console.text(word))"
  }
}
