import Foundation
import GRDB
import Observations
@testable import Store
import Testing

@Suite struct ChangesTests {
  @Test func everyListenerHearsOfACommit() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let (first, second) = (house.store.changes(), house.store.changes())
    let kept = try #require(try await house.keep(reading(185, clock: 1)).kept)
    try await house.keep(reading(185, clock: 1))
    try await house.store.close()
    for stream in [first, second] {
      var heard: [StoreChange] = []
      for await change in stream { heard.append(change) }
      #expect(heard.count == 3)
      #expect(Set(heard) == [.observation(kept.id), .alert, .outbox])
    }
    var late = house.store.changes().makeAsyncIterator()
    #expect(await late.next() == nil)
  }

  @Test func aSlowListenerIsToldThatItMissedSomething() async {
    let listeners = ChangeListeners(capacity: 4)
    let stream = listeners.stream()
    listeners.tell([.outbox])
    for number in 0..<50 { listeners.tell([.observation(ObservationID(rawValue: "\(number)"))]) }
    listeners.close()
    var heard: [StoreChange] = []
    for await change in stream { heard.append(change) }
    #expect(heard.count == 4)
    #expect(heard.contains(.missed))
  }

  @Test func aFailedCommitSaysNothing() async throws {
    let house = try await House.open()
    let stream = house.store.changes()
    try await house.store.write { db in
      try db.execute(sql: "CREATE TRIGGER broken BEFORE INSERT ON observations BEGIN SELECT RAISE(ABORT, 'x'); END")
    }
    await #expect(throws: StoreFailure.self) { try await house.keep(reading(185, clock: 1)) }
    try await house.store.close()
    for await change in stream { Issue.record("\(change)") }
  }
}
