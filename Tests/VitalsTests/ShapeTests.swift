import Foundation
import LocalAPI
import Testing

/// The JSON that scripts depend on.
@Suite struct ShapeTests {
  private let hanoi = TimeZone(secondsFromGMT: 7 * 3600) ?? .gmt

  @Test func readingIsPinned() throws {
    let text = #"""
      {"authentication":"bonded","basis":"device-clock-corrected","clockOffset":-3.5,"device":"ble:F0:F1:F2:F3:F4:F5",\#
      "deviceName":"UA-651","deviceTime":"2026-11-22T07:29:56","effective":"2026-11-22T07:30:00+07:00",\#
      "flags":["irregular-pulse"],"id":"o1","kind":"blood-pressure","marks":["possible-repeat"],"patient":"p-1",\#
      "patientName":"Bà Mai","profile":"sig/blood-pressure","raw":"1680","receivedAt":"2026-11-22T07:30:01.250+07:00",\#
      "simulated":false,"userSlot":1,"values":{"diastolic":{"unit":"mmHg","value":82.5},\#
      "pulse":{"absent":"not-a-number"},"systolic":{"unit":"mmHg","value":128}}}
      """#
    let reading = Reading(
      id: "o1", device: "ble:F0:F1:F2:F3:F4:F5", deviceName: "UA-651", patient: "p-1", patientName: "Bà Mai",
      kind: "blood-pressure", effective: Timestamp(Date(timeIntervalSince1970: 1_795_307_400)),
      basis: "device-clock-corrected",
      values: [
        "systolic": .quantity(value: 128, unit: "mmHg"),
        "diastolic": .quantity(value: Decimal(sign: .plus, exponent: -1, significand: 825), unit: "mmHg"),
        "pulse": .absent(reason: "not-a-number"),
      ], flags: ["irregular-pulse"], marks: ["possible-repeat"], simulated: false, authentication: "bonded",
      receivedAt: Timestamp(Date(timeIntervalSince1970: 1_795_307_401.25)), deviceTime: "2026-11-22T07:29:56",
      clockOffset: -3.5, profile: "sig/blood-pressure", userSlot: 1, raw: "1680")
    #expect(String(decoding: try LocalJSON.line(reading, timeZone: hanoi), as: UTF8.self) == text)
    #expect(try LocalJSON.value(Reading.self, from: Data(text.utf8)) == reading)
  }

  @Test func webhooksArePinned() throws {
    let moment = Timestamp(Date(timeIntervalSince1970: 1_795_307_400))
    let webhook = Webhook(
      name: "daughter", address: "https://hooks.example/…", lastSuccess: moment, waiting: 2, failing: true,
      lastFailure: moment, lastError: "hooks.example answered 503", rejected: 1, nextAttempt: moment)
    #expect(
      String(decoding: try LocalJSON.line(webhook, timeZone: hanoi), as: UTF8.self)
        == #"{"address":"https://hooks.example/…","failing":true,"lastError":"hooks.example answered 503","#
        + #""lastFailure":"2026-11-22T07:30:00+07:00","lastSuccess":"2026-11-22T07:30:00+07:00","name":"daughter","#
        + #""nextAttempt":"2026-11-22T07:30:00+07:00","rejected":1,"waiting":2}"#)
    let trial = WebhookTrial(webhook: "daughter", message: "msg_1", delivered: false, answer: "no")
    #expect(
      String(decoding: try LocalJSON.line(trial), as: UTF8.self)
        == #"{"answer":"no","delivered":false,"message":"msg_1","webhook":"daughter"}"#)
  }

  @Test(arguments: [
    (PairingEvent.searching(profiles: []), #"{"event":"searching","profiles":[]}"#),
    (
      .found(FoundDevice(address: "A", name: "B", profile: "c/d", score: 3, rssi: -60)),
      #"{"address":"A","event":"found","name":"B","profile":"c/d","rssi":-60,"score":3}"#
    ),
    (.pairing(address: "A"), #"{"address":"A","event":"pairing"}"#),
    (.passkeyNeeded(attempt: 2), #"{"attempt":2,"event":"passkeyNeeded"}"#),
    (.comparePasskey(number: "001234"), #"{"event":"comparePasskey","number":"001234"}"#),
    (.showPasskey(number: "001234"), #"{"event":"showPasskey","number":"001234"}"#),
    (.passkeyWrong(attemptsLeft: 0), #"{"attemptsLeft":0,"event":"passkeyWrong"}"#),
    (.consentNeeded(opened: [2]), #"{"event":"consentNeeded","opened":[2]}"#),
    (
      .consentRefused(reason: "wrong", attemptsLeft: 2),
      #"{"attemptsLeft":2,"event":"consentRefused","reason":"wrong"}"#
    ),
    (.consentGiven(user: 2), #"{"event":"consentGiven","user":2}"#),
    (.bonded(authentication: "bonded"), #"{"authentication":"bonded","event":"bonded"}"#),
    (
      .deviceInformation(manufacturer: "M", model: nil, serial: nil, firmware: "1"),
      #"{"event":"deviceInformation","firmware":"1","manufacturer":"M"}"#
    ),
    (.clock(offsetSeconds: nil, note: "none"), #"{"event":"clock","note":"none"}"#),
    (.whoseIsIt(patients: []), #"{"event":"whoseIsIt","patients":[]}"#),
    (.listening(address: "F0:F1:F2:F3:F4:F5"), #"{"address":"F0:F1:F2:F3:F4:F5","event":"listening"}"#),
    (
      .waitingForReading(instruction: LocalizedText(en: "press", vi: "nhấn")),
      #"{"event":"waitingForReading","instruction":{"en":"press","vi":"nhấn"}}"#
    ),
    (
      .finished(device: Device(id: "ble:A", profile: "c/d", simulated: false)),
      #"{"device":{"id":"ble:A","profile":"c/d","simulated":false},"event":"finished"}"#
    ),
    (
      .failed(PairingFailure(code: "cancelled", reason: "stopped")),
      #"{"code":"cancelled","event":"failed","reason":"stopped"}"#
    ),
    (
      .recorded(RecordedLine(number: 3, line: "{}", value: true)),
      #"{"event":"recorded","line":"{}","number":3,"value":true}"#
    ),
    (
      .recordingEnded(RecordingEnd(reason: "r", values: 2, confirmed: 1, unconfirmed: 1, wantedSecurity: 0)),
      #"{"confirmed":1,"event":"recordingEnded","reason":"r","unconfirmed":1,"values":2,"wantedSecurity":0}"#
    ),
  ])
  func pairingEvents(event: PairingEvent, text: String) throws {
    #expect(String(decoding: try LocalJSON.line(event), as: UTF8.self) == text)
    #expect(try LocalJSON.value(PairingEvent.self, from: Data(text.utf8)) == event)
  }

  @Test(arguments: [
    (PairingAnswer.choose(address: "A"), #"{"address":"A","answer":"choose"}"#),
    (.consent(user: 2, code: 7391), #"{"answer":"consent","code":7391,"user":2}"#),
    (.consent(user: nil, code: 7391), #"{"answer":"consent","code":7391}"#), (.noConsent, #"{"answer":"noConsent"}"#),
    (.passkey("012345"), #"{"answer":"passkey","passkey":"012345"}"#), (.yes, #"{"answer":"yes"}"#),
    (.no, #"{"answer":"no"}"#), (.patient("p-1"), #"{"answer":"patient","patient":"p-1"}"#),
    (.cancel, #"{"answer":"cancel"}"#), (.written(through: 3), #"{"answer":"written","through":3}"#),
  ])
  func pairingAnswers(answer: PairingAnswer, text: String) throws {
    #expect(String(decoding: try LocalJSON.line(answer), as: UTF8.self) == text)
    #expect(try LocalJSON.value(PairingAnswer.self, from: Data(text.utf8)) == answer)
    #expect(!"\(PairingAnswer.passkey("012345"))".contains("012345"))
  }

  /// By GNU date: `TZ=… date -d @SECONDS --iso-8601=seconds`.
  @Test(arguments: [
    (0.0, 0, "1970-01-01T00:00:00+00:00"), (1_795_307_400, 25_200, "2026-11-22T07:30:00+07:00"),
    (951_782_400, 0, "2000-02-29T00:00:00+00:00"), (4_107_542_399, -16_200, "2100-02-28T19:29:59-04:30"),
    (-1, 20_700, "1970-01-01T05:44:59+05:45"), (1_709_251_199.5, 0, "2024-02-29T23:59:59.500+00:00"),
  ])
  func timestamps(seconds: Double, offset: Int, text: String) throws {
    let zone = try #require(TimeZone(secondsFromGMT: offset))
    let timestamp = Timestamp(Date(timeIntervalSince1970: seconds))
    #expect(timestamp.text(in: zone) == text)
    #expect(try Timestamp(parsing: text) == timestamp)
  }

  @Test(arguments: [
    "", "2026-11-22", "2026-11-22T07:30:00", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T07:30:61Z",
    "26-11-22T07:30:00Z", "2026-11-22T07:30:00+7", "x2026-11-22T07:30:00Z",
  ])
  func notTimestamps(text: String) {
    #expect(throws: TextFailure.timestamp(text)) { try Timestamp(parsing: text) }
  }

  @Test func sinceReadsDatesTimesAndLengths() throws {
    let now = Date(timeIntervalSince1970: 1_795_307_400)
    func since(_ text: String) throws -> Double {
      try Since.date(text, now: now, timeZone: hanoi).timeIntervalSince1970
    }
    #expect(try since("24h") == 1_795_221_000)
    #expect(try since("7d") == 1_794_702_600)
    #expect(try since("2026-11-22") == 1_795_280_400)
    #expect(try since("2026-11-22T00:30:00Z") == 1_795_307_400)
    for wrong in ["", "h", "-1h", "yesterday", "2026-02-30", "24"] {
      #expect(throws: TextFailure.since(wrong)) { try since(wrong) }
    }
  }
}
