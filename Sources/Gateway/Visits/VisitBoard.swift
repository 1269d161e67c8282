import Devices
package import Foundation
package import LocalAPI
package import Logging
package import Observations
package import Store
import Synchronization

/// The visits of every transport: which go on, and into the store how each one ended.
package final class VisitBoard: Sendable {
  private let store: Store
  private let logger: Logger
  private let running = Mutex<[DeviceID: RunningVisit]>([:])
  private let ends = Mutex<[DeviceID: End]>([:])

  /// How the visits to a device end.
  private struct End {
    /// When one was last written down.
    var writtenAt: Date
    var reason: String
    /// The last one of all.
    var last: Date
  }

  /// Seconds within which a visit that brought nothing, and ended as the one before did, is not written down again: a device
  /// that fails each minute must not wear the card out. What a reading's period begins with is earlier by that at most.
  package static let pause: TimeInterval = 600

  package init(store: Store, logger: Logger) {
    self.store = store
    self.logger = logger
  }

  // MARK: For those who visit

  /// A visit begins. Each ends by ``end(_:_:at:)`` or ``drop(_:)``.
  package func begin(_ device: DeviceID, at now: Date = Date()) -> RunningVisit {
    let visit = RunningVisit(device, since: now)
    running.withLock { $0[device] = visit }
    return visit
  }

  /// - Parameter reason: a sentence or two without patient data.
  package func end(_ visit: RunningVisit, _ reason: String, at now: Date = Date()) async {
    drop(visit)
    await ended(visit.device, reason, readings: visit.readings, at: now)
  }

  /// A visit that came to nothing that is to be remembered.
  package func drop(_ visit: RunningVisit) {
    // The next one of the device may have begun.
    running.withLock { if $0[visit.device] === visit { $0[visit.device] = nil } }
  }

  /// What is heard without a link has an end and no visit.
  ///
  /// - Parameter readings: how many it brought.
  package func ended(_ device: DeviceID, _ reason: String, readings: Int = 0, at now: Date = Date()) async {
    let isKnown = ends.withLock { ends in
      // A clock that was set back says nothing of how long ago it was.
      guard let end = ends[device], end.reason == reason, readings == 0,
        (0..<Self.pause).contains(now.timeIntervalSince(end.writtenAt))
      else { return false }
      ends[device]?.last = now
      return true
    }
    guard !isKnown else { return }
    do {
      try await store.recordVisit(device, at: now, end: reason)
      ends.withLock { $0[device] = End(writtenAt: now, reason: reason, last: now) }
    } catch {
      logger.warning("the end of a visit to \(device) was not stored: \(error)")
    }
  }

  // MARK: For those who ask

  /// Of every device that is, or was, visited; by the time it became known. Empty while the store cannot be read.
  package func visits() async -> [DeviceVisit] {
    guard let devices = try? await store.devices() else { return [] }
    let (running, ends) = (running.withLock { $0 }, ends.withLock { $0 })
    return devices.compactMap { device in
      var device = device
      if let end = ends[device.id], let kept = device.lastVisit, end.last > kept { device.lastVisit = end.last }
      let visit = DeviceVisit(
        id: device.id.rawValue, name: device.description.name, progress: running[device.id].map(Self.progress),
        lastEnd: Self.lastEnd(of: device))
      return visit.progress == nil && visit.lastEnd == nil ? nil : visit
    }
  }

  private static func progress(_ visit: RunningVisit) -> DeviceVisit.Progress {
    let record = visit.record
    return DeviceVisit.Progress(
      since: Timestamp(visit.since), readings: visit.readings, record: record?.number, records: record?.count)
  }

  private static func lastEnd(of device: DeviceRecord) -> DeviceVisit.End? {
    guard let at = device.lastVisit, let reason = device.lastEnd else { return nil }
    return DeviceVisit.End(at: Timestamp(at), reason: reason, kind: kind(of: reason))
  }

  /// The store keeps the sentence, which is the same each time for these.
  private static func kind(of reason: String) -> String? {
    switch reason {
    case "\(SessionEnd.idle)": DeviceVisit.EndKind.idle
    case "\(SessionEnd.cancelled)": DeviceVisit.EndKind.cancelled
    case let text where text.hasPrefix(beginning(of: SessionEnd.linkEnded(reason:))): DeviceVisit.EndKind.linkEnded
    case let text where text.hasPrefix(beginning(of: SessionEnd.notStored(reason:))): DeviceVisit.EndKind.notStored
    default: nil
    }
  }

  /// What such an end says before its own reason.
  private static func beginning(of end: (String) -> SessionEnd) -> String {
    let mark = "\u{FFFC}"
    return String("\(end(mark))".prefix { $0 != Character(mark) })
  }
}
