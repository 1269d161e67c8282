extension GATTVisit {
  /// Stores what a device's memory gave, oldest first; what is on disk already is passed over. Nothing of it is
  /// acknowledged: the device keeps all, and a visit that ends early leaves the rest to the next one.
  func store(_ records: [CuffRecord], _ normalisation: CuffNormalisation) async throws(SessionFailure) {
    try await MemoryBatch(sink: session.sink, progress: session.progress).store(records, normalisation) { record in
      normalisation.fromMemory(record, receivedAt: session.receivedNow())
    }
  }
}
