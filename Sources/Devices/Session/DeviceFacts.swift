import BluetoothLE
import Foundation
import Observations
import WireFormats

/// What a visit reads beside the readings. Nothing of it is needed: what the device has not, or refuses, is left out.
extension GATTVisit {
  /// After a known device's first reading is safe: what a first visit reads before it subscribes, where an earlier visit
  /// did not come so far or the device has changed.
  mutating func readInformationIfNew() async throws(SessionFailure) {
    if hasDiscoveredAgain || !session.informationIsKnown { try await readInformation() }
  }

  /// What is done at a known device once its first value is safe: its window may be short, and nothing of this is needed.
  mutating func lookAround() async throws(SessionFailure) {
    try await writeClock()
    try await readBattery()
    try await readInformationIfNew()
  }

  /// Device Information Service (0x180A).
  mutating func readInformation() async throws(SessionFailure) {
    var information = DeviceInformation()
    information.manufacturer = try await text(.manufacturerName)
    information.model = try await text(.modelNumber)
    information.serial = try await text(.serialNumber)
    information.hardware = try await text(.hardwareRevision)
    information.firmware = try await text(.firmwareRevision)
    information.software = try await text(.softwareRevision)
    if let bytes = try await value(of: BluetoothUUID(0x2A23)) { information.systemID = (try? SystemID(bytes))?.eui64 }
    session.progress(.discovered(information))
    await session.sink.remember(information: information)
  }

  private mutating func text(_ kind: DeviceText.Kind) async throws(SessionFailure) -> String? {
    guard let uuid = BluetoothUUID(kind.rawValue), let bytes = try await value(of: uuid),
      let text = try? DeviceText(kind, bytes).text
    else { return nil }
    // It goes to terminals and records.
    let clean = String(text.unicodeScalars.filter { $0.properties.generalCategory != .control })
      .trimmingCharacters(in: .whitespaces)
    return clean.isEmpty ? nil : String(clean.prefix(120))
  }

  /// Battery Level (0x2A19), if the profile wants it.
  mutating func readBattery() async throws(SessionFailure) {
    guard policy.readsBattery, let bytes = try await value(of: BluetoothUUID(0x2A19)),
      let level = try? BatteryLevel(bytes)
    else { return }
    session.progress(.battery(Int(level.percent)))
    await session.sink.remember(battery: Int(level.percent))
  }
}
