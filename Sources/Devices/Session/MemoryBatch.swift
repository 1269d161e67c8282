import Observations

/// Stores what a device's memory gave, oldest first, in transactions of at most ``MemoryReading/most``.
struct MemoryBatch {
  let sink: any ObservationSink
  let progress: @Sendable (SessionProgress) -> Void

  /// What is on disk already is passed over.
  func store(
    _ records: [CuffRecord], _ normalisation: CuffNormalisation, reading: (CuffRecord) -> (Observation, Bool)
  ) async throws(SessionFailure) {
    var waiting: [MemoryReading] = []
    for (index, record) in CuffRecord.numbered(records).enumerated() {
      progress(.record(number: index + 1, of: records.count))
      guard !(await sink.holds(normalisation.identity(record))) else { continue }
      let (observation, isLive) = reading(record)
      waiting.append(MemoryReading(observation, live: isLive))
      if waiting.count == MemoryReading.most {
        try await keep(waiting)
        waiting = []
      }
    }
    if !waiting.isEmpty { try await keep(waiting) }
  }

  private func keep(_ readings: [MemoryReading]) async throws(SessionFailure) {
    let outcomes: [StoreOutcome]
    do {
      outcomes = try await sink.store(readings)
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
    for (reading, outcome) in zip(readings, outcomes) { progress(.reading(reading.observation, outcome)) }
  }
}
