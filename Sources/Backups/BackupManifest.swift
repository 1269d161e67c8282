package import Foundation

/// What a backup says of itself: `manifest.json`, its first file.
package struct BackupManifest: Hashable, Sendable, Codable {
  package static let currentFormat = 1
  package static let name = "manifest.json"

  /// Where things stand in the archive.
  package enum Place {
    /// Files below the directory of `vitalsd.yaml`.
    package static let configuration = "config/"
    /// Files that the configuration names elsewhere, by their absolute path.
    package static let elsewhere = "elsewhere/"
    /// Secrets that systemd hands over, by their names.
    package static let credentials = "credentials/"
    package static let database = "data/vitals.sqlite"
  }

  /// How much of what the database holds.
  package struct Contents: Hashable, Sendable, Codable {
    package var patients: Int
    package var devices: Int
    /// Devices whose keys are in it.
    package var bonds: Int
    /// Consents that hold.
    package var consents: Int
    /// Deliveries that wait.
    package var waiting: Int
    package var readings: Int
    /// The newest step of the schema.
    package var schema: String

    package init(
      patients: Int, devices: Int, bonds: Int, consents: Int, waiting: Int, readings: Int, schema: String
    ) {
      self.patients = patients
      self.devices = devices
      self.bonds = bonds
      self.consents = consents
      self.waiting = waiting
      self.readings = readings
      self.schema = schema
    }
  }

  /// Rises when an older program could not restore it.
  package var format: Int
  package var madeAt: Date
  /// The version that made it.
  package var software: String
  /// The path of `vitalsd.yaml` on the box that it is of.
  package var configuration: String
  package var contents: Contents
  /// The Bluetooth adapter did not take the gateway's own address: its bonds hold for that adapter only.
  package var bondsAreOfAdapter: Bool
  /// What the configuration names and could not be read, by path or credential.
  package var leftOut: [String]

  package init(
    madeAt: Date, software: String, configuration: String, contents: Contents, bondsAreOfAdapter: Bool,
    leftOut: [String]
  ) {
    format = Self.currentFormat
    self.madeAt = madeAt
    self.software = software
    self.configuration = configuration
    self.contents = contents
    self.bondsAreOfAdapter = bondsAreOfAdapter
    self.leftOut = leftOut
  }

  package func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  /// - Throws: ``BackupFailure/newer(format:)``, ``BackupFailure/notOurs(detail:)``.
  package init(json: [UInt8]) throws(BackupFailure) {
    struct Format: Decodable { var format: Int }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let data = Data(json)
    let unreadable = BackupFailure.notOurs(detail: "its \(Self.name) cannot be read")
    guard let format = try? decoder.decode(Format.self, from: data).format else { throw unreadable }
    guard format <= Self.currentFormat else { throw .newer(format: format) }
    guard let manifest = try? decoder.decode(BackupManifest.self, from: data) else { throw unreadable }
    self = manifest
  }
}
