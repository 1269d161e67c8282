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
    await ended(visit.device, reason, at: now)
  }

  /// A visit that came to nothing that is to be remembered.
  package func drop(_ visit: RunningVisit) {
    // The next one of the device may have begun.
    running.withLock { if $0[visit.device] === visit { $0[visit.device] = nil } }
  }

  /// What is heard without a link has an end and no visit.
  package func ended(_ device: DeviceID, _ reason: String, at now: Date = Date()) async {
    do {
      try await store.recordVisit(device, at: now, end: reason)
    } catch {
      logger.warning("the end of a visit to \(device) was not stored: \(error)")
    }
  }

  // MARK: For those who ask

  /// Of every device that is, or was, visited; by the time it became known. Empty while the store cannot be read.
  package func visits() async -> [DeviceVisit] {
    guard let devices = try? await store.devices() else { return [] }
    let running = running.withLock { $0 }
    return devices.compactMap { device in
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
