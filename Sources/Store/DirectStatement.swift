import GRDB
import GRDBSQLite

/// A statement that is bound and stepped by SQLite's own interface: for what runs for every reading of a device's memory,
/// where finding the statement by its text and making an array of its arguments cost as much as the row.
///
/// It is one of GRDB's cached statements, so it is finalised with the connection. To be made, used and let go of within one
/// turn of the writer. What GRDB adds to a statement (observers of single rows) nobody here asks for; commits are observed
/// by the connection.
struct DirectStatement {
  /// Takes the values of a statement, from the first on.
  struct Values {
    fileprivate let pointer: SQLiteStatement
    fileprivate var index: CInt = 0

    fileprivate init(_ pointer: SQLiteStatement) { self.pointer = pointer }

    mutating func add(_ text: String) throws {
      var text = text
      try text.withUTF8 { try add($0) }
    }

    mutating func add(_ text: String?) throws {
      if let text { try add(text) } else { try addNull() }
    }

    /// A text, as UTF-8.
    mutating func add(utf8 text: [UInt8]) throws {
      try text.withUnsafeBufferPointer { try add($0) }
    }

    mutating func add(_ number: Double) throws {
      index += 1
      try check(sqlite3_bind_double(pointer, index, number))
    }

    mutating func addNull() throws {
      index += 1
      try check(sqlite3_bind_null(pointer, index))
    }

    private mutating func add(_ text: UnsafeBufferPointer<UInt8>) throws {
      index += 1
      // SQLITE_TRANSIENT, a macro that Swift does not import: SQLite makes a copy.
      let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      try text.withMemoryRebound(to: CChar.self) { characters in
        // Without an address it would be NULL.
        guard let address = characters.baseAddress else {
          return try check(sqlite3_bind_text(pointer, index, "", 0, copied))
        }
        try check(sqlite3_bind_text(pointer, index, address, CInt(characters.count), copied))
      }
    }

    private func check(_ code: CInt) throws {
      guard code != SQLITE_OK else { return }
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: "value \(index) cannot be bound",
        sql: DirectStatement.text(pointer))
    }
  }

  private let statement: Statement

  /// - Throws: `DatabaseError`: it cannot be compiled.
  init(_ db: Database, sql: String) throws { statement = try db.cachedStatement(sql: sql) }

  /// Runs it to its end.
  ///
  /// - Throws: `DatabaseError`, which says nothing of the values.
  func run(_ bind: (inout Values) throws -> Void) throws {
    try use(bind) { while try step() {} }
  }

  /// Whether there is a row.
  func finds(_ bind: (inout Values) throws -> Void) throws -> Bool {
    try use(bind) { try step() }
  }

  /// The first row's first column; nil: there is no row, or it is NULL.
  func text(_ bind: (inout Values) throws -> Void) throws -> String? {
    try use(bind) {
      guard try step() else { return nil }
      return sqlite3_column_text(statement.sqliteStatement, 0).map { String(cString: $0) }
    }
  }

  private func use<Result>(_ bind: (inout Values) throws -> Void, _ body: () throws -> Result) throws -> Result {
    let pointer = statement.sqliteStatement
    // What the last step said is said again by the reset. The values go: they are somebody's readings.
    defer {
      sqlite3_reset(pointer)
      sqlite3_clear_bindings(pointer)
    }
    var values = Values(pointer)
    try bind(&values)
    return try body()
  }

  /// Whether it came to a row.
  private func step() throws -> Bool {
    let pointer = statement.sqliteStatement
    switch sqlite3_step(pointer) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      let message = sqlite3_errmsg(sqlite3_db_handle(pointer)).map { String(cString: $0) }
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: message, sql: DirectStatement.text(pointer))
    }
  }

  private static func text(_ pointer: SQLiteStatement) -> String? { sqlite3_sql(pointer).map { String(cString: $0) } }
}
