import Crypto
import Foundation
import Observations

/// A system and a value that name one resource at any server, and the condition under which it is created.
struct RecordIdentifier: Hashable, Sendable {
  let system: String
  let value: String

  /// `Observation.identifier.system` of the guide's conditional create (PhdBaseObservation).
  static let phdSystem = "http://hl7.org/fhir/uv/phd/StructureDefinition/PhdBaseObservation"
  /// The system of EUI-64 names (PhdDevice, PhgDevice).
  static let systemIDSystem = "urn:oid:1.2.840.10004.1.1.1.0.0.1.0.0.1.2680"
  static let bluetoothAddressSystem = "http://hl7.org/fhir/sid/eui-48/bluetooth"

  var json: JSONValue { .object(["system": .string(system), "value": .string(value)]) }

  /// The same with its type from ContinuaDeviceIdentifiers, as a Device carries it.
  func json(deviceType code: String) -> JSONValue {
    .object([
      "type": Terminology.concept(.init("http://terminology.hl7.org/CodeSystem/ContinuaDeviceIdentifiers", code)),
      "system": .string(system), "value": .string(value),
    ])
  }

  /// `entry.request.ifNoneExist`: search parameters without `?`, percent-encoded (RFC 3986), with the characters that
  /// separate search values escaped by a backslash first (FHIR R4 search, 3.1.1.5.2.1).
  var condition: String {
    func escaped(_ text: String) -> String {
      text.reduce(into: "") { result, character in
        if "\\,|$".contains(character) { result.append("\\") }
        result.append(character)
      }
    }
    return "identifier=" + Self.percentEncoded(escaped(system)) + "%7C" + Self.percentEncoded(escaped(value))
  }

  /// Everything but RFC 3986's unreserved characters and `:` `/`, which a query may hold, as `%` and capitals.
  static func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { result, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "/"):
        result.append(Character(UnicodeScalar(byte)))
      default:
        result.append("%")
        result.append(digits[Int(byte >> 4)])
        result.append(digits[Int(byte & 15)])
      }
    }
  }

  /// 128 bits of SHA-256 as 32 hexadecimal digits.
  static func digest(_ text: String) -> String {
    octets(SHA256.hash(data: Data(text.utf8)).prefix(16), separator: "").lowercased()
  }

  /// A `urn:uuid:` (RFC 9562, version 8) that is the same whenever the name is: a repeated Bundle has the same bytes.
  static func fullURL(_ name: String) -> String {
    var bytes = Array(SHA256.hash(data: Data(name.utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = Array(octets(bytes, separator: "").lowercased())
    let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }
    return "urn:uuid:" + groups.joined(separator: "-")
  }

  /// Capital hexadecimal octets: with `-` between them as EUI values are written in a Device.
  static func octets(_ bytes: some Sequence<UInt8>, separator: String) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: separator)
  }
}

extension DeviceDescription {
  /// The EUI-64 where the device has one: some send eight zeros, or eight ones.
  var usableSystemID: [UInt8]? {
    guard let octets = information.systemID, octets.count == 8 else { return nil }
    return octets.allSatisfy { $0 == 0 } || octets.allSatisfy { $0 == 0xFF } ? nil : octets
  }

  /// `F0-F1-F2-F3-F4-F5`; nil where there is no Bluetooth address of a real device.
  var dashedAddress: String? {
    guard !isSimulated, let address else { return nil }
    let parts = address.split(separator: ":")
    let valid = parts.count == 6 && parts.allSatisfy { $0.count == 2 && UInt8($0, radix: 16) != nil }
    return valid ? parts.joined(separator: "-").uppercased() : nil
  }

  /// A simulated device borrows the address of what it plays: it must never be taken for that device at a server.
  var isSimulated: Bool { id.rawValue.hasPrefix("sim:") }

  /// The device part of the guide's identifier: EUI-64 or EUI-48 in capitals without dashes; nil when it has neither.
  var phdName: String? {
    if isSimulated { return nil }
    if let usableSystemID { return RecordIdentifier.octets(usableSystemID, separator: "") }
    return dashedAddress?.replacing("-", with: "")
  }

  /// What the Device resource is created under, if it is not there yet: the Bluetooth address, since that is known
  /// before the first byte, while the EUI-64 may be read only at a later visit.
  func recordIdentifier(_ naming: FHIRNaming) -> RecordIdentifier {
    if let dashedAddress {
      return RecordIdentifier(system: RecordIdentifier.bluetoothAddressSystem, value: dashedAddress)
    }
    if !isSimulated, let usableSystemID {
      return RecordIdentifier(
        system: RecordIdentifier.systemIDSystem, value: RecordIdentifier.octets(usableSystemID, separator: "-"))
    }
    return RecordIdentifier(system: naming.deviceSystem, value: id.rawValue)
  }
}

extension ObservationForRecord {
  /// Whether the guide's identifier names this reading and no other: the device gave a usable time of its own, and no
  /// other reading of this device and kind has it.
  var isNamedByDeviceTime: Bool {
    device.phdName != nil && !observation.provenance.isSimulated
      && observation.provenance.deviceTime?.secondsSince2000 != nil
      && observation.marks.isDisjoint(with: [.sharesDeviceTime, .clockUnusable])
  }

  /// The identifier one of this reading's resources is created under (guide, "Conditional-create Identifier"):
  /// *device*-*patient*-*type*-*timestamp* with the device's own time, never the corrected one. Where that cannot name
  /// the reading, a digest of the reading's identity: no measured byte in it, and nothing of the patient unless the
  /// reading was somebody else's before.
  ///
  /// The timestamp counts seconds since 2000-01-01 as GeneratingtheTimeStampPartIdentifier says; the guide's JSON
  /// examples still show the form of its first version.
  func recordIdentifier(_ code: MDCCode, _ naming: FHIRNaming, byDeviceTime: Bool) -> RecordIdentifier {
    if byDeviceTime, isNamedByDeviceTime, let name = device.phdName,
      let seconds = observation.provenance.deviceTime?.secondsSince2000
    {
      return RecordIdentifier(
        system: RecordIdentifier.phdSystem,
        value: "\(name)-\(patient.id)-\(naming.patientSystem)-\(code.rawValue)-\(seconds)")
    }
    let name = observation.identity.rawValue + (namesPatient ? "|\(patient.id)" : "")
    return RecordIdentifier(
      system: naming.readingSystem, value: "\(RecordIdentifier.digest(name))-\(code.rawValue)")
  }
}
