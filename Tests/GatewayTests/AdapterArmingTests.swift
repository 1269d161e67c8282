import BluetoothLE
import Foundation
import Glibc
import Testing

@testable import Gateway

/// The kernel's side of the management channel over a socket pair: answers what it is told to, writes down what it was sent.
private final class ScriptedKernel: Sendable {
  let ours: Int32
  private let kernel: Int32
  private let sent = Sent()

  private actor Sent {
    var codes: [UInt16] = []
    func add(_ code: UInt16) { codes.append(code) }
  }

  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    ours = ends[0]
    kernel = ends[1]
  }

  var codes: [UInt16] { get async { await sent.codes } }

  /// Answers each command with status 0 and the parameters that `answer` gives, or with the status that it gives.
  func run(_ answer: @escaping @Sendable (UInt16) -> (status: UInt8, parameters: [UInt8])) {
    let descriptor = kernel
    let sent = sent
    Thread.detachNewThread {
      var buffer = [UInt8](repeating: 0, count: 1024)
      while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 6 else { return }
        let code = UInt16(buffer[0]) | UInt16(buffer[1]) << 8
        let done = DispatchSemaphore(value: 0)
        Task {
          await sent.add(code)
          done.signal()
        }
        done.wait()
        let (status, parameters) = answer(code)
        let body = [buffer[0], buffer[1], status] + parameters
        // Command Complete (0x0001) with parameters, Command Status (0x0002) for a refusal.
        let event: [UInt8] =
          [status == 0 ? 1 : 2, 0, buffer[2], buffer[3], UInt8(body.count & 0xFF), UInt8(body.count >> 8)] + body
        _ = send(descriptor, event, event.count, Int32(MSG_NOSIGNAL))
      }
    }
  }
}

@Suite struct AdapterArmingTests {
  /// Read Controller Information: address, version, manufacturer, supported, current, class, name (280 octets).
  private static func information(supported: UInt32, current: UInt32) -> [UInt8] {
    func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    return [0x01, 0, 0, 0, 0, 0xC0, 9, 0xF1, 0x05] + word(supported) + word(current) + [0, 0, 0]
      + [UInt8](repeating: 0, count: 260)
  }

  private static let everything: UInt32 = 1 << 0 | 1 << 4 | 1 << 7 | 1 << 9 | 1 << 11
  private static let address = BluetoothAddress("C1:02:03:04:05:06", kind: .random)

  private func arm(
    current: UInt32, connections: [UInt8] = [0, 0], refusing: [UInt16: UInt8] = [:]
  ) async throws -> (outcome: AdapterArming.Outcome, codes: [UInt16]) {
    let kernel = try ScriptedKernel()
    kernel.run { code in
      if let status = refusing[code] { return (status, []) }
      switch code {
      case 0x0004: return (0, Self.information(supported: Self.everything, current: current))
      case 0x0015: return (0, connections)
      case 0x0014: return (0, Array(connections.dropFirst(2).prefix(7)))
      default: return (0, [])
      }
    }
    let management = Management(fileDescriptor: kernel.ours)
    let keys = AdapterKeys(
      ownAddress: try #require(Self.address), longTermKeys: [], identityResolvingKeys: [])
    let outcome = try await AdapterArming(management: management, index: AdapterIndex(rawValue: 0), keys: keys).run()
    await management.close()
    return (outcome, await kernel.codes)
  }

  @Test("a dual-mode adapter that is on: off, LE only, our address, keys, on, and only then links")
  func order() async throws {
    let (outcome, codes) = try await arm(current: 1 << 0 | 1 << 7 | 1 << 9)
    // Information, power off, BR/EDR off, Secure Connections, bondable off, static address, IRKs, LTKs, system
    // configuration, nothing awaited, power on, connections.
    #expect(codes == [0x0004, 0x0005, 0x002A, 0x002D, 0x0009, 0x002B, 0x0030, 0x0013, 0x004C, 0x0034, 0x0005, 0x0015])
    #expect(!outcome.refusedOwnAddress)
    #expect(outcome.address == Self.address)
  }

  @Test("LE is switched on before BR/EDR can be switched off")
  func lowEnergyFirst() async throws {
    let (_, codes) = try await arm(current: 1 << 7)
    let lowEnergy = try #require(codes.firstIndex(of: 0x000D))
    let classic = try #require(codes.firstIndex(of: 0x002A))
    #expect(lowEnergy < classic)
  }

  @Test("identity resolving keys are loaded although there are none")
  func emptyList() async throws {
    let (_, codes) = try await arm(current: 1 << 9)
    #expect(codes.contains(0x0030))
  }

  @Test("links of a previous life are ended")
  func leftOverLinks() async throws {
    let (outcome, codes) = try await arm(
      current: 1 << 9, connections: [1, 0, 0xF5, 0xF4, 0xF3, 0xF2, 0xF1, 0xF0, 2])
    #expect(outcome.endedLinks == 1)
    #expect(codes.last == 0x0014)
  }

  @Test("an adapter that does not take our address is used with its own, and says so")
  func refusedAddress() async throws {
    let (outcome, codes) = try await arm(current: 1 << 9, refusing: [0x002B: 0x0C])
    #expect(outcome.refusedOwnAddress)
    #expect("\(outcome.address)" == "C0:00:00:00:00:01")
    #expect(codes.contains(0x0015))
  }

  @Test("a kernel that does not know the autoconnect timeout is good enough")
  func oldKernel() async throws {
    let (_, codes) = try await arm(current: 1 << 9, refusing: [0x004C: 0x01])
    #expect(codes.last == 0x0015)
  }

  @Test("without the permission it says so, and goes no further")
  func permission() async throws {
    await #expect { _ = try await arm(current: 1 << 9, refusing: [0x0009: 0x14]) } throws: { error in
      (error as? ManagementError)?.status == .permissionDenied
    }
  }
}

@Suite struct BackoffTests {
  @Test("two failures may be chance; then 10, 20, 30 s and never more; a success forgets")
  func steps() {
    var backoff = Backoff()
    #expect(
      (0..<7).map { _ in backoff.failed() } == [
        nil, nil, .seconds(10), .seconds(20), .seconds(30), .seconds(30), .seconds(30),
      ])
    backoff.succeeded()
    #expect(backoff.failed() == nil)
  }
}
