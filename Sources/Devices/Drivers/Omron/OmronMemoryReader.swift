import WireFormats
import YAMLDocuments

/// Reads a profile's `memory`, against which the schema has been held.
struct OmronMemoryReader {
  let node: YAMLNode

  init(_ node: YAMLNode) { self.node = node }

  /// Nil where ``faults`` has something to say.
  var map: OmronMemoryMap? {
    guard faults.isEmpty, let record, let evidence = node["evidence"]?.text.flatMap(OmronMemoryMap.Evidence.init),
      let unlock
    else { return nil }
    return OmronMemoryMap(
      evidence: evidence, channels: channels, unlock: unlock, record: record, block: block, users: banks,
      index: block(node["index"], indexLayout), clock: block(node["clock"], clockLayout))
  }

  private func block<Layout: Hashable & Sendable>(
    _ node: YAMLNode?, _ layout: Layout?
  ) -> OmronMemoryMap.Block<Layout>? {
    guard let address = node?["address"]?.integer, let layout else { return nil }
    return .init(address: UInt16(clamping: address), layout: layout)
  }

  private var block: Int { node["block"]?.integer ?? 0 }

  /// The cuff sends a whole reply in as few pieces as the MTU allows, and commands are shorter than any.
  private var channels: OmronChannels { node["channels"]?.text == "modern" ? .modern(chunk: 20) : .classic }

  private var unlock: OmronMemoryMap.Unlock? {
    switch node["unlock"]?["kind"]?.text {
    case "token": return .token
    case "none": return OmronMemoryMap.Unlock.none
    default:
      guard let octets = try? Hexadecimal.bytes(node["unlock"]?["key"]?.text ?? "") else { return nil }
      return (try? OmronPairingKey(octets)).map { .key($0) }
    }
  }

  private var record: OmronRecordLayout? {
    let flags = node["flags"]?.text.flatMap(OmronRecordLayout.FlagOrder.init)
    func little(_ size: OmronRecordLayout.Size) -> OmronRecordLayout {
      OmronRecordLayout(size: size, wordOrder: .little, yearBits: .six, flagOrder: flags ?? .movementAbove)
    }
    switch node["record"]?.text {
    case "le-14": return little(.fourteen)
    case "le-16": return little(.sixteen)
    case "be-14": return .bigEndian14(yearBits: .eight, flagOrder: flags ?? .disputed)
    case "be-14-year-6": return .bigEndian14(yearBits: .six, flagOrder: flags ?? .disputed)
    default: return nil
    }
  }

  private var banks: [OmronMemoryMap.Bank] {
    (node["users"]?.items ?? []).map {
      .init(start: UInt16(clamping: $0["start"]?.integer ?? 0), slots: $0["slots"]?.integer ?? 0)
    }
  }

  private var indexLayout: OmronIndexLayout? {
    guard let index = node["index"], let order = index["words"]?.text.flatMap(OmronWordOrder.init) else { return nil }
    return OmronIndexLayout(
      size: index["size"]?.integer ?? 0, wordOrder: order,
      users: (index["users"]?.items ?? []).map {
        .init(cursorOffset: $0["cursor"]?.integer ?? -1, unreadOffset: $0["unread"]?.integer ?? -1)
      },
      cursorMask: UInt16(clamping: index["mask"]?.integer ?? 0xFF), cursorBias: index["bias"]?.integer ?? -1)
  }

  private var clockLayout: OmronClockLayout? {
    switch node["clock"]?["layout"]?.text {
    case "classic-mixed": .classicMixed
    case "linear-10": .linear10
    case "modern-offset8": .modernOffset8
    case "classic-offset8": .classicOffset8
    default: nil
    }
  }

  // MARK: Faults

  struct Fault {
    /// Below `memory`.
    var path: String
    var node: YAMLNode
    var message: String
  }

  /// What a schema can't say.
  var faults: [Fault] {
    guard let size = record?.size.rawValue else { return [] }
    var faults: [Fault] = []
    func report(_ path: String, _ node: YAMLNode?, _ message: String) {
      faults.append(Fault(path: path, node: node ?? self.node, message: message))
    }
    let most = channels.capacity - OmronFrame.overhead
    if block < size {
      report("block", node["block"], "\(block) is less than one record; expected \(size) or more")
    } else if block > most {
      report("block", node["block"], "\(block) is more than one frame carries; expected at most \(most)")
    }
    var taken: [(name: String, range: Range<Int>)] = []
    func take(_ name: String, _ start: Int, _ octets: Int, _ node: YAMLNode) {
      let range = start..<start + octets
      if range.upperBound > 0x1_0000 {
        report(name, node, "reaches beyond the memory: it would end at \(range.upperBound), and 65536 is the end")
      }
      if let other = taken.first(where: { $0.range.overlaps(range) }) {
        report(name, node, "lies over memory.\(other.name)")
      }
      taken.append((name, range))
    }
    for (number, bank) in banks.enumerated() {
      take("users[\(number)]", Int(bank.start), bank.slots * size, node["users"]?.items[number] ?? node)
    }
    if let index = node["index"] {
      take("index", index["address"]?.integer ?? 0, index["size"]?.integer ?? 0, index)
      let count = index["users"]?.items.count ?? 0
      if count != banks.count {
        report(
          "index.users", index["users"], "has \(count) entries; expected \(banks.count), one for each of memory.users")
      }
      if indexLayout == nil { report("index.users", index["users"], "names a word outside the block's size") }
    }
    if let clock = node["clock"], let layout = clockLayout {
      take("clock", clock["address"]?.integer ?? 0, layout.size, clock)
    }
    return faults
  }
}
