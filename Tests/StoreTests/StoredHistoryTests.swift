@testable import AlertRules
import Foundation
import Observations
@testable import Store
import Testing

@Suite struct StoredHistoryTests {
  /// In whichever order rules ask, and however far back, each is told what it would be told alone.
  @Test func whatWasReadForOneRuleIsRightForTheNext() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let strange = DeviceID(rawValue: "ble:C0:00:00:00:00:09")
    for index in 0..<24 {
      // Two of the same time, some played, some of nobody by two users of one device.
      let clock = index / 2 * 10 + (index % 4 == 3 ? 0 : index % 2)
      try await house.keep(reading(110 + index, clock: clock, received: 400, isSimulated: index % 5 == 0))
      try await house.keep(
        reading(140 + index, clock: clock, received: 400, slot: index % 2, device: strange, padding: 1))
    }
    var queries: [RuleHistory.Query] = []
    for subject in [
      AlertSubject.patient(lan.id), .device(strange, user: 0), .device(strange, user: 1), .device(cuff),
    ] {
      for isSimulated in [false, true] {
        for since in [-10.0, 0, 15, 60, 61, 115, 500] {
          for until in [50.0, 111, 400] {
            for limit in [1, 3, 7, 500] {
              queries.append(
                RuleHistory.Query(
                  subject: subject, isSimulated: isSimulated, since: minute(since), until: minute(until), limit: limit))
            }
          }
        }
      }
    }
    var generator = Numbers(state: 7)
    let decoded = DecodedReadings()
    for _ in 0..<10 {
      let shuffled = queries.shuffled(using: &generator)
      try await house.store.read { db in
        let alone = try shuffled.map { query in try StoredHistory.with(db) { $0.readings(query) } }
        let together = try StoredHistory.with(db, decoded: decoded) { history in shuffled.map { history.readings($0) } }
        #expect(together == alone)
        #expect(alone.contains { ($0?.count ?? 0) > 7 })
      }
    }
  }

  /// A rule that looks back sees a reading as it is now, not as it was when rules first looked at it.
  @Test func whatIsChangedIsReadAnew() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let stored = try #require(try await house.keep(reading(150, clock: 10, received: 100)).kept)
    let query = RuleHistory.Query(
      subject: .patient(lan.id), isSimulated: false, since: minute(0), until: minute(100), limit: 500)
    let store = house.store
    func seen() async throws -> [Date] {
      try await store.read { db in
        try StoredHistory.with(db, decoded: store.decoded) { $0.readings(query) }?.map(\.effective) ?? []
      }
    }
    #expect(try await seen() == [minute(10)])
    #expect(try await seen() == [minute(10)])
    #expect(store.decoded.count == 1)
    var moved = stored.effective
    moved.span = .instant(minute(20))
    _ = try await store.revise(stored.id, effective: moved, clockOffset: nil)
    #expect(try await seen() == [minute(20)])
  }

  /// However many readings are looked at, what is kept of them has an end.
  @Test func whatIsKeptHasAnEnd() throws {
    let decoded = DecodedReadings()
    for number in 0..<2_500 {
      let one = reading(100 + number % 50, clock: number)
      #expect(try decoded.sample(try JSONText.encode(one)) == RuleSample(one, live: false))
    }
    #expect(decoded.count <= 1_000)
  }

  /// The same numbers at every run.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 33)
    }
  }
}
