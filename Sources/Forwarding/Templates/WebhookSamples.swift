import AlertRules
import Foundation
import HealthRecords
import Observations
import Store

/// Messages of every type, thin and with values, that a template is tried on before an alert depends on it. Their texts
/// hold what breaks a body that is not escaped.
enum WebhookSamples {
  static let all: [JSONValue] =
    deliveries.flatMap { delivery in
      [(false, nil), (true, both), (true, reply)].map { withValues, ways in
        WebhookMessage(
          delivery, withValues: withValues, timeZone: .gmt, text: text,
          offer: ways?.offer(delivery, to: ContactID(rawValue: awkward), at: delivery.createdAt)
        ).json
      }
    } + [WebhookMessage(test: destination, at: moment, timeZone: .gmt).json]

  private static let key = AnswerKey(Array(repeating: 0, count: 32))
  private static let both = AnswerWays(
    key: key, lasting: 86_400, replyURL: "https://ntfy.example/topic", pageAddress: "https://box.example")
  private static let reply = AnswerWays(key: key, lasting: 86_400, replyURL: "https://ntfy.example/topic")
  private static let text = AlertTextContext(
    language: .vi, timeZone: .gmt, person: awkward, emergencyNumber: "115")
  private static let awkward = "a \"quoted\" \\ and {{braced}}\nname"
  private static let destination = DestinationID(rawValue: awkward)
  private static let moment = Date(timeIntervalSince1970: 1_773_100_805)
  private static let device = DeviceID(rawValue: awkward)
  private static let patient = Patient(id: PatientID(rawValue: awkward), name: awkward, addedAt: moment)

  static var deliveries: [Delivery] {
    var contents: [DeliveryContent] = [
      .observation(observation, patient, description), .observationWithdrawn(observation, patient, description),
    ]
    for alert in alerts {
      let patient = alert.patient == nil ? nil : patient
      contents += [.alert(alert, patient), .alertWithdrawn(alert, patient)]
    }
    return contents.map(delivery) + [together]
  }

  /// Several changes in one message.
  private static var together: Delivery {
    let changes = [
      alert(.urgent, .firing, stage: .first), alert(.urgent, .firing, stage: .acknowledged), alert(.urgent, .resolved),
    ]
    let waiting = changes.enumerated().map { number, change in
      WaitingAlert(id: Int64(number), transition: change, key: awkward, wait: .flood, group: 0)
    }
    return delivery(.alert(changes[0], patient)).telling(AlertMessage(waiting), patient)
  }

  private static func delivery(_ content: DeliveryContent) -> Delivery {
    Delivery(
      id: DeliveryID(rawValue: -1), destination: destination, idempotencyKey: awkward, content: content, attempts: 0,
      createdAt: moment)
  }

  private static var alerts: [AlertTransition] {
    var alerts: [AlertTransition] = []
    for severity in AlertSeverity.allCases {
      alerts.append(alert(severity, .firing))
      alerts.append(alert(severity, .resolved))
    }
    alerts += AlertStage.allCases.map { alert(.urgent, .firing, stage: $0) }
    var unknown = alert(.urgent, .firing)
    unknown.patient = nil
    unknown.isSimulated = true
    unknown.notStored = true
    unknown.timeIsUncertain = true
    var thing = alert(.warning, .firing)
    thing.patient = nil
    thing.device = .gateway
    thing.observation = nil
    thing.component = nil
    thing.unit = .minute
    thing.fact = GatewayFact(GatewayCondition(.destinationDown, destination: destination), holds: true)
    thing.fact?.since = moment
    thing.fact?.detail = awkward
    var ended = thing
    ended.to = .resolved
    var device = thing
    device.fact = GatewayFact(GatewayCondition(.batteryLow, device: self.device), value: 15, label: awkward)
    return alerts + [unknown, thing, ended, device]
  }

  private static func alert(
    _ severity: AlertSeverity, _ phase: AlertPhase, stage: AlertStage? = nil
  ) -> AlertTransition {
    var alert = AlertTransition(
      episode: EpisodeID(rawValue: awkward), rule: RuleID(rawValue: awkward), severity: severity, patient: patient.id,
      device: device, from: nil, to: phase, at: moment, decidedAt: moment.addingTimeInterval(3600),
      observation: ObservationID(rawValue: awkward), component: .systolic, value: 187, comparison: .atLeast, limit: 180,
      unit: .millimetreOfMercury, isSimulated: false, stage: stage)
    if stage == .acknowledged {
      alert.acknowledgement = Acknowledgement(
        by: ContactID(rawValue: awkward), role: .caregiver, at: moment, value: 187)
    }
    if stage == .summary {
      alert.since = moment
      alert.values = [.systolic: 187, .diastolic: 121]
    }
    return alert
  }

  private static var description: DeviceDescription {
    DeviceDescription(
      id: device, address: nil, name: nil, profile: "sig/blood-pressure", information: DeviceInformation())
  }

  private static var observation: Observation {
    Observation(
      id: ObservationID(rawValue: awkward), identity: ReadingIdentity(device: device, time: "", format: "", bytes: []),
      kind: .bloodPressure, device: device, patient: patient.id, userSlot: nil,
      effective: EffectiveTime(span: .period(moment, moment.addingTimeInterval(60)), basis: .deviceClock),
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(187, .millimetreOfMercury))),
        ObservationComponent(MDC.pressBldNoninvDia, .quantity(Quantity(121, .millimetreOfMercury))),
      ], flags: [.irregularPulse, .bodyMovement], marks: [],
      provenance: Provenance(
        format: "", bytes: [], deviceTime: nil, clockOffset: nil, receivedAt: moment, profile: "sig/blood-pressure",
        driver: "", authentication: .bonded, isSimulated: false))
  }
}
