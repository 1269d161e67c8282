import Foundation
import GRDB
package import Observations

extension Store {
  /// For unassigned blood pressures, the one person whose latest readings have a mean within 15 mmHg of it, systolic: a
  /// rule of thumb for whoever claims it, never acted upon. A reading that is near to nobody, or to several, has none.
  package func likelyOwners(
    of readings: [Observation]
  ) async throws(StoreFailure) -> [ObservationID: PatientID] {
    let candidates = readings.filter { $0.patient == nil && $0.kind == .bloodPressure }
    guard !candidates.isEmpty else { return [:] }
    let signal = signal
    return try await read { db in
      var means: [PatientID: Decimal] = [:]
      for person in try People(db).patients() {
        let latest = try String.fetchAll(
          db.cachedStatement(
            sql: """
              SELECT content FROM observations WHERE patient = ? AND kind = 'blood-pressure'
              ORDER BY effective_end DESC LIMIT 10
              """),
          arguments: [person.id.rawValue]
        ).compactMap { text in try signal.readable { try JSONText.decode(Observation.self, text) } }
          .filter { !$0.provenance.isSimulated }.compactMap(Self.systolic)
        // Fewer say little about anybody.
        if latest.count >= 3 { means[person.id] = latest.reduce(0, +) / Decimal(latest.count) }
      }
      var owners: [ObservationID: PatientID] = [:]
      for reading in candidates {
        guard let systolic = Self.systolic(reading) else { continue }
        let near = means.filter { abs($0.value - systolic) <= 15 }
        if near.count == 1 { owners[reading.id] = near.first?.key }
      }
      return owners
    }
  }

  private static func systolic(_ reading: Observation) -> Decimal? {
    let value = reading.quantity(MDC.pressBldNoninvSys)?.inMillimetresOfMercury.value
    return value?.isFinite == true ? value : nil
  }
}
