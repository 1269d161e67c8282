import Devices
import Foundation
import Glibc
import Logging
import Observations
import Store
import Synchronization
import Testing

@testable import BluetoothLE
@testable import Gateway

/// A gateway whose adapter is armed, over a management channel that the test plays: the kernel takes every command, and what
/// it was told is written down. No link ever arrives.
struct ArmedHouse {
  /// What the kernel was told: the command's code and its parameters.
  struct Told: Hashable, Sendable {
    var code: UInt16
    var parameters: [UInt8]
  }

  /// The kernel's end of the management channel.
  final class Kernel: Sendable {
    private let told = Mutex<[Told]>([])
    private let channel: SeqPacketChannel

    init(_ descriptor: Int32) {
      channel = SeqPacketChannel(fileDescriptor: descriptor)
      channel.start()
    }

    /// Answers each command with success and no parameters, in a task of its own, until the channel ends.
    func run() {
      Task {
        for await packet in channel.incoming where packet.count >= 6 {
          told.withLock {
            $0.append(Told(code: UInt16(packet[0]) | UInt16(packet[1]) << 8, parameters: Array(packet[6...])))
          }
          // Command Complete (0x0001) of the adapter that was addressed.
          try? channel.send([1, 0, packet[2], packet[3], 3, 0, packet[0], packet[1], 0])
        }
      }
    }

    var all: [Told] { told.withLock { $0 } }

    /// The actions of Add Device (0x0033) that `peer` was added with, oldest first: 0 report, 2 connect.
    func actions(of peer: BluetoothAddress) -> [UInt8] {
      all.filter { $0.code == 0x0033 && Array($0.parameters.prefix(6)) == peer.wire }.compactMap(\.parameters.last)
    }
  }

  /// What the log was told.
  struct Lines: LogHandler {
    final class Book: Sendable {
      private let lines = Mutex<[String]>([])
      func add(_ line: String) { lines.withLock { $0.append(line) } }
      var all: [String] { lines.withLock { $0 } }
    }

    let book: Book
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { book.add("\(event.message)") }
  }

  let store: Store
  let health: Health
  let service: BluetoothService
  let kernel: Kernel
  let library: ProfileLibrary
  let book: Lines.Book

  /// Runs `body` in a new house.
  static func with(_ body: (ArmedHouse) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "vitals-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let book = Lines.Book()
    let logger = Logger(label: "test", factory: { _ in Lines(book: book) })
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let health = Health(logger: logger)
    let library = ProfileLibrary.load([IngestTests.profiles]).library
    let own = try #require(BluetoothAddress("C1:02:03:04:05:06", kind: .random))
    let service = BluetoothService(
      registry: DeviceRegistry(store: store, library: library, logger: logger),
      ingest: Ingest(store: store, policy: IngestPolicy(rules: []), health: health, logger: logger),
      visits: VisitBoard(store: store, logger: logger), health: health, timeZone: .current, ownAddress: own,
      constants: [:], logger: logger)
    var channel: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &channel) == 0)
    var listening: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &listening) == 0)
    defer { Glibc.close(listening[1]) }
    let kernel = Kernel(channel[1])
    kernel.run()
    let management = Management(fileDescriptor: channel[0])
    await service.play(management, ATTListener(listening: listening[0]), own)
    try await body(
      ArmedHouse(store: store, health: health, service: service, kernel: kernel, library: library, book: book))
    await management.close()
    try await store.close()
  }

  /// A cuff with the standard service; nothing of it is stored.
  func cuff(
    _ text: String = "F0:F1:F2:F3:F4:F5", pause: Duration = .zero, authentication: LinkAuthentication = .bonded
  ) throws -> KnownDevice {
    let address = try #require(BluetoothAddress(text, kind: .random))
    var profile = try #require(library.profile(named: "sig/blood-pressure"))
    profile.session.pause = pause
    return KnownDevice(
      id: KnownDevice.id(of: address), address: address, name: "UA-651", profile: profile,
      authentication: authentication, database: nil, informationIsKnown: false, keepsSubscriptions: nil,
      clockOffset: nil, previousVisit: nil)
  }

  /// A key of this address.
  static func key(of address: BluetoothAddress, _ octet: UInt8 = 1) throws -> LongTermKey {
    try #require(
      LongTermKey(
        address: address, kind: .unauthenticatedSecureConnections, central: 1, size: 16, diversifier: 0,
        random: [UInt8](repeating: 0, count: 8), value: [UInt8](repeating: octet, count: 16)))
  }

  /// Comes back when this is so; a machine that is starved takes its time.
  func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
  }
}

extension BluetoothService {
  fileprivate func play(_ management: Management, _ listener: ATTListener, _ own: BluetoothAddress) {
    self.management = management
    armed = Armed(index: AdapterIndex(rawValue: 0), address: own, listener: listener, links: Task {})
  }

  func learn(_ device: KnownDevice) { devices[device.address] = device }
  func enter(_ pairing: PairingLink, _ peer: BluetoothAddress) { pairings[peer] = pairing }
}
