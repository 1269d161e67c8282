package import Foundation
import GRDB
import Observations

extension Store {
  /// Takes the writer's turn and the file's write lock and gives both back. Nothing is written to the disk.
  ///
  /// - Throws: ``StoreFailure/busy`` while another program holds the lock, or what SQLite says.
  package func takeTurn() async throws(StoreFailure) {
    do {
      try await pool.writeWithoutTransaction { db in
        try db.beginTransaction(.immediate)
        try db.rollback()
      }
    } catch {
      throw StoreFailure(error)
    }
  }

  /// When the last reading came that a device measured and that is still kept, whatever its own time; nil: there is none.
  package func lastArrival() async throws(StoreFailure) -> Date? {
    let signal = signal
    return try await read { db in
      let rows = try String.fetchCursor(
        db,
        sql: """
          SELECT content FROM observations WHERE kind <> 'home-average' AND device <> '\(OwedCorrections.device)'
          ORDER BY seq DESC
          """)
      while let text = try rows.next() {
        let reading = try signal.readable { try JSONText.decode(Observation.self, text) }
        if let reading, !reading.provenance.isSimulated { return reading.provenance.receivedAt }
      }
      return nil
    }
  }
}
