import AlertRules
import Crypto
import Foundation
import HealthRecords
import Observations
import Store

/// What a webhook says: `{"type", "timestamp", "version", "data"}`, the same bytes at every attempt. Its JSON Schema is
/// `Schemas/webhook-message-1.schema.json`.
///
/// Thin by default: that something happened, to whom (the pseudonym), how serious. Values go along only where the
/// configuration says so; a name never. An alert of somebody of the house who is not known has no `patient` and says
/// `unassigned`; one about the gateway or a device has neither, and a `condition`. What is withdrawn (`alert.withdrawn`, `observation.withdrawn`) is named and not repeated: whoever was told
/// must know what to forget, and the values are somebody else's. `timeUncertain` is true where the gateway's own clock was not
/// known to be right: the alert is of the minute in which it was sent, whatever `at` and `timestamp` say.
/// One that tells several changes is of the one that matters most as it stands now, and lists them all in `changes`.
/// `text` says an alert in words, title and body, in the language of whoever is reached there.
/// `ack` is how whoever is told can say that they know, where the configuration has a way; see ``AnswerKey``.
struct WebhookMessage: Hashable {
  /// The same over all attempts. A digest: the key behind it may hold characters that a header or the signed text
  /// (`id.timestamp.body`) must not.
  let id: String
  let json: JSONValue

  /// The number changes when a field goes or gets another meaning; new fields may come without it.
  static let version: Decimal = 1

  var body: [UInt8] { json.bytes }

  /// - Parameters:
  ///   - text: the words for whoever reads it, thin without values; nil: none.
  ///   - offer: how it can be answered from outside; nil: it can't.
  ///   - now: of the attempt: told late, the text begins with the time. Nil: it is told as it was made.
  init(
    _ delivery: Delivery, withValues: Bool, timeZone: TimeZone, text: AlertTextContext? = nil,
    offer: AnswerOffer? = nil, at now: Date? = nil
  ) {
    id = Self.id(of: delivery.idempotencyKey, for: delivery.destination)
    // One who is told of others, too, would take their readings for their own.
    var text = text
    if !delivery.isOfOnlyPerson { text?.isToPatient = false }
    func time(_ date: Date) -> JSONValue { .string(FHIRDateTime.text(date, in: timeZone)) }
    let type: String
    let timestamp: Date
    let data: JSONValue
    switch delivery.content {
    case .alert(let alert, let patient):
      let digest =
        delivery.together.count > 1
        ? AlertMessage(delivery.together).digest(at: now)
        : AlertDigest([alert], waits: [delivery.wait], at: alert.timeIsUncertain == true ? nil : now)
      type = Self.type(of: alert)
      timestamp = digest.changes.map(\.decidedAt).max() ?? alert.decidedAt
      // What is wrong with a thing is not measured.
      let hasValues = withValues && alert.fact == nil
      data = .object([
        "episode": .string(alert.episode.rawValue),
        "rule": .string(alert.rule.rawValue),
        "stage": alert.stage.map { .string($0.rawValue) },
        "severity": .string(alert.severity.rawValue),
        "acknowledgedBy": alert.acknowledgement.map { .string($0.name) },
        "patient": patient.map { .string($0.id.rawValue) },
        "unassigned": patient == nil && alert.fact == nil ? true : nil,
        "condition": alert.fact.map { .string($0.condition.name.rawValue) },
        "about": alert.about.map { .string($0) },
        "detail": alert.fact?.detail.map { .string($0) },
        "since": (alert.since ?? alert.fact?.since).map(time),
        "at": time(alert.at),
        "late": alert.isLate || digest.isLate ? true : nil,
        "simulated": alert.isSimulated ? true : nil,
        "stored": alert.notStored ? false : nil,
        "timeUncertain": alert.timeIsUncertain == true ? true : nil,
        "observation": withValues ? alert.observation.map { .string($0.rawValue) } : nil,
        "component": withValues ? alert.component.map { .string($0.rawValue) } : nil,
        "value": hasValues ? .number(alert.value) : nil,
        "comparison": hasValues ? .string(alert.comparison.rawValue) : nil,
        "limit": hasValues ? .number(alert.limit) : nil,
        "unit": hasValues ? .string(alert.unit.rawValue) : nil,
        "worst": withValues && alert.stage == .summary ? alert.values.flatMap(Self.list) : nil,
        "changes": delivery.together.count > 1
          ? .list(
            delivery.together.map { one in
              let change = one.transition
              return .object([
                "message": .string(Self.id(of: one.key, for: delivery.destination)),
                "type": .string(Self.type(of: change)),
                "episode": .string(change.episode.rawValue),
                "rule": .string(change.rule.rawValue),
                "stage": change.stage.map { .string($0.rawValue) },
                "severity": .string(change.severity.rawValue),
                "acknowledgedBy": change.acknowledgement.map { .string($0.name) },
                "at": time(change.at),
                "component": withValues ? change.component.map { .string($0.rawValue) } : nil,
                "condition": change.fact.map { .string($0.condition.name.rawValue) },
                "about": change.about.map { .string($0) },
                "value": withValues && change.fact == nil ? .number(change.value) : nil,
                "unit": withValues && change.fact == nil ? .string(change.unit.rawValue) : nil,
              ])
            }) : nil,
        "heldBack": digest.flooded.isEmpty
          ? nil
          : .list(
            digest.flooded.sorted { $0.key.rawValue < $1.key.rawValue }.map { rule, count in
              .object(["rule": .string(rule.rawValue), "count": .number(Decimal(count))])
            }),
        "text": text.map { Self.said(withValues ? AlertText(digest, $0) : .thin(digest, $0)) },
        "ack": offer.map { offer in
          .object([
            "token": offer.token.map(JSONValue.string), "replyUrl": offer.replyURL.map(JSONValue.string),
            "url": offer.pageURL.map(JSONValue.string), "until": time(offer.until),
          ])
        },
      ])
    case .observation(let observation, let patient, _):
      type = "observation.stored"
      timestamp = observation.provenance.receivedAt
      data = .object([
        "observation": .string(observation.id.rawValue),
        "kind": .string(observation.kind.rawValue),
        "patient": .string(patient.id.rawValue),
        "start": observation.effective.start == observation.effective.end ? nil : time(observation.effective.start),
        "at": time(observation.effective.end),
        "simulated": observation.provenance.isSimulated ? true : nil,
        "values": withValues ? .list(observation.components.compactMap(Self.value)) : nil,
        "flags": withValues ? .list(observation.flags.map(\.rawValue).sorted().map(JSONValue.string)) : nil,
      ])
    case .alertWithdrawn(let alert, let patient):
      type = "alert.withdrawn"
      timestamp = delivery.createdAt
      data = .object([
        "episode": .string(alert.episode.rawValue),
        "rule": .string(alert.rule.rawValue),
        "severity": .string(alert.severity.rawValue),
        // The message that is taken back; with "firing", all of the episode.
        "withdrawn": .string("alert.\(alert.word)"),
        "patient": patient.map { .string($0.id.rawValue) },
        "unassigned": patient == nil && alert.fact == nil ? true : nil,
        "at": time(alert.at),
        "simulated": alert.isSimulated ? true : nil,
        "text": text.map { Self.said(.withdrawn(alert, $0)) },
      ])
    case .observationWithdrawn(let observation, let patient, _):
      type = "observation.withdrawn"
      timestamp = delivery.createdAt
      data = .object([
        "observation": .string(observation.id.rawValue),
        "kind": .string(observation.kind.rawValue),
        "patient": .string(patient.id.rawValue),
        "at": time(observation.effective.end),
        "simulated": observation.provenance.isSimulated ? true : nil,
      ])
    }
    json = Self.message(type, time(timestamp), data)
  }

