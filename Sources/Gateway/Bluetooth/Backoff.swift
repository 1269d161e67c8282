/// How long a device is left alone after links that led to nothing, so that one that cannot be talked to does not keep the
/// radio from the others.
struct Backoff {
  private(set) var failures = 0

  /// The first two failures may be chance (a window that closed, radio noise); then 10 s, doubled up to 30 s: shorter than a
  /// cuff advertises after a measurement, so that a stranger with its address cannot make us miss one.
  mutating func failed() -> Duration? {
    failures += 1
    guard failures > 2 else { return nil }
    return min(.seconds(30), .seconds(10 << min(failures - 3, 2)))
  }

  mutating func succeeded() { failures = 0 }
}
