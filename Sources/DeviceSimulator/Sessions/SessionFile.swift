package import BluetoothLE
package import Foundation
package import YAMLDocuments

/// A device's `session.yaml`: what it advertises, what it holds, what it does in one visit.
package struct SessionFile: Hashable, Sendable {
  /// What the gateway knows of earlier visits.
  package struct Known: Hashable, Sendable {
    package var keepsSubscriptions: Bool?
    /// Device clock minus ours, in seconds.
    package var clockOffset: TimeInterval?
    package var previousVisit: Date?
  }

  package var title: String
  /// Our clock when the link is made.
  package var clock: Date
  /// The zone that the device's clock shows.
  package var zone: TimeZone
  package var advertisement: Advertisement
  /// Nil for a first visit.
  package var known: Known?
  /// The longest PDU that the device takes.
  package var mtu: Int
  package var attributes: [SimulatedAttribute]
  package var steps: [SimulatedStep]
  /// Of a cuff that has one.
  package var memory: SimulatedMemory?
  /// What it answers to what is written; nil where the session says nothing of it.
  package var script: SimulatedScript?

  /// Reads and checks a session.
  ///
  /// - Throws: ``SessionFileError`` with everything wrong.
  package init(contentsOf url: URL) throws(SessionFileError) {
    let document: YAMLDocument
    let schema: JSONSchema
    do throws(Diagnostic) {
      document = try YAMLDocument(contentsOf: url)
      schema = try JSONSchema(bytes: PackageResources.session_schema_json, name: "session.schema.json")
    } catch {
      throw SessionFileError(diagnostics: [error])
    }
    let faults = schema.validate(document)
    guard faults.isEmpty else { throw SessionFileError(diagnostics: faults) }
    var reader = SessionReader(document: document)
    self = reader.session()
    guard reader.faults.isEmpty else { throw SessionFileError(diagnostics: reader.faults) }
  }

  init(
    title: String, clock: Date, zone: TimeZone, advertisement: Advertisement, known: Known?, mtu: Int,
    attributes: [SimulatedAttribute], steps: [SimulatedStep], memory: SimulatedMemory?,
    script: SimulatedScript?
  ) {
    self.title = title
    self.clock = clock
    self.zone = zone
    self.advertisement = advertisement
    self.known = known
    self.mtu = mtu
    self.attributes = attributes
    self.steps = steps
    self.memory = memory
    self.script = script
  }
}

