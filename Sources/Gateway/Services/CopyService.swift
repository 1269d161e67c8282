import Foundation
import LocalAPI
import Logging
import Store

/// Makes a verified copy of the database every day, or of a large one as often as the card bears it.
struct CopyService {
  let store: Store
  let health: Health
  let logger: Logger

  /// After a start: devices and alerts come first.
  static let first: Duration = .seconds(300)
  /// What copies may write in a day, in octets, before they are made less often.
  static let dailyOctets = 64.0 * 1_048_576
  /// In seconds, how old the newest copy gets: a day. A copy is the whole database: of one that is larger than
  /// ``dailyOctets`` it is so many days more, and never more than seven.
  static func every(_ octets: Int64) -> TimeInterval { 86_400 * min(7, max(1, Double(octets) / dailyOctets)) }
  /// How often it is looked. A wall clock that is set must not leave the database without a copy for long.
  static let looking: Duration = .seconds(3600)
  /// A copy that could not be made when it was due for the third time is an error.
  static let tooOld = 3.0

  /// Until the task is cancelled.
  func run() async {
    guard (try? await Task.sleep(for: Self.first)) != nil else { return }
    repeat { await step(now: Date()) } while (try? await Task.sleep(for: Self.looking)) != nil
  }

  /// Makes a copy where one is due.
  func step(now: Date) async {
    let newest = store.verifiedCopies.first?.madeAt
    // One from the future was made before the clock was set back.
    let every = Self.every((try? await store.size().onDisk) ?? 0)
    let hasFailed = health.warnings.contains { $0.kind == HealthWarning.Kind.copyFailed }
    if let newest, !hasFailed, (0..<every).contains(now.timeIntervalSince(newest)) { return }
    do throws(StoreFailure) {
      _ = try await store.makeCopy(now: now)
      logger.info("made a copy of the database and verified it")
      health.clear(HealthWarning.Kind.copyFailed)
    } catch {
      guard error != .cancelled else { return }
      let isOld = newest.map { now.timeIntervalSince($0) > Self.tooOld * every } ?? true
      health.warn(
        HealthWarning.Kind.copyFailed, isOld ? .error : .warning,
        "No copy of the database could be made: \(error).",
        remedy: "It is tried again every hour. Without a copy, what cannot be read of a damaged database is lost.",
        parameters: ["reason": "\(error)"])
    }
  }

  /// Says for a week that the database was rebuilt, since nobody may look earlier.
  func warnOfRepair(now: Date) {
    guard let repair = store.repair else { return }
    let rest = 7 * 86_400 - now.timeIntervalSince(repair.at)
    guard rest > 0 else { return }
    let copy =
      repair.copyMadeAt.map { "\(repair.restored) readings came from the copy of \(Timestamp($0))" }
      ?? "there was no copy"
    let missing =
      repair.missing.map { $0 == 0 ? "none is known to be missing" : "\($0) could not be read" }
      ?? "how many are missing is not known"
    let incomplete =
      repair.incomplete.isEmpty ? "" : " Not read to the end: \(repair.incomplete.joined(separator: ", "))."
    health.warn(
      HealthWarning.Kind.databaseRebuilt, .error,
      "The database was damaged (\(repair.reason)) and was built anew: \(copy), "
        + "\(repair.salvaged) from the damaged file; \(missing).\(incomplete)",
      remedy: "See that people, devices and consents are as they were, and look at the disk. The damaged file is kept: "
        + "damaged/\(repair.setAside).sqlite in the data directory.",
      parameters: [
        "copy": repair.copyMadeAt.map { "\(Timestamp($0))" } ?? "-", "restored": "\(repair.restored)",
        "salvaged": "\(repair.salvaged)", "missing": repair.missing.map(String.init) ?? "?",
        "file": "damaged/\(repair.setAside).sqlite",
      ], lasting: rest, at: repair.at)
  }
}
