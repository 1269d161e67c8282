import Crypto
import Foundation
import GRDB
import Observations

/// What is left of readings that were erased: keyed hashes (HMAC-SHA-256) of their identities, so that a device that sends
/// its memory again brings nothing back. The key is made with the first of them and kept.
struct ErasedReadings {
  enum SQL {
    static let any = "SELECT 1 FROM erased_readings LIMIT 1"
    static let one = "SELECT 1 FROM erased_readings WHERE digest = ?"
    static let untimed = "DELETE FROM erased_readings WHERE digest = ? AND is_untimed"
  }

  static let keyName = "erasure-key"

  let db: Database
  init(_ db: Database) { self.db = db }

  /// Keeps the hash of what is about to be erased.
  ///
  /// - Parameter isUntimed: nothing that the device said tells it from a later reading of the same bytes; then it is
  ///   refused until the device is known to have heard that it was taken, see ``arrived(_:)``.
  func add(_ identity: ReadingIdentity, isUntimed: Bool) throws {
    try db.cachedStatement(sql: "INSERT INTO erased_readings (digest, is_untimed) VALUES (?, ?) ON CONFLICT DO NOTHING")
      .execute(arguments: [try digest(identity), isUntimed])
  }

  /// Whether nothing was ever erased.
  var isEmpty: Bool {
    get throws { try Int.fetchOne(db.cachedStatement(sql: SQL.any)) == nil }
  }

  func holds(_ identity: ReadingIdentity) throws -> Bool {
    guard try !isEmpty else { return false }
    return try Int.fetchOne(db.cachedStatement(sql: SQL.one), arguments: [try digest(identity)]) != nil
  }

  /// The name under which this reading without a time is taken for the erased one, sent again; nil: it is a new one.
  func refused(untimed identity: ReadingIdentity) throws -> ObservationID? {
    try holds(identity) ? .erased(untimed: try digest(identity)) : nil
  }

  /// The device has heard the confirmation of this one, and will not send it again: the next one of the same bytes is a new
  /// reading. A link that drops before that changes nothing.
  func arrived(_ id: ObservationID) throws {
    guard let digest = id.erasedDigest else { return }
    try db.cachedStatement(sql: SQL.untimed).execute(arguments: [digest])
  }

  private func digest(_ identity: ReadingIdentity) throws -> Data {
    let text = try Settings(db).getOrCreate(Self.keyName) { Settings.hex(Settings.randomOctets(32)) }
    guard let octets = Settings.octets(text), octets.count == 32 else {
      throw StoreFailure.corrupt(detail: "setting \(Self.keyName)")
    }
    return Data(
      HMAC<SHA256>.authenticationCode(for: Data(identity.rawValue.utf8), using: SymmetricKey(data: octets)))
  }
}
