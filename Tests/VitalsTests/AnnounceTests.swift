import ArgumentParser
import Foundation
import LocalAPI
import Testing

@testable import vitals

/// What is said aloud, when, and by what.
@Suite struct AnnounceTests {
  private func episode(
    _ id: String, _ severity: String = "urgent", step: String = "1", by: String? = nil, held: String? = nil,
    unanswered: Bool = false, component: String = "systolic", simulated: Bool = false, about: String? = nil,
    name: String? = "Bà Mai"
  ) -> Episode {
    let alert = Alert(
      id: "\(id)-\(step)", rule: "severe", severity: severity, state: "firing", episode: id,
      patient: about == nil ? "p-1" : nil, patientName: about == nil ? name : nil, message: "", component: component,
      value: 190, comparison: "at-least", limit: 180, unit: "mmHg", at: Timestamp(morning), simulated: simulated,
      about: about)
    return Episode(
      id: id, alert: alert, told: [], acknowledgedBy: by, acknowledgedAt: by.map { _ in Timestamp(morning) },
      unanswered: unanswered, held: held)
  }

  private let start = SuspendingClock.now
  private func plan(_ least: AnnouncementPlan.Severity = .warning) -> AnnouncementPlan {
    AnnouncementPlan(least: least, every: .seconds(60), times: 3)
  }

  @Test func urgentIsRepeatedUntilSomebodyAnswersOrOftenEnough() throws {
    var plan = plan()
    let crisis = [episode("a")]
    var said: [Int] = []
    for second in 0..<600 {
      let now = start.advanced(by: .seconds(second))
      if let next = plan.due(crisis, at: now) {
        said.append(second)
        plan.said(next, at: now)
      }
    }
    #expect(said == [0, 60, 120])
    #expect(plan.next(crisis, at: start) == nil, "it has been said often enough")
    let later = start.advanced(by: .seconds(700))
    #expect(plan.due([episode("a", step: "2")], at: later) != nil, "something new happened in it")
    #expect(plan.due([episode("a", step: "2", by: "mai")], at: later) == nil, "somebody answered")
    #expect(plan.due([episode("b", held: "silence s-1")], at: later) == nil)
  }

  @Test func whatIsNotUrgentIsSaidOnceAndNotFromBefore() {
    var plan = plan()
    let open = [episode("old", "warning"), episode("crisis")]
    plan.begin(with: open, at: start)
    #expect(plan.due(open, at: start)?.id == "crisis", "a crisis is said though it began before")
    plan.said(open[1], at: start)
    #expect(plan.due(open, at: start) == nil)
    #expect(plan.next(open, at: start.advanced(by: .seconds(10))) == .seconds(50))
    let more = open + [episode("new", "warning"), episode("mild", "notice")]
    #expect(plan.due(more, at: start)?.id == "new")
    plan.said(more[2], at: start)
    #expect(plan.due(more, at: start.advanced(by: .seconds(30))) == nil)
    #expect(plan.due(more, at: start.advanced(by: .seconds(3600)))?.id == "crisis")
    // Over, and begun again: that is another one to say.
    #expect(plan.due([], at: start) == nil)
    #expect(plan.due([episode("new", "warning")], at: start)?.id == "new")
  }

  @Test func onlyARefusalIsWorthALongWait() {
    let refusal = APIError(APIError.Code.notAllowed, "this account has no role")
    #expect(Announcer.isRefused(LocalClientError.refused(status: 403, refusal)))
    let failure = APIError(APIError.Code.failed, "the disk is full")
    #expect(!Announcer.isRefused(LocalClientError.refused(status: 500, failure)))
    #expect(!Announcer.isRefused(LocalClientError.brokenOff(path: "/run/vitals.sock")))
  }

  @Test func theWorstIsSaidFirst() {
    var plan = plan(.notice)
    #expect(plan.due([episode("a", "notice"), episode("b", "urgent"), episode("c", "warning")], at: start)?.id == "b")
  }

