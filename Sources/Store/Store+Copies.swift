import Dispatch
package import Foundation
import GRDB
import Glibc
import Observations

extension Store {
  /// Makes a verified copy of what is committed now. Nothing waits for it but other copies.
  ///
  /// - Throws: ``StoreFailure/badCopy(detail:)``: it was not whole, and the database is; ``StoreFailure/damaged(code:)``: the
  ///   database is not; ``StoreFailure/corrupt(detail:)``: a row of it cannot be read; ``StoreFailure/fullDisk``: there is no room for it, or there would be none beside it, not
  ///   even without the oldest daily one.
  package func makeCopy(now: Date) async throws(StoreFailure) -> VerifiedCopy {
    let (pool, files) = (pool, files)
    do {
      return try await onCopies {
        let copies = VerifiedCopies(files)
        copies.removeUnfinished()
        do {
          do {
            try Self.refuseWithoutRoom(files)
            return try copies.make(of: pool, now: now)
          } catch let error where StoreFailure(error) == .fullDisk {
            guard copies.removeOldestDaily() else { throw error }
            // On a small disk a new copy is worth more than an old one. Once more, not more often: what fills the disk may be
            // something else.
            try Self.refuseWithoutRoom(files)
            return try copies.make(of: pool, now: now)
          }
        } catch StoreFailure.badCopy(let detail) {
          let found = try pool.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") }
          throw found == "ok" ? StoreFailure.badCopy(detail: detail) : StoreFailure.damaged(code: 11)
        }
      }
    } catch { throw await failure(error) }
  }

  /// The copies that there are, the newest first.
  package var verifiedCopies: [VerifiedCopy] { VerifiedCopies(files).all() }

  /// One thing at a time is done with the copies: what takes a person out of them must not meet one that is being made.
  func onCopies<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      copyQueue.async { continuation.resume(with: Result { try body() }) }
    }
  }

  /// Megabytes that stay free beside a new copy: readings go before copies.
  private static let roomBeside: UInt64 = 64

  static func refuseWithoutRoom(_ files: StoreFiles) throws {
    var information = statvfs()
    guard statvfs(files.directory, &information) == 0 else { return }
    let free = UInt64(information.f_bavail) * UInt64(information.f_frsize)
    let needed = StoreFiles.suffixes.compactMap { StoreFiles.size(files.database + $0) }.reduce(0, +)
    if free < UInt64(needed) + roomBeside << 20 { throw StoreFailure.fullDisk }
  }
}
