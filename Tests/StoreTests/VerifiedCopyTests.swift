import Dispatch
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

@Suite struct VerifiedCopyTests {
  @Test func aCopyIsWholeAndItsOwnersOnly() async throws {
    let house = try await House.open()
    try await house.addOwner()
    for clock in 1...20 { try await house.keep(reading(120, clock: clock)) }
    let copy = try await house.store.makeCopy(now: minute(5))
    #expect(copy.madeAt == minute(5) && copy.migration == nil && copy.size > 4096)
    let names = StoreFiles.names(in: house.directory + "/copies")
    #expect(names == ["000001-20261122T000500Z.sqlite"])
    let mode = try FileManager.default.attributesOfItem(atPath: copy.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: copy.path, configuration: configuration)
    let count = try await queue.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM observations") }
    #expect(count == 20)
    try queue.close()
    // Reading it leaves nothing beside it.
    #expect(StoreFiles.names(in: house.directory + "/copies") == names)
  }

  @Test func threeAreKeptWhateverTheClockSays() async throws {
    let house = try await House.open()
    for at in [5, 9, 1, 7, 2.0] { _ = try await house.store.makeCopy(now: minute(at)) }
    let all = house.store.verifiedCopies
    #expect(all.map(\.stamp.number) == [5, 4, 3])
    #expect(all.map(\.madeAt) == [2, 7, 1].map { minute($0) })
  }

  @Test func whatWasNotFinishedIsNone() async throws {
    let house = try await House.open()
    _ = try await house.store.makeCopy(now: minute(1))
    try Data("half".utf8).write(to: URL(filePath: house.directory + "/copies/unfinished"))
    #expect(house.store.verifiedCopies.count == 1)
    _ = try await house.store.makeCopy(now: minute(2))
    #expect(!StoreFiles.names(in: house.directory + "/copies").contains("unfinished"))
  }

  /// An erased person stands in no copy, nor in what was set aside, and does not come back.
  @Test func anErasureReachesTheCopies() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner("Nguyễn Thị Dấu Vết")
    for clock in 1...20 { try await house.keep(ErasureTests.marked(clock)) }
    for at in [1, 2.0] { _ = try await house.store.makeCopy(now: minute(at)) }
    try await house.store.rest()
    let bytes = try Data(contentsOf: URL(filePath: house.path))
    try (bytes.prefix(bytes.count - 5000)).write(to: URL(filePath: house.path))
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired)
    #expect(try ErasureTests.holders(of: "213.771", house).count >= 4)
    let erasure = try await store.erase(patient.id, by: nil, now: minute(3))
    #expect(erasure.isClean && erasure.otherFiles == [])
    for marker in ["213.771", "Dấu Vết"] { #expect(try ErasureTests.holders(of: marker, house) == []) }
    // One was made anew, without them.
    #expect(store.verifiedCopies.map(\.madeAt) == [minute(3)])
    try await store.rest()
    try Data(repeating: 65, count: 9000).write(to: URL(filePath: house.path))
    let again = try await Store.open(directory: house.directory)
    #expect(again.wasRepaired)
    #expect(try await again.patients() == [])
    #expect(try await again.observations() == [])
    #expect(try await again.isErased(patient.id))
    try await again.close()
  }

  @Test func aConsentThatEndedIsNotInTheCopies() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    _ = try await house.store.makeCopy(now: minute(1))
    #expect(try await house.store.withdrawConsent(patient: patient.id, destination: record, at: minute(2)))
    try await house.store.rest()
    // Nothing of the file can be read.
    try Data(repeating: 65, count: 9000).write(to: URL(filePath: house.path))
    let store = try await Store.open(directory: house.directory)
    #expect(try await store.hasConsent(patient: patient.id, destination: pager))
    #expect(try await !store.hasConsent(patient: patient.id, destination: record))
    #expect(try await store.consents().first { $0.destination == record }?.withdrawnAt == minute(2))
    try await store.close()
  }

  /// It waits for no copy that is being made, and whoever asked may go away meanwhile.
  @Test func aWithdrawalIsWholeWhateverGoesOn() async throws {
    let house = try await House.open()
    let store = house.store
    let patient = try await house.addOwner()
    _ = try await store.makeCopy(now: minute(1))
    store.copyQueue.suspend()
    let asked = Task { try await store.withdrawConsent(patient: patient.id, destination: record, at: minute(2)) }
    asked.cancel()
    var holds = true
    for _ in 0..<500 where holds {
      try? await Task.sleep(for: .milliseconds(10))
      holds = (try? await store.hasConsent(patient: patient.id, destination: record)) ?? true
    }
    store.copyQueue.resume()
    #expect(!holds)
    #expect(try await asked.value)
    try await store.rest()
    try Data(repeating: 65, count: 9000).write(to: URL(filePath: house.path))
    let again = try await Store.open(directory: house.directory)
    #expect(try await !again.hasConsent(patient: patient.id, destination: record))
    try await again.close()
  }

  @Test func aNumberThatWasRemovedIsNotInTheCopies() async throws {
    let house = try await House.open()
    let patient = try await house.addOwner()
    try await house.store.setIdentifier("bhyt-10", "0100000001", of: patient.id)
    try await house.store.setIdentifier("cccd", "001000000001", of: patient.id)
    _ = try await house.store.makeCopy(now: minute(1))
    try await house.store.setIdentifier("bhyt-10", "0100000002", of: patient.id)
    try await house.store.setIdentifier("cccd", nil, of: patient.id)
    try await house.store.rest()
    try Data(repeating: 65, count: 9000).write(to: URL(filePath: house.path))
    let store = try await Store.open(directory: house.directory)
    #expect(
      try await store.identifiers(of: patient.id) == [StoredIdentifier(kind: "bhyt-10", value: "0100000002")])
    try await store.close()
  }

  @Test func theLastDailyOneIsNeverRemovedForRoom() async throws {
    let house = try await House.open()
    for at in [1, 2, 3.0] { _ = try await house.store.makeCopy(now: minute(at)) }
    let copies = VerifiedCopies(StoreFiles(house.directory))
    #expect(copies.removeOldestDaily())
    #expect(copies.removeOldestDaily())
    #expect(!copies.removeOldestDaily())
    #expect(house.store.verifiedCopies.map(\.madeAt) == [minute(3)])
  }
}

extension Store {
  /// Closes with everything in the database itself and nothing in its log.
  func rest() async throws {
    try await pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
    try await close()
  }
}
