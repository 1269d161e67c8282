import Foundation
import Testing

@testable import USBHost

/// libusb as it is, on a machine with or without USB. With devices it is tried in the lab.
@Suite(.serialized) struct USBHostTests {
  /// The timers this process holds as descriptors: libusb has one for each context, and the tests beside this one make few.
  private static func timers() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"))?.contains("timerfd") == true
    }
  }

  @Test("opened and closed, it leaves no descriptor and no event thread behind", .timeLimit(.minutes(1)))
  func leavesNothing() async throws {
    func cycle() async throws {
      let host = try USBHost()
      await host.close()
      await host.close()
      for await _ in host.events {}
    }
    // The first one makes what stays: libusb's own and the queue's threads.
    try await cycle()
    let timers = try Self.timers()
    for _ in 0..<50 { try await cycle() }
    #expect(try Self.timers() < timers + 25)
  }

  @Test("a descriptor that names endpoints and breaks off before the first has none")
  func describedAndNotThere() {
    #expect(UnsafeBufferPointer<UInt8>(described: nil, count: 3).isEmpty)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2) { room in
      room.initialize(repeating: 7)
      let start = room.baseAddress.map { UnsafePointer($0) }
      #expect(Array(UnsafeBufferPointer(described: start, count: 2)) == [7, 7])
      #expect(UnsafeBufferPointer(described: start, count: -1).isEmpty)
    }
  }

  @Test("a device that is not there cannot be opened", .timeLimit(.minutes(1)))
  func absent() async throws {
    let host = try USBHost()
    let device = USBDevice(
      location: .init(bus: 250, address: 250), vendor: 1, product: 1, interfaces: [])
    await #expect(throws: USBFailure.removed) {
      _ = try await host.open(device, interface: .init(number: 0, classCode: 3, endpoints: []))
    }
    await host.close()
    await #expect(throws: USBFailure.self) {
      _ = try await host.open(device, interface: .init(number: 0, classCode: 3, endpoints: []))
    }
  }
}
