/// The records of a btsnoop file, version 1 (the format of Frontline's analysers, of Android's `btsnoop_hci.log` and of
/// `btmon -w`): a header of 16 octets, then records of 24 octets and a packet. Numbers are most significant octet first.
package struct BtsnoopFile: Sendable {
  /// What the packets of a file are wrapped in.
  package enum Datalink: UInt32, Hashable, Sendable {
    /// Bare HCI packets; the record's flags say which kind.
    case unencapsulated = 1001
    /// The packet's first octet says which kind (Core Specification Vol 4 Part A §2).
    case uart = 1002
    /// BlueZ's monitor: the flags are its opcode and the adapter's index.
    case monitor = 2001
  }

  /// One packet.
  package struct Record: Sendable {
    /// Where in the file the record begins.
    package var offset: Int
    /// Seconds since 1970, UTC.
    package var time: Double
    /// As the datalink has them.
    package var flags: UInt32
    /// May be cut: see ``isCut``.
    package var packet: ArraySlice<UInt8>
    /// The recorder kept less of the packet than there was.
    package var isCut: Bool
  }

  /// Why a file, or the rest of it, cannot be read.
  package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The first octets are not those of a btsnoop file.
    case notBtsnoop
    case version(UInt32)
    case datalink(UInt32)
    /// The file ends within a record that begins at this offset.
    case truncated(offset: Int, need: Int, have: Int)
    /// A length that no HCI packet has: what follows cannot be found.
    case implausibleLength(offset: Int, UInt32)

    package var description: String {
      switch self {
      case .notBtsnoop: "it is no btsnoop file: expected the octets 'btsnoop' and 0 at offset 0"
      case .version(let version): "its btsnoop version is \(version) (offset 8); 1 is known"
      case .datalink(let code):
        "its datalink type is \(code) (offset 12); known are 1001 (HCI), 1002 (HCI UART) and 2001 (btmon)"
      case .truncated(let offset, let need, let have):
        "it is cut off: the record at offset \(offset) needs \(need) octets and has \(have)"
      case .implausibleLength(let offset, let length):
        "the record at offset \(offset) says that it has \(length) octets, more than any HCI packet"
      }
    }
  }

  /// An HCI packet has at most a length of 16 bits behind a few octets.
  private static let longestPacket: UInt32 = 65_535 + 16
  /// Midnight of 2000-01-01 in microseconds since the year 0, as the format reckons, and in seconds since 1970.
  private static let year2000: (btsnoop: Int64, unix: Double) = (0x00E0_3AB4_4A67_6000, 946_684_800)

  package let datalink: Datalink
  /// Why reading stopped before the end of the file; nil while it has not, and at a sound end.
  package private(set) var failure: Failure?
  private let octets: [UInt8]
  private var position = 16

  /// Reads the header.
  package init(_ octets: [UInt8]) throws(Failure) {
    guard octets.starts(with: Array("btsnoop".utf8) + [0]) else { throw .notBtsnoop }
    guard octets.count >= 16 else { throw .truncated(offset: 0, need: 16, have: octets.count) }
    self.octets = octets
    let version = Self.word(octets, 8)
    guard version == 1 else { throw .version(version) }
    let code = Self.word(octets, 12)
    guard let datalink = Datalink(rawValue: code) else { throw .datalink(code) }
    self.datalink = datalink
  }

  private static func word(_ octets: [UInt8], _ offset: Int) -> UInt32 {
    octets[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The next record; nil at the end, or where ``failure`` says why there is no more.
  package mutating func next() -> Record? {
    guard failure == nil, position < octets.count else { return nil }
    let have = octets.count - position
    guard have >= 24 else {
      failure = .truncated(offset: position, need: 24, have: have)
      return nil
    }
    let original = Self.word(octets, position)
    let included = Self.word(octets, position + 4)
    guard included <= Self.longestPacket else {
      failure = .implausibleLength(offset: position, included)
      return nil
    }
    let need = 24 + Int(included)
    guard have >= need else {
      failure = .truncated(offset: position, need: need, have: have)
      return nil
    }
    let ticks = octets[position + 16..<position + 24].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let since2000 = Int64(bitPattern: ticks).subtractingReportingOverflow(Self.year2000.btsnoop)
    // A time that overflows is no time; the order of the records stands.
    let time = since2000.overflow ? 0 : Double(since2000.partialValue) / 1_000_000 + Self.year2000.unix
    let record = Record(
      offset: position, time: time, flags: Self.word(octets, position + 8),
      packet: octets[position + 24..<position + need], isCut: included < original)
    position += need
    return record
  }
}
