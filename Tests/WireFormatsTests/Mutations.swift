/// Steele, Lea and Flood's SplitMix64: the same numbers from the same seed on every machine.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// 0 ..< limit. The last bit of evenness is not worth its time here.
  mutating func below(_ limit: Int) -> Int { Int(next() >> 33) % limit }

  mutating func octets(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 56) } }
}

/// For each golden value: every prefix (unless told otherwise) and itself, then `count` mutations. Going through it again
/// gives the same cases.
struct Mutations: Sequence, Sendable {
  struct Case {
    /// Which of the golden values it was.
    let index: Int
    let bytes: [UInt8]
  }

  let golden: [GoldenValue]
  let count: Int
  let seed: UInt64
  var withPrefixes = true

  func makeIterator() -> Iterator { Iterator(self) }

  struct Iterator: IteratorProtocol {
    private let mutations: Mutations
    private var index = 0
    /// Up to the size of the value a prefix of this size, then a mutation.
    private var step: Int
    private var random: SplitMix64

    init(_ mutations: Mutations) {
      self.mutations = mutations
      random = SplitMix64(seed: mutations.seed)
      step = 0
      start()
    }

    private mutating func start() {
      guard index < mutations.golden.count else { return }
      step = mutations.withPrefixes ? 0 : mutations.golden[index].bytes.count
      // Each value has its own run of numbers, so that a new golden value leaves the cases of those before it as they are.
      random = SplitMix64(seed: mutations.seed &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03)
    }

    mutating func next() -> Case? {
      guard index < mutations.golden.count else { return nil }
      let whole = mutations.golden[index].bytes
      if step > whole.count + mutations.count {
        index += 1
        start()
        return next()
      }
      defer { step += 1 }
      if step <= whole.count { return Case(index: index, bytes: Array(whole.prefix(step))) }
      var bytes = mutate(whole)
      if random.below(4) == 0 { bytes = mutate(bytes) }
      return Case(index: index, bytes: bytes)
    }

    private static let edges: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF]
    private static let specials: [UInt16] = [0x07FE, 0x07FF, 0x0800, 0x0801, 0x0802, 0xF7FF, 0xF800]
    private static let characters: [[UInt8]] = [
      Array("é".utf8), Array("ế".utf8), Array("🩺".utf8), [0xE9], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF],
      [0],
      [0x22], [0x5C], [0x0A],
    ]

    private mutating func mutate(_ original: [UInt8]) -> [UInt8] {
      var bytes = original
      switch random.below(12) {
      case 0, 1:  // some bits
        guard !bytes.isEmpty else { return random.octets(1) }
        for _ in 0...random.below(4) { bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8)) }
      case 2:  // an octet at the edge of something
        guard !bytes.isEmpty else { return [Self.edges[random.below(Self.edges.count)]] }
        bytes[random.below(bytes.count)] = Self.edges[random.below(Self.edges.count)]
      case 3:  // truncation
        bytes.removeLast(random.below(bytes.count + 1))
      case 4:  // extension
        bytes += random.octets(1 + random.below(8))
      case 5:  // noise
        bytes = random.octets(random.below(32))
      case 6:  // other flags, the rest as it was
        guard !bytes.isEmpty else { return random.octets(1) }
        bytes[0] = UInt8(random.below(256))
      case 7:  // other flags, and enough to follow them
        bytes = bytes.prefix(7) + random.octets(random.below(20))
        if !bytes.isEmpty { bytes[0] = UInt8(random.below(64)) }
      case 8:  // a special value
        guard bytes.count >= 2 else { return bytes + random.octets(1) }
        let word = Self.specials[random.below(Self.specials.count)]
        let at = random.below(bytes.count - 1)
        bytes[at] = UInt8(word & 0xFF)
        bytes[at + 1] = UInt8(word >> 8)
      case 9:  // an octet lost or doubled
        guard !bytes.isEmpty else { return random.octets(1) }
        let at = random.below(bytes.count)
        if random.below(2) == 0 { bytes.remove(at: at) } else { bytes.insert(bytes[at], at: at) }
      case 10:  // a part small enough for a calendar
        guard !bytes.isEmpty else { return random.octets(1) }
        bytes[random.below(bytes.count)] = UInt8(random.below(62))
      default:  // a character, whole or broken
        bytes.insert(
          contentsOf: Self.characters[random.below(Self.characters.count)], at: random.below(bytes.count + 1))
      }
      return bytes
    }
  }
}
