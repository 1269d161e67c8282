import Foundation
import Observations
import Testing

@testable import AlertRules

/// Which changes are one message: tables of what waits, and what is made of it.
@Suite struct GatheringTests {
  static let start = Date(timeIntervalSince1970: 1_772_655_120)

  static func waiting(
    _ id: Int64, _ rule: String, _ to: AlertPhase = .firing, _ severity: AlertSeverity = .warning,
    stage: AlertStage? = nil, person: String? = "p-1", minutes: Double = 0, attempts: Int = 0, due: Double? = nil,
    wait: AlertWait? = nil, group: Int64? = nil, onTheWay: Bool = false, alone: Bool = false, simulated: Bool = false
  ) -> WaitingAlert {
    let at = start.addingTimeInterval(minutes * 60)
    let change = AlertTransition(
      episode: EpisodeID(rawValue: "e-\(rule)"), rule: RuleID(rawValue: rule), severity: severity,
      patient: person.map { PatientID(rawValue: $0) }, device: DeviceID(rawValue: "ble:1"), from: nil, to: to, at: at,
      decidedAt: at, observation: ObservationID(rawValue: "o-\(minutes)"), component: .systolic, value: 190,
      comparison: .atLeast, limit: 180, unit: .millimetreOfMercury, isSimulated: simulated, stage: stage)
    return WaitingAlert(
      id: id, transition: change, key: "k\(id)", attempts: attempts,
      dueAt: due.map { start.addingTimeInterval($0 * 60) }, wait: wait, group: group, isOnTheWay: onTheWay,
      isAlone: alone)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var due: [WaitingAlert]
    /// The numbers of each message.
    var messages: [[Int64]]
    var testDescription: String { name }
  }

  static let rows: [Row] = [
    Row(name: "nothing", due: [], messages: []),
    Row(
      name: "what was not held up goes as it was made",
      due: [waiting(1, "a"), waiting(2, "b", minutes: 1), waiting(3, "a", .resolved, minutes: 2)],
      messages: [[1], [2], [3]]),
    Row(
      name: "one transaction is one message",
      due: [waiting(1, "a", group: 1), waiting(2, "b", group: 1), waiting(3, "c")],
      messages: [[1, 2], [3]]),
    Row(
      name: "what failed is one message with what came since",
      due: [waiting(1, "a", attempts: 3), waiting(2, "a", .resolved, minutes: 9), waiting(3, "b", minutes: 9)],
      messages: [[1, 2, 3]]),
    Row(
      name: "what was held back, too",
      due: [waiting(1, "a", due: 0, wait: .quiet), waiting(2, "b", due: 0, wait: .quiet)],
      messages: [[1, 2]]),
    Row(
      name: "one message is of one person",
      due: [
        waiting(1, "a", attempts: 1), waiting(2, "b", person: "p-2", attempts: 1), waiting(3, "c", attempts: 1),
        waiting(4, "d", person: nil, attempts: 1), waiting(5, "e", attempts: 1, simulated: true),
      ], messages: [[1, 3], [2], [4], [5]]),
    Row(
      name: "the urgent message goes first",
      due: [
        waiting(1, "a", attempts: 1), waiting(2, "b", .firing, .urgent, person: "p-2", attempts: 1),
        waiting(3, "c", attempts: 1),
      ], messages: [[2], [1, 3]]),
    Row(
      name: "what may have left goes as it was",
      due: [
        waiting(1, "a", attempts: 2, group: 1, onTheWay: true), waiting(2, "b", attempts: 2, group: 1, onTheWay: true),
        waiting(3, "a", .resolved, attempts: 1), waiting(4, "b", .resolved),
      ], messages: [[1, 2], [3, 4]]),
    Row(
      name: "what goes by itself does", due: [waiting(1, "a", attempts: 2, alone: true), waiting(2, "b", attempts: 2)],
      messages: [[1], [2]]),
  ]

  @Test(arguments: rows) func told(_ row: Row) {
    #expect(Gathering.messages(row.due).map { $0.alerts.map(\.id) } == row.messages)
    // The order in which the rows are read decides nothing.
    #expect(Gathering.messages(row.due.reversed()).map { $0.alerts.map(\.id) } == row.messages)
  }

