import Observations

extension USBSession {
  /// Stores what a device's memory gave; what is on disk already is passed over. Nothing of it is acknowledged: the device
  /// keeps all, and a visit that ends early leaves the rest to the next one.
  func store(_ records: [CuffRecord], _ normalisation: CuffNormalisation) async throws(SessionFailure) {
    try await MemoryBatch(sink: sink, progress: progress).store(records, normalisation) { record in
      normalisation.fromMemory(record, receivedAt: receivedNow())
    }
  }

  /// Keeps what cannot be read: one bad record must not cost the others.
  ///
  /// - Parameter user: whose it is, from 1; 0 where only the record itself would have said it.
  func keep(
    _ bytes: [UInt8], _ reason: String, user: Int, driver: String, format: String
  ) async throws(SessionFailure) {
    do {
      try await sink.keep(
        UndecodableValue(
          device: device, profile: profile.name, driver: driver, format: format, bytes: bytes,
          receivedAt: receivedNow(), reason: reason, isSimulated: isSimulated))
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
    progress(.recordUnreadable(user: user, reason: reason))
  }
}
