import Foundation
import Observations
import Store
import Synchronization

/// Writes down who did what at the socket, and keeps in memory what need not be written at once.
///
/// A commit is a full sync of the card: a program that asks every few seconds, or is refused every few seconds, is not to wear
/// it out. What is only counted here is written with the next of its kind, and when somebody reads the list; at a stop the
/// last few minutes' count of them is lost, and nothing else.
final class AccessNotes: Sendable {
  /// What is one row of the list, within an hour.
  struct Line: Hashable, Sendable {
    var action: Access.Action
    var uid: UInt32?
    var patient: PatientID?
    var subject: String?
    var refused: Bool

    /// From one time that it is written to the next. What changes something, and what leaves in one piece, is written each
    /// time.
    var pause: Duration { refused ? .seconds(60) : action == .read ? .seconds(600) : .zero }
  }

  struct Note: Sendable {
    var line: Line
    var count: Int
    var at: Date
  }

  private struct Entry {
    var written: ContinuousClock.Instant
    var last: Date
    /// How many are not written yet.
    var waiting = 0
  }

  /// Lines that are remembered; a house has fewer. Of more, those of the user go who has the most.
  private static let most = 512

  private let store: Store
  /// How long an answer waits for what may also be written after it.
  private let patience: Duration
  private let entries = Mutex<[Line: Entry]>([:])

  init(store: Store, patience: Duration) {
    self.store = store
    self.patience = patience
  }

  /// Counts one request.
  ///
  /// - Returns: what is to be written now; empty: it is written later.
  func count(_ line: Line, at now: Date) -> [Note] {
    guard line.pause > .zero else { return [Note(line: line, count: 1, at: now)] }
    let moment = ContinuousClock.now
    return entries.withLock { entries in
      var entry = entries[line]
      if let written = entry?.written, written.duration(to: moment) < line.pause {
        entry?.waiting += 1
        entry?.last = now
        entries[line] = entry
        return []
      }
      if entry == nil, entries.count >= Self.most {
        let most = Dictionary(grouping: entries.keys, by: \.uid).max { $0.value.count < $1.value.count }
        for line in most?.value ?? [] { entries[line] = nil }
      }
      entries[line] = Entry(written: moment, last: now)
      guard let entry, entry.waiting > 0 else { return [Note(line: line, count: 1, at: now)] }
      // What was long before belongs to the hour in which it was.
      guard now.timeIntervalSince(entry.last) > line.pause / .seconds(1) else {
        return [Note(line: line, count: entry.waiting + 1, at: now)]
      }
      return [Note(line: line, count: entry.waiting, at: entry.last), Note(line: line, count: 1, at: now)]
    }
  }

  /// - Throws: ``StoreFailure``: the first could not be written, and none after it.
  func write(_ notes: [Note]) async throws {
    for note in notes {
      let line = note.line
      try await store.recordAccess(
        line.action, .socket, uid: line.uid, patient: line.patient, subject: line.subject, refused: line.refused,
        count: note.count, at: note.at)
    }
  }

  /// Writes them, and comes back when it is done or has taken too long; it goes on then. A card that takes no more writes
  /// keeps nobody from seeing what fires.
  func writeSoon(_ notes: [Note]) async {
    guard !notes.isEmpty else { return }
    let (done, continuation) = AsyncStream.makeStream(of: Void.self)
    // Of no task group: the answer does not wait for its end, and it outlives the request.
    Task { [self] in
      // That it cannot be written down is no reason not to show people their own readings.
      try? await write(notes)
      continuation.finish()
    }
    let patience = patience
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in done {} }
      group.addTask { try? await Task.sleep(for: patience) }
      _ = await group.next()
      group.cancelAll()
    }
  }

  /// Writes what was only counted, before somebody reads the list.
  func writeCounted() async {
    let notes = entries.withLock { entries in
      var found: [Note] = []
      for (line, entry) in entries where entry.waiting > 0 {
        found.append(Note(line: line, count: entry.waiting, at: entry.last))
        entries[line]?.waiting = 0
      }
      return found
    }
    await writeSoon(notes.sorted { $0.at < $1.at })
  }
}