  @Test func aMessageHasAsManyChangesAsItMayAndNoneIsLost() {
    let due = (1...250).map { Self.waiting(Int64($0), "a\($0)", attempts: 1) }
    let messages = Gathering.messages(due)
    #expect(messages.map(\.alerts.count) == [100, 100, 50])
    #expect(messages.flatMap { $0.alerts.map(\.id) } == Array(1...250))
  }

  @Test func bornTogetherAndWhatIsTakenAlong() {
    let urgent = Self.waiting(7, "crisis", .firing, .urgent, stage: .confirmed)
    let mild = Self.waiting(8, "fast", due: 400, wait: .quiet)
    let earlier = Self.waiting(3, "crisis", stage: .first, due: 400, wait: .quiet)
    let other = Self.waiting(4, "high", due: 400, wait: .quiet)
    let born = Gathering.born([urgent, mild], beside: [earlier, other])
    #expect(born.map(\.id) == [3, 7, 8])
    #expect(born.allSatisfy { $0.group == 3 && $0.dueAt == nil })
    // Nothing of what waits goes with something that waits itself.
    #expect(Gathering.born([mild], beside: [earlier, other]) == [])
    // Told from memory before, each under its own name.
    let told = [Self.waiting(7, "a", onTheWay: true), Self.waiting(8, "b", onTheWay: true)]
    #expect(Gathering.born(told, beside: []) == [])
    #expect(Gathering.born([Self.waiting(7, "a")], beside: []) == [])
  }

  @Test func theNameIsOfTheChangesAndSoIsTheText() {
    let (one, two) = (Self.waiting(1, "a", group: 1), Self.waiting(2, "b", group: 1))
    #expect(AlertMessage([one]).key == "k1")
    #expect(AlertMessage([two, one]).key == AlertMessage([one, two]).key)
    var tried = [one, two]
    for index in tried.indices { tried[index].attempts = 4 }
    let (first, again) = (AlertMessage([one, two]), AlertMessage(tried))
    #expect(first.key == again.key && first.digest == again.digest)
    #expect(!first.isToBeSealed && again.isToBeSealed)
    #expect(AlertMessage([one, two, Self.waiting(3, "c")]).key != first.key)
  }

  @Test func theGravestThatFiresLeads() {
    func lead(_ alerts: [WaitingAlert]) -> String { AlertMessage(alerts).digest.lead.rule.rawValue }
    #expect(lead([Self.waiting(1, "a"), Self.waiting(2, "b", .firing, .urgent)]) == "b")
    #expect(lead([Self.waiting(1, "a"), Self.waiting(2, "b", .resolved, .urgent)]) == "a")
    #expect(lead([Self.waiting(1, "b"), Self.waiting(2, "a")]) == "a")
    #expect(lead([Self.waiting(1, "a"), Self.waiting(2, "b", minutes: 5)]) == "b")
    #expect(lead([Self.waiting(1, "a"), Self.waiting(2, "b", stage: .acknowledged)]) == "a")
    #expect(lead([Self.waiting(1, "a", .firing, .urgent), Self.waiting(2, "a", .resolved, .urgent)]) == "a")
  }

  @Test func theLimitCountsAnHour() {
    let limit = FloodLimit(count: 2)
    func at(_ minutes: Double) -> Date { Self.start.addingTimeInterval(minutes * 60) }
    #expect(limit.wait(told: [], heldUntil: nil, now: at(0)) == nil)
    #expect(limit.wait(told: [at(0)], heldUntil: nil, now: at(10)) == nil)
    #expect(limit.wait(told: [at(0), at(10)], heldUntil: nil, now: at(20)) == at(60))
    #expect(limit.wait(told: [at(0), at(10)], heldUntil: nil, now: at(60)) == nil)
    #expect(limit.wait(told: [at(0), at(10), at(20)], heldUntil: nil, now: at(30)) == at(70))
    // One more goes with those that wait.
    #expect(limit.wait(told: [at(0)], heldUntil: at(50), now: at(30)) == at(50))
    #expect(limit.wait(told: [], heldUntil: at(20), now: at(30)) == nil)
    // A clock that was set back.
    #expect(limit.wait(told: [at(9000), at(9001)], heldUntil: at(9060), now: at(0)) == nil)
  }
}