/// What is wrong with a session or expectation file.
package struct SessionFileError: Error, CustomStringConvertible {
  package let diagnostics: [Diagnostic]

  package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// Instants as the files write them: with a zone, with or without a fraction of a second.
enum Instant {
  static func date(_ text: String) -> Date? {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
    return try? style.parse(text)
  }
}

/// Reads a document that the schema has been held against.
private struct SessionReader {
  let document: YAMLDocument
  var faults: [Diagnostic] = []

  init(document: YAMLDocument) { self.document = document }

  mutating func session() -> SessionFile {
    let root = document.root
    let attributes = attributes(root["attributes"])
    if attributes.isEmpty, root["steps"]?.items.contains(where: { $0["kind"]?.text == "advertise" }) != true {
      report(nil, FieldPath("attributes"), "is missing; a device that is linked to has some")
    }
    return SessionFile(
      title: root["title"]?.text ?? "", clock: date(root["clock"], FieldPath("clock")), zone: zone(root["zone"]),
      advertisement: advertisement(root["advertisement"]), known: known(root["known"]),
      mtu: root["mtu"]?.integer ?? 23, attributes: attributes, steps: steps(root["steps"], attributes),
      memory: memory(root["memory"]), script: script(root["answers"], attributes, mtu: root["mtu"]?.integer ?? 23))
  }

  private mutating func report(_ node: YAMLNode?, _ path: FieldPath, _ message: String) {
    faults.append(document.diagnostic(at: node ?? document.root, path, message))
  }

  private mutating func date(_ node: YAMLNode?, _ path: FieldPath) -> Date {
    if let date = node?.text.flatMap(Instant.date) { return date }
    report(node, path, "names no date that there is")
    return Date(timeIntervalSince1970: 0)
  }

  private mutating func zone(_ node: YAMLNode?) -> TimeZone {
    if let zone = node?.text.flatMap(TimeZone.init(identifier:)) { return zone }
    report(node, FieldPath("zone"), "is no time zone of the tz database, such as Asia/Ho_Chi_Minh")
    return .gmt
  }

  /// The schema has seen that these are whole octets in hexadecimal digits.
  private func octets(_ node: YAMLNode?) -> [UInt8] {
    let digits = (node?.text ?? "").compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  private mutating func advertisement(_ node: YAMLNode?) -> Advertisement {
    let kind = node?["kind"]?.text.flatMap(BluetoothAddress.Kind.init) ?? .random
    let address = node?["address"]?.text.flatMap { BluetoothAddress($0, kind: kind) }
    let rssi = node?["rssi"]?.integer.flatMap { Int8(exactly: $0) } ?? -60
    let advertisement = Advertisement(
      address: address ?? BluetoothAddress(value: 0, kind: kind), rssi: rssi, data: octets(node?["data"]))
    if advertisement.isMalformed {
      report(
        node?["data"], FieldPath("advertisement.data"), "is not a sequence of AD structures: length, type, content")
    }
    return advertisement
  }

  private mutating func known(_ node: YAMLNode?) -> SessionFile.Known? {
    guard let node else { return nil }
    var known = SessionFile.Known()
    known.keepsSubscriptions = node["keeps-subscriptions"]?.boolean
    known.clockOffset = node["clock-offset"]?.decimal.map { NSDecimalNumber(decimal: $0).doubleValue }
    if let visit = node["previous-visit"] { known.previousVisit = date(visit, FieldPath("known.previous-visit")) }
    return known
  }

  private func memory(_ node: YAMLNode?) -> SimulatedMemory? {
    guard let node else { return nil }
    let lock: SimulatedMemory.Lock =
      switch node["lock"]?.text {
      case "token": .token
      case "key": .key(node["key"].map { octets($0) })
      default: .none
      }
    let pieces = (node["pieces"]?.items ?? []).map {
      SimulatedMemory.Piece(address: $0["address"]?.integer ?? 0, octets: octets($0["octets"]))
    }
    return SimulatedMemory(
      hasFourChannels: node["channels"]?.text == "classic", lock: lock, isPairing: node["pairing"]?.boolean ?? false,
      pieces: pieces)
  }

  private mutating func script(_ node: YAMLNode?, _ attributes: [SimulatedAttribute], mtu: Int) -> SimulatedScript? {
    guard let node else { return nil }
    var answers: [SimulatedScript.Answer] = []
    for (index, item) in node.items.enumerated() {
      let path = FieldPath("answers").item(index)
      for name in ["handle", "from"] {
        guard let handle = item[name]?.integer, !attributes.contains(where: { Int($0.handle) == handle }) else {
          continue
        }
        report(item[name], path.field(name), "no attribute has the handle \(handle)")
      }
      let values = (item["values"]?.items ?? []).map { octets($0) }
      if let long = values.first(where: { $0.count > mtu - 3 }) {
        report(item["values"], path.field("values"), "\(long.count) octets are more than one notification carries")
      }
      if !values.isEmpty, item["from"] == nil {
        report(item, path.field("from"), "is missing; expected the handle that the values come from")
      }
      let request = (item["request"]?.text ?? "").filter { $0 != " " }.map { $0 }
      answers.append(
        .init(
          handle: UInt16(clamping: item["handle"]?.integer ?? 0),
          request: stride(from: 0, to: request.count - 1, by: 2).map { UInt8(String(request[$0...$0 + 1]), radix: 16) },
          source: UInt16(clamping: item["from"]?.integer ?? 0), values: values,
          endsLink: item["ends"]?.boolean ?? false))
    }
    return SimulatedScript(answers: answers)
  }

  private mutating func attributes(_ node: YAMLNode?) -> [SimulatedAttribute] {
    var attributes: [SimulatedAttribute] = []
    for (index, item) in (node?.items ?? []).enumerated() {
      let path = FieldPath("attributes").item(index)
      let handle = UInt16(clamping: item["handle"]?.integer ?? 0)
      if let last = attributes.last, handle <= last.handle {
        report(item["handle"], path.field("handle"), "\(handle) is not above the handle before it, \(last.handle)")
      }
      let value = octets(item["value"])
      if value.count > 512 {
        report(item["value"], path.field("value"), "has \(value.count) octets; at most 512 are one")
      }
      attributes.append(
        SimulatedAttribute(
          handle, item["type"]?.text.flatMap { BluetoothUUID($0) } ?? .primaryService, value,
          isWritable: item["write"]?.boolean ?? false,
          readError: item["error"]?.integer.flatMap { UInt8(exactly: $0) },
          stamps: stamps(item["stamps"], path.field("stamps"), value)))
    }
    return attributes
  }

  private mutating func stamps(_ node: YAMLNode?, _ path: FieldPath, _ value: [UInt8]) -> [Int] {
    let offsets = (node?.items ?? []).compactMap(\.integer)
    for (index, offset) in offsets.enumerated() where offset + 7 > value.count {
      report(node, path.item(index), "there are no seven octets at \(offset): the value has \(value.count)")
    }
    return offsets
  }

  private mutating func steps(_ node: YAMLNode?, _ attributes: [SimulatedAttribute]) -> [SimulatedStep] {
    var steps: [SimulatedStep] = []
    for (index, item) in (node?.items ?? []).enumerated() {
      let path = FieldPath("steps").item(index)
      let handle = UInt16(clamping: item["handle"]?.integer ?? 0)
      if let node = item["handle"], !attributes.contains(where: { $0.handle == handle }) {
        report(node, path.field("handle"), "no attribute has the handle \(handle)")
      }
      let value = octets(item["value"])
      switch item["kind"]?.text {
      case "await-subscription":
        if let found = attributes.first(where: { $0.handle == handle }),
          found.type != .clientCharacteristicConfiguration
        {
          report(item["handle"], path.field("handle"), "is a \(found.type); expected the handle of a 2902")
        }
        steps.append(.awaitSubscription(handle))
      case "await-write": steps.append(.awaitWrite(handle, value))
      case "indicate":
        steps.append(.indicate(handle, value, stamps: stamps(item["stamps"], path.field("stamps"), value)))
      case "notify":
        let values = (item["values"]?.items ?? []).map { octets($0) }
        let every = item["every"]?.decimal.map { NSDecimalNumber(decimal: $0).doubleValue } ?? 1
        steps.append(.notify(handle, values, times: item["times"]?.integer ?? values.count, every: every))
      case "advertise":
        let values = (item["values"]?.items ?? []).map { octets($0) }
        let every = item["every"]?.decimal.map { NSDecimalNumber(decimal: $0).doubleValue } ?? 1
        steps.append(.advertise(values, times: item["times"]?.integer ?? values.count, every: every))
      case "wait":
        steps.append(.wait(item["seconds"]?.decimal.map { NSDecimalNumber(decimal: $0).doubleValue } ?? 0))
      case "set": steps.append(.set(handle, value))
      default: steps.append(.end)
      }
    }
    return steps
  }
}
