import Devices
import Foundation
import WireFormats

/// Why bytes could not be decoded.
package enum DecodeFailure: Error, CustomStringConvertible {
  case notHexadecimal(String)
  case unknownProfile(String, known: [String])
  case failed(String)

  package var description: String { sentence(isVietnamese: false) }

  /// What a field of the bytes has wrong is said in English alone: it is for whoever knows the format.
  package func sentence(isVietnamese: Bool) -> String {
    func say(_ english: String, _ vietnamese: String) -> String { isVietnamese ? vietnamese : english }
    switch self {
    case .notHexadecimal(let reason): return say(reason, "không phải chữ số thập lục phân: \(reason)")
    case .unknownProfile(let name, let known):
      let names = known.joined(separator: ", ")
      return say(
        "no device profile is called '\(name)'; known: \(known.isEmpty ? "none" : names)",
        "không có loại máy nào tên '\(name)'; \(known.isEmpty ? "chưa cài loại máy nào" : "có: \(names)")")
    case .failed(let reason): return say(reason, "không giải mã được: \(reason)")
    }
  }
}

/// What `vitals decode` asks.
package struct DecodeRequest {
  /// The short UUID of a standard characteristic.
  package var characteristic: String?
  /// A device profile by name, when no characteristic is given.
  package var profile: String?
  package var profileDirectories: [String]
  package var hex: String

  package init(characteristic: String?, profile: String?, profileDirectories: [String], hex: String) {
    self.characteristic = characteristic
    self.profile = profile
    self.profileDirectories = profileDirectories
    self.hex = hex
  }

  /// The measurement as one line of JSON.
  ///
  /// - Throws: which field of the bytes failed and where, or which name is not known.
  package func json() throws(DecodeFailure) -> String {
    let bytes: [UInt8]
    do {
      bytes = try Hexadecimal.bytes(hex)
    } catch {
      throw .notHexadecimal("\(error)")
    }
    if let characteristic {
      do throws(Characteristics.Failure) {
        return try Characteristics.decode(uuid: characteristic, bytes).json.text
      } catch {
        throw .failed(error.description)
      }
    }
    let directories = profileDirectories.isEmpty ? InstalledProfiles.directories : profileDirectories
    let library = ProfileLibrary.load(directories.map { URL(filePath: $0) }).library
    guard let profile = library.profile(named: profile ?? ""), let decode = Self.decoder(of: profile) else {
      throw .unknownProfile(profile ?? "", known: library.profiles.map(\.name))
    }
    do throws(DecodingFailure) {
      return try decode(bytes).text
    } catch {
      throw .failed("\(profile.name): \(error)")
    }
  }

  private static func decoder(of profile: DeviceProfile) -> (([UInt8]) throws(DecodingFailure) -> JSON)? {
    if let driver = Drivers.usbNamed(profile.driver) {
      return { (bytes) throws(DecodingFailure) in try driver.decode(bytes, of: profile) }
    }
    guard let driver = Drivers.named(profile.driver) else { return nil }
    return { (bytes) throws(DecodingFailure) in try driver.decode(bytes, of: profile) }
  }
}
