package import BluetoothLE
package import Devices
package import Foundation
package import Observations

/// A device that is played from its profile's folder as if it were here.
package struct SimulatedDevice: Sendable {
  package let profile: DeviceProfile
  package let session: SessionFile

  /// - Parameters:
  ///   - profile: one that was read from a folder.
  ///   - name: the session's file in that folder.
  /// - Throws: ``SessionFileError`` when there is no such session, or it has faults.
  package init(_ profile: DeviceProfile, session name: String = "session.yaml") throws(SessionFileError) {
    self.profile = profile
    let folder = profile.folder ?? URL(filePath: profile.name)
    session = try SessionFile(contentsOf: folder.appending(path: name))
  }

  package init(_ profile: DeviceProfile, session: SessionFile) {
    self.profile = profile
    self.session = session
  }

  /// What it says before a connection.
  package var advertisement: Advertisement { session.advertisement }

  /// `sim:F0:F1:F2:F3:F4:F5`.
  package var device: DeviceID { DeviceID(rawValue: "sim:\(session.advertisement.address)") }

  /// Makes a link to it; the device begins at once. Its marked time stamps are moved so that it measures at `now`, its
  /// waiting takes as long as written, times `scale`.
  ///
  /// - Parameter zone: what its clock shows; the visit's ``DeviceSession/timeZone``.
  /// - Returns: the gateway's end, not started, and the device, which lives as long as it is held.
  /// - Throws: ``SocketPairError``.
  package func connect(
    now: Date = Date(), zone: TimeZone = .current, scale: Double = 1
  ) async throws(SocketPairError) -> (channel: SeqPacketChannel, peripheral: SimulatedPeripheral) {
    try await connect(session.moved(to: now, zone), .real(scale: scale))
  }

  /// The same with the session exactly as recorded.
  func connect(
    _ session: SessionFile, _ pace: SimulatedPeripheral.Pace
  ) async throws(SocketPairError) -> (channel: SeqPacketChannel, peripheral: SimulatedPeripheral) {
    let (central, end) = try SocketPair.make()
    let peripheral = SimulatedPeripheral(
      channel: end, attributes: session.attributes, steps: session.steps, mtu: session.mtu, pace: pace,
      memory: session.memory, script: session.script)
    await peripheral.start()
    return (central, peripheral)
  }
}
