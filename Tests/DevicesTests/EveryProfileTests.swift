import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing
import YAMLDocuments

/// Every folder under DeviceProfiles: the profile, each of its sessions, and what that session must give.
@Suite struct EveryProfileTests {
  static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "DeviceProfiles")

  struct Session: Sendable, CustomTestStringConvertible {
    let profile: DeviceProfile
    let session: String
    let expected: String
    var testDescription: String { "\(profile.name)/\(session)" }
  }

  static let sessions = ProfileLibrary.load([directory]).library.profiles.flatMap { profile in
    SessionCheck.sessions(of: profile).map { Session(profile: profile, session: $0.session, expected: $0.expected) }
  }

  @Test func theFilesAreSound() {
    #expect(ProfileCheck.check([Self.directory]) == [])
    let library = ProfileLibrary.load([Self.directory]).library
    #expect(SessionCheck.check(library) == [])
    #expect(
      library.profiles.map(\.name).filter { $0.hasPrefix("sig/") }
        == ["sig/blood-pressure", "sig/heart-rate", "sig/pulse-oximeter"])
    #expect(Self.sessions.count >= library.profiles.count { !$0.recognition.isWired })
  }

  @Test(.timeLimit(.minutes(5)), arguments: sessions)
  func givesWhatIsExpected(session: Session) async throws {
    let device = try SimulatedDevice(session.profile, session: session.session)
    let library = ProfileLibrary.load([Self.directory]).library
    // One of many that advertise the same is recognised when a person has named it.
    let matcher = DeviceMatcher(session.profile.recognition.isChosen ? ProfileLibrary([session.profile]) : library)
    #expect(matcher.match(device.advertisement)?.profile.name == session.profile.name)
    let folder = try #require(session.profile.folder)
    let expectation = try Expectation(contentsOf: folder.appending(path: session.expected))
    let outcome = try await Replay(device).run()
    for difference in await expectation.differences(outcome.collector) { Issue.record("\(difference)") }
    guard session.profile.memory == nil else {
      // What is read from a memory is not confirmed, and nothing is written to it.
      #expect(outcome.end == .idle)
      #expect(await outcome.peripheral?.confirmations == 0)
      let commands = await outcome.peripheral?.memory?.commands ?? []
      #expect(!commands.isEmpty && !commands.contains { $0.count > 8 && $0[1] == 0x01 && $0[2] == 0xC0 })
      return
    }
    if let script = await outcome.peripheral?.script {
      // Notifications are not confirmed, and nothing was written that the session does not answer.
      #expect(await outcome.peripheral?.confirmations == 0)
      #expect(!script.written.isEmpty && script.unexpected.isEmpty)
      switch outcome.end {
      case .idle, .linkEnded: break
      default: Issue.record("\(outcome.end)")
      }
      return
    }
    // Every reading that the device indicated and that was kept was confirmed, in the same order.
    // A window of a stream has no bytes, and nothing of it is confirmed.
    let collected = await outcome.collector.collected.filter { !$0.observation.provenance.bytes.isEmpty }
    #expect(await outcome.collector.sent == collected.map(\.observation.id))
    let answers = device.session.steps.count { step in
      guard case .indicate(let handle, _, _) = step else { return false }
      return device.session.attributes.contains { $0.handle == handle && $0.type == BluetoothUUID(0x2A52) }
    }
    #expect(await outcome.peripheral?.confirmations ?? 0 == collected.count + answers)
  }

  /// The schemas that editors use are those that the program holds.
  @Test(arguments: ["profile", "session", "expected"])
  func editorsFindTheSchemas(name: String) throws {
    let text = try String(contentsOf: Self.directory.appending(path: "\(name).schema.json"), encoding: .utf8)
    _ = try JSONSchema(json: text, name: name)
  }
}
