package import BluetoothLE
package import Foundation

/// A recording as a file of JSON lines: the first says what it is, the others what happened, in their order. A file that
/// was cut off is a recording up to its last whole line.
package enum RecordingFile {
  private static let format = "vitals-recording"

  private struct Line: Codable {
    struct Advertised: Codable {
      var address: String
      var kind: String
      var rssi: Int
      var data: String
    }
    var format: String?
    var version: Int?
    var beginning: Double?
    var at: Double?
    var advertisement: Advertised?
    var link: String?
    var toDevice: String?
    var fromDevice: String?
    var redacted: [String]?
  }

  /// The first line, without its end.
  package static func head(beginning: Date) -> String {
    text(Line(format: format, version: 1, beginning: beginning.timeIntervalSince1970))
  }

  /// An entry's line, without its end.
  package static func line(_ entry: Recording.Entry) -> String {
    var line = Line(at: (entry.at * 1000).rounded() / 1000)
    switch entry.event {
    case .advertisement(let address, let rssi, let data):
      line.advertisement = Line.Advertised(
        address: "\(address)", kind: address.kind.rawValue, rssi: Int(rssi), data: Octets.text(data, spaced: false))
    case .linkUp: line.link = "up"
    case .linkDown(let reason): line.link = "down: " + reason
    case .passage(.toDevice(let pdu)): line.toDevice = Octets.text(pdu, spaced: false)
    case .passage(.fromDevice(let pdu)): line.fromDevice = Octets.text(pdu, spaced: false)
    }
    return text(line)
  }

  /// The last line, without its end.
  package static func foot(redacted: [String]) -> String { text(Line(redacted: redacted)) }

  /// The whole file.
  package static func text(of recording: Recording) -> String {
    let head = head(beginning: Date(timeIntervalSince1970: recording.beginning))
    return ([head] + recording.entries.map(line) + [foot(redacted: recording.redacted)]).joined(separator: "\n") + "\n"
  }

  private static func text(_ line: Line) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(line)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// Whether `octets` begin as such a file does.
  package static func isRecording(_ octets: [UInt8]) -> Bool { octets.first == UInt8(ascii: "{") }

  /// - Returns: what could be read; the first line that could not, with the reason, after which nothing is read.
  package static func read(_ octets: [UInt8]) -> (recording: Recording?, fault: String?) {
    var recording: Recording?
    for (index, octets) in octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    where !octets.isEmpty {
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(octets)) else {
        return (recording, "line \(index + 1) is cut off, or no line of a recording")
      }
      guard recording != nil else {
        guard line.format == format, line.version == 1, let beginning = line.beginning, beginning.isFinite else {
          return (nil, "line 1 does not say that this is a vitals-recording of version 1")
        }
        recording = Recording(beginning: beginning)
        continue
      }
      if let redacted = line.redacted { recording?.redacted = redacted }
      guard let at = line.at else { continue }
      guard at.isFinite, let event = event(line), recording?.entries.count ?? 0 <= Recording.mostEntries else {
        return (recording, "line \(index + 1) tells nothing that happens, or is one too many")
      }
      recording?.entries.append(Recording.Entry(at: at, event))
    }
    return (recording, recording == nil ? "it is empty" : nil)
  }

  private static func event(_ line: Line) -> Recording.Event? {
    if let heard = line.advertisement {
      guard let kind = BluetoothAddress.Kind(rawValue: heard.kind),
        let address = BluetoothAddress(heard.address, kind: kind), let data = Octets.octets(heard.data)
      else { return nil }
      return .advertisement(address, rssi: Int8(clamping: heard.rssi), data: data)
    }
    if let pdu = line.toDevice { return Octets.octets(pdu).map { .passage(.toDevice($0)) } }
    if let pdu = line.fromDevice { return Octets.octets(pdu).map { .passage(.fromDevice($0)) } }
    guard let link = line.link else { return nil }
    if link == "up" { return .linkUp }
    return link.hasPrefix("down: ") ? .linkDown(String(link.dropFirst(6))) : nil
  }
}

/// Octets as the profile files write them.
enum Octets {
  static func text(_ octets: some Sequence<UInt8>, spaced: Bool = true) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: spaced ? " " : "")
  }

  static func octets(_ text: String) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
