import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// Answers from outside over a real database, in simulated time.
@Suite struct OutsideAnswerTests {
  private static let patientContact = Contact(
    id: ContactID(rawValue: "ong-tu"), role: .patient, destinations: [DestinationID(rawValue: "siren")])

  private func story() async throws -> EscalationTests.Story {
    var policy = EscalationTests.policy()
    policy.escalation.contacts.append(Self.patientContact)
    let story = try await EscalationTests.Story(policy)
    try await story.measure(190, at: 0)
    return story
  }

  private func answer(
    _ episode: EpisodeID, by contact: String = "mai", name: String = "a1", told: Double = 0, row: Int64? = nil
  ) -> OutsideAnswer {
    OutsideAnswer(
      name: name, episode: episode, contact: ContactID(rawValue: contact), way: .reply, told: minute(told), row: row)
  }

  private func refusal(
    _ answer: OutsideAnswer, _ story: EscalationTests.Story, at minutes: Double = 5
  ) async throws -> OutsideAnswerRefusal? {
    let looked = try await story.house.store.answerable(answer, policy: story.policy)
    let taken = try await story.house.store.answer(answer, policy: story.policy, now: minute(minutes))
    guard case .failure(let refusal) = taken else {
      if case .failure = looked { Issue.record("looked at it was refused") }
      return nil
    }
    guard case .failure(refusal) = looked else {
      Issue.record("looked at it was \(looked)")
      return refusal
    }
    return refusal
  }

