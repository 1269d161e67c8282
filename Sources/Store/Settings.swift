import Foundation
import GRDB
package import Observations

/// The table of single values.
struct Settings {
  let db: Database
  init(_ db: Database) { self.db = db }

  func value(_ key: String) throws -> String? {
    try String.fetchOne(
      db.cachedStatement(sql: "SELECT value FROM settings WHERE key = ?"), arguments: [key])
  }

  func set(_ key: String, _ value: String) throws {
    try db.cachedStatement(
      sql: "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    ).execute(arguments: [key, value])
  }

  func getOrCreate(_ key: String, _ make: () -> String) throws -> String {
    if let value = try value(key) { return value }
    let made = make()
    try set(key, made)
    return made
  }

  /// The settings that are so many octets, as ``hex(_:separator:)`` writes them.
  private static let lengths = [
    "memory-key": 16, "answer-key": 32, ErasedReadings.keyName: 32, "system-id": 8, "static-random-address": 6,
  ]

  /// False: the value is none that was ever written under this key.
  static func isSound(_ value: String, of key: String) -> Bool {
    guard let length = lengths[key] else { return true }
    return octets(value.split(separator: ":").joined())?.count == length
  }

  static func randomOctets(_ count: Int) -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  /// Two digits an octet, in capitals.
  static func hex(_ octets: [UInt8], separator: String = "") -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: separator)
  }

  /// What ``hex(_:separator:)`` wrote without a separator; nil for anything else.
  static func octets(_ text: String) -> [UInt8]? {
    var octets: [UInt8] = []
    var rest = Substring(text)
    while !rest.isEmpty {
      guard rest.utf8.count >= 2, let octet = UInt8(rest.prefix(2), radix: 16) else { return nil }
      octets.append(octet)
      rest = rest.dropFirst(2)
    }
    return octets
  }

  /// A static random address (Core Vol 6 Part B 1.3.2.1): two top bits 11, and of the other 46 at least one 0 and one
  /// 1.
  static func staticRandomAddress() -> [UInt8] {
    while true {
      var octets = randomOctets(6)
      octets[0] |= 0xc0
      let rest = [octets[0] & 0x3f] + octets.dropFirst()
      if rest != [0, 0, 0, 0, 0, 0], rest != [0x3f, 0xff, 0xff, 0xff, 0xff, 0xff] { return octets }
    }
  }
}

extension Store {
  /// A setting by its name; nil when it was never set.
  package func setting(_ key: String) async throws(StoreFailure) -> String? {
    try await read { db in try Settings(db).value(key) }
  }

  package func setSetting(_ key: String, to value: String) async throws(StoreFailure) {
    try await write { db in try Settings(db).set(key, value) }
  }

  /// The gateway's own static random Bluetooth address, `F0:F1:F2:F3:F4:F5`, most significant octet first: made once,
  /// kept, so that bonds survive another adapter (Core Vol 6 Part B 1.3.2.1).
  package func staticRandomAddress() async throws(StoreFailure) -> String {
    let name = "static-random-address"
    let text = try await write { db in
      try Settings(db).getOrCreate(name) { Settings.hex(Settings.staticRandomAddress(), separator: ":") }
    }
    guard Settings.isSound(text, of: name) else { throw await failure(StoreFailure.corrupt(detail: "setting \(name)")) }
    return text
  }

  /// The secret with which this household opens the memories of its devices, 16 octets: made once, kept. A secret: not to
  /// be logged.
  package func memoryKey() async throws(StoreFailure) -> [UInt8] {
    let name = "memory-key"
    var text = try await setting(name)
    if text == nil {
      text = try await write { db in
        try Settings(db).getOrCreate(name) { Settings.hex(Settings.randomOctets(16)) }
      }
    }
    guard let octets = text.flatMap(Settings.octets), octets.count == 16 else {
      throw await failure(StoreFailure.corrupt(detail: "setting memory-key"))
    }
    return octets
  }

  /// The secret that answers from outside are signed with, 32 octets: made once, kept. Never to be logged.
  package func answerKey() async throws(StoreFailure) -> [UInt8] {
    let text = try await write { db in
      try Settings(db).getOrCreate("answer-key") { Settings.hex(Settings.randomOctets(32)) }
    }
    guard let octets = Settings.octets(text), octets.count == 32 else {
      throw await failure(StoreFailure.corrupt(detail: "setting answer-key"))
    }
    return octets
  }

  /// This gateway as records name it: its EUI-64 is made once, unicast and locally administered (IEEE 802 bits 0 and 1
  /// of the first octet), and kept.
  package func gatewayDescription(softwareVersion: String) async throws(StoreFailure) -> GatewayDescription {
    let text = try await write { db in
      try Settings(db).getOrCreate("system-id") {
        var octets = Settings.randomOctets(8)
        octets[0] = octets[0] & 0xfc | 0x02
        return Settings.hex(octets)
      }
    }
    guard let octets = Settings.octets(text), octets.count == 8 else {
      throw await failure(StoreFailure.corrupt(detail: "setting system-id"))
    }
    return GatewayDescription(systemID: octets, softwareVersion: softwareVersion)
  }
}
