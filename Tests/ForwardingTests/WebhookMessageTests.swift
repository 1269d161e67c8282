import AlertRules
import Foundation
import HealthRecords
import Observations
import Store
import Testing

@testable import Forwarding

@Suite struct WebhookMessageTests {
  // The vectors of Standard Webhooks' own libraries (libraries/python/tests, libraries/rust/src/lib.rs).
  @Test(arguments: [
    (
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330,
      #"{"test": 2432232314}"#, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    ),
    (
      "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1_649_367_553,
      #"{"email":"test@example.com","username":"test_user"}"#, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
    ),
  ])
  func aSignatureIsTheStandards(_ secret: String, _ id: String, _ time: Int, _ body: String, _ signature: String) throws
  {
    let secret = try #require(WebhookSecret(secret))
    #expect(secret.signature(id: id, timestamp: time, body: Array(body.utf8)) == signature)
  }

  @Test(arguments: ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_????"])
  func whatIsNoSecret(_ text: String) { #expect(WebhookSecret(text) == nil) }

  static func alert(notStored: Bool = false, patient: PatientID = PatientID(rawValue: "p-abc")) -> Delivery {
    let transition = AlertTransition(
      episode: EpisodeID(rawValue: "e1"), rule: RuleID(rawValue: "severe"), severity: .urgent,
      patient: patient, device: Household.cuff.id, from: nil, to: .firing, at: Household.moment,
      decidedAt: Household.moment.addingTimeInterval(30), observation: ObservationID(rawValue: "o1"),
      component: .systolic,
      value: 187, comparison: .atLeast, limit: 180, unit: .millimetreOfMercury, isSimulated: false, notStored: notStored
    )
    return Delivery(
      id: DeliveryID(rawValue: -1), destination: Household.webhook, idempotencyKey: transition.idempotencyKey,
      content: .alert(transition, Patient(id: patient, name: "Bà Nội", addedAt: .distantPast)),
      attempts: 0, createdAt: Household.moment)
  }

  @Test func anAlertOfAnUncertainTimeSaysSo() throws {
    guard case .alert(var alert, let patient) = Self.alert().content else { return }
    alert.timeIsUncertain = true
    var delivery = Self.alert()
    delivery.content = .alert(alert, patient)
    #expect(
      try text(delivery, withValues: false).hasSuffix(
        #""patient":"p-abc","at":"2026-03-10T07:00:05+07:00","timeUncertain":true}}"#))
  }

  /// The router was off since noon: what arrives in the evening begins with the time of the reading.
  @Test func whatLeavesLateBeginsWithTheTime() throws {
    let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
    let context = AlertTextContext(language: .vi, timeZone: zone, emergencyNumber: "115", isToPatient: false)
    let delivery = Self.alert()
    let decided = Household.moment.addingTimeInterval(30)
    func body(_ seconds: Double) throws -> String {
      let message = WebhookMessage(
        delivery, withValues: true, timeZone: zone, text: context, at: decided.addingTimeInterval(seconds))
      guard case .string(let body)? = message.json["data"]?["text"]?["body"] else { return "" }
      #expect((message.json["data"]?["late"] != nil) == (abs(seconds) > 60))
      #expect(message.id == WebhookMessage(delivery, withValues: true, timeZone: zone).id)
      return body
    }
    for seconds: Double in [0, 60, -60, 61, 8 * 3600, -7200] {
      let text = try body(seconds)
      #expect(text.hasPrefix("Lúc ") == (abs(seconds) > 60), "\(seconds): \(text)")
    }
  }

  private func text(_ delivery: Delivery, withValues: Bool) throws -> String {
    let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
    return String(
      decoding: WebhookMessage(delivery, withValues: withValues, timeZone: zone).body, as: UTF8.self)
  }

  @Test func anAlertIsThinUnlessValuesAreAskedFor() throws {
    let head =
      #"{"type":"alert.firing","timestamp":"2026-03-10T07:00:35+07:00","version":1,"data":{"episode":"e1","rule":"severe","#
    #expect(
      try text(Self.alert(), withValues: false)
        == head + #""severity":"urgent","patient":"p-abc","at":"2026-03-10T07:00:05+07:00"}}"#)
    #expect(
      try text(Self.alert(notStored: true), withValues: true)
        == head + #""severity":"urgent","patient":"p-abc","at":"2026-03-10T07:00:05+07:00","stored":false,"#
        + #""observation":"o1","component":"systolic","value":187,"comparison":"at-least","limit":180,"unit":"mm[Hg]"}}"#
    )
  }

  @Test func aSummaryIsNeitherABeginningNorAnEnd() throws {
    var delivery = Self.alert()
    guard case .alert(var alert, let patient) = delivery.content else { return }
    alert.stage = .summary
    alert.since = alert.at.addingTimeInterval(-3600)
    alert.decidedAt = alert.at.addingTimeInterval(86_400)
    delivery.content = .alert(alert, patient)
    #expect(
      try text(delivery, withValues: false)
        == #"{"type":"alert.summary","timestamp":"2026-03-11T07:00:05+07:00","version":1,"data":{"episode":"e1","rule":"severe","#
        + #""stage":"summary","severity":"urgent","patient":"p-abc","since":"2026-03-10T06:00:05+07:00","#
        + #""at":"2026-03-10T07:00:05+07:00","late":true}}"#)
    alert.values = [.systolic: 201, .diastolic: 95]
    delivery.content = .alert(alert, patient)
    #expect(
      try text(delivery, withValues: true).hasSuffix(
        #""worst":[{"component":"diastolic","value":95,"unit":"mm[Hg]"},{"component":"systolic","value":201,"#
          + #""unit":"mm[Hg]"}]}}"#))
  }

  @Test func thePatientIsSpokenToOnlyWhereNobodyElseIsSpokenOf() {
    let context = AlertTextContext(language: .en, timeZone: .gmt, isToPatient: true)
    var delivery = Self.alert()
    func body() -> String {
      String(
        decoding: WebhookMessage(delivery, withValues: true, timeZone: .gmt, text: context).body, as: UTF8.self)
    }
    #expect(body().contains("The person of this alert measured"))
    delivery.isOfOnlyPerson = true
    #expect(body().contains("You measured"))
  }

  @Test func anAlertIsSaidInWordsWithValuesOnlyWhereTheyMayGo() throws {
    let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
    func text(_ delivery: Delivery, withValues: Bool, _ language: AlertLanguage) -> String {
      let context = AlertTextContext(language: language, timeZone: zone, emergencyNumber: "115")
      let message = WebhookMessage(delivery, withValues: withValues, timeZone: zone, text: context)
      return String(decoding: message.body, as: UTF8.self)
    }
    let full = text(Self.alert(), withValues: true, .vi)
    #expect(
      full.contains(#""text":{"title":"Khẩn: số trên 187 mmHg","body":"Người được theo dõi có số trên 187 mmHg; "#))
    let thin = text(Self.alert(), withValues: false, .en)
    #expect(thin.contains(#""text":{"title":"An urgent alert","body":"There is an urgent alert. "#))
    #expect(thin.contains("open the gateway"))
    var withdrawn = Self.alert()
    guard case .alert(let alert, let patient) = withdrawn.content else { return }
    withdrawn.content = .alertWithdrawn(alert, patient)
    let takenBack = text(withdrawn, withValues: true, .en)
    #expect(takenBack.contains(#""text":{"title":"Taken back: the alert of 7:00 am, 10 Mar","#))
    for body in [thin, takenBack] { #expect(!body.contains("187") && !body.contains("180")) }
    for body in [full, thin, takenBack] { #expect(!body.contains("Bà Nội")) }
  }

  @Test func anAlertOfNobodyKnownNamesNobody() throws {
    var delivery = Self.alert()
    guard case .alert(var alert, _) = delivery.content else { return }
    alert.patient = nil
    delivery.content = .alert(alert, nil)
    #expect(
      try text(delivery, withValues: false)
        == #"{"type":"alert.firing","timestamp":"2026-03-10T07:00:35+07:00","version":1,"data":{"episode":"e1","rule":"severe","#
        + #""severity":"urgent","unassigned":true,"at":"2026-03-10T07:00:05+07:00"}}"#)
  }

  @Test func aMessageHasOneIdOverAllAttemptsAndOnePerDestination() {
    var later = Self.alert()
    later.attempts = 7
    let message = WebhookMessage(Self.alert(), withValues: false, timeZone: .gmt)
    #expect(WebhookMessage(later, withValues: false, timeZone: .gmt) == message)
    #expect(message.id.wholeMatch(of: #/msg_[0-9a-f]{32}/#) != nil)
    later.destination = DestinationID(rawValue: "other")
    #expect(WebhookMessage(later, withValues: false, timeZone: .gmt).id != message.id)
  }
}
