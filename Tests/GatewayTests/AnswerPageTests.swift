import AlertRules
import Foundation
import LocalAPI
import Logging
import Observations
import Store
import Testing

@testable import Forwarding
@testable import Gateway

/// The page of a link against what opens links: programs, a browser that runs scripts (Debian's chromium-headless-shell), a
/// person.
@Suite(.serialized) struct AnswerPageTests {
  /// A house in which somebody's pressure is 190, and its page.
  private struct House {
    var store: Store
    var desk: AnswerDesk
    var key: AnswerKey
    var port: Int
    var health: Health

    var episode: AlertEpisode? { store.episodes().first }
    var isAnswered: Bool { episode?.acknowledgement != nil }
    var root: String { "http://127.0.0.1:\(port)" }

    func link(_ contact: String = "mai", message: String = "m", until: Date = .now.addingTimeInterval(3600)) throws
      -> String
    {
      let episode = try #require(episode)
      let token = try #require(
        key.token(
          .link, message: message, episode: episode.id, contact: ContactID(rawValue: contact),
          told: episode.firing.decidedAt, row: nil, until: until))
      return "\(root)/answer/\(token)"
    }

    func measure(_ systolic: Decimal, second: Int) async throws {
      _ = try await store.commit(
        AnswerPageTests.reading(systolic, second), policy: AnswerPageTests.policy, now: .now, live: true)
    }
  }

  private static let policy = IngestPolicy(
    rules: [
      AlertRule(
        id: RuleID(rawValue: "severe"),
        kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180)), severity: .urgent,
        source: "test")
    ], destinations: [],
    escalation: EscalationPlan(
      contacts: [
        Contact(id: ContactID(rawValue: "mai"), role: .caregiver, destinations: []),
        Contact(id: ContactID(rawValue: "dr-lan"), role: .clinician, language: .en, destinations: []),
        Contact(id: ContactID(rawValue: "ong-tu"), role: .patient, destinations: []),
      ], steps: [EscalationPlan.Step(contacts: [ContactID(rawValue: "mai")], wait: .seconds(600))]))

  private static let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")

  private static func reading(_ systolic: Decimal, _ second: Int) -> Observation {
    let bytes = [UInt8(truncatingIfNeeded: second)]
    return Observation(
      id: .random(), identity: ReadingIdentity(device: cuff, time: "t\(second)", format: "2A35", bytes: bytes),
      kind: .bloodPressure, device: cuff, patient: nil, userSlot: nil,
      effective: EffectiveTime(span: .instant(.now), basis: .received),
      components: [ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(systolic, .millimetreOfMercury)))],
      flags: [], marks: [],
      provenance: Provenance(
        format: "2A35", bytes: bytes, deviceTime: nil, clockOffset: nil, receivedAt: .now,
        profile: "sig/blood-pressure", driver: "test", authentication: .bonded, isSimulated: false))
  }

  private func withHouse(_ body: (House) async throws -> Void) async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try await Store.open(directory: folder.path(percentEncoded: false))
    let patient = try await store.addPatient(name: "Bà Nội", at: .now)
    try await store.saveDevice(
      DeviceRecord(
        description: DeviceDescription(
          id: Self.cuff, address: "F0:F1:F2:F3:F4:F5", name: nil, profile: "sig/blood-pressure",
          information: DeviceInformation()), addressKind: "random", authentication: .bonded, pairedAt: .now))
    try await store.assign(Self.cuff, slot: nil, to: patient.id)
    let key = AnswerKey(try await store.answerKey())
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let desk = AnswerDesk(key: key, store: store, logger: logger, policy: { Self.policy })
    let health = Health(logger: logger)
    let service = AnswerPageService(
      page: Configuration.Answers.Page(host: "127.0.0.1", port: 0, address: "https://box.example"), desk: desk,
      health: health, logger: logger, refill: .seconds(86_400))
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let task = Task { await service.run { continuation.yield($0) } }
    var port: Int?
    for await one in ports.prefix(1) { port = one }
    let house = House(store: store, desk: desk, key: key, port: try #require(port), health: health)
    do {
      try await house.measure(190, second: 0)
      try #require(house.episode != nil)
      try await body(house)
    } catch {
      task.cancel()
      await task.value
      throw error
    }
    task.cancel()
    await task.value
    try await store.close()
  }

  // MARK: Programs

  private struct Answer: Decodable {
    var status: Int
    var headers: [String: String]
    var text: String
  }

  /// `Tests/Receivers/scanner.py`, on a thread of its own.
  private func scan<Value: Decodable & Sendable>(_ type: Value.Type, _ arguments: [String]) async throws -> Value {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Receivers/scanner.py").path(percentEncoded: false)
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(
          with: Result {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["python3", "-B", script] + arguments
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let said = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return try JSONDecoder().decode(type, from: said)
          })
      }
    }
  }

  private func request(_ method: String, _ url: String, body: String? = nil, _ headers: [String] = []) async throws
    -> Answer
  {
    try await scan(
      Answer.self,
      ["request", method, url] + (body.map { ["--body", $0] } ?? []) + headers.flatMap { ["--header", $0] })
  }

  private static let press = "know=yes"

  @Test func openingTheLinkAnswersNothing() async throws {
    try await withHouse { house in
      let link = try house.link()
      for method in ["GET", "HEAD", "GET", "OPTIONS", "PUT", "DELETE", "PATCH"] {
        let answer = try await request(method, link)
        #expect(answer.status == (["GET", "HEAD"].contains(method) ? 200 : 404), "\(method)")
        #expect(!house.isAnswered, "\(method)")
      }
      let page = try await request("GET", link)
      #expect(page.text.contains("Cảnh báo khẩn") || page.text.contains("cảnh báo khẩn"))
      #expect(page.text.contains("Tôi đã biết"))
      // No more than a message without values says, and nothing that runs or is fetched.
      for word in ["190", "Nội", "severe", "systolic", "mai", "<script", "<img", "<link", "http", "src="] {
        #expect(!page.text.contains(word), "\(word)")
      }
      #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none';") == true)
      #expect(page.headers["cache-control"] == "no-store")
      #expect(page.headers["x-robots-tag"] == "noindex, nofollow")
      #expect(page.headers["server"] == nil)
      let english = try await request("GET", try house.link("dr-lan"))
      #expect(english.text.contains("I know") && english.text.contains("An urgent alert"))
    }
  }

  @Test func aPressAnswersOnceAndStopsTheLadder() async throws {
    try await withHouse { house in
      let link = try house.link()
      let pressed = try await request("POST", link, body: Self.press)
      #expect(pressed.status == 200)
      #expect(pressed.text.contains("quý vị đã biết"))
      let acknowledgement = house.episode?.acknowledgement
      #expect(acknowledgement?.by == ContactID(rawValue: "mai"))
      #expect(acknowledgement?.way == .link)
      let again = try await request("POST", link, body: Self.press)
      #expect(again.status == 410)
      #expect(again.text.contains("answered before"))
      #expect(try await request("GET", link).status == 410)
      #expect(try await house.store.alertHistory().count == 2)
      #expect(house.desk.status.taken == 1)
      #expect(house.desk.status.refused == ["used": 1])
    }
  }

  @Test func aPatientIsToldThatTheOthersAreToldAllTheSame() async throws {
    try await withHouse { house in
      let answer = try await request("POST", try house.link("ong-tu"), body: Self.press)
      #expect(answer.status == 200)
      #expect(answer.text.contains("vẫn được báo tiếp"))
      #expect(house.episode?.acknowledgement?.role == .patient)
      #expect(house.episode?.isAcknowledged == false)
    }
  }

  /// A POST that is no press: without the button's field, or with what a browser says of one that a script made.
  @Test func aPostThatNobodyPressedAnswersNothing() async throws {
    try await withHouse { house in
      let link = try house.link()
      for body in [nil, "", "know=no", "know=yes&x=1", "KNOW=YES", String(repeating: "know=yes&", count: 200)] {
        #expect(try await request("POST", link, body: body).status == 403, "\(body ?? "nothing")")
      }
      let (navigate, same, user) = (
        "Sec-Fetch-Mode:navigate", "Sec-Fetch-Site:same-origin", "Sec-Fetch-User:?1"
      )
      for headers in [
        [navigate, same], ["Sec-Fetch-Mode:cors", same], ["Sec-Fetch-Mode:no-cors", same, user],
        [navigate, "Sec-Fetch-Site:cross-site", user], [navigate, "Sec-Fetch-Site:same-site", user],
        [navigate, "Sec-Fetch-Site:none", user], [navigate, user], [same, user], [user],
        ["Origin:https://elsewhere.example"], ["Origin:null"], ["Origin:https://box.example.elsewhere.example"],
        ["Origin:127.0.0.1"],
      ] {
        #expect(try await request("POST", link, body: Self.press, headers).status == 403, "\(headers)")
      }
      #expect(!house.isAnswered)
      // Behind a proxy the page's own origin is the address that it has outside.
      #expect(
        try await request(
          "POST", link, body: Self.press, [navigate, same, user, "Origin:https://box.example"]
        ).status == 200)
      #expect(house.isAnswered)
    }
  }

  @Test func whatIsNoLinkOfOursIsCountedAndLimited() async throws {
    try await withHouse { house in
      let link = try house.link()
      let expired = try house.link(until: .now.addingTimeInterval(-1))
      #expect(try await request("POST", expired, body: Self.press).status == 404)
      let episode = try #require(house.episode)
      let reply = try #require(
        house.key.token(
          .reply, message: "m", episode: episode.id, contact: ContactID(rawValue: "mai"), told: .now,
          row: nil, until: .now.addingTimeInterval(3600)))
      #expect(try await request("POST", "\(house.root)/answer/\(reply)", body: Self.press).status == 404)
      #expect(try await request("POST", link.dropLast(6) + "AAAAAA", body: Self.press).status == 404)
      for path in ["", "/", "/v1/status", "/v1/readings", "/answer", "/answer/", "/answer/a/b", "/answer/..%2f..%2fv1"]
      {
        let answer = try await request("GET", house.root + path)
        #expect(answer.status == 404, "\(path)")
      }
      #expect(house.desk.status.refused == ["forged": 2, "expired": 1])
      #expect(!house.isAnswered)
      var statuses: [Int] = []
      for _ in 0..<40 { statuses.append(try await request("POST", "\(house.root)/answer/x", body: Self.press).status) }
      #expect(statuses.contains(429))
      // Whoever asks for nonsense shuts nobody out.
      #expect(try await request("POST", link, body: Self.press).status == 200)
    }
  }

  @Test func anAlertThatIsOverOrWorseIsNotAnswered() async throws {
    try await withHouse { house in
      let first = try house.link()
      let other = try house.link("dr-lan")
      #expect(try await request("POST", first, body: Self.press).status == 200)
      try await house.measure(205, second: 1)
      #expect(!house.isAnswered)
      #expect(try await request("GET", other).status == 410)
      #expect(try await request("POST", other, body: Self.press).status == 410)
      #expect(!house.isAnswered)
      let now = try house.link("dr-lan", message: "m2")
      try await house.measure(120, second: 2)
      #expect(try await request("POST", now, body: Self.press).status == 410)
      #expect(house.desk.status.refused == ["outdated": 1, "ended": 1])
    }
  }

  @Test func aTakenPortStopsNothingElse() async throws {
    try await withHouse { house in
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let second = AnswerPageService(
        page: Configuration.Answers.Page(host: "127.0.0.1", port: house.port, address: "https://box.example"),
        desk: house.desk, health: house.health, logger: logger)
      let task = Task { await second.run() }
      while house.health.warnings.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
      #expect(house.health.warnings.map(\.kind) == ["answer-page-down"])
      #expect(house.health.warnings.first?.title.contains("Address already in use") == true)
      task.cancel()
      await task.value
    }
  }

  // MARK: A browser

  private struct Page: Decodable {
    struct Post: Decodable {
      var path: String
      var mode: String?
      var user: String?
    }
    var title: String
    var text: String
    var posts: [Post]
  }

  /// First that its scripts run and that their POSTs are noticed; then that none of them answers; then that a person does.
  @Test func aBrowserThatRunsScriptsAnswersNothingUntilAPersonPresses() async throws {
    let control = try await scan(Page.self, ["control"])
    try #require(control.posts.map(\.path) == ["/fetch", "/form"], "scripts do not run here: \(control)")
    #expect(control.posts.allSatisfy { $0.user == nil })
    try await withHouse { house in
      let link = try house.link()
      let looked = try await scan(Page.self, ["look", link])
      #expect(looked.text.contains("Tôi đã biết"), "\(looked)")
      #expect(!house.isAnswered)
      for elsewhere in ["frame", "post"] {
        let tried = try await scan(Page.self, [elsewhere, link])
        #expect(tried.posts.map(\.path) == ["/done"], "its script did not run: \(tried)")
        #expect(!house.isAnswered, "\(elsewhere)")
      }
      for within in ["submit", "request-submit", "click"] {
        let tried = try await scan(Page.self, [within, link])
        #expect(tried.text.contains("Chưa nhận được"), "\(within): \(tried)")
        #expect(!house.isAnswered, "\(within)")
      }
      #expect(house.desk.status.taken == 0)
      let pressed = try await scan(Page.self, ["press", link])
      #expect(pressed.text.contains("quý vị đã biết"), "\(pressed)")
      #expect(house.isAnswered)
      let after = try await scan(Page.self, ["look", link])
      #expect(after.text.contains("Đã nhận trả lời rồi"))
    }
  }
}
