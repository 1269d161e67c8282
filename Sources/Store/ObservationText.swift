import Foundation
import Observations
import Synchronization

/// Writes the `content` of a reading: the same text that `JSONEncoder` makes of it with sorted keys, in a tenth of the time.
/// What a device's memory of hundreds of readings costs is mostly this.
///
/// What is rare (a name that has to be escaped, a number that is none) is left to `JSONEncoder`.
struct ObservationText {
  /// A number by the octets that it is in memory: numbers of one value may be there in two ways, and each has its digits.
  private struct DecimalOctets: Hashable {
    private var low: UInt64
    private var middle: UInt64
    private var high: UInt32

    /// - Returns: nil: a decimal is not the 20 octets that it is today.
    init?(_ number: Decimal) {
      guard MemoryLayout<Decimal>.size == 20 else { return nil }
      (low, middle, high) = withUnsafeBytes(of: number) { octets in
        (
          octets.loadUnaligned(as: UInt64.self), octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
          octets.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
        )
      }
    }
  }

  /// The digits of what is measured again and again: Foundation takes longer for four of them than for the rest of a reading.
  private static let digits = Mutex<[DecimalOctets: [UInt8]]>([:])

  private var text: [UInt8] = []
  /// Something that is left to `JSONEncoder` was met.
  private var isRare = false

  private init() { text.reserveCapacity(1536) }

  /// - Returns: nil: `JSONEncoder` is to make it.
  static func make(_ observation: Observation) -> [UInt8]? {
    var writer = ObservationText()
    writer.write(observation)
    return writer.isRare ? nil : writer.text
  }

  private mutating func raw(_ fragment: StaticString) {
    fragment.withUTF8Buffer { text.append(contentsOf: $0) }
  }

  private mutating func string(_ value: String) {
    text.append(0x22)
    let begin = text.count
    text.append(contentsOf: value.utf8)
    for octet in text[begin...] where octet < 0x20 || octet == 0x22 || octet == 0x5C { isRare = true }
    text.append(0x22)
  }

  private mutating func number(_ value: some BinaryInteger) { text.append(contentsOf: String(value).utf8) }

  private mutating func number(_ value: UInt8) {
    if value >= 100 { text.append(0x30 + value / 100) }
    if value >= 10 { text.append(0x30 + value / 10 % 10) }
    text.append(0x30 + value % 10)
  }

  private mutating func number(_ value: Decimal) {
    isRare = isRare || value.isNaN
    guard let octets = DecimalOctets(value) else { return text.append(contentsOf: value.description.utf8) }
    let found = Self.digits.withLock { known in
      if let found = known[octets] { return found }
      let made = Array(value.description.utf8)
      if known.count >= 1_000 { known.removeAll() }
      known[octets] = made
      return made
    }
    text.append(contentsOf: found)
  }

  private mutating func number(_ value: Double) {
    // Whole seconds have no point in JSONEncoder's text.
    if value.magnitude < 1e15, value == value.rounded(.towardZero), value != 0 || value.sign == .plus {
      number(Int64(value))
    } else {
      isRare = isRare || !value.isFinite || value == 0
      text.append(contentsOf: value.description.utf8)
    }
  }

  private mutating func date(_ date: Date) { number(date.timeIntervalSinceReferenceDate) }

  private mutating func list<Element>(_ elements: some Sequence<Element>, _ write: (inout Self, Element) -> Void) {
    text.append(0x5B)
    var isFirst = true
    for element in elements {
      if !isFirst { text.append(0x2C) }
      isFirst = false
      write(&self, element)
    }
    text.append(0x5D)
  }

  private mutating func write(_ observation: Observation) {
    raw("{\"components\":")
    list(observation.components) { $0.write($1) }
    if let origins = observation.derivedFrom {
      raw(",\"derivedFrom\":")
      list(origins) { $0.string($1.rawValue) }
    }
    raw(",\"device\":")
    string(observation.device.rawValue)
    raw(",\"effective\":{\"basis\":")
    string(observation.effective.basis.rawValue)
    switch observation.effective.span {
    case .instant(let date):
      raw(",\"span\":{\"instant\":{\"_0\":")
      self.date(date)
    case .period(let start, let end):
      raw(",\"span\":{\"period\":{\"_0\":")
      date(start)
      raw(",\"_1\":")
      date(end)
    }
    raw("}}},\"flags\":")
    list(observation.flags.map(\.rawValue).sorted()) { $0.string($1) }
    raw(",\"id\":")
    string(observation.id.rawValue)
    raw(",\"identity\":")
    string(observation.identity.rawValue)
    raw(",\"kind\":")
    string(observation.kind.rawValue)
    raw(",\"marks\":")
    list(observation.marks.map(\.rawValue).sorted()) { $0.string($1) }
    if let patient = observation.patient {
      raw(",\"patient\":")
      string(patient.rawValue)
    }
    raw(",\"provenance\":")
    write(observation.provenance)
    if let slot = observation.userSlot {
      raw(",\"userSlot\":")
      number(slot)
    }
    raw("}")
  }

  private mutating func write(_ component: ObservationComponent) {
    raw("{\"code\":")
    number(component.code.rawValue)
    if let statistic = component.statistic {
      raw(",\"statistic\":")
      string(statistic.rawValue)
    }
    switch component.value {
    case .quantity(let quantity):
      raw(",\"value\":{\"quantity\":{\"_0\":{\"unit\":")
      string(quantity.unit.rawValue)
      raw(",\"value\":")
      number(quantity.value)
      raw("}}}}")
    case .absent(let reason):
      raw(",\"value\":{\"absent\":{\"_0\":")
      string(reason.rawValue)
      raw("}}}")
    }
  }

  private mutating func write(_ provenance: Provenance) {
    raw("{\"authentication\":")
    string(provenance.authentication.rawValue)
    raw(",\"bytes\":")
    list(provenance.bytes) { $0.number($1) }
    if let offset = provenance.clockOffset {
      raw(",\"clockOffset\":")
      number(offset)
    }
    if let time = provenance.deviceTime {
      raw(",\"deviceTime\":{")
      if let day = time.day {
        raw("\"day\":")
        number(day)
        raw(",")
      }
      raw("\"hour\":")
      number(time.hour)
      raw(",\"minute\":")
      number(time.minute)
      if let month = time.month {
        raw(",\"month\":")
        number(month)
      }
      raw(",\"second\":")
      number(time.second)
      if let year = time.year {
        raw(",\"year\":")
        number(year)
      }
      raw("}")
    }
    raw(",\"driver\":")
    string(provenance.driver)
    raw(",\"format\":")
    string(provenance.format)
    raw(provenance.isSimulated ? ",\"isSimulated\":true" : ",\"isSimulated\":false")
    raw(",\"profile\":")
    string(provenance.profile)
    raw(",\"receivedAt\":")
    date(provenance.receivedAt)
    raw("}")
  }
}
