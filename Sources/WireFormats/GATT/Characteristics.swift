/// Every characteristic that this gateway can decode, by its UUID.
package enum Characteristics {
  /// One known characteristic.
  package struct Entry: Sendable {
    /// Four capital hexadecimal digits.
    package let uuid: String
    package let name: String
    /// The JSON form of a value; throws ``DecodingFailure``.
    package let decode: @Sendable ([UInt8]) throws(DecodingFailure) -> JSON

    init<Characteristic: GATTCharacteristic>(_ type: Characteristic.Type) {
      uuid = type.uuid
      name = type.name
      decode = { (bytes) throws(DecodingFailure) in try Characteristic(bytes).json }
    }

    init(_ kind: DeviceText.Kind) {
      uuid = kind.rawValue
      name = kind.name
      decode = { (bytes) throws(DecodingFailure) in try DeviceText(kind, bytes).json }
    }
  }

  /// A decoded value with its name.
  package struct Decoded: Hashable, Sendable {
    package let uuid: String
    package let name: String
    package let json: JSON
  }

  /// Why ``decode(uuid:_:)`` gives nothing.
  package enum Failure: Error, Sendable, CustomStringConvertible {
    /// `uuid` as it was asked for, and what is known.
    case unknown(uuid: String, known: [(uuid: String, name: String)])
    case malformed(uuid: String, name: String, DecodingFailure)

    package var description: String {
      switch self {
      case .unknown(let uuid, let known):
        "Unknown characteristic '\(uuid)'. Known: "
          + known.map { "\($0.uuid) \($0.name)" }.joined(separator: ", ") + "."
      case .malformed(let uuid, let name, let failure):
        "\(name) (\(uuid)): \(failure)"
      }
    }
  }

  /// All of them, by UUID.
  package static let all: [Entry] =
    ([
      Entry(BloodPressureMeasurement.self), Entry(IntermediateCuffPressure.self), Entry(BloodPressureFeature.self),
      Entry(HeartRateMeasurement.self), Entry(BodySensorLocation.self), Entry(DateTime.self), Entry(CurrentTime.self),
      Entry(BatteryLevel.self), Entry(SystemID.self), Entry(PnPID.self),
      Entry(PLXSpotCheckMeasurement.self), Entry(PLXContinuousMeasurement.self), Entry(PLXFeatures.self),
      Entry(RecordAccessControlPoint.self), Entry(UserControlPoint.self), Entry(UserIndex.self),
    ] + DeviceText.Kind.allCases.map { Entry($0) }).sorted { $0.uuid < $1.uuid }

  private static let byUUID = Dictionary(uniqueKeysWithValues: all.map { ($0.uuid, $0) })

  /// The entry of a UUID written as `2A35`, `0x2a35`, or in the 128-bit form over the Bluetooth base UUID.
  package static func entry(uuid: String) -> Entry? {
    var short = uuid.uppercased()
    let (front, base) = ("0000", "-0000-1000-8000-00805F9B34FB")
    if short.hasPrefix("0X") {
      short.removeFirst(2)
    } else if short.hasPrefix(front), short.hasSuffix(base) {
      short = String(short.dropFirst(front.count).dropLast(base.count))
    }
    return byUUID[short]
  }

  /// Decodes the value of any known characteristic.
  /// - Throws: ``Failure``: an unknown UUID answers with the known ones, a bad value with the field that failed.
  package static func decode(uuid: String, _ bytes: [UInt8]) throws(Failure) -> Decoded {
    guard let entry = entry(uuid: uuid) else {
      throw .unknown(uuid: uuid, known: all.map { ($0.uuid, $0.name) })
    }
    do {
      return Decoded(uuid: entry.uuid, name: entry.name, json: try entry.decode(bytes))
    } catch {
      throw .malformed(uuid: entry.uuid, name: entry.name, error)
    }
  }
}
