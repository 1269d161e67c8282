import AlertRules
import Foundation
import GRDB
import Observations

/// Reads what can be read of one table of a damaged database.
///
/// A table with row numbers is read from both ends, and what lies between two pages that cannot be read is halved until
/// every row is reached that there is a way to; then each number that was not met is asked for by itself, since a wrong number
/// in an inner page leads past rows without an error. One without them is read from both ends only.
struct TableSalvage {
  let source: Database
  let table: String
  let columns: [String]
  /// Nil: the table has row numbers.
  let key: [String]?
  /// Up to which row number it is looked for rows that there seems to be no way to.
  let highest: Int64
  /// A row number beyond this is none that was ever given.
  let ceiling: Int64

  /// Whether the tree may lead past rows without a word: false where a check of all of it found nothing.
  private let leadsPast: Bool

  /// Row numbers between which nothing could be read.
  private(set) var lost: [ClosedRange<Int64>] = []
  /// False: some row was not read, or was not sound.
  private(set) var isWhole = true
  /// Tries left: a table of which hardly anything can be reached must not take for ever.
  private var tries = 20_000
  /// The row numbers that were met.
  private(set) var met: Set<Int64> = []

  init(
    _ source: Database, _ table: String, columns: [String], key: [String]?, highest: Int64 = 0,
    ceiling: Int64 = .max, leadsPast: Bool = true
  ) {
    self.source = source
    self.table = table
    self.columns = columns
    self.key = key
    self.highest = highest
    self.ceiling = ceiling
    self.leadsPast = leadsPast
  }

  /// What the taker throws: it ends the reading, as what the damaged file throws does not.
  struct TakerFailure: Error { var error: any Error }

  /// Looks at a row; what it gives takes it, and says whether it could be taken.
  typealias Take = (Row) throws -> () throws -> Bool

  /// Gives each row to `take`.
  mutating func read(_ take: Take) throws {
    if let key { return try readKeyed(key, take) }
    try readGap(1, Int64.max - 1, take)
    try readSingly(take)
  }

  /// The most numbers that are asked for by themselves: some seconds.
  private static let mostSingle = 100_000

  /// Asks for the row numbers that were not met, the newest first.
  mutating private func readSingly(_ take: Take) throws {
    guard leadsPast, highest > 0 else { return }
    var left = Self.mostSingle
    for number in (1...highest).reversed() where !met.contains(number) {
      left -= 1
      guard left >= 0 else { return }
      let (last, isThrough) = try run(number, number, isUpward: true, take)
      if last != nil || !isThrough { isWhole = false }
    }
  }

  mutating private func hand(_ taking: () throws -> Bool) throws {
    do {
      if try !taking() { isWhole = false }
    } catch {
      throw TakerFailure(error: error)
    }
  }

  private func look(_ row: Row, _ take: Take) throws -> () throws -> Bool {
    do { return try take(row) } catch { throw TakerFailure(error: error) }
  }

  private var list: String { columns.map { "\"\($0)\"" }.joined(separator: ", ") }

  /// Reads from one end of a range towards the other, as far as it goes.
  ///
  /// - Returns: the last row number that was in its order; nil: none. And whether it came to the end.
  mutating private func run(
    _ from: Int64, _ to: Int64, isUpward: Bool, _ take: Take
  ) throws -> (last: Int64?, isThrough: Bool) {
    tries -= 1
    var last: Int64?
    var before: Int64?
    // Not taken before the next one is seen: one that stands in the wrong place would take the place of another.
    var waiting: (number: Int64, taking: () throws -> Bool)?
    var isThrough = false
    do {
      // Numbers are asked for one by one, and preparing it takes many times as long as that.
      let statement = try source.cachedStatement(
        sql: """
          SELECT rowid AS salvaged_row, \(list) FROM "\(table)" WHERE rowid BETWEEN ? AND ?
          ORDER BY rowid \(isUpward ? "" : "DESC")
          """)
      let rows = try Row.fetchCursor(statement, arguments: [from, to])
      isThrough = true
      while let row = try rows.next() {
        guard let number = Int64.fromDatabaseValue(row["salvaged_row"]), number >= from, number <= min(to, ceiling)
        else {
          isThrough = false
          break
        }
        // Which of the two stands in the wrong place is not known.
        if let last, isUpward ? number <= last : number >= last { return (before, false) }
        try give(waiting)
        waiting = (number, try look(row, take))
        (before, last) = (last, number)
      }
    } catch let failure as TakerFailure {
      throw failure
    } catch {
      isThrough = false
    }
    try give(waiting)
    return (last, isThrough)
  }

  mutating private func give(_ row: (number: Int64, taking: () throws -> Bool)?) throws {
    guard let row else { return }
    try hand(row.taking)
    met.insert(row.number)
  }

  mutating private func readGap(_ from: Int64, _ to: Int64, _ take: Take) throws {
    guard from <= to else { return }
    guard tries > 0 else { return note(from, to) }
    let up = try run(from, to, isUpward: true, take)
    if up.isThrough { return }
    isWhole = false
    let low = max(from, (up.last ?? from - 1) + 1)
    guard low <= to else { return }
    let down = try run(low, to, isUpward: false, take)
    if down.isThrough { return }
    let high = down.last.map { $0 - 1 } ?? min(to, max(highest, low))
    guard low < high else { return note(low, high) }
    let middle = low + (high - low) / 2
    try readGap(low, middle, take)
    try readGap(middle + 1, high, take)
  }

