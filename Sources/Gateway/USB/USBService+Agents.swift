import Devices
import Foundation
import LocalAPI
import Logging
import Observations
import Store
import USBHost
import WireFormats

/// Devices that say who they are in IEEE 11073: in the list by their system id, which is the same on every port and after
/// every new number of the bus.
extension USBService {
  /// - Parameter otherwise: who it is where its system id says nothing.
  /// - Returns: whether nothing more is to be read until the device is plugged in again.
  func runAgents(
    _ driver: any USBDeviceDriver, _ profile: DeviceProfile, _ channel: any USBChannel,
    _ interface: USBDevice.Interface, otherwise: DeviceID
  ) async throws -> Bool {
    let name = try await channel.string(channel.device.productIndex)
    let gateway = try await store.gatewayDescription(softwareVersion: Version.current)
    let agents = AgentVisits(visits)
    let reason = await driver.run(
      USBSession(
        device: otherwise, profile: profile, channel: channel, interface: interface, isSimulated: false,
        timeZone: timeZone, sink: ingest.sink(for: otherwise, logger: logger),
        progress: { agents.note($0) },
        constants: constants,
        agents: directory(agents, profile, name: name, otherwise: otherwise, managerSystemID: gateway.systemID),
        ourClockIsRight: BoxClock.now == .synchronised))
    let isNews = sayings.isNews(of: "visit \(channel.device)", "\(reason)")
    logger.log(
      level: isNews || agents.readings > 0 ? .info : .debug, "visit to \(channel.device) ended: \(reason)",
      metadata: ["readings": "\(agents.readings)"])
    await agents.end("\(reason)")
    return reason.isOrderly
  }

  private nonisolated func directory(
    _ agents: AgentVisits, _ profile: DeviceProfile, name: String?, otherwise: DeviceID, managerSystemID: [UInt8]
  ) -> AgentDirectory {
    let memory = AgentConfigurationMemory(store: store)
    let logger = logger
    return AgentDirectory(
      managerSystemID: managerSystemID,
      entry: { [self] systemID in
        let id = Self.id(ofAgent: systemID) ?? otherwise
        let known = try await register(id, profile, name: name)
        await agents.begin(id)
        return AgentDirectory.Entry(
          device: id, sink: ingest.sink(for: id, logger: logger), previousVisit: known.lastVisit,
          clockOffset: known.clockOffset)
      },
      recall: { await memory.configuration($0) },
      remember: { configuration in
        do {
          try await memory.remember(configuration)
          logger.info("learned configuration \(configuration.key.id) of an agent")
        } catch {
          logger.warning("the configuration of an agent was not kept, so that it is asked again: \(error)")
        }
      },
      departed: { device, end in
        logger.info("association with \(device) ended: \(end)")
        await agents.end("\(end)")
      },
      note: { logger.warning("\(profile.name): \($0)") })
  }

  /// `phd:` and sixteen digits; nil for a system id that names nobody, all zeros or all ones.
  static func id(ofAgent systemID: [UInt8]) -> DeviceID? {
    guard systemID.contains(where: { $0 != 0 }), systemID.contains(where: { $0 != 0xFF }) else { return nil }
    return DeviceID(
      rawValue: "phd:" + systemID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined())
  }
}
