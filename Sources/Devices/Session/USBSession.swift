package import Foundation
package import Observations
package import USBHost

/// One visit to one device on a cable: everything that a driver needs.
package struct USBSession: Sendable {
  package var device: DeviceID
  package var profile: DeviceProfile
  /// Open; only this visit uses it.
  package var channel: any USBChannel
  /// The claimed one.
  package var interface: USBDevice.Interface
  /// Played, not measured.
  package var isSimulated: Bool
  /// When the device was last visited before; nil when never.
  package var previousVisit: Date?
  /// Our clock.
  package var receivedNow: @Sendable () -> Date
  /// The zone that the device's clock is taken to show.
  package var timeZone: TimeZone
  package var sink: any ObservationSink
  package var progress: @Sendable (SessionProgress) -> Void
  /// Driver constants that configuration sets; they go before the profile's.
  package var constants: [String: Decimal]
  /// Who the agents of IEEE 11073 are; nil for a driver that reads none.
  package var agents: AgentDirectory?
  /// False while nobody knows whether our clock is right: then no device's clock is written.
  package var ourClockIsRight: Bool

  package init(
    device: DeviceID, profile: DeviceProfile, channel: any USBChannel, interface: USBDevice.Interface,
    isSimulated: Bool, previousVisit: Date? = nil, receivedNow: @escaping @Sendable () -> Date = { Date() },
    timeZone: TimeZone = .current, sink: any ObservationSink,
    progress: @escaping @Sendable (SessionProgress) -> Void = { _ in }, constants: [String: Decimal] = [:],
    agents: AgentDirectory? = nil, ourClockIsRight: Bool = true
  ) {
    self.device = device
    self.profile = profile
    self.channel = channel
    self.interface = interface
    self.isSimulated = isSimulated
    self.previousVisit = previousVisit
    self.receivedNow = receivedNow
    self.timeZone = timeZone
    self.sink = sink
    self.progress = progress
    self.constants = constants
    self.agents = agents
    self.ourClockIsRight = ourClockIsRight
  }

  /// Configuration's value, else the profile's, else the driver's own.
  func value(of constant: DriverConstant) -> Decimal {
    let value = constants[constant.name] ?? profile.constants[constant.name] ?? constant.standard
    return min(max(value, constant.range.lowerBound), constant.range.upperBound)
  }

  /// A reading into the sink.
  func store(_ observation: Observation, live: Bool) async throws(SessionFailure) {
    do {
      progress(.reading(observation, try await sink.store(observation, live: live)))
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
  }
}

extension SessionFailure {
  /// - Parameter what: what was being done, as a sentence begins.
  init(_ failure: USBFailure, _ what: String) {
    let end: SessionEnd =
      switch failure {
      case .removed: .linkEnded(reason: "\(failure)")
      case .cancelled, .closed: .cancelled
      case .timedOut: .noAnswer(to: what)
      default:
        .requestFailed(what: what, reason: "\(failure)".prefix(1).uppercased() + "\(failure)".dropFirst() + ".")
      }
    self.init(end)
  }
}
