import Foundation
import Testing
import USBHost

/// libusb as it is, on a machine with or without USB. With devices it is tried in the lab.
@Suite(.serialized) struct USBHostTests {
  private static func count(_ folder: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: folder).count
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
    let descriptors = try Self.count("/proc/self/fd")
    for _ in 0..<50 { try await cycle() }
    // Other tests run in this process: far fewer than a leak of fifty would be.
    #expect(try Self.count("/proc/self/fd") < descriptors + 25)
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
