import Devices

/// One device whose advertisements are taken, from the first value that is heard to silence.
struct Listening {
  /// Counts them, so that the end of one is not taken for the end of the next.
  var number: Int
  /// Ended by `finish()`: then the driver stores what it has.
  var advertisements: AsyncStream<HeardAdvertisement>.Continuation
  var lastHeard: ContinuousClock.Instant
  /// Silent, or ended by us; what it has is being stored.
  var isOver = false
  var task: Task<Void, Never>
}
