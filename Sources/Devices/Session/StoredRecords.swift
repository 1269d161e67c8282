import Observations

extension GATTVisit {
  /// Stores what a device's memory gave, oldest first; what is on disk already is passed over. Nothing of it is
  /// acknowledged: the device keeps all, and a visit that ends early leaves the rest to the next one.
  func store(_ records: [CuffRecord], _ normalisation: CuffNormalisation) async throws(SessionFailure) {
    for (index, record) in CuffRecord.numbered(records).enumerated() {
      session.progress(.record(number: index + 1, of: records.count))
      guard !(await session.sink.holds(normalisation.identity(record))) else { continue }
      let (observation, isLive) = normalisation.fromMemory(record, receivedAt: session.receivedNow())
      let outcome: StoreOutcome
      do {
        outcome = try await session.sink.store(observation, live: isLive)
      } catch {
        throw SessionFailure(.notStored(reason: "\(error)"))
      }
      session.progress(.reading(observation, outcome))
    }
  }
}