  /// What `vitals webhooks test` sends: of nobody, marked as a test by its type and in its data, under a new id each time.
  init(test destination: DestinationID, at now: Date, timeZone: TimeZone) {
    id = "msg_test_" + (0..<16).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    json = Self.message(
      "test", .string(FHIRDateTime.text(now, in: timeZone)),
      .object(["test": true, "destination": .string(destination.rawValue)]))
  }

  /// Nothing is open after a summary, so nothing will be told to have ended.
  private static func type(of alert: AlertTransition) -> String {
    alert.stage == .summary ? "alert.summary" : "alert.\(alert.word)"
  }

  private static func message(_ type: String, _ time: JSONValue, _ data: JSONValue) -> JSONValue {
    .object(["type": .string(type), "timestamp": time, "version": .number(version), "data": data])
  }

  /// The id of the message that tells what has this key, for a list: no content is needed for it.
  static func id(of idempotencyKey: String, for destination: DestinationID) -> String {
    let digest = SHA256.hash(data: Data("\(destination)|\(idempotencyKey)".utf8))
    return "msg_" + digest.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func said(_ text: AlertText) -> JSONValue {
    .object(["title": .string(text.title), "body": .string(text.body)])
  }

  private static func list(_ values: [AlertComponent: Decimal]) -> JSONValue? {
    .list(
      values.sorted { $0.key.rawValue < $1.key.rawValue }.map { component, value in
        .object([
          "component": .string(component.rawValue), "value": .number(value), "unit": .string(component.unit.rawValue),
        ])
      })
  }

  private static func value(_ component: ObservationComponent) -> JSONValue? {
    guard let quantity = component.value.quantity?.inMillimetresOfMercury else { return nil }
    return .object([
      "code": .number(Decimal(component.code.rawValue)),
      "name": .string(component.code.description),
      "statistic": component.statistic.map { .string($0.rawValue) },
      "value": .number(quantity.value),
      "unit": .string(quantity.unit.rawValue),
    ])
  }
}
