import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import LocalAPI
import Logging
import Observations
import Store
import Testing

@testable import Gateway

/// What is told of visits while they go on and when they have ended, the same for a radio and for a cable.
@Suite struct VisitBoardTests {
  private static let radio = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
  private static let cable = DeviceID(rawValue: "usb:0590:0028")
  private let morning = Date(timeIntervalSince1970: 1_795_307_400)

  private func with(_ body: (VisitBoard, Store) async throws -> Void) async throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    for (id, name, authentication) in [
      (Self.radio, "UA-651", LinkAuthentication.bonded), (Self.cable, "HEM-790IT", .wired),
    ] {
      try await store.saveDevice(
        DeviceRecord(
          description: DeviceDescription(
            id: id, address: nil, name: name, profile: "a/b", information: DeviceInformation()),
          addressKind: nil, authentication: authentication, pairedAt: morning))
    }
    try await body(
      VisitBoard(store: store, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })), store)
    try await store.close()
  }

  @Test("how far a visit is, then how it ended", arguments: [radio, cable])
  func oneVisit(device: DeviceID) async throws {
    try await with { board, store in
      #expect(await board.visits().isEmpty)
      let visit = board.begin(device, at: morning)
      #expect(await board.visits().map(\.progress) == [.init(since: Timestamp(morning), readings: 0)])
      visit.note(.record(number: 12, of: 40))
      visit.note(.recordUnreadable(user: 1, reason: "month 13"))
      #expect(
        await board.visits() == [
          DeviceVisit(
            id: device.rawValue, name: device == Self.radio ? "UA-651" : "HEM-790IT",
            progress: .init(since: Timestamp(morning), readings: 0, record: 12, records: 40))
        ])
      let later = morning.addingTimeInterval(30)
      await board.end(visit, "\(SessionEnd.idle)", at: later)
      let shown = await board.visits()
      #expect(shown.map(\.progress) == [nil])
      #expect(
        shown.map(\.lastEnd) == [
          .init(at: Timestamp(later), reason: "The device had nothing more to say.", kind: DeviceVisit.EndKind.idle)
        ])
      let kept = try await store.device(device)
      #expect(kept?.lastVisit == later)
    }
  }

  @Test("readings are counted as the driver tells of them")
  func readings() async throws {
    try await with { board, _ in
      let profile = try #require(
        ProfileLibrary.load([IngestTests.profiles]).library.profile(named: "sig/blood-pressure"))
      let driver = try #require(Drivers.named(profile.driver))
      let device = try SimulatedDevice(profile, session: "session-severe.yaml")
      let (channel, peripheral) = try await device.connect(zone: .current)
      let client = GATTClient(channel: channel)
      await client.start()
      let visit = board.begin(Self.radio)
      let collector = ReplayCollector()
      let end = await driver.run(
        DeviceSession(
          device: device.device, profile: profile, client: client, authentication: .bonded, isSimulated: true,
          timeZone: .current, sink: collector, progress: { visit.note($0) }))
      await client.close()
      withExtendedLifetime(peripheral) {}
      #expect(visit.readings > 0, "\(end)")
      #expect(await board.visits().first?.progress?.readings == visit.readings)
    }
  }

  @Test("a visit that ends late does not end the next one")
  func overlapping() async throws {
    try await with { board, _ in
      let first = board.begin(Self.radio, at: morning)
      let second = board.begin(Self.radio, at: morning.addingTimeInterval(60))
      await board.end(first, "\(SessionEnd.cancelled)", at: morning.addingTimeInterval(61))
      let shown = try #require(await board.visits().first)
      #expect(shown.progress?.since == Timestamp(second.since))
      #expect(shown.lastEnd?.kind == DeviceVisit.EndKind.cancelled)
      board.drop(second)
      #expect(await board.visits().first?.progress == nil)
    }
  }

  @Test(
    "the ends that are the same each time are known by their sentence",
    arguments: [
      (SessionEnd.idle, DeviceVisit.EndKind.idle), (.cancelled, DeviceVisit.EndKind.cancelled),
      (.linkEnded(reason: "the device was unplugged"), DeviceVisit.EndKind.linkEnded),
      (.notStored(reason: "The disk is full."), DeviceVisit.EndKind.notStored), (.noAnswer(to: "Opening it"), nil),
      (.locked(reason: "It holds another key."), nil), (.requestFailed(what: "Reading", reason: "It refused."), nil),
      (.damaged(what: "Reading", reason: "A checksum."), nil),
    ] as [(SessionEnd, String?)])
  func kinds(end: SessionEnd, kind: String?) async throws {
    try await with { board, _ in
      await board.ended(Self.cable, "\(end)", at: morning)
      #expect(await board.visits().map(\.lastEnd) == [.init(at: Timestamp(morning), reason: "\(end)", kind: kind)])
    }
  }

  @Test("agents on one cable are visits one after the other")
  func agents() async throws {
    try await with { board, _ in
      let agents = AgentVisits(board)
      await agents.end("nothing goes on")
      await agents.begin(Self.cable)
      agents.note(.record(number: 1, of: 2))
      await agents.begin(Self.cable)
      #expect(await board.visits().first?.progress?.records == 2)
      await agents.begin(Self.radio)
      let shown = await board.visits()
      #expect(shown.first { $0.id == Self.cable.rawValue }?.lastEnd?.kind == DeviceVisit.EndKind.linkEnded)
      #expect(shown.first { $0.id == Self.cable.rawValue }?.progress == nil)
      #expect(shown.first { $0.id == Self.radio.rawValue }?.progress != nil)
      await agents.end("\(SessionEnd.idle)")
      #expect(await board.visits().allSatisfy { $0.progress == nil && $0.lastEnd != nil })
    }
  }
}
