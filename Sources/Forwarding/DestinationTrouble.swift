/// Why nothing can be brought to a destination now.
enum DestinationTrouble: Error, Hashable {
  /// Somebody has to change something, here or there.
  case refused(reason: String)
  /// It will pass. `after` is the pause that the other side asked for.
  case failed(after: Duration?, reason: String)
  /// The task was cancelled; nothing is known.
  case cancelled
}
