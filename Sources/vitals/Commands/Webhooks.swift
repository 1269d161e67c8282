import ArgumentParser
import LocalAPI

struct Webhooks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: WebhookText.help.inProcess, discussion: WebhookText.examples.inProcess,
    subcommands: [List.self, Messages.self, Test.self, Redeliver.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: WebhookText.listHelp.inProcess, discussion: WebhookText.examples.inProcess)

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let webhooks = try await common.client.webhooks()
      if console.json { return try console.document(webhooks) }
      if webhooks.isEmpty { return console.say(WebhookText.none) }
      Table(
        heads: [WebhookText.webhook, .address, .lastSuccess, .waiting, .nextAttempt, .lastFailure]
          .map { console.text($0) }, flexible: [0, 1, 5],
        rows: webhooks.map { Webhooks.row($0, console) }
      ).print(to: console)
    }
  }

  struct Messages: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: WebhookText.messagesHelp.inProcess, discussion: WebhookText.examples.inProcess)

    @Argument(help: ArgumentHelp(WebhookText.nameArgument.inProcess))
    var name: String

    @Option(help: ArgumentHelp(WebhookText.stateOption.inProcess))
    var state: StateOfDelivery?

    @Option(help: ArgumentHelp(HelpText.messagesLimit.inProcess, valueName: "count"))
    var limit: Int?

    @OptionGroup var common: CommonOptions

    func validate() throws {
      if let limit, limit < 1 { throw ValidationError.wrong(.atLeast, "--limit", "1") }
    }

    func run() async throws {
      let console = common.console
      let messages = try await common.client.webhookMessages(of: name, state: state?.rawValue, limit: limit)
      if console.json { return try console.document(messages) }
      if messages.isEmpty { return console.say(WebhookText.noMessages) }
      Table(
        heads: [
          console.text(WebhookText.number), console.text(WebhookText.message), console.text(WebhookText.created),
          console.text(ListText.state), console.text(WebhookText.attempts), console.text(WebhookText.reason),
        ], flexible: [5],
        rows: messages.map { message in
          Table.Row(
            cells: [
              message.id, message.message ?? "", message.createdAt.shown(in: console.timeZone),
              Webhooks.word(message.state, console), String(message.attempts), message.lastError ?? "",
            ], style: message.state == "rejected" ? .bad : message.state == "waiting" ? .plain : .faint)
        }
      ).print(to: console)
    }
  }

  struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: WebhookText.testHelp.inProcess, discussion: WebhookText.examples.inProcess)

    @Argument(help: ArgumentHelp(WebhookText.nameArgument.inProcess))
    var name: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
      try Webhooks.say(
        try await common.client.testWebhook(name), took: .tookTest, refused: .refusedTest, common.console)
    }
  }

  struct Redeliver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: WebhookText.redeliverHelp.inProcess, discussion: WebhookText.examples.inProcess)

    @Argument(help: ArgumentHelp(WebhookText.messageArgument.inProcess))
    var id: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
      try Webhooks.say(
        try await common.client.redeliver(id), took: .tookAgain, refused: .refusedAgain, common.console)
    }
  }

  /// - Throws: ``CommandFailure``, said already, when the other side did not take it.
  private static func say(
    _ trial: WebhookTrial, took: WebhookText, refused: WebhookText, _ console: Console
  ) throws {
    if console.json {
      try console.document(trial)
    } else {
      console.say(
        trial.delivered ? took : refused,
        ["name": trial.webhook, "message": trial.message ?? "", "text": trial.answer ?? ""],
        trial.delivered ? .good : .bad)
    }
    if !trial.delivered { throw CommandFailure.silent(.failed) }
  }

  static func row(_ webhook: Webhook, _ console: Console) -> Table.Row {
    var failure = ""
    if let error = webhook.lastError {
      failure =
        webhook.lastFailure.map {
          console.text(WebhookText.failure, ["time": $0.shown(in: console.timeZone), "text": error])
        } ?? error
    }
    return Table.Row(
      cells: [
        webhook.name, webhook.address,
        webhook.lastSuccess?.shown(in: console.timeZone) ?? console.text(WebhookText.never), String(webhook.waiting),
        webhook.waiting == 0 ? "" : webhook.nextAttempt?.shown(in: console.timeZone) ?? console.text(WebhookText.now),
        failure,
      ], style: webhook.failing || webhook.rejected > 0 ? .warning : .plain)
  }

  /// A delivery's state, said.
  static func word(_ state: String, _ console: Console) -> String {
    let key: WebhookText? =
      switch state {
      case "waiting": .stateWaiting
      case "delivered": .stateDelivered
      case "rejected": .stateRejected
      case "cancelled": .stateCancelled
      default: nil
      }
    return key.map { console.text($0) } ?? state
  }
}
