import ArgumentParser
import LocalAPI

struct Deliveries: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: DeliveryText.help.inProcess, discussion: DeliveryText.examples.inProcess,
    subcommands: [List.self, Show.self, Retry.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: DeliveryText.listHelp.inProcess, discussion: DeliveryText.examples.inProcess)

    @Option(help: ArgumentHelp(DeliveryText.destinationOption.inProcess))
    var destination: String?

    @Option(help: ArgumentHelp(DeliveryText.stateOption.inProcess))
    var state: StateOfDelivery?

    @Option(help: ArgumentHelp(HelpText.deliveriesLimit.inProcess, valueName: "count"))
    var limit: Int?

    @OptionGroup var common: CommonOptions

    func validate() throws {
      if let limit, limit < 1 { throw ValidationError.wrong(.atLeast, "--limit", "1") }
    }

    func run() async throws {
      let console = common.console
      let deliveries = try await common.client.deliveries(
        destination: destination, state: state?.rawValue, limit: limit)
      if console.json { return try console.document(deliveries) }
      if deliveries.isEmpty { return console.say(DeliveryText.none) }
      Table(
        heads: [
          console.text(DeliveryText.number), console.text(DeliveryText.destination), console.text(DeliveryText.content),
          console.text(WebhookText.created), console.text(ListText.state), console.text(WebhookText.attempts),
          console.text(WebhookText.nextAttempt), console.text(WebhookText.reason),
        ], flexible: [1, 7], rows: deliveries.map { Deliveries.row($0, console) }
      ).print(to: console)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: DeliveryText.showHelp.inProcess, discussion: DeliveryText.examples.inProcess)

    @Argument(help: ArgumentHelp(DeliveryText.idArgument.inProcess))
    var id: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
      let console = common.console
      let detail = try await common.client.delivery(id)
      if console.json { return try console.document(detail) }
      Self.show(detail, console)
    }

    static func show(_ detail: DeliveryDetail, _ console: Console) {
      let delivery = detail.delivery
      let lines = [
        (console.text(DeliveryText.number), delivery.id),
        (console.text(DeliveryText.destination), delivery.destination),
        (console.text(DeliveryText.content), Deliveries.word(of: delivery, console)),
        (console.text(DeliveryText.subject), delivery.subject),
        (console.text(WebhookText.created), delivery.createdAt.shown(in: console.timeZone)),
        (console.text(ListText.state), Webhooks.word(delivery.state, console)),
        (console.text(WebhookText.attempts), String(delivery.attempts)),
        (console.text(DeliveryText.firstTried), delivery.firstAttemptAt?.shown(in: console.timeZone) ?? ""),
        (console.text(WebhookText.reason), delivery.lastError ?? ""),
      ]
      for (name, value) in lines where !value.isEmpty { console.say("\(name): \(value)") }
      if let answer = detail.answer {
        console.say(DeliveryText.answer)
        console.say(answer)
      }
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: DeliveryText.retryHelp.inProcess, discussion: DeliveryText.examples.inProcess)

    @Argument(help: ArgumentHelp(DeliveryText.nameArgument.inProcess))
    var name: String

    @OptionGroup var common: CommonOptions

    /// A destination's name may be a number too, though nobody calls one so.
    var request: DeliveryRetry {
      Int64(name) == nil ? DeliveryRetry(destination: name) : DeliveryRetry(id: name)
    }

    func run() async throws {
      let console = common.console
      let retried = try await common.client.retry(request)
      if console.json { return try console.document(retried) }
      if retried.count == 0 { return console.say(DeliveryText.nothingTried) }
      console.say(DeliveryText.tried, ["count": String(retried.count)], .good)
    }
  }

  /// What it carries, said; one that this program does not know is shown as it came.
  private static func word(of delivery: Delivery, _ console: Console) -> String {
    switch delivery.content {
    case "alert": console.text(DeliveryText.alertContent)
    case "observation": console.text(DeliveryText.readingContent)
    default: delivery.content
    }
  }

  private static func row(_ delivery: Delivery, _ console: Console) -> Table.Row {
    Table.Row(
      cells: [
        delivery.id, delivery.destination, word(of: delivery, console), delivery.createdAt.shown(in: console.timeZone),
        Webhooks.word(delivery.state, console), String(delivery.attempts),
        delivery.dueAt?.shown(in: console.timeZone) ?? "", delivery.lastError ?? "",
      ], style: delivery.state == "rejected" ? .bad : delivery.state == "waiting" ? .plain : .faint)
  }
}
