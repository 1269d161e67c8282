package import Foundation
package import Observations
package import WireFormats

/// What the gateway knows of IEEE 11073 agents: they say who they are when they associate, and not before.
package struct AgentDirectory: Sendable {
  /// An agent in the gateway's list of devices.
  package struct Entry: Sendable {
    package var device: DeviceID
    /// For the findings of this agent.
    package var sink: any ObservationSink
    /// When an association with it last ended; nil when there was none.
    package var previousVisit: Date?
    /// Device clock minus ours in seconds, as last measured; nil when it never was.
    package var clockOffset: TimeInterval?

    package init(device: DeviceID, sink: any ObservationSink, previousVisit: Date?, clockOffset: TimeInterval?) {
      self.device = device
      self.sink = sink
      self.previousVisit = previousVisit
      self.clockOffset = clockOffset
    }
  }

  /// The manager's own EUI-64, eight octets.
  package var managerSystemID: [UInt8]
  /// The entry of the agent of a system id, which is made where there is none. Throws when it cannot be made.
  package var entry: @Sendable (_ systemID: [UInt8]) async throws -> Entry
  /// A configuration that was learned; nil when it was not, or cannot be read: then the agent reports it.
  package var recall: @Sendable (AgentConfiguration.Key) async -> AgentConfiguration?
  /// Keeps what was learned. That it cannot be kept costs an APDU at the next association, and nothing else.
  package var remember: @Sendable (AgentConfiguration) async -> Void
  /// An association with this agent is over.
  package var departed: @Sendable (DeviceID, SessionEnd) async -> Void
  /// Something is wrong that ends nothing, in a sentence without values of a measurement.
  package var note: @Sendable (String) -> Void

  package init(
    managerSystemID: [UInt8], entry: @escaping @Sendable (_ systemID: [UInt8]) async throws -> Entry,
    recall: @escaping @Sendable (AgentConfiguration.Key) async -> AgentConfiguration?,
    remember: @escaping @Sendable (AgentConfiguration) async -> Void,
    departed: @escaping @Sendable (DeviceID, SessionEnd) async -> Void = { _, _ in },
    note: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.managerSystemID = managerSystemID
    self.entry = entry
    self.recall = recall
    self.remember = remember
    self.departed = departed
    self.note = note
  }
}