  @Test func theWordsAreForAVoice() {
    let english = AnnouncementWords(language: .en, isDiscreet: false)
    let vietnamese = AnnouncementWords(language: .vi, isDiscreet: false)
    #expect(english.text(episode("a")) == "Urgent. Bà Mai: systolic 190.")
    #expect(vietnamese.text(episode("a")) == "Khẩn cấp. Bà Mai: huyết áp tâm thu 190.")
    #expect(
      english.text(episode("a", unanswered: true, simulated: true, name: nil))
        == "This is simulated. Urgent. A reading: systolic 190. Nobody has answered.")
    #expect(
      english.text(episode("a", "warning", component: "battery-low", about: "A&D UA-651"))
        == "Warning. A&D UA-651: battery low.")
    let discreet = AnnouncementWords(language: .vi, isDiscreet: true).text(episode("a"))
    #expect(!discreet.contains("Mai") && !discreet.contains("190") && discreet.hasPrefix("Khẩn cấp. "))
  }

  // MARK: Programs

  /// A test may be starved.
  private static let patience: Duration = .seconds(600)

  /// A script of the test's own, to be given to a shell: a file that was just written cannot always be executed, since a child
  /// of another test may have it open still.
  private func with(_ script: String, _ body: (_ script: String, _ folder: URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vitals-speaker-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = folder.appending(path: "speaker")
    try Data("cd '\(folder.path(percentEncoded: false))'\n\(script)\n".utf8).write(to: program)
    try await body(program.path(percentEncoded: false), folder)
  }

  @Test func theTextGoesToStandardInputAndNowhereElse() async throws {
    try await with("cat > said; tr '\\0' ' ' < /proc/$$/cmdline > arguments; env > environment") {
      (program, folder) async throws in
      var speaker = Speaker(programs: [.init(words: ["/bin/sh", program, "-v", "vi"], input: .text)])
      speaker.limit = Self.patience
      #expect(try await speaker.say("Khẩn cấp. Mai: 190").isEmpty)
      func file(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
      }
      #expect(try file("said") == "Khẩn cấp. Mai: 190\n")
      #expect(try file("arguments").contains("-v vi"))
      for name in ["arguments", "environment"] { #expect(try !file(name).contains("Khẩn")) }
    }
  }

  @Test func oneThatFailsIsFollowedByTheNext() async throws {
    try await with("cat > tone") { (program, folder) async throws in
      let broken = Speaker.Program(words: ["/bin/false"], input: .text)
      let missing = Speaker.Program(words: ["no-such-speaker"], input: .text)
      var speaker = Speaker(programs: [missing, broken, .init(words: ["/bin/sh", program], input: .tone)])
      speaker.limit = Self.patience
      let failures = try await speaker.say("x")
      #expect(failures.map(\.program) == ["no-such-speaker", "/bin/false"])
      let tone = try Data(contentsOf: folder.appending(path: "tone"))
      #expect(tone.prefix(4) == Data("RIFF".utf8) && tone.count == Speaker.tone.count)
      let all = await #expect(throws: Speaker.Failure.self) {
        var mute = Speaker(programs: [missing, broken])
        mute.limit = Self.patience
        _ = try await mute.say("x")
      }
      #expect(all == Speaker.Failure(program: "/bin/false", reason: .status(1)))
    }
  }

  @Test func oneThatHangsIsEnded() async throws {
    try await with("exec sleep 86400") { (program, _) async throws in
      var speaker = Speaker(programs: [.init(words: ["/bin/sh", program], input: .text)])
      speaker.limit = .milliseconds(300)
      let failure = await #expect(throws: Speaker.Failure.self) { _ = try await speaker.say("x") }
      #expect(failure?.reason == .tookTooLong(.milliseconds(300)))
    }
  }

  @Test func whyNothingWasHeardIsSaidInBothLanguages() {
    let failures: [(ChildProgram.Failure, String, String)] = [
      (.notInstalled, "it is not installed", "chưa được cài"),
      (
        .notStarted("Permission denied"), "it does not start: Permission denied",
        "không khởi động được: Permission denied"
      ),
      (.lost, "it is not ours any more", "không còn theo dõi được nó"),
      (.tookTooLong(.seconds(30)), "it took longer than 30 s", "chạy quá 30 giây"),
      (.signal(9), "it ended by signal 9", "bị dừng bởi tín hiệu 9"),
      (.status(1), "it ended with status 1", "kết thúc với mã lỗi 1"),
    ]
    for (failure, english, vietnamese) in failures {
      #expect(failure.text(in: .en) == english && failure.text(in: .vi) == vietnamese)
    }
  }

  @Test func whatIsInstalledIsUsed() {
    func names(_ asked: [String]?, _ there: Set<String>) -> [String] {
      Speaker.programs(asked: asked, tone: false, language: .vi) { there.contains($0) }.map(\.name)
    }
    #expect(names(nil, ["aplay", "espeak-ng", "beep"]) == ["espeak-ng", "aplay", "beep"])
    #expect(names(["my-voice", "-x"], ["aplay"]) == ["my-voice", "aplay"])
    #expect(names(["aplay", "-D", "hdmi"], ["aplay"]) == ["aplay"])
    #expect(names(nil, []) == [])
  }

  /// The fields of a RIFF WAVE file: the length of the rest, one channel, PCM, 8000 octets a second, and 1.4 s of them.
  @Test func theToneIsASoundFile() {
    let tone = Speaker.tone
    func four(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(tone[offset + $1]) << (8 * $1) } }
    #expect(four(4) == tone.count - 8 && four(16) == 16 && four(24) == 8000 && four(28) == 8000)
    #expect(Array(tone[20..<24]) == [1, 0, 1, 0] && Array(tone[34..<36]) == [8, 0])
    #expect(four(40) == tone.count - 44 && four(40) == 8000 * 140 / 100)
  }

  @Test func argumentsAreChecked() throws {
    let parsed = try #require(
      try Vitals.parseAsRoot(["announce", "--with", "espeak-ng -v vi", "--every", "2m", "--least", "urgent"])
        as? Announce)
    #expect(parsed.programWords == ["espeak-ng", "-v", "vi"] && parsed.every.seconds == 120 && parsed.least == .urgent)
    for wrong in [
      ["announce", "--with", " "], ["announce", "--tone"], ["announce", "--times", "0"], ["announce", "--every", "1s"],
      ["announce", "--least", "mild"],
    ] {
      #expect(throws: (any Error).self) { _ = try Vitals.parseAsRoot(wrong) }
    }
  }
}
