import Foundation
import USBHost

/// A HEM-790IT as libomron's documentation and logs describe it, at the level of transfers. Made from these facts, not from
/// the gateway's own code.
actor OmronUSBCuff: USBChannel {
  /// What a transfer does instead of what it should.
  enum Fault: Hashable {
    /// The device is unplugged at this transfer, and stays so.
    case removed
    case stalled
    case silent
    /// The next report has a wrong octet.
    case garbled
    /// The command is answered by NO.
    case refused
    /// The next report is one octet long.
    case short
  }

  nonisolated let device = USBDevice(
    location: .init(bus: 1, address: 5), vendor: 0x0590, product: 0x0028,
    interfaces: [
      .init(
        number: 0, classCode: 3,
        endpoints: [
          .init(address: 0x81, kind: .interrupt, packetSize: 8), .init(address: 0x02, kind: .interrupt, packetSize: 8),
        ])
    ])

  /// Thirteen octets each, newest first; nil: the cuff refuses the bank.
  private var banks: [[[UInt8]]?]
  /// By the number of the transfer, from 0.
  private var faults: [Int: Fault]
  private var transfers = 0
  private var isRemoved = false
  private var heard: [UInt8] = []
  private var waiting: [[UInt8]] = []
  private var tail: [UInt8] = [0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5]
  private(set) var commands: [String] = []
  private(set) var clearedHalts = 0

  init(_ banks: [[[UInt8]]?], faults: [Int: Fault] = [:]) {
    self.banks = banks
    self.faults = faults
  }

  var transferCount: Int { transfers }

  private func next() throws(USBFailure) -> Fault? {
    guard !isRemoved else { throw .removed }
    defer { transfers += 1 }
    switch faults[transfers] {
    case .removed:
      isRemoved = true
      throw .removed
    case .stalled: throw .stalled(endpoint: 0x81)
    case .silent: throw .timedOut
    case let fault: return fault
    }
  }

  func control(_ request: USBControlRequest, limit: Duration) async throws(USBFailure) -> [UInt8] {
    _ = try next()
    guard request.type == 0x21, request.request == 9, request.value == 0x0300, request.data.count == 2 else {
      throw .stalled(endpoint: 0)
    }
    return []
  }

  func send(_ bytes: [UInt8], to endpoint: UInt8, limit: Duration) async throws(USBFailure) {
    let fault = try next()
    guard endpoint == 0x02, bytes.count == 8, bytes[0] <= 7 else { throw .stalled(endpoint: endpoint) }
    heard += bytes[1...Int(bytes[0])]
    // A shorter report ends a command, and so does a whole one of twelve zeros.
    guard bytes[0] < 7 else { return }
    defer { heard = [] }
    if fault == .refused { return queue(Array("NO".utf8)) }
    answer(fault)
  }

  private func answer(_ fault: Fault?) {
    guard !heard.allSatisfy({ $0 == 0 }) else {
      commands.append("zeros")
      return queue(Array("OK".utf8))
    }
    let name = String(decoding: heard.prefix(3), as: UTF8.self)
    commands.append(name)
    var data: [UInt8]
    switch name {
    case "VER": data = Array("M7080IT 207".utf8)
    case "GDC":
      guard let bank = banks[Int(heard[4])] else { return queue(Array("NO".utf8)) }
      data = [0, 0x10, 0, UInt8(bank.count)]
    case "GME":
      guard let bank = banks[Int(heard[4])], Int(heard[6]) < bank.count, heard[7] == heard[4] ^ heard[6] else {
        return queue(Array("NO".utf8))
      }
      data = bank[Int(heard[6])]
    case "END": return queue([0x4F, 0x46, 0x46, 0x0D, 0x0A])
    default: return queue(Array("NO".utf8))
    }
    data.append(data.reduce(0, ^))
    queue([0x4F, 0x4B, 0] + data)
  }

  private func queue(_ answer: [UInt8]) {
    var rest = answer[...]
    while !rest.isEmpty {
      let part = rest.prefix(7)
      rest = rest.dropFirst(7)
      // What does not count is left from the report before.
      let report = part + tail[part.count...]
      tail = Array(report)
      waiting.append([UInt8(part.count)] + report)
    }
  }

  func receive(_ count: Int, from endpoint: UInt8, limit: Duration) async throws(USBFailure) -> [UInt8] {
    let fault = try next()
    guard !waiting.isEmpty else { throw .timedOut }
    var report = waiting.removeFirst()
    if fault == .garbled { report[2] ^= 0x04 }
    return fault == .short ? Array(report.prefix(1)) : report
  }

  func clearHalt(_ endpoint: UInt8) async throws(USBFailure) {
    guard !isRemoved else { throw .removed }
    clearedHalts += 1
  }

  func close() async {}
}
