import Foundation
import Observations
@testable import Store
import Testing

/// The list of who looked, of a house where one program asks for everything.
@Suite struct AccessTests {
  private func note(
    _ store: Store, _ uid: UInt32?, _ subject: String, refused: Bool = false, at minutes: Double
  ) async throws {
    try await store.recordAccess(
      .read, .socket, uid: uid, patient: nil, subject: subject, refused: refused, at: minute(minutes),
      kept: (done: 10, refused: 4))
  }

  @Test("whoever asks for everything pushes out nobody's rows but their own")
  func pushedOut() async throws {
    let house = try await House.open()
    try await note(house.store, 1001, "mai", at: 0)
    try await note(house.store, nil, "port", at: 1)
    try await note(house.store, 1002, "lan", refused: true, at: 2)
    for number in 0..<30 {
      try await note(house.store, 1003, "done-\(number)", at: 3)
      try await note(house.store, 1003, "refused-\(number)", refused: true, at: 3)
    }
    let found = try await house.store.accesses()
    #expect(
      found.filter { !$0.refused }.map(\.subject) == ["mai", "port"] + (22..<30).map { "done-\($0)" })
    #expect(found.filter(\.refused).map(\.subject) == ["lan"] + (27..<30).map { "refused-\($0)" })
    // A second busy one has as much room as the first.
    for number in 0..<30 { try await note(house.store, 1004, "more-\(number)", at: 4) }
    let done = try await house.store.accesses().filter { !$0.refused }
    #expect(done.map(\.uid) == [1001, nil] + Array(repeating: 1003, count: 4) + Array(repeating: 1004, count: 4))
  }

  @Test("a list that has not room for all has the newest of each user")
  func listed() async throws {
    let house = try await House.open()
    try await note(house.store, 1001, "mai", at: 0)
    try await note(house.store, 1003, "no", refused: true, at: 1)
    for number in 0..<6 { try await note(house.store, 1003, "done-\(number)", at: 2) }
    #expect(try await house.store.accesses(limit: 4).map(\.subject) == ["mai", "no", "done-4", "done-5"])
    #expect(try await house.store.accesses(limit: 100).count == 8)
  }
}
