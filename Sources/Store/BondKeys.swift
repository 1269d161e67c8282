package import Foundation
import GRDB

/// The tables of keys.
package enum KeyTable: String, Sendable, CaseIterable {
  case longTerm = "long_term_keys"
  case identityResolving = "identity_resolving_keys"
  /// The codes by which a device's users consent to being read. They are the device's own and outlive a bond.
  case consent = "consent_codes"

  /// Those that a new bond takes the place of.
  static let ofBond: [KeyTable] = [.longTerm, .identityResolving]
}

/// A key as somebody else encoded it; the store does not look inside.
package struct StoredKey: Hashable, Sendable, CustomStringConvertible {
  /// The identity address in capitals.
  package var address: String
  /// The address kind, and whatever else tells two keys of one address apart.
  package var kind: String
  package var value: Data

  package init(address: String, kind: String, value: Data) {
    self.address = address
    self.kind = kind
    self.value = value
  }

  /// Without the key.
  package var description: String { "key of \(address) (\(kind))" }
}

/// The key tables within a transaction.
struct BondKeys {
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// In place of the one of the same address and kind.
  func save(_ key: StoredKey, in table: KeyTable) throws {
    try db.execute(
      sql: """
        INSERT INTO \(table.rawValue) (address, kind, value) VALUES (?, ?, ?)
        ON CONFLICT (address, kind) DO UPDATE SET value = excluded.value
        """,
      arguments: [key.address, key.kind, key.value])
  }

  /// Whatever their kind.
  func remove(address: String, from tables: [KeyTable] = KeyTable.allCases) throws {
    for table in tables {
      try db.execute(sql: "DELETE FROM \(table.rawValue) WHERE address = ?", arguments: [address])
    }
  }
}

extension Store {
  /// Keeps a key in place of the one of the same address and kind.
  package func saveKey(
    _ table: KeyTable, address: String, kind: String, value: Data
  ) async throws(StoreFailure) {
    try await write { db in
      try BondKeys(db).save(StoredKey(address: address, kind: kind, value: value), in: table)
    }
  }

  /// Every key, by address and kind.
  package func keys(_ table: KeyTable) async throws(StoreFailure) -> [StoredKey] {
    try await read { db in
      try Row.fetchAll(db, sql: "SELECT address, kind, value FROM \(table.rawValue) ORDER BY address, kind").map {
        StoredKey(address: $0[0], kind: $0[1], value: $0[2])
      }
    }
  }

  /// Removes the keys of an address from all tables, whatever their kind.
  package func removeKeys(address: String) async throws(StoreFailure) {
    try await write { db in try BondKeys(db).remove(address: address) }
  }
}
