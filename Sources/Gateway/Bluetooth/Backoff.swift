/// How long a device is left alone after links that led to nothing, so that one that cannot be talked to does not keep the
/// radio from the others, nor empties its battery.
struct Backoff {
  /// So many links in a row without proof, and the device is said to have forgotten the pairing.
  static let refusalsOfStaleBond = 3
  /// So many links in a row without proof have the short pauses of any failure.
  static let mostCloseRefusals = 8

  private(set) var failures = 0
  /// Links in a row on which the device did not prove to have its key.
  private(set) var refusals = 0

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

  mutating func succeeded() {
    failures = 0
    refusals = 0
  }
}
