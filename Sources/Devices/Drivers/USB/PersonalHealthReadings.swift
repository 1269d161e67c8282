import Foundation
import Observations
import WireFormats

/// The readings of one agent: each on disk before its answer.
struct PersonalHealthReadings {
  /// With the agent's device and its sink.
  let session: USBSession
  let driver: String
  /// Device clock minus ours, in seconds, as the stamps were made; nil when it was never measured.
  var clockOffset: TimeInterval?
  /// When the agent's Relative-Time was 0.
  var relativeStart: Date?
  /// When this association set the agent's clock, on ours: later stamps are by that, earlier ones by ``clockOffset``.
  var clockWritten: Date?

  init(_ session: USBSession, driver: String, clockOffset: TimeInterval?) {
    self.session = session
    self.driver = driver
    self.clockOffset = clockOffset
  }

  private func normalisation(_ offset: TimeInterval?) -> PersonalHealthNormalisation {
    PersonalHealthNormalisation(
      device: session.device, profile: session.profile.name, driver: driver, isSimulated: session.isSimulated,
      clockOffset: offset, relativeStart: relativeStart, timeZone: session.timeZone)
  }

  /// - Parameter isFromMemory: from a PM-store: without a usable time nothing says that it was measured just now.
  func store(
    _ reading: AgentConfiguration.Reading, octets: [UInt8], isFromMemory: Bool
  ) async throws(SessionFailure) {
    let receivedAt = session.receivedNow()
    for (read, isLive) in observations(reading.measurements, receivedAt) {
      var observation = read
      var live = isLive
      if isFromMemory, observation.effective.basis == .received {
        observation.effective = ReadingTime.fromMemory(receivedAt: receivedAt, previousVisit: session.previousVisit)
        live = false
      }
      try await session.store(observation, live: live)
    }
    if let problem = reading.problems.first { try await keep(octets, "\(problem)") }
  }

  private func observations(
    _ measurements: [ObjectMeasurement], _ receivedAt: Date
  ) -> [(observation: Observation, isLive: Bool)] {
    let before = normalisation(clockOffset).observations(measurements, receivedAt: receivedAt)
    guard let clockWritten else { return before }
    let since = normalisation(0).observations(measurements, receivedAt: receivedAt)
    let earliest = clockWritten.addingTimeInterval(-EffectiveTime.agreement)
    let latest = receivedAt.addingTimeInterval(EffectiveTime.agreement)
    return zip(before, since).map { before, since in
      let taken = since.observation.effective
      return taken.basis != .received && earliest <= taken.end && taken.end <= latest ? since : before
    }
  }

  /// Octets that cannot be read whole are kept as they came: one bad part must not cost the others.
  func keep(_ octets: [UInt8], _ reason: String) async throws(SessionFailure) {
    do {
      try await session.sink.keep(
        UndecodableValue(
          device: session.device, profile: session.profile.name, driver: driver,
          format: PersonalHealthNormalisation.format, bytes: octets, receivedAt: session.receivedNow(), reason: reason,
          isSimulated: session.isSimulated))
    } catch {
      throw SessionFailure(.notStored(reason: "\(error)"))
    }
  }
}
