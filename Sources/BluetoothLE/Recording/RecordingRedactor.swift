/// Makes a recording's device and owner unrecognisable, entry by entry in their order: addresses, names, serial numbers,
/// the System ID, and what the User Data Service knows of a person. Lengths stay, so that the PDUs stay what they are.
///
/// Measured values are not its business: without them nobody can find out what the octets of a new device mean.
package struct RecordingRedactor: Sendable {
  /// What stands in the place of the device's address; its kind stays.
  package static let syntheticAddress: UInt64 = 0xF0F1_F2F3_F4F5
  /// What stands in the place of a System ID, least significant octet first.
  private static let systemID: [UInt8] = [0xF5, 0xF4, 0xF3, 0xFE, 0xFF, 0xF2, 0xF1, 0xF0]
  /// Shorter texts are not looked for elsewhere: they would be found by chance.
  private static let leastRemembered = 4

  /// What is done with an attribute's octets.
  private enum Rule: Hashable {
    case name
    /// Letters in the place of letters.
    case text(String)
    case digits(String)
    case zeros(String)
    case systemID
  }

  private static let rules: [BluetoothUUID: Rule] = [
    0x2A00: .name, 0x2A25: .digits("serial number (2A25)"), 0x2A23: .systemID,
    0x2BFF: .zeros("unique device identifier (2BFF)"), 0x2A03: .zeros("reconnection address (2A03)"),
    0x2A8A: .text("first name (2A8A)"), 0x2A90: .text("last name (2A90)"), 0x2A87: .text("e-mail address (2A87)"),
    0x2A85: .zeros("date of birth (2A85)"), 0x2A80: .zeros("age (2A80)"), 0x2A8C: .zeros("gender (2A8C)"),
    0x2A8E: .zeros("height (2A8E)"), 0x2A98: .zeros("weight (2A98)"),
  ].reduce(into: [:]) { $0[BluetoothUUID($1.key)] = $1.value }

  /// The device as it is known here; advertisements of others are not its business.
  private let address: BluetoothAddress
  private let namePrefix: [UInt8]
  private var transcript = ATTTranscript()
  /// Texts that were made unrecognisable where they stood, to be found again elsewhere.
  private var remembered: [[UInt8]] = []
  /// What was made unrecognisable, in words, each once, in the order in which it came.
  package private(set) var redacted: [String] = []

  /// - Parameters:
  ///   - address: the device's, by which it was heard.
  ///   - namePrefix: the beginning of its name that belongs to the model and may stay.
  package init(address: BluetoothAddress, namePrefix: String = "") {
    self.address = address
    self.namePrefix = Array(namePrefix.utf8)
  }

  /// The same event, unrecognisable.
  package mutating func redact(_ event: Recording.Event) -> Recording.Event {
    switch event {
    case .advertisement(let sender, let rssi, let data):
      note("address")
      let kind = BluetoothAddress(value: Self.syntheticAddress, kind: sender.kind)
      return .advertisement(kind, rssi: rssi, data: withoutIdentity(advertised(data)))
    case .linkUp:
      transcript.linkUp()
      return event
    case .passage(let passage):
      let pdu = redacted(passage)
      switch passage {
      case .toDevice: return .passage(.toDevice(pdu))
      case .fromDevice: return .passage(.fromDevice(pdu))
      }
    case .linkDown: return event
    }
  }

  private mutating func note(_ what: String) {
    if !redacted.contains(what) { redacted.append(what) }
  }

  // MARK: Advertisements

  private mutating func advertised(_ data: [UInt8]) -> [UInt8] {
    var data = data
    var start = 0
    while start < data.count {
      let end = min(start + 1 + Int(data[start]), data.count)
      if end - start >= 2 {
        let content = start + 2..<end
        switch data[start + 1] {
        case 0x08, 0x09: name(&data, content, offset: 0)
        // LE Bluetooth Device Address (Supplement Part A §1.16).
        case 0x1B: for index in content.prefix(6) { data[index] = wireAddress[index - content.lowerBound] }
        default: break
        }
      }
      start = max(end, start + 1)
    }
    return data
  }

  private var wireAddress: [UInt8] { BluetoothAddress(value: Self.syntheticAddress, kind: .random).wire }

  // MARK: PDUs

  private mutating func redacted(_ passage: ATTPassage) -> [UInt8] {
    var pdu = passage.pdu
    for part in transcript.read(passage) where part.range.upperBound <= pdu.count {
      redact(&pdu, part)
    }
    return withoutIdentity(pdu)
  }

  private mutating func redact(_ pdu: inout [UInt8], _ part: ATTTranscript.Part) {
    let rule = part.type.flatMap { Self.rules[$0] } ?? guess(pdu[part.range], part)
    guard let rule, !part.range.isEmpty else { return }
    let range = part.range
    if part.isShared {
      note("several values read at once")
      for index in range { pdu[index] = 0 }
      return
    }
    switch rule {
    case .name: name(&pdu, range, offset: part.offset)
    case .text(let what):
      remember(pdu[range], part)
      fill(&pdu, range, UInt8(ascii: "X"))
      note(what)
    case .digits(let what):
      remember(pdu[range], part)
      fill(&pdu, range, UInt8(ascii: "0"))
      note(what)
    case .zeros(let what):
      for index in range { pdu[index] = 0 }
      note(what)
    case .systemID:
      for (place, index) in range.enumerated() {
        let offset = place + part.offset
        pdu[index] = offset < Self.systemID.count ? Self.systemID[offset] : 0
      }
      note("System ID (2A23)")
    }
  }

  /// Text that a maker's characteristic gives, or one whose type nobody has told, may name a device or a person.
  private func guess(_ octets: ArraySlice<UInt8>, _ part: ATTTranscript.Part) -> Rule? {
    guard part.way == .read, part.type?.short == nil, octets.count >= 6,
      octets.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0 }),
      octets.contains(where: { $0 != 0 })
    else { return nil }
    return .text("text of handle \(part.handle)")
  }

  private func fill(_ octets: inout [UInt8], _ range: Range<Int>, _ letter: UInt8) {
    for index in range where octets[index] != 0 { octets[index] = letter }
  }

  private mutating func name(_ octets: inout [UInt8], _ range: Range<Int>, offset: Int) {
    let value = octets[range]
    if offset == 0, value.count >= Self.leastRemembered, !remembered.contains(Array(value)),
      Array(value.prefix(namePrefix.count)) != namePrefix || namePrefix.isEmpty
    {
      remembered.append(Array(value))
    }
    let matches = offset > 0 || value.starts(with: namePrefix)
    let kept = matches ? max(0, namePrefix.count - offset) : 0
    guard value.count > kept else { return }
    note("name")
    fill(&octets, range.lowerBound + kept..<range.upperBound, UInt8(ascii: "X"))
  }

  private mutating func remember(_ octets: ArraySlice<UInt8>, _ part: ATTTranscript.Part) {
    let text = Array(octets.prefix { $0 != 0 })
    guard part.offset == 0, text.count >= Self.leastRemembered, !remembered.contains(text), remembered.count < 64,
      Set(text).count > 1
    else { return }
    remembered.append(text)
  }

  /// The address in either order, and remembered texts, wherever they stand.
  private mutating func withoutIdentity(_ octets: [UInt8]) -> [UInt8] {
    var octets = octets
    for pattern in [address.wire, address.octets] {
      let synthetic = pattern == address.wire ? wireAddress : Array(wireAddress.reversed())
      if replace(pattern, synthetic, in: &octets) { note("address in a value") }
    }
    for text in remembered where replace(text, text.map { _ in UInt8(ascii: "X") }, in: &octets) {
      note("serial number or name in another value")
    }
    return octets
  }

  private func replace(_ pattern: [UInt8], _ replacement: [UInt8], in octets: inout [UInt8]) -> Bool {
    guard !pattern.isEmpty, octets.count >= pattern.count, pattern != replacement else { return false }
    var found = false
    for start in 0...(octets.count - pattern.count)
    where octets[start] == pattern[0] && octets[start..<start + pattern.count].elementsEqual(pattern) {
      octets.replaceSubrange(start..<start + pattern.count, with: replacement)
      found = true
    }
    return found
  }
}
