package import Observations
package import WireFormats

/// What a stick is told to listen for. Anybody's strap is heard; only those that somebody named are read.
package struct ANTReception: Sendable {
  package var networkKey: ANTNetworkKey
  /// The straps that are read, by their numbers of 20 bits.
  package var straps: [Int: DeviceID]
  package var sink: @Sendable (DeviceID) -> any ObservationSink
  /// The stick listens.
  package var listening: @Sendable () async -> Void
  /// A strap of this number was heard, one that is read or another's; at most once every ``ANTStickDriver/tellingPause``.
  package var heard: @Sendable (Int) async -> Void
  /// A strap that is read fell silent, or the stick ended.
  package var ended: @Sendable (DeviceID, SessionEnd) async -> Void

  package init(
    networkKey: ANTNetworkKey, straps: [Int: DeviceID], sink: @escaping @Sendable (DeviceID) -> any ObservationSink,
    listening: @escaping @Sendable () async -> Void = {}, heard: @escaping @Sendable (Int) async -> Void = { _ in },
    ended: @escaping @Sendable (DeviceID, SessionEnd) async -> Void = { _, _ in }
  ) {
    self.networkKey = networkKey
    self.straps = straps
    self.sink = sink
    self.listening = listening
    self.heard = heard
    self.ended = ended
  }
}
