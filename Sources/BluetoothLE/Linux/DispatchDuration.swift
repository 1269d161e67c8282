internal import Dispatch

extension Duration {
  /// The same time for a dispatch timer, to the nanosecond; very long times are held at 136 years.
  var dispatchInterval: DispatchTimeInterval {
    let (seconds, attoseconds) = components
    guard seconds < 4_294_967_296 else { return .seconds(4_294_967_295) }
    return .nanoseconds(Int(max(0, seconds)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
  }
}
