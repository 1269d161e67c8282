import Foundation
import Synchronization
import USBHost

/// A full Omron HEM-790IT in this process, at the level of transfers, by libomron's documentation and logs: it answers at
/// once, so that whatever takes time is not the device. Made from these facts, not from the gateway's code.
final class CuffMemory: USBChannel {
  /// One transfer, as its caller made it.
  enum Transfer: Sendable {
    case control(USBControlRequest)
    case out([UInt8])
    case `in`
  }

  private struct State {
    var heard: [UInt8] = []
    var waiting: ArraySlice<[UInt8]> = []
    var transfers: [Transfer] = []
    /// Transfers in that brought nothing.
    var empty = 0
  }

  let device = USBDevice(
    location: .init(bus: 1, address: 5), vendor: 0x0590, product: 0x0028,
    interfaces: [
      .init(
        number: 0, classCode: 3,
        endpoints: [
          .init(address: 0x81, kind: .interrupt, packetSize: 8), .init(address: 0x02, kind: .interrupt, packetSize: 8),
        ])
    ])

  /// Thirteen octets each, newest first. A count is one octet, so that a bank has 255 at most.
  private let banks: [[[UInt8]]]
  private let state = Mutex(State())

  init(_ banks: [[[UInt8]]]) { self.banks = banks }

  /// Two users' readings, each at a minute of its own.
  static func banks(of counts: [Int]) -> [[[UInt8]]] {
    counts.enumerated().map { user, count in
      (0..<count).reversed().map { number in
        let (day, minute) = (number / 24, number % 24 * 2 + user)
        return [
          25, UInt8(1 + day / 28), UInt8(1 + day % 28), 7, UInt8(minute), 0, 0, 0, UInt8(110 + number % 40),
          UInt8(70 + number % 20), UInt8(60 + number % 30), 0, 0,
        ]
      }
    }
  }

  /// What was asked of it so far.
  var transfers: [Transfer] { state.withLock { $0.transfers } }
  /// How many of them brought nothing.
  var emptyTransfers: Int { state.withLock { $0.empty } }

  func control(_ request: USBControlRequest, limit: Duration) async throws(USBFailure) -> [UInt8] {
    state.withLock { $0.transfers.append(.control(request)) }
    guard request.type == 0x21, request.request == 9, request.value == 0x0300, request.data.count == 2 else {
      throw .stalled(endpoint: 0)
    }
    return []
  }

  func send(_ bytes: [UInt8], to endpoint: UInt8, limit: Duration) async throws(USBFailure) {
    let isWell = state.withLock { state in
      state.transfers.append(.out(bytes))
      guard endpoint == 0x02, bytes.count == 8, bytes[0] <= 7 else { return false }
      state.heard += bytes[1..<1 + Int(bytes[0])]
      guard bytes[0] < 7 else { return true }
      state.waiting += Self.reports(answer(state.heard))[...]
      state.heard = []
      return true
    }
    guard isWell else { throw .stalled(endpoint: endpoint) }
  }

  func receive(_ count: Int, from endpoint: UInt8, limit: Duration) async throws(USBFailure) -> [UInt8] {
    let report = state.withLock { state in
      state.transfers.append(.in)
      if state.waiting.isEmpty { state.empty += 1 }
      return state.waiting.popFirst()
    }
    guard let report else { throw .timedOut }
    return report
  }

  func clearHalt(_ endpoint: UInt8) async throws(USBFailure) {}
  func close() async {}

  private func answer(_ command: [UInt8]) -> [UInt8] {
    guard command.contains(where: { $0 != 0 }) else { return Array("OK".utf8) }
    let data: [UInt8]
    switch String(decoding: command.prefix(3), as: UTF8.self) {
    case "VER": data = Array("M7080IT 207".utf8)
    case "GDC" where command.count == 8 && Int(command[4]) < banks.count:
      data = [0, 0x10, 0, UInt8(banks[Int(command[4])].count)]
    case "GME"
    where command.count == 8 && Int(command[4]) < banks.count && Int(command[6]) < banks[Int(command[4])].count:
      data = banks[Int(command[4])][Int(command[6])]
    case "END": return [0x4F, 0x46, 0x46, 0x0D, 0x0A]
    default: return Array("NO".utf8)
    }
    return [0x4F, 0x4B, 0] + data + [data.reduce(0, ^)]
  }

  private static func reports(_ answer: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: answer.count, by: 7).map { start in
      let part = answer[start..<min(start + 7, answer.count)]
      return [UInt8(part.count)] + part + [UInt8](repeating: 0, count: 7 - part.count)
    }
  }
}