  @Test func itIsAnAcknowledgementAndSaysHowItCame() async throws {
    let story = try await story()
    let episode = try #require(story.house.store.episodes().first)
    #expect(try await refusal(answer(episode.id), story) == nil)
    let after = try #require(story.house.store.episodes().first)
    #expect(after.isAcknowledged)
    #expect(
      after.acknowledgement
        == Acknowledgement(by: ContactID(rawValue: "mai"), role: .caregiver, at: minute(5), value: 190, way: .reply))
    let last = try #require(try await story.house.store.alertHistory().last)
    #expect(last.event.transition.stage == .acknowledged)
    #expect(last.event.transition.acknowledgement?.way == .reply)
    try await story.wait(until: 120)
    // The ladder has stopped: nobody but whoever was told hears of it.
    let told = try await story.house.store.deliveries().map(\.destination.rawValue)
    #expect(Set(told) == ["to-mai"])
  }

  @Test func itCountsOnceAlsoAfterACrash() async throws {
    let story = try await story()
    let episode = try #require(story.house.store.episodes().first)
    #expect(try await refusal(answer(episode.id), story) == nil)
    let before = try await story.house.store.alertHistory().count
    #expect(try await refusal(answer(episode.id), story) == .used)
    story.house = try await story.house.afterCrash()
    #expect(try await refusal(answer(episode.id), story) == .used)
    // A clock that went back makes it no newer.
    #expect(try await refusal(answer(episode.id), story, at: -500_000) == .used)
    #expect(try await story.house.store.alertHistory().count == before)
    // Somebody else's answer is another one.
    #expect(try await refusal(answer(episode.id, by: "dr-lan", name: "a2"), story) == nil)
  }

  @Test func ofTwoAtOnceOneCounts() async throws {
    let story = try await story()
    let episode = try #require(story.house.store.episodes().first)
    let (store, policy, answer) = (story.house.store, story.policy, answer(episode.id))
    let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<20 {
        group.addTask {
          if case .success = try await store.answer(answer, policy: policy, now: minute(5)) { true } else { false }
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(taken == 1)
  }

  @Test func afterItsEndItIsRefused() async throws {
    let story = try await story()
    let episode = try #require(story.house.store.episodes().first)
    #expect(try await refusal(answer(EpisodeID(rawValue: "another")), story) == .ended)
    #expect(try await refusal(answer(episode.id, by: "stranger"), story) == .unknownContact)
    try await story.measure(120, at: 10)
    #expect(try await refusal(answer(episode.id), story) == .ended)
    // Refused for another reason than its use, it was not used up.
    #expect(
      try await story.house.store.read { db in
        try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM outside_answers")
      } == 0)
  }

  /// Mai knows of 190. It is 205 then, and Lan presses the button of the message that said 190.
  @Test func whatWasToldBeforeItGotWorseAnswersNothing() async throws {
    let story = try await story()
    let episode = try #require(story.house.store.episodes().first)
    #expect(try await refusal(answer(episode.id), story) == nil)
    try await story.measure(205, at: 8)
    #expect(story.house.store.episodes().first?.isAcknowledged == false)
    #expect(try await refusal(answer(episode.id, by: "dr-lan", name: "old", told: 0), story, at: 9) == .outdated)
    story.house = try await story.house.afterCrash()
    #expect(try await refusal(answer(episode.id, by: "dr-lan", name: "old", told: 0), story, at: 9) == .outdated)
    #expect(try await refusal(answer(episode.id, by: "dr-lan", name: "new", told: 8), story, at: 9) == nil)
    #expect(story.house.store.episodes().first?.acknowledgement?.by?.rawValue == "dr-lan")
  }

  /// The number of the newest row of Mai's.
  private func row(_ story: EscalationTests.Story) async throws -> Int64 {
    try #require(
      try await story.house.store.deliveries().filter { $0.destination.rawValue == "to-mai" }.map(\.id.rawValue).max())
  }

  /// The clock was two hours ahead when the alert began, and is set right before it gets worse: by the time the old message
  /// is the newer one, by the history it is not. And the message of what it is now answers, though its time is the older.
  @Test(arguments: [false, true])
  func aClockSetBackMakesNoMessageNewer(afterCrash: Bool) async throws {
    let story = try await EscalationTests.Story(EscalationTests.policy())
    try await story.measure(190, at: 120)
    let episode = try #require(story.house.store.episodes().first)
    let old = try await row(story)
    #expect(try await refusal(answer(episode.id, told: 120, row: old), story, at: 121) == nil)
    try await story.house.store.shiftWaits(by: -7200, now: minute(1))
    _ = try await story.house.store.commit(
      reading(205, clock: 121, received: 1, padding: 9), policy: story.policy, now: minute(1), live: true)
    if afterCrash { story.house = try await story.house.afterCrash() }
    let now = try #require(story.house.store.episodes().first)
    try #require(!now.isAcknowledged && now.firing.value == 205)
    #expect(try await refusal(answer(episode.id, name: "a2", told: 120, row: old), story, at: 2) == .outdated)
    let new = try await row(story)
    #expect(new > old)
    #expect(try await refusal(answer(episode.id, name: "a3", told: 1, row: new), story, at: 2) == nil)
  }

  /// An old link is not a word on what began after its message.
  @Test func whatBeganSinceIsNotAnswered() async throws {
    let story = try await story()
    let first = try #require(story.house.store.episodes().first)
    var fast = racing
    fast.kind = .threshold(ThresholdRule(component: .diastolic, comparison: .atLeast, limit: 80))
    story.policy.rules.append(fast)
    try await story.measure(190, at: 3)
    #expect(story.house.store.episodes().count == 2)
    #expect(try await refusal(answer(first.id, told: 0), story) == nil)
    let after = story.house.store.episodes()
    #expect(after.first { $0.id == first.id }?.isAcknowledged == true)
    #expect(after.first { $0.id != first.id }?.isAcknowledged == false)
  }

  @Test func aPatientsOwnIsNotedAndStopsNothing() async throws {
    let story = try await story()
    let episode = try #require(story.house.store.episodes().first)
    #expect(try await refusal(answer(episode.id, by: "ong-tu"), story) == nil)
    #expect(story.house.store.episodes().first?.acknowledgement?.role == .patient)
    #expect(story.house.store.episodes().first?.isAcknowledged == false)
    try await story.wait(until: 11)
    #expect(try await story.house.store.deliveries().contains { $0.destination.rawValue == "to-tuan" })
  }

  @Test func theKeyIsMadeOnceAndKept() async throws {
    let house = try await House.open()
    let key = try await house.store.answerKey()
    #expect(key.count == 32)
    #expect(try await house.store.answerKey() == key)
    #expect(try await house.afterCrash().store.answerKey() == key)
    #expect(try await House.open().store.answerKey() != key)
  }

  /// A file of the version before, with an alert that fires in it.
  @Test func anOldFilesAlertsCanBeAnswered() async throws {
    let story = try await story()
    let episode = try #require(story.house.store.episodes().first)
    try await story.house.store.close()
    let queue = try DatabaseQueue(path: story.house.path)
    try await queue.write { db in
      try db.execute(
        sql: """
          DROP TABLE outside_answers;
          DELETE FROM grdb_migrations WHERE identifier = '7-outside-answers';
          """)
      // The step makes that table and nothing else: what is left is a file that never had it.
      let fresh = try DatabaseQueue()
      try Migrations.migrator.migrate(fresh, upTo: "6-episodes")
      let tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
      let before = try fresh.read { try String.fetchAll($0, sql: tables) }
      try Migrations.migrator.migrate(fresh, upTo: "7-outside-answers")
      let after = try fresh.read { try String.fetchAll($0, sql: tables) }
      #expect(Set(after).subtracting(before) == ["outside_answers"])
    }
    try queue.close()
    story.house = try await story.house.afterCrash()
    #expect(try await refusal(answer(episode.id), story) == nil)
    #expect(try await refusal(answer(episode.id), story) == .used)
  }
}
