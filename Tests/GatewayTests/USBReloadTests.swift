import Devices
import Foundation
import Logging
import Observations
import Store
import Testing
import USBHost

@testable import Gateway

/// Another configuration, and what is plugged in already. The devices have no interface: what is read of one stands in the
/// lab.
@Suite(.timeLimit(.minutes(5))) struct USBReloadTests {
  private static func device(_ address: UInt8) -> USBDevice {
    USBDevice(location: .init(bus: 250, address: address), vendor: 0x0590, product: 0x0028, interfaces: [])
  }

  private static func service(_ store: Store, _ ant: Configuration.ANT, _ logger: Logger) -> USBService {
    let health = Health(logger: logger)
    return USBService(
      store: store, library: ProfileLibrary([]),
      ingest: Ingest(store: store, policy: IngestPolicy(rules: []), health: health, logger: logger),
      visits: VisitBoard(store: store, logger: logger), health: health, timeZone: .current, constants: [:],
      straps: ANTStraps(ant), logger: logger)
  }

  @Test func aProfileThatComesByAReloadReadsWhatIsPluggedIn() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let book = ArmedHouse.Lines.Book()
    let logger = Logger(label: "test", factory: { _ in ArmedHouse.Lines(book: book) })
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let ant = Configuration.ANT()
    let known = try #require(ProfileLibrary.load([IngestTests.profiles]).library.profile(named: "omron/hem-790it"))
    let service = Self.service(store, ant, logger)
    let host = try USBHost()
    let (stays, goes) = (Self.device(1), Self.device(2))
    for device in [stays, goes] { await service.handle(.arrived(device), host) }
    await service.handle(.left(goes), host)
    #expect(book.all.isEmpty)
    // Twice: what is read is not begun again.
    for _ in 1...2 {
      await service.adopt(ProfileLibrary([known]), timeZone: .current, constants: [:], ant: ant)
    }
    #expect(book.all.filter { $0.contains("plugged in") } == ["\(stays) is plugged in"])
    await service.handle(.left(stays), host)
    await host.close()
    try await store.close()
  }

  /// The host is closed after `serve`, and libusb's context with it.
  @Test func whatWasUnpluggedHasEndedBeforeTheHostIsClosed() async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let service = Self.service(store, Configuration.ANT(), Logger(label: "test"))
    let host = try USBHost()
    let book = ArmedHouse.Lines.Book()
    let serving = Task {
      await service.serve(host)
      book.add("served")
    }
    let reading = Task {
      try? await Task.sleep(for: .seconds(3600))
      // As long as closing a channel takes.
      for _ in 0..<1000 { await Task.yield() }
      book.add("read")
    }
    await service.depart(reading)
    serving.cancel()
    await serving.value
    await reading.value
    #expect(book.all == ["read", "served"])
    await host.close()
    try await store.close()
  }
}
