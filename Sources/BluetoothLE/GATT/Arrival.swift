/// When the client took a PDU from its link, beside the others of that link. Responses and values reach their takers in
/// tasks of their own; only this tells which of them the device sent first.
package struct Arrival: Hashable, Sendable {
  /// The PDU's place on the link, from 1.
  package var number: UInt64
  /// For how long lay between two of them.
  package var instant: ContinuousClock.Instant

  package init(number: UInt64, instant: ContinuousClock.Instant) {
    self.number = number
    self.instant = instant
  }
}
