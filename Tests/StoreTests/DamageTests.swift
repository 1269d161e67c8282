import AlertRules
import Foundation
import GRDB
import Observations
@testable import Store
import Testing

/// The disk gives back something else than was written. What can be read is kept, what cannot is said, and nothing ends the
/// opening. `VITALS_LONG=1` tries 1,000 damages of each kind instead of a few; `VITALS_SEED` other ones; `VITALS_KIND` those of
/// one kind, by the name of its case; `VITALS_RUN` one of them alone, by its number, or some (`0-99`). A run that fails says which
/// it was, and the others go on; `VITALS_KEEP` is a directory that each damaged database is copied into first.
@Suite(.serialized) struct DamageTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seed = environment["VITALS_SEED"].flatMap { UInt64($0) } ?? 1

  enum Kind: String, CaseIterable {
    case flippedBits = "bits flipped in some pages"
    case flippedPages = "some pages overwritten"
    case firstPage = "the first page overwritten"
    case truncated = "the end cut off"
    case emptied = "emptied"
    case missing = "the file gone"
    case text = "replaced by text"
    case logCut = "the log cut off"
    case logFlipped = "bits flipped in the log"

    /// All, or the one that is asked for.
    static var tried: [Kind] {
      guard let name = DamageTests.environment["VITALS_KIND"] else { return allCases }
      return allCases.filter { "\($0)" == name }
    }

    /// The numbers of the runs.
    var runs: Range<Int> {
      let asked = DamageTests.environment["VITALS_RUN"]?.split(separator: "-").compactMap { Int($0) } ?? []
      guard let first = asked.first, let last = asked.last, first <= last else { return 0..<count }
      return first..<last + 1
    }

    private var count: Int {
      let long = DamageTests.environment["VITALS_LONG"] == "1"
      switch self {
      case .flippedBits, .flippedPages: return long ? 1000 : 14
      case .truncated, .logCut, .logFlipped: return long ? 1000 : 5
      case .firstPage: return long ? 100 : 2
      case .emptied, .missing, .text: return 1
      }
    }

    /// Whether the database is always found damaged: a log that ends early is one that power cut, and a bit that is
    /// flipped in a value is that value.
    var isAlwaysFound: Bool {
      switch self {
      case .flippedBits, .flippedPages, .logCut, .logFlipped, .truncated: false
      case .firstPage, .emptied, .missing, .text: true
      }
    }
  }

  private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    init(state: UInt64) { self.state = state }

    /// Each run has its own, so that it can be made without those before it.
    init(_ kind: Kind, run: Int) {
      self.init(state: DamageTests.seed &* 1000 &+ UInt64(Kind.allCases.firstIndex(of: kind) ?? 0))
      state = next() &+ UInt64(run)
    }

    mutating func next() -> UInt64 {
      // SplitMix64.
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// A house of two people with a copy in the middle of its days; some of what came later stands in the log only.
  private struct Old {
    var house: House
    var inCopy: [ObservationID] = []
    var all: [ObservationID] = []
    var withdrawn: DestinationID
    /// The directory as it is while the store is open: as after a power cut.
    var image: String
  }

  private static func old() async throws -> Old {
    let house = try await House.open()
    let lan = try await house.addOwner()
    let mai = try await house.store.addPatient(name: "Mai", at: minute(0))
    let doctor = DestinationID(rawValue: "doctor")
    for (who, where_) in [(mai, record), (lan, doctor)] {
      try await house.store.grantConsent(
        patient: who.id, destination: where_, grantee: "Dr Minh", relationship: "doctor", at: minute(0))
    }
    try await house.store.saveKey(
      .longTerm, address: "F0:F1:F2:F3:F4:F5", kind: "random", value: Data(repeating: 7, count: 36))
    var old = Old(house: house, withdrawn: doctor, image: house.directory)
    for clock in 1...60 {
      old.inCopy.append(try #require(try await house.keep(reading(100 + clock, clock: clock)).kept?.id))
    }
    _ = try await house.store.makeCopy(now: minute(200))
    old.all = old.inCopy
    for clock in 61...110 {
      old.all.append(try #require(try await house.keep(reading(100 + clock % 90, clock: clock)).kept?.id))
      if clock == 85 {
        try await house.store.pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
      }
    }
    #expect(try await house.store.withdrawConsent(patient: lan.id, destination: doctor, at: minute(300)))
    old.image = FileManager.default.temporaryDirectory.appendingPathComponent("vitals-\(UUID().uuidString)").path
    try FileManager.default.copyItem(atPath: house.directory, toPath: old.image)
    try FileManager.default.removeItem(atPath: old.image + "/vitals.sqlite-shm")
    return old
  }

  private static func damage(_ directory: String, _ kind: Kind, _ numbers: inout Numbers) throws {
    let database = directory + "/vitals.sqlite"
    func change(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
      var bytes = [UInt8](FileManager.default.contents(atPath: path) ?? Data())
      body(&bytes)
      try Data(bytes).write(to: URL(filePath: path))
    }
    switch kind {
    case .flippedBits:
      try change(database) { bytes in
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
          let page = Int.random(in: 0..<bytes.count / 4096, using: &numbers)
          for _ in 0..<Int.random(in: 1...40, using: &numbers) {
            let place = page * 4096 + Int.random(in: 0..<4096, using: &numbers)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
          }
        }
      }
    case .flippedPages:
      try change(database) { bytes in
        for _ in 0..<Int.random(in: 1...6, using: &numbers) {
          let page = Int.random(in: 1..<bytes.count / 4096, using: &numbers)
          for place in page * 4096..<(page + 1) * 4096 { bytes[place] = UInt8.random(in: 0...255, using: &numbers) }
        }
      }
    case .firstPage:
      try change(database) { bytes in
        for place in 0..<4096 { bytes[place] = UInt8.random(in: 0...255, using: &numbers) }
      }
      // Else the log's own first page would be read instead.
      try FileManager.default.removeItem(atPath: database + "-wal")
    case .truncated: try change(database) { $0.removeLast(Int.random(in: 1..<$0.count, using: &numbers)) }
    case .emptied: try Data().write(to: URL(filePath: database))
    case .missing: try FileManager.default.removeItem(atPath: database)
    case .text: try Data(repeating: 65, count: 50_000).write(to: URL(filePath: database))
    case .logCut: try change(database + "-wal") { $0.removeLast(Int.random(in: 1..<$0.count, using: &numbers)) }
    case .logFlipped:
      try change(database + "-wal") { bytes in
        for _ in 0..<Int.random(in: 1...40, using: &numbers) {
          bytes[Int.random(in: 0..<bytes.count, using: &numbers)] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        }
      }
    }
  }

  /// What can be read of the damaged file one reading at a time, by SQLite alone.
  private static func readable(_ directory: String) -> Set<ObservationID> {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA writable_schema = ON") }
    guard StoreFiles.size(directory + "/vitals.sqlite") ?? 0 > 0,
      let queue = try? DatabaseQueue(path: directory + "/vitals.sqlite", configuration: configuration)
    else { return [] }
    defer { try? queue.close() }
    var found: Set<ObservationID> = []
    for sequence in 1...200 {
      let content = try? queue.read { db in
        try String.fetchOne(db, sql: "SELECT content FROM observations WHERE seq = ?", arguments: [sequence])
      }
      if let content, !content.contains("\u{FFFD}"), let one = try? JSONText.decode(Observation.self, content) {
        found.insert(one.id)
      }
    }
    return found
  }

  /// What came of the runs of a kind.
  private struct Tally {
    var found = 0
    var kept: [Int] = []
    var salvaged: [Int] = []
    var saidMissing: [Int] = []
    var unknown = 0
    /// How often a row was met only while it was read.
    var metLater = 0

    static func span(_ numbers: [Int]) -> String {
      numbers.isEmpty ? "-" : "\(numbers.min() ?? 0)…\(numbers.max() ?? 0)"
    }
  }

  @Test(arguments: Kind.tried) func whatCanBeReadIsKept(_ kind: Kind) async throws {
    let old = try await Self.old()
    defer { try? FileManager.default.removeItem(atPath: old.image) }
    var tally = Tally()
    for run in kind.runs {
      let place = "\(kind.rawValue), VITALS_KIND=\(kind) VITALS_RUN=\(run) VITALS_SEED=\(Self.seed)"
      let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vitals-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: directory) }
      try FileManager.default.copyItem(atPath: old.image, toPath: directory)
      var numbers = Numbers(kind, run: run)
      try Self.damage(directory, kind, &numbers)
      if let kept = Self.environment["VITALS_KEEP"] {
        try FileManager.default.copyItem(atPath: directory, toPath: "\(kept)/\(kind)-\(run)-\(Self.seed)")
      }
      do {
        try await Self.survive(directory, kind, old, place, &tally)
      } catch {
        Issue.record(error, "\(place)")
      }
    }
    print(
      "| \(kind.rawValue) | \(kind.runs.count) of 1000 | \(tally.found) | \(Tally.span(tally.kept)) of \(old.all.count) | "
        + "\(Tally.span(tally.salvaged)) of \(old.all.count - old.inCopy.count) | \(Tally.span(tally.saidMissing)); not known "
        + "\(tally.unknown) times | \(tally.metLater) |")
    try await old.house.store.close()
  }

  /// Opens a damaged database and asks it for everything; where it then says that a row cannot be read, once more from the
  /// rebuilt one.
  private static func survive(
    _ directory: String, _ kind: Kind, _ old: Old, _ place: String, _ tally: inout Tally
  ) async throws {
    let files = StoreFiles(directory)
    let bytes = FileManager.default.contents(atPath: files.database)
    let readable = Self.readable(directory)
    StoreFiles.remove(files.database + "-shm")

    var store = try await Store.open(directory: directory)
    // A value that is another one now, in a file that is whole by all that SQLite can tell: the others are read all the same.
    var isMetLater = false
    if !store.wasRepaired {
      do {
        try await ask(store)
      } catch {
        #expect(StoreFiles.size(files.suspect) != nil, "\(place): \(error)")
      }
      if StoreFiles.size(files.suspect) != nil {
        isMetLater = true
        tally.metLater += 1
        try await store.close()
        store = try await Store.open(directory: directory)
        #expect(store.wasRepaired, "\(place)")
      }
    }

    let seen = try await store.recordRows(RecordQuery(includesUnsettled: true), limit: 1000).map(\.observation.id)
    #expect(readable.intersection(old.all).subtracting(seen) == [], "\(place)")
    #expect(seen.count == Set(seen).count, "\(place)")
    tally.kept.append(Set(seen).intersection(old.all).count)
    if kind.isAlwaysFound { #expect(store.wasRepaired, "\(place)") }
    if store.wasRepaired {
      let repair = try #require(store.repair)
      let gone = old.inCopy.indices.filter { !seen.contains(old.inCopy[$0]) }
      #expect(gone == [], "\(place): \(gone.map { old.inCopy[$0] }), met later: \(isMetLater)")
      #expect(repair.copyMadeAt != nil, "\(place)")
      #expect(repair.restored == old.inCopy.count, "\(place)")
      let lost = old.all.filter { !seen.contains($0) }.count
      if let missing = repair.missing, kind != .logFlipped {
        // Whoever is told a number is told no smaller one than the truth, as far as the log was whole.
        #expect(missing >= lost || repair.incomplete.isEmpty, "\(place): \(missing) said, \(lost) lost")
        tally.saidMissing.append(missing)
      } else {
        tally.unknown += 1
      }
      tally.found += 1
      tally.salvaged.append(repair.salvaged)
      // The damaged file is as it was.
      if !isMetLater {
        let aside = directory + "/damaged/\(repair.setAside).sqlite"
        #expect(FileManager.default.contents(atPath: aside) == bytes, "\(place)")
      }
      for name in try FileManager.default.subpathsOfDirectory(atPath: directory) where name.contains(".sqlite") {
        let mode =
          try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")[.posixPermissions] as? Int
        #expect(mode == 0o600 || name.contains("damaged/"), "\(name)")
      }
      // A consent that was withdrawn since the copy does not come back.
      let holding = try await store.consents().filter { $0.withdrawnAt == nil }
      #expect(!holding.contains { $0.destination == old.withdrawn }, "\(place)")
      // Numbers are not given twice.
      let next = try #require(
        try await store.commit(reading(150, clock: 700), policy: policy, now: minute(700), live: true).kept)
      let last = try await store.lastStored()
      #expect(last == next.id, "\(place)")
      #expect(
        try await store.read { db in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").isEmpty }, "\(place)")
    }
    try await ask(store)
    #expect(StoreFiles.size(files.suspect) == nil, "\(place)")
    try await store.close()
    let again = try await Store.open(directory: directory)
    if store.wasRepaired { #expect(!again.wasRepaired, "\(place): found damaged again") }
    try await again.close()
  }

  /// It works: everything that is asked of a house is answered.
  static func ask(_ store: Store) async throws {
    let rows = try await store.recordRows(RecordQuery(includesUnsettled: true), limit: 1000)
    _ = try await store.observations()
    _ = try await store.openAlerts()
    _ = try await store.alertEvents()
    _ = try await store.devices()
    _ = try await store.recordDevices()
    if let one = rows.first?.observation { _ = try await store.recordDevice(of: one) }
    _ = try await store.lastArrival()
    _ = try await store.accesses()
    _ = try await store.pruned()
    _ = try await store.silences(at: .distantPast)
    _ = try await store.memoryKey()
    _ = try await store.answerKey()
    _ = try await store.gatewayDescription(softwareVersion: "1")
    _ = try await store.deliveries()
    _ = try await store.undeliveredAlerts(of: [record])
    _ = try await store.nextDue(for: record)
    _ = try await store.dueDeliveries(for: record, at: minute(5000), limit: 1000)
    _ = try await store.commit(reading(151, clock: 800), policy: policy, now: minute(800), live: true)
    _ = try await store.tick(policy: policy, now: minute(5000), facts: nil)
    _ = try await store.completeAverages(policy: policy, now: minute(5000))
  }

  @Test func withoutACopyWhatCanBeReadIsKept() async throws {
    let old = try await Self.old()
    defer { try? FileManager.default.removeItem(atPath: old.image) }
    try FileManager.default.removeItem(atPath: old.image + "/copies")
    var numbers = Numbers(state: 77)
    try Self.damage(old.image, .truncated, &numbers)
    let readable = Self.readable(old.image)
    let store = try await Store.open(directory: old.image)
    #expect(store.wasRepaired && store.repair?.copyMadeAt == nil && store.repair?.restored == 0)
    let seen = try await store.recordRows(RecordQuery(includesUnsettled: true), limit: 1000).map(\.observation.id)
    #expect(Set(seen).isSuperset(of: readable))
    #expect(store.repair?.salvaged == seen.count)
    try await store.close()
    try await old.house.store.close()
  }

  /// What is no damage is left alone.
  @Test func aNewerSchemaAndADamagedOneOfItStayAsTheyAre() async throws {
    let old = try await Self.old()
    defer { try? FileManager.default.removeItem(atPath: old.image) }
    try await old.house.store.close()
    let queue = try DatabaseQueue(path: old.image + "/vitals.sqlite")
    try await queue.write { db in
      try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99-from-the-future')")
    }
    try queue.close()
    func files() throws -> [String: Data] {
      var found: [String: Data] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: old.image) where !name.hasSuffix("-shm") {
        found[name] = FileManager.default.contents(atPath: old.image + "/" + name) ?? Data()
      }
      return found.filter { !$0.value.isEmpty }
    }
    var numbers = Numbers(state: 5)
    for _ in 0..<2 {
      let before = try files()
      await #expect(
        throws: StoreFailure.newerSchema(path: old.image + "/vitals.sqlite", unknown: ["99-from-the-future"])
      ) { try await Store.open(directory: old.image) }
      #expect(try files() == before)
      // Once more with the end gone.
      let size = try #require(StoreFiles.size(old.image + "/vitals.sqlite"))
      var bytes = [UInt8](try #require(FileManager.default.contents(atPath: old.image + "/vitals.sqlite")))
      for place in Int(size) - 8192..<Int(size) { bytes[place] = UInt8.random(in: 0...255, using: &numbers) }
      try Data(bytes).write(to: URL(filePath: old.image + "/vitals.sqlite"))
    }
  }

  /// A bit that is flipped in the name of a version makes no later version of it.
  @Test(arguments: [
    "UPDATE grdb_migrations SET identifier = '16-ilentifiers' WHERE identifier LIKE '16-%'",
    "UPDATE grdb_migrations SET identifier = '97-the-last' WHERE identifier = (SELECT max(identifier) FROM grdb_migrations)",
    "DELETE FROM grdb_migrations WHERE identifier LIKE '3-%'",
  ]) func aDamagedNameOfAVersionIsDamage(_ damage: String) async throws {
    let house = try await House.open()
    try await house.keep(reading(120, clock: 1))
    try await house.store.close()
    let files = StoreFiles(house.directory)
    #expect(try Damage.look(files) == nil)
    let queue = try DatabaseQueue(path: house.path)
    try await queue.write { db in
      try db.execute(sql: damage)
      #expect(db.changesCount == 1)
    }
    try queue.close()
    #expect(try Damage.look(files) == Damage(reason: "the names of its schema's versions"))
  }

  /// A statement that meets damage says so, and the next opening rebuilds whatever its check finds.
  @Test func damageWhileItRuns() async throws {
    let house = try await House.open()
    try await house.addOwner()
    for clock in 1...40 { try await house.keep(reading(120, clock: clock)) }
    _ = try await house.store.makeCopy(now: minute(100))
    async let said = house.store.damage()
    let failure = await house.store.failure(DatabaseError(resultCode: .SQLITE_CORRUPT))
    #expect(failure == .damaged(code: 11))
    #expect(await said == failure)
    // What is no damage says nothing and leaves nothing.
    for code in [ResultCode.SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN] {
      if case .damaged = await house.store.failure(DatabaseError(resultCode: code)) { Issue.record("\(code)") }
    }
    try await house.store.close()
    let again = try await Store.open(directory: house.directory)
    #expect(again.wasRepaired)
    #expect(again.repair?.missing == 0 && again.repair?.incomplete == [] && again.repair?.restored == 40)
    try await again.close()
    let third = try await Store.open(directory: house.directory)
    #expect(!third.wasRepaired && third.repair == again.repair)
    try await third.close()
  }

  /// Whoever was erased stays so, though a copy has their readings.
  @Test func whoWasErasedDoesNotComeBack() async throws {
    let house = try await House.open()
    let lan = try await house.addOwner()
    for clock in 1...20 { try await house.keep(reading(120, clock: clock)) }
    let copy = try await house.store.makeCopy(now: minute(200))
    let bytes = try #require(FileManager.default.contents(atPath: copy.path))
    _ = try await house.store.erase(lan.id, by: nil, now: minute(300))
    try await house.store.rest()
    let files = StoreFiles(house.directory)
    for name in StoreFiles.names(in: files.copies) { StoreFiles.remove(files.copies + "/" + name) }
    try bytes.write(to: URL(filePath: copy.path))
    try StoreFiles.make(file: files.suspect)
    let store = try await Store.open(directory: house.directory)
    #expect(store.wasRepaired)
    #expect(try await store.patients() == [])
    #expect(try await store.observations() == [])
    #expect(try await store.isErased(lan.id))
    // They stood in it.
    #expect(store.verifiedCopies == [])
    try await store.close()
  }

  /// Power that fails while the two databases change places.
  @Test func theExchangeIsFinished() async throws {
    for step in 0..<3 {
      let house = try await House.open()
      try await house.keep(reading(120, clock: 1))
      try await house.store.close()
      let files = StoreFiles(house.directory)
      try StoreFiles.make(directory: files.damaged)
      try StoreFiles.duplicate(files.database, to: files.damaged + "/000001-20261130T044619Z.repaired")
      try Data(repeating: 65, count: 9000).write(to: URL(filePath: files.database))
      try Data(repeating: 66, count: 9000).write(to: URL(filePath: files.database + "-wal"))
      if step > 0 { try StoreFiles.rename(files.database, to: files.damaged + "/000001-20261130T044619Z.sqlite") }
      if step > 1 {
        try StoreFiles.rename(files.database + "-wal", to: files.damaged + "/000001-20261130T044619Z.sqlite-wal")
      }
      let store = try await Store.open(directory: house.directory)
      #expect(try await store.observations().count == 1)
      #expect(
        StoreFiles.names(in: files.damaged).sorted()
          == ["000001-20261130T044619Z.sqlite", "000001-20261130T044619Z.sqlite-wal"])
      try await store.close()
    }
  }

  @Test func damagedDatabasesAreBounded() async throws {
    let house = try await House.open()
    try await house.keep(reading(120, clock: 1))
    _ = try await house.store.makeCopy(now: minute(1))
    try await house.store.rest()
    for _ in 0..<5 {
      try Data(repeating: 65, count: 9000).write(to: URL(filePath: house.path))
      let store = try await Store.open(directory: house.directory)
      #expect(store.wasRepaired)
      #expect(try await store.observations().count == 1)
      try await store.rest()
    }
    let kept = StoreFiles.names(in: house.directory + "/damaged").compactMap { StampedName(prefixOf: $0)?.number }
    #expect(Set(kept) == [3, 4, 5])
  }

  /// What was delivered is known by the same name when it is delivered again from an older copy.
  @Test func whatIsDeliveredAgainHasItsName() async throws {
    let house = try await House.open()
    try await house.addOwner()
    let kept = try #require(try await house.keep(reading(120, clock: 1)).kept)
    _ = try await house.store.makeCopy(now: minute(1))
    let first = try await house.store.dueDeliveries(for: record, at: minute(200), limit: 9)
    try await house.store.recordDelivered(first.map(\.id), at: minute(200))
    try await house.store.rest()
    try Data(repeating: 65, count: 9000).write(to: URL(filePath: house.path))
    let store = try await Store.open(directory: house.directory)
    let again = try await store.dueDeliveries(for: record, at: minute(200), limit: 9)
    #expect(again.map(\.idempotencyKey) == first.map(\.idempotencyKey))
    #expect(again.first?.content.observation?.identity == kept.identity)
    #expect(again.first?.content.observation?.id == kept.id)
    try await store.close()
  }
}
