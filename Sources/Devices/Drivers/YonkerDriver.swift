package import BluetoothLE
import Foundation
import Observations
package import WireFormats

/// A Yonker cuff, which notifies its result when it is subscribed to after a measurement.
///
/// Nothing tells whether its clock is right, and its users say that it is not. A date that lies further back than
/// `believed-for` is kept as the device said it and is not believed: such a result counts as measured just now. An older one
/// that the device sends again has the same date and numbers, and is no second reading.
package struct YonkerDriver: DeviceDriver {
  package let name = "yonker-results"
  package let version = 1
  package var constants: [DriverConstant] { [Self.believedFor] }

  private static let results = BluetoothUUID(high: 0xCDEA_CD81_5235_4C07, low: 0x8846_93A3_7EE6_B86D)
  /// What the first octet of a result is.
  private static let result: UInt8 = 0x81
  private static let believedFor = DriverConstant(
    name: "believed-for", meaning: "seconds that a result's date may lie back and still be believed", standard: 600,
    range: 60...31_536_000)

  package init() {}

  package func characteristics(of profile: DeviceProfile) -> [BluetoothUUID] { [Self.results] }

  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try YonkerMeasurement(bytes).json
  }

  package func run(_ session: DeviceSession) async -> SessionEnd {
    let believedFor = NSDecimalNumber(decimal: session.value(of: Self.believedFor)).doubleValue
    return await GATTVisit.run(session, self) { (visit) throws(SessionFailure) in
      var readings = VisitReadings(
        session: session, driver: nameAndVersion,
        format: Format(session: session, driver: nameAndVersion, believedFor: believedFor))
      try await visit.open { (visit) throws(SessionFailure) in
        try await visit.readInformation()
        try await visit.readBattery()
      }
      while let incoming = try await visit.next() {
        // The rest is what it sends while it measures.
        guard incoming.bytes.first == Self.result else {
          try await visit.confirm(incoming.confirmation)
          continue
        }
        try await readings.takeNext(incoming, &visit)
      }
      return .idle
    }
  }

  private struct Format: ReadingFormat {
    let session: DeviceSession
    let driver: String
    let believedFor: TimeInterval
    let uuid = "yonker-result"

    func decode(_ bytes: [UInt8]) throws(DecodingFailure) -> YonkerMeasurement { try YonkerMeasurement(bytes) }

    func observation(
      _ measurement: YonkerMeasurement, bytes: [UInt8], receivedAt: Date, clockOffset: TimeInterval?
    ) -> (observation: Observation, time: ReadingTime) {
      // A clock that shows no date tells two readings apart no better than none.
      let shown = measurement.timeStamp
      let isDated = shown.month != 0 || shown.day != 0
      return CuffNormalisation(session, driver: driver, format: uuid, clockOffset: clockOffset).pushed(
        CuffRecord(
          .pressures(
            systolic: Int(measurement.systolic), diastolic: Int(measurement.diastolic), mean: nil,
            pulseRate: Int(measurement.pulseRate)),
          stamp: isDated ? DeviceTime(shown) : nil, stampIsPlausible: shown.isPlausible, bytes: bytes),
        receivedAt: receivedAt, believedFor: believedFor)
    }
  }
}
