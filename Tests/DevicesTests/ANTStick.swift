import Foundation
import Synchronization
import USBHost

/// An ANT stick at the level of transfers, by the message format of openant and not by the gateway's own code. It plays what
/// it is given once its channel is open, and lets the gateway's clock go on with it.
actor ANTStick: USBChannel {
  /// What happens next on the air, or on the cable.
  enum Step {
    /// So many seconds later these octets are sent, as one packet.
    case packet(after: TimeInterval, [UInt8])
    /// So many seconds later nothing has been sent.
    case nothing(after: TimeInterval)
    case stalled
    case removed
  }

  nonisolated let device = USBDevice(
    location: .init(bus: 1, address: 7), vendor: 0x0FCF, product: 0x1009,
    interfaces: [
      .init(
        number: 0, classCode: 0xFF,
        endpoints: [
          .init(address: 0x81, kind: .bulk, packetSize: 64), .init(address: 0x01, kind: .bulk, packetSize: 64),
        ])
    ])

  /// Our clock, which goes as the script says.
  nonisolated let clock = Mutex(Date(timeIntervalSince1970: 1_795_305_600))
  private var steps: [Step]
  private var answers: [[UInt8]] = []
  private var isOpen = false
  /// Command identifiers that it refuses, with the code that it gives.
  private let refused: [UInt8: UInt8]
  private(set) var commands: [[UInt8]] = []
  private(set) var clearedHalts = 0

  init(_ steps: [Step], refused: [UInt8: UInt8] = [:]) {
    self.steps = steps
    self.refused = refused
  }

  static func message(_ id: UInt8, _ content: [UInt8]) -> [UInt8] {
    let front = [0xA4, UInt8(content.count), id] + content
    return front + [front.reduce(0, ^)]
  }

  /// A strap's page, as broadcast.
  static func page(_ page: [UInt8], from number: Int = 12345) -> [UInt8] {
    message(
      0x4E, [0] + page + [0x80, UInt8(number & 0xFF), UInt8(number >> 8 & 0xFF), 120, UInt8(number >> 16) << 4 | 1])
  }

  func control(_ request: USBControlRequest, limit: Duration) async throws(USBFailure) -> [UInt8] {
    throw .stalled(endpoint: 0)
  }

  func send(_ bytes: [UInt8], to endpoint: UInt8, limit: Duration) async throws(USBFailure) {
    guard endpoint == 1, bytes.count >= 5, bytes.reduce(0, ^) == 0 else { throw .stalled(endpoint: endpoint) }
    commands.append(bytes)
    let id = bytes[2]
    if id == 0x4A {
      isOpen = false
      answers = [Self.message(0x6F, [0x20])]
    } else {
      answers.append(Self.message(0x40, [bytes[3], id, refused[id] ?? 0]))
      if id == 0x5B { isOpen = true }
    }
  }

  func receive(_ count: Int, from endpoint: UInt8, limit: Duration) async throws(USBFailure) -> [UInt8] {
    guard endpoint == 0x81 else { throw .stalled(endpoint: endpoint) }
    if !answers.isEmpty { return answers.removeFirst() }
    guard isOpen else {
      try? await Task.sleep(for: limit)
      throw .timedOut
    }
    guard !steps.isEmpty else { throw .removed }
    switch steps.removeFirst() {
    case .packet(let seconds, let octets):
      clock.withLock { $0 += seconds }
      return octets
    case .nothing(let seconds):
      clock.withLock { $0 += seconds }
      throw .timedOut
    case .stalled: throw .stalled(endpoint: endpoint)
    case .removed:
      steps = []
      throw .removed
    }
  }

  func clearHalt(_ endpoint: UInt8) async throws(USBFailure) { clearedHalts += 1 }
  func close() async {}
}
