import Devices
import Foundation
import Glibc
import Logging
import Observations
import Store
import Testing

@testable import BluetoothLE
@testable import Gateway

/// A link is never read because something else was not there.
@Suite struct LinkRefusalTests {
  @Test(
    "a link that is left when the adapter was let go is refused, with and without a bond",
    arguments: [LinkAuthentication.bonded, .unauthenticated])
  func notArmed(authentication: LinkAuthentication) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "vitals-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let health = Health(logger: logger)
    let library = ProfileLibrary.load([IngestTests.profiles]).library
    let service = BluetoothService(
      registry: DeviceRegistry(store: store, library: library, logger: logger),
      ingest: Ingest(store: store, policy: IngestPolicy(rules: []), health: health, logger: logger),
      visits: VisitBoard(store: store, logger: logger), health: health, timeZone: .current,
      ownAddress: try #require(BluetoothAddress("C1:02:03:04:05:06", kind: .random)),
      constants: [:], logger: logger)
    let address = try #require(BluetoothAddress("F0:F1:F2:F3:F4:F5", kind: .random))
    let device = KnownDevice(
      id: KnownDevice.id(of: address), address: address, name: nil,
      profile: try #require(library.profile(named: "sig/blood-pressure")), authentication: authentication,
      database: nil, informationIsKnown: false, keepsSubscriptions: nil, clockOffset: nil, previousVisit: nil)
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    defer { Glibc.close(ends[1]) }
    // An indication in clear is waiting.
    let indication: [UInt8] = [0x1D, 3, 0, 0, 120, 0, 80, 0, 93, 0]
    #expect(send(ends[1], indication, indication.count, Int32(MSG_NOSIGNAL)) == indication.count)
    let link = IncomingLink(peer: address, local: nil, channel: SeqPacketChannel(fileDescriptor: ends[0]))
    let end = await service.serve(link, device)
    #expect(end == nil)
    #expect(link.channel.endReason == .closed)
    #expect(try await store.observations().isEmpty)
    // The adapter's going is no word about the device.
    #expect(health.warnings.isEmpty)
    // Closed with nothing said: no confirmation.
    var buffer = [UInt8](repeating: 0, count: 64)
    #expect(recv(ends[1], &buffer, buffer.count, 0) <= 0)
    try await store.close()
  }
}
