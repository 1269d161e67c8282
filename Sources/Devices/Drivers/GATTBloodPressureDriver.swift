package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// A cuff with the Blood Pressure Service (0x1810): each indication of Blood Pressure Measurement (0x2A35) is a reading.
package struct GATTBloodPressureDriver: DeviceDriver {
  package let name = "gatt-blood-pressure"
  package let version = 1
  package let constants: [DriverConstant] = []
  package var layouts: [String] { Layout.allCases.map(\.rawValue) }

  /// How a device departs from the layout of Blood Pressure Measurement.
  private enum Layout: String, CaseIterable {
    /// See ``BeurerBloodPressureMeasurement``.
    case beurer
  }

  package init() {}

  package func characteristics(of profile: DeviceProfile) -> [BluetoothUUID] { [BluetoothUUID(0x2A35)] }

  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try Self.measurement(bytes, layout: profile.layout).json
  }

  static func measurement(_ bytes: [UInt8], layout: String?) throws(DecodingFailure) -> BloodPressureMeasurement {
    switch layout.flatMap(Layout.init) {
    case .beurer: try BeurerBloodPressureMeasurement(bytes).measurement
    case nil: try BloodPressureMeasurement(bytes)
    }
  }

  package func run(_ session: DeviceSession) async -> SessionEnd {
    await GATTVisit.run(session, self) { (visit) throws(SessionFailure) in
      var readings = VisitReadings(
        session: session, driver: nameAndVersion,
        format: BloodPressureFormat(session: session, driver: nameAndVersion))
      try await visit.open { (visit) throws(SessionFailure) in
        try await visit.readInformation()
        if let bytes = try await visit.value(of: BluetoothUUID(0x2A49)),
          let feature = try? BloodPressureFeature(bytes)
        {
          session.progress(.bloodPressureFeature(feature.rawValue))
        }
        try await visit.readBattery()
        _ = try await visit.readClock()
      }
      while let incoming = try await visit.next() { try await readings.takeNext(incoming, &visit) }
      return .idle
    }
  }
}

/// Blood Pressure Measurement (0x2A35), in the layout that the profile says.
struct BloodPressureFormat: ReadingFormat {
  let session: DeviceSession
  let driver: String
  let uuid = BloodPressureMeasurement.uuid

  func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> BloodPressureMeasurement {
    try GATTBloodPressureDriver.measurement(bytes, layout: session.profile.layout)
  }

  func observation(
    _ measurement: BloodPressureMeasurement, bytes: [UInt8], receivedAt: Date, clockOffset: TimeInterval?
  ) -> (observation: Observation, time: ReadingTime) {
    BloodPressureNormalisation(
      device: session.device, profile: session.profile.name, driver: driver, authentication: session.authentication,
      isSimulated: session.isSimulated, clockOffset: clockOffset, timeZone: session.timeZone
    ).observation(measurement, bytes: bytes, receivedAt: receivedAt)
  }
}
