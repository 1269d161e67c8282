/// One stretch of somebody's reading, exporting, changing or being refused (`GET /v1/accesses`).
package struct AccessRecord: Hashable, Sendable, Codable {
  /// `read`, `export`, `erase`, `pair`, `unpair`, `assign`, `claim`, `disown`, `patient`, `acknowledge`, `silence`,
  /// `consent`, `withdraw`, `deliver`, `scan`, `reload`, `backup`, `restore`; there may be more.
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
  /// Which device, silence or destination; nil: none, or more than one.
  package var subject: String?
  /// It was not done; nil: it was.
  package var refused: Bool?

  package init(
    action: String, way: String, uid: UInt32?, patient: String?, patientName: String?, from: Timestamp,
    until: Timestamp, count: Int, subject: String? = nil, refused: Bool? = nil
  ) {
    self.action = action
    self.way = way
    self.uid = uid
    self.patient = patient
    self.patientName = patientName
    self.from = from
    self.until = until
    self.count = count
    self.subject = subject
    self.refused = refused
  }
}

extension LocalClient {
  /// The newest last.
  package func accesses() async throws -> [AccessRecord] { try await answer(to: LocalRequest(.get, ["accesses"])) }
}
