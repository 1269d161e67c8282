import BluetoothLE

/// Active scanning, shared by everybody who looks for devices at the moment: the kernel has one discovery, and ends it by
/// itself after about 10 seconds.
struct Discovery {
  private struct Watcher {
    var continuation: AsyncStream<Advertisement>.Continuation
    var outlivesAdapter: Bool
  }

  private var watchers: [Int: Watcher] = [:]
  /// Who wants what is heard as its octets, by the number of a search.
  var taps: [Int: @Sendable (ManagementEvent.FoundDevice) -> Void] = [:]
  private var next = 0
  private(set) var isRunning = false

  var isWanted: Bool { !watchers.isEmpty }

  /// Advertisements from now on; the number is for ``remove(_:)``.
  ///
  /// - Parameter outlivesAdapter: the looking goes on with the next adapter; else it ends when this one goes.
  mutating func add(outlivesAdapter: Bool = false) -> (number: Int, advertisements: AsyncStream<Advertisement>) {
    next += 1
    let (stream, continuation) = AsyncStream.makeStream(
      of: Advertisement.self, bufferingPolicy: .bufferingNewest(256))
    watchers[next] = Watcher(continuation: continuation, outlivesAdapter: outlivesAdapter)
    return (next, stream)
  }

  mutating func remove(_ number: Int) {
    watchers.removeValue(forKey: number)?.continuation.finish()
    taps[number] = nil
  }

  /// The adapter is gone, or is not ours: the streams end of those who do not wait for the next one.
  mutating func adapterLost() {
    for watcher in watchers.values where !watcher.outlivesAdapter { watcher.continuation.finish() }
    watchers = watchers.filter { $0.value.outlivesAdapter }
    isRunning = false
  }

  mutating func noteRunning(_ running: Bool) { isRunning = running }

  func report(_ device: ManagementEvent.FoundDevice) {
    let advertisement = Advertisement(address: device.address, rssi: device.rssi ?? 127, data: device.data)
    for watcher in watchers.values { watcher.continuation.yield(advertisement) }
    for tap in taps.values { tap(device) }
  }
}
