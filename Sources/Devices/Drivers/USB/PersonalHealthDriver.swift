import Foundation
import Observations
package import WireFormats

/// A device of the USB class Personal Healthcare that speaks IEEE 11073-20601: what it has stored, and what it measures
/// while it is plugged in.
///
/// The visit lasts until the device is unplugged: an agent associates when it has something to say, which may be days
/// from now. Its memory is never cleared.
package struct PersonalHealthDriver: USBDeviceDriver {
  package let name = "phd-11073"
  package let version = 1
  package let interfaceClass: UInt8 = 0x0F
  package let readsAgents = true
  package var constants: [DriverConstant] { [Self.clockWrite] }

  static let clockWrite = DriverConstant(
    name: "clock-write",
    meaning: "whether its clock is set from ours: 0 never, 1 when it asks to be set, shows no time or is a minute off",
    standard: 0, range: 0...1)

  package init() {}

  /// One APDU.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try APDU(bytes).json
  }

  package func run(_ session: USBSession) async -> SessionEnd {
    guard let agents = session.agents else {
      return .requestFailed(what: "Opening the device", reason: "Nobody says who the agents are.")
    }
    do throws(SessionFailure) {
      var visit = PersonalHealthVisit(
        session, agents, try PersonalHealthLink(session), driver: nameAndVersion)
      do throws(SessionFailure) {
        try await visit.run()
      } catch {
        await visit.leave(error.end)
        throw error
      }
    } catch {
      return error.end
    }
  }
}
