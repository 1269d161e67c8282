/// One stretch of somebody's reading, or an export or erasure (`GET /v1/accesses`).
package struct AccessRecord: Hashable, Sendable, Codable {
  /// `read`, `export` or `erase`.
  package var action: String
  /// `socket` or `port`.
  package var way: String
  /// The user of this machine, as the kernel says; nil at the port.
  package var uid: UInt32?
  /// Whose; nil: everybody's.
  package var patient: String?
  /// Nil also for who was erased.
  package var patientName: String?
  package var from: Timestamp
  package var until: Timestamp
  /// How many requests.
  package var count: Int

  package init(
    action: String, way: String, uid: UInt32?, patient: String?, patientName: String?, from: Timestamp,
    until: Timestamp, count: Int
  ) {
    self.action = action
    self.way = way
    self.uid = uid
    self.patient = patient
    self.patientName = patientName
    self.from = from
    self.until = until
    self.count = count
  }
}

extension LocalClient {
  /// The newest last.
  package func accesses() async throws -> [AccessRecord] { try await answer(to: LocalRequest(.get, ["accesses"])) }
}
