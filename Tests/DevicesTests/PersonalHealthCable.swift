import USBHost
import WireFormats

/// A cable with the agent of `Tests/Lab/peripherals/x73_agent.py` at its end, at the level of transfers.
actor PersonalHealthCable: USBChannel {
  enum Fault: Hashable {
    /// Unplugged at this transfer.
    case removed
    case stalled
    /// The transfer brings octets that are no APDU.
    case garbage
    /// The transfer is an empty packet.
    case empty
  }

  static let classDescriptors: [UInt8] = [4, 0x20, 2, 0, 6, 0x30, 0, 1, 0x07, 0x10]
  static let qualityOfService: [UInt8] = [4, 0x21, 1, 0x10]

  static func device(_ classDescriptors: [UInt8] = classDescriptors) -> USBDevice {
    USBDevice(
      location: .init(bus: 1, address: 9), vendor: 0x1209, product: 0x0F0F,
      interfaces: [
        .init(
          number: 0, classCode: 0x0F,
          endpoints: [
            .init(address: 0x81, kind: .bulk, packetSize: 64, classDescriptors: qualityOfService),
            .init(address: 0x02, kind: .bulk, packetSize: 64, classDescriptors: qualityOfService),
          ], classDescriptors: classDescriptors)
      ])
  }

  nonisolated let device: USBDevice
  private let agent: X73Agent
  /// What the agent is told, one after the other, whenever it has nothing more to say; then the cable is unplugged.
  private var steps: [String]
  private let faults: [Int: Fault]
  /// An APDU goes in pieces of so many octets; 0: what the agent says at once goes in one piece.
  private let pieces: Int?
  private var queue: [[UInt8]] = []
  private var heard: [UInt8] = []
  private var isRemoved = false
  private(set) var transfers = 0
  private(set) var clearedHalts = 0
  /// The APDUs that came from the manager, and the sizes of the transfers that brought them.
  private(set) var apdus: [[UInt8]] = []
  private(set) var sizes: [Int] = []

  init(
    _ agent: sending X73Agent, _ steps: [String], faults: [Int: Fault] = [:], pieces: Int? = nil,
    device: USBDevice = device()
  ) {
    self.agent = agent
    self.steps = steps
    self.faults = faults
    self.pieces = pieces
    self.device = device
  }

  func seen(_ name: String) -> Int { (try? agent.seen(name)) ?? -1 }
  func state() -> String { (try? agent.line("state")) ?? "" }

  private func next() throws(USBFailure) -> Fault? {
    guard !isRemoved else { throw .removed }
    defer { transfers += 1 }
    switch faults[transfers] {
    case .removed:
      unplug()
      throw .removed
    case .stalled: throw .stalled(endpoint: 0x81)
    case let fault: return fault
    }
  }

  private func unplug() {
    isRemoved = true
    queue = []
    _ = try? agent.line("cut")
  }

  private func say(_ apdus: [[UInt8]]) {
    guard let pieces else { return queue += apdus }
    if pieces == 0 { return queue += apdus.isEmpty ? [] : [Array(apdus.joined())] }
    for apdu in apdus {
      queue += stride(from: 0, to: apdu.count, by: pieces).map { Array(apdu[$0..<min($0 + pieces, apdu.count)]) }
    }
  }

  func control(_ request: USBControlRequest, limit: Duration) async throws(USBFailure) -> [UInt8] {
    throw .stalled(endpoint: 0)
  }

  func send(_ bytes: [UInt8], to endpoint: UInt8, limit: Duration) async throws(USBFailure) {
    guard endpoint == 0x02 else { throw .unsuitable(what: "endpoint") }
    _ = try next()
    sizes.append(bytes.count)
    heard += bytes
    while heard.count >= 4 {
      let size = 4 + Int(heard[2]) << 8 + Int(heard[3])
      guard heard.count >= size else { return }
      let apdu = Array(heard.prefix(size))
      heard.removeFirst(size)
      apdus.append(apdu)
      do {
        say(try agent.apdus(Hexadecimal.text(apdu)))
      } catch {
        throw .refused(operation: "the agent", reason: "\(error)")
      }
    }
  }

  func receive(_ count: Int, from endpoint: UInt8, limit: Duration) async throws(USBFailure) -> [UInt8] {
    guard endpoint == 0x81 else { throw .unsuitable(what: "endpoint") }
    let fault = try next()
    switch fault {
    case .garbage: return [0x00, 0x11, 0x22, 0x33, 0x44]
    case .empty: return []
    default: break
    }
    while queue.isEmpty {
      guard !steps.isEmpty else {
        unplug()
        throw .removed
      }
      do {
        say(try agent.apdus(steps.removeFirst()))
      } catch {
        throw .refused(operation: "the agent", reason: "\(error)")
      }
    }
    return queue.removeFirst()
  }

  func clearHalt(_ endpoint: UInt8) async throws(USBFailure) {
    guard !isRemoved else { throw .removed }
    clearedHalts += 1
  }

  func close() async {}
}
