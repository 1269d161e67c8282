import Foundation
import Observations
import WireFormats

/// One user's records in one visit: which of them are new, and these into the sink, oldest first.
///
/// The order carries a promise from visit to visit: of a ring whose newest slot is known, a record that is stored has all
/// older ones stored. So the next visit goes back from the newest to the first that it knows, and may stop there. The
/// cuff's own count of unread records would not do: it is the maker's app's, which clears it.
struct OmronBankReading {
  /// How many records are looked back through for a known one before all are read.
  private static let mostLookedBack = 24

  let user: Int
  let bank: OmronMemoryMap.Bank
  /// The slot that the index says was written last; nil where it says nothing.
  let newest: Int?
  let cuff: OmronConversation
  let normalisation: OmronNormalisation
  /// What was read, by slot.
  private var slots: [Int: OmronSlot] = [:]
  /// Slots for which the cuff answered without data.
  private var blank: Set<Int> = []

  init(
    user: Int, bank: OmronMemoryMap.Bank, newest: Int?, cuff: OmronConversation, normalisation: OmronNormalisation
  ) {
    self.user = user
    self.bank = bank
    self.newest = newest
    self.cuff = cuff
    self.normalisation = normalisation
  }

  mutating func run(_ visit: inout GATTVisit) async throws(SessionFailure) {
    do {
      if let newest, try await isNewest(newest, &visit) {
        let new = try await newSlots(upTo: newest, &visit)
        // Of the whole ring, what was never written comes first.
        var mayBeBlank = new.count == bank.slots
        for (index, number) in new.enumerated() {
          visit.session.progress(.record(number: index + 1, of: new.count))
          let isRecord = try await slot(number, &visit).record != nil
          guard isRecord || mayBeBlank || !blank.contains(number) else { throw lost(number) }
          if isRecord { mayBeBlank = false }
          try await store(number, &visit)
        }
      } else {
        let taken = try await allByTime(&visit)
        for (index, slot) in taken.enumerated() {
          visit.session.progress(.record(number: index + 1, of: taken.count))
          try await store(slot, &visit)
        }
      }
    } catch let refusal as Refusal {
      visit.session.progress(.memoryRefused(user: refusal.user))
    } catch let failure as SessionFailure {
      throw failure
    } catch {
      throw SessionFailure(.cancelled)
    }
  }

  /// There is a record here that the cuff did not give. To store what is newer would hide it from the next visit.
  private func lost(_ number: Int) -> SessionFailure {
    SessionFailure(
      .damaged(
        what: OmronConversation.reading(bank.start + UInt16(number * cuff.map.record.size.rawValue)),
        reason: "The cuff answered without data where it has a record."))
  }

  // MARK: Which are new

  /// Whether the records agree with the index: the slot behind the newest is empty, or its record is not newer. A map that
  /// is wrong by one slot, which a derived one may be, would otherwise make every new record seem an old one.
  private mutating func isNewest(_ newest: Int, _ visit: inout GATTVisit) async throws -> Bool {
    guard let last = try await slot(newest, &visit).record else {
      guard !blank.contains(newest) else { throw lost(newest) }
      return false
    }
    guard let next = try await slot((newest + 1) % bank.slots, &visit).record else { return true }
    return !last.dateTime.isBefore(next.dateTime)
  }

  /// Oldest first: those behind the newest one that is known, or all.
  private mutating func newSlots(upTo newest: Int, _ visit: inout GATTVisit) async throws -> [Int] {
    let ring = (1...bank.slots).map { (newest + $0) % bank.slots }
    guard !visit.isFirstVisit else { return ring }
    for (age, number) in ring.reversed().prefix(Self.mostLookedBack).enumerated() {
      // An empty one proves nothing: what lies behind it is looked at too.
      guard let record = try await slot(number, &visit, backwards: true).record else { return ring }
      if await visit.session.sink.holds(normalisation.identity(record)) { return ring.suffix(age) }
    }
    return ring
  }

  /// Without an index that can be believed nobody knows where the ring begins: the cuff's clock decides, and a part of
  /// the bank does not, so all is read before any is stored.
  private mutating func allByTime(_ visit: inout GATTVisit) async throws -> [Int] {
    for number in 0..<bank.slots { _ = try await slot(number, &visit) }
    let taken = slots.compactMap { number, slot in slot.record.map { (number: number, time: $0.dateTime) } }
    return taken.sorted { left, right in
      left.time == right.time ? left.number < right.number : left.time.isBefore(right.time)
    }.map(\.number)
  }

  // MARK: Reading and storing

  /// The cuff gives nothing of this bank.
  private struct Refusal: Error {
    var user: Int
  }

  /// A slot, read with as many of its neighbours as one read carries.
  private mutating func slot(
    _ number: Int, _ visit: inout GATTVisit, backwards: Bool = false
  ) async throws -> OmronSlot {
    if let known = slots[number] { return known }
    let size = cuff.map.record.size.rawValue
    let most = max(1, cuff.map.block / size)
    var range = backwards ? max(0, number - most + 1)..<number + 1 : number..<min(bank.slots, number + most)
    // What is there already is not read again.
    if backwards {
      while let first = range.first, first < number, slots[first] != nil { range = first + 1..<range.upperBound }
    } else {
      while let last = range.last, last > number, slots[last] != nil { range = range.lowerBound..<last }
    }
    let address = bank.start + UInt16(range.lowerBound * size)
    guard case .octets(let octets, let lacksData) = try await cuff.read(address, count: range.count * size, &visit)
    else { throw Refusal(user: user) }
    if lacksData { blank.formUnion(range) }
    for (place, number) in range.enumerated() {
      let bytes = Array(octets[place * size..<(place + 1) * size])
      slots[number] = try OmronSlot(bytes, layout: cuff.map.record)
    }
    return slots[number] ?? .empty([])
  }

  private mutating func store(_ number: Int, _ visit: inout GATTVisit) async throws {
    guard let record = try await slot(number, &visit).record else { return }
    let session = visit.session
    let (observation, isLive) = normalisation.observation(record, user: user, receivedAt: session.receivedNow())
    let outcome: StoreOutcome
    do {
      outcome = try await session.sink.store(observation, live: isLive)
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
    session.progress(.reading(observation, outcome))
    // Kept all the same: what the two octets are was found by adding up, and is documented nowhere.
    if record.checksum == .mismatch { session.progress(.checksumMismatch(user: user, slot: number)) }
  }
}

extension DateTime {
  /// By the digits, possible or not.
  fileprivate func isBefore(_ other: DateTime) -> Bool {
    let pairs = [
      (Int(year), Int(other.year)), (Int(month), Int(other.month)), (Int(day), Int(other.day)),
      (Int(hours), Int(other.hours)), (Int(minutes), Int(other.minutes)), (Int(seconds), Int(other.seconds)),
    ]
    return pairs.first { $0.0 != $0.1 }.map { $0.0 < $0.1 } ?? false
  }
}
