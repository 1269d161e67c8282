import AlertRules
import Foundation
import Glibc
import Observations
@testable import Store
import Synchronization
import Testing

/// A file system that became read-only and does not say so to a commit.
@Suite struct ReadOnlyDiskTests {
  /// What is said of the disk, in the order in which it is asked; the last is said for ever.
  private final class Card: Sendable {
    private let said = Mutex<[Bool]>([false])
    let synchronised = Atomic(0)
    let isBroken = Atomic(false)

    func becomes(_ readOnly: Bool...) { said.withLock { $0 = readOnly } }

    var disk: CommitGuard.Disk {
      CommitGuard.Disk(
        isReadOnly: { self.said.withLock { said in said.count > 1 ? said.removeFirst() : said[0] } },
        synchronise: {
          if self.isBroken.load(ordering: .relaxed) { throw StoreFailure.io(code: 10) }
          self.synchronised.add(1, ordering: .relaxed)
        })
    }
  }

  /// A descriptor of the database that is closed takes away the locks of the whole process, and the next program that looks at
  /// the database removes the log under it.
  @Test func bringingFilesToTheDiskKeepsTheirLocks() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let path = house.path
    // Stays open until the end, for the same reason.
    let file = Glibc.open(path, O_RDWR | O_CLOEXEC)
    try #require(file >= 0)
    func isLocked() throws -> Bool {
      var lock = flock()
      lock.l_type = Int16(F_WRLCK)
      // F_OFD_GETLK (fcntl(2)) sees the locks that this process has, too, as F_GETLK does not.
      try #require(fcntl(file, 36, &lock) == 0)
      return lock.l_type != Int16(F_UNLCK)
    }
    #expect(try isLocked())
    try CommitGuard.Disk(StoreFiles(house.directory)).synchronise()
    #expect(try isLocked())
    // And what it does is done: it is no file, and no directory.
    #expect(throws: StoreFailure.self) { try CommitGuard.Disk(StoreFiles(path)).synchronise() }
    // That it would be seen.
    try StoreFiles.synchronise(path)
    #expect(try !isLocked())
    try await house.store.close()
    close(file)
  }

  @Test("nothing counts while the disk is read-only, and a crisis is told under the name that the stored one has")
  func readOnly() async throws {
    let card = Card()
    let house = try await House.open(on: card.disk)
    let patient = try await house.addOwner()
    let earlier = try #require(try await house.keep(reading(120, clock: 1)).kept)
    card.becomes(true)
    let severe = reading(185, clock: 2)
    await #expect(throws: StoreFailure.readOnly) { try await house.keep(severe) }
    let told = house.store.evaluateUnstored(severe, policy: policy, now: minute(100))
    #expect(told.map(\.notStored) == [true])
    #expect(try await house.store.observations().map(\.id) == [earlier.id])
    // "It is there already" would be confirmed, too; so would a bond, a consent, an erasure.
    await #expect(throws: StoreFailure.readOnly) { try await house.keep(reading(120, clock: 1)) }
    await #expect(throws: StoreFailure.readOnly) { try await house.store.setSetting("a", to: "b") }
    await #expect(throws: StoreFailure.readOnly) { try await house.addOwner("Nam") }
    await #expect(throws: StoreFailure.readOnly) {
      try await house.store.erase(patient.id, by: nil, now: minute(100))
    }
    #expect(try await house.store.patients().map(\.id) == [patient.id])

    card.becomes(false)
    #expect(card.synchronised.load(ordering: .relaxed) == 0)
    #expect(try await house.keep(severe).kept != nil)
    #expect(card.synchronised.load(ordering: .relaxed) == 1)
    let events = try await house.store.alertEvents().map(\.transition)
    #expect(events.map(\.idempotencyKey) == told.map(\.idempotencyKey))
    #expect(events.map(\.notStored) == [false])
    try await house.keep(reading(121, clock: 3))
    #expect(card.synchronised.load(ordering: .relaxed) == 1)
  }

  @Test(
    "what was committed in the moment in which the disk became read-only counts when it was synchronised afterwards")
  func inDoubt() async throws {
    let card = Card()
    let house = try await House.open(on: card.disk)
    try await house.addOwner()
    card.becomes(false, true)
    let severe = reading(185, clock: 1)
    await #expect(throws: StoreFailure.readOnly) { try await house.keep(severe) }
    // The alert leaves from the file; it is not told twice.
    #expect(house.store.evaluateUnstored(severe, policy: policy, now: minute(100)) == [])
    #expect(try await house.store.dueDeliveries(for: pager, at: minute(101), limit: 10).count == 1)
    await #expect(throws: StoreFailure.readOnly) { try await house.keep(severe) }
    card.becomes(false)
    card.isBroken.store(true, ordering: .relaxed)
    await #expect(throws: StoreFailure.io(code: 10)) { try await house.keep(severe) }
    card.isBroken.store(false, ordering: .relaxed)
    #expect(try await house.keep(severe).duplicateOf != nil)
    #expect(card.synchronised.load(ordering: .relaxed) == 1)
  }

  @Test("a directory's own file system is asked")
  func asked() async throws {
    let house = try await House.open()
    #expect(!house.store.isReadOnly)
    try CommitGuard.Disk(StoreFiles(house.directory)).synchronise()
  }
}