  mutating private func note(_ from: Int64, _ to: Int64) {
    isWhole = false
    let (from, to) = (max(from, 1), min(to, highest))
    if from <= to { lost.append(from...to) }
  }

  mutating private func readKeyed(_ key: [String], _ take: Take) throws {
    var seen: Set<[DatabaseValue]> = []
    if try run(key, "", &seen, take) { return }
    isWhole = false
    _ = try run(key, "DESC", &seen, take)
  }

  /// Reads until the end, what cannot be read, or a row that was read already; whether it came to the end.
  mutating private func run(
    _ key: [String], _ direction: String, _ seen: inout Set<[DatabaseValue]>, _ take: Take
  ) throws -> Bool {
    let order = key.map { "\"\($0)\" \(direction)" }.joined(separator: ", ")
    do {
      let rows = try Row.fetchCursor(source, sql: "SELECT \(list) FROM \"\(table)\" ORDER BY \(order)")
      while let row = try rows.next() {
        guard seen.insert(key.map { row[$0] as DatabaseValue }).inserted else { return false }
        try hand(try look(row, take))
      }
      return true
    } catch let failure as TakerFailure {
      throw failure
    } catch {
      return false
    }
  }
}

/// What a row says, as against what rows of its table say, so that whoever reads it can. The types of columns are the new
/// table's to refuse.
enum SoundRow {
  /// The columns in which the row is to say something else, and what: a content that can be read holds against a column that
  /// says otherwise, where nobody knows better. Nil: there is none that can be read.
  ///
  /// - Parameter row: of a cursor, which still knows the octets.
  static func corrections(_ row: Row, of table: String) -> [String: DatabaseValue]? {
    var corrections: [String: DatabaseValue] = [:]
    var known: [String: Double] = [:]
    func text(_ column: String) -> String? { String.fromDatabaseValue(row[column]) }
    func content<Value: Decodable>(_ type: Value.Type, in column: String = "content") -> Value? {
      text(column).flatMap { try? JSONText.decode(type, $0) }
    }
    func correct(_ column: String, _ value: String?) {
      if text(column) != value { corrections[column] = value.databaseValue }
    }
    switch table {
    case "observations":
      guard let one = content(Observation.self) else { return nil }
      correct("id", one.id.rawValue)
      correct("kind", one.kind.rawValue)
      known["effective_end"] = one.effective.end.timeIntervalSince1970
      known["received_at"] = one.provenance.receivedAt.timeIntervalSince1970
      // What is kept of an erased one's for a correction says nobody's in its columns.
      if text("device") == OwedCorrections.device { break }
      correct("identity", one.identity.rawValue)
      correct("device", one.device.rawValue)
      correct("patient", one.patient?.rawValue)
      correct("device_time", one.provenance.deviceTime?.verbatim)
      if let base = text("untimed_identity"), !one.identity.rawValue.hasPrefix(base) {
        correct("untimed_identity", one.identity.rawValue.split(separator: "#").first.map(String.init))
      }
      // What is not known to have arrived comes as another one, and is marked.
      if !["none", "sent", "arrived"].contains(text("confirmation")) { correct("confirmation", "sent") }
    case "alert_states":
      guard let one = content(AlertState.self) else { return nil }
      correct("rule", one.key.rule.rawValue)
      correct("subject", one.key.subject.description)
    case "alert_events":
      guard let one = content(AlertTransition.self) else { return nil }
      correct("episode", one.episode.rawValue)
      correct("patient", one.patient?.rawValue)
    case "alert_episodes":
      guard let one = content(AlertEpisode.self) else { return nil }
      correct("episode", one.id.rawValue)
    case "silences":
      guard let one = content(Silence.self) else { return nil }
      correct("id", one.id.rawValue)
    case "devices":
      guard content(DeviceInformation.self, in: "information") != nil,
        text("authentication").flatMap(LinkAuthentication.init) != nil
      else { return nil }
    case "erasures":
      guard content([DestinationID].self, in: "destinations") != nil else { return nil }
    case "accesses":
      guard text("action").flatMap(Access.Action.init) != nil, text("way").flatMap(Access.Way.init) != nil
      else { return nil }
    case "settings":
      guard let key = text("key"), let value = text("value"), Settings.isSound(value, of: key) else { return nil }
    default: break
    }
    corrections.merge(StoredSeconds.corrections(row, known: known)) { $1 }
    for (index, column) in row.columnNames.enumerated() where corrections[column] == nil {
      // An octet that is no UTF-8 was replaced by this one when the text was read. A device may call itself so.
      guard let text = String.fromDatabaseValue(row[index]), text.unicodeScalars.contains("\u{FFFD}") else { continue }
      guard let octets = try? row.decode(Data.self, atIndex: index), String(data: octets, encoding: .utf8) != nil
      else { return nil }
    }
    return corrections
  }

  /// The content of a reading's row, as these columns of it say; nil: it cannot be read.
  static func content(of row: Row, by columns: [String]) throws -> DatabaseValue? {
    func text(_ column: String) -> String? {
      columns.contains(column) ? String.fromDatabaseValue(row[column]) : nil
    }
    guard let content = String.fromDatabaseValue(row["content"]),
      var one = try? JSONText.decode(Observation.self, content)
    else { return nil }
    if let id = text("id") { one.id = ObservationID(rawValue: id) }
    if let identity = text("identity") { one.identity = ReadingIdentity(rawValue: identity) }
    if let device = text("device") { one.device = DeviceID(rawValue: device) }
    if columns.contains("patient") { one.patient = text("patient").map { PatientID(rawValue: $0) } }
    return try JSONText.encode(one).databaseValue
  }
}
