package import Devices
package import Foundation
package import Observations
import Synchronization

/// A visit to a device that goes on: what its driver tells of it, for whoever asks.
package final class RunningVisit: Sendable {
  private struct State {
    var readings = 0
    var record: (number: Int, count: Int)?
  }

  package let device: DeviceID
  package let since: Date
  private let state = Mutex(State())

  init(_ device: DeviceID, since: Date) {
    self.device = device
    self.since = since
  }

  package func note(_ step: SessionProgress) {
    switch step {
    case .reading: state.withLock { $0.readings += 1 }
    case .record(let number, let count): state.withLock { $0.record = (number, count) }
    default: break
    }
  }

  /// How many readings it has given.
  package var readings: Int { state.withLock { $0.readings } }
  /// Which record of the device's memory is being read, from 1, and of how many; nil where that is not known.
  package var record: (number: Int, count: Int)? { state.withLock { $0.record } }
}
