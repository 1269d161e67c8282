/// How long a device is left alone after links that led to nothing, so that one that cannot be talked to does not keep the
/// radio from the others, nor empties its battery.
struct Backoff {
  /// So many links in a row without proof, and the device is said to have forgotten the pairing.
  static let refusalsOfStaleBond = 3
  /// So many links in a row without proof have the short pauses of any failure.
  static let mostCloseRefusals = 8

  /// Links that brought nothing are no row when so much time lies between them: somebody looked at their cuff.
  static let longestBetweenEmpty: Duration = .seconds(300)

  private(set) var failures = 0
  /// Links in a row on which the device did not prove to have its key.
  private(set) var refusals = 0
  /// When the last link ended that brought nothing.
  private var lastEmpty: ContinuousClock.Instant?

  /// The first two failures may be chance (a window that closed, radio noise); then 10 s, doubled up to 30 s: shorter than a
  /// cuff advertises after a measurement, so that a stranger with its address cannot make us miss one.
  ///
  /// A device that goes on without its key is another matter: it would be linked to for as long as it advertises, for
  /// nothing, and on some kernels each such link costs a fault (``KernelFault``). After ``mostCloseRefusals`` it is left alone
  /// for a minute, doubled up to an hour.
  ///
  /// - Parameter isRefusal: the link was up, and the device did not prove to have its key.
  mutating func failed(isRefusal: Bool = false) -> Duration? {
    failures += 1
    if isRefusal { refusals += 1 }
    if refusals > Self.mostCloseRefusals {
      return min(.seconds(3600), .seconds(60 << min(refusals - Self.mostCloseRefusals - 1, 6)))
    }
    guard failures > 2 else { return nil }
    return min(.seconds(30), .seconds(10 << min(failures - 3, 2)))
  }

  /// The device has lost its key, as far as can be told from here.
  var saysStaleBond: Bool { refusals >= Self.refusalsOfStaleBond }

  mutating func succeeded() { self = Backoff() }

  /// The device proved itself, and its link ended as links end, without a reading: nothing is wrong with the bond. One that
  /// makes such links in a row is left alone as after any failure. Two are free: a device may end its link after pairing, or
  /// in the middle of its memory, and come again at once.
  mutating func wasEmpty(at now: ContinuousClock.Instant = .now) -> Duration? {
    refusals = 0
    if let lastEmpty, now - lastEmpty > Self.longestBetweenEmpty { failures = 0 }
    lastEmpty = now
    return failed()
  }
}
