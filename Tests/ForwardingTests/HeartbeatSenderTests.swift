import Foundation
import Testing

@testable import Forwarding

/// What monitors get, by a monitor that is not ours: Tests/Receivers/heartbeat_receiver.py.
@Suite struct HeartbeatSenderTests {
  private let well = HeartbeatReport(
    lastReading: Date(timeIntervalSince1970: 1_795_307_459), troubles: [], version: "1.2.3")
  private let ill = HeartbeatReport(lastReading: nil, troubles: ["store-not-committing"], version: "1.2.3")

  private struct Beat: Decodable {
    var path: String
    var beat: String
    var method: String
    var said: String
  }

  private func sender(
    _ receiver: TestReceiver, _ kind: HeartbeatSettings.Kind, _ path: String, allowsPrivate: Bool = true
  ) -> HeartbeatSender {
    HeartbeatSender(
      HeartbeatSettings(kind: kind, url: receiver.address + path, allowsPrivate: allowsPrivate), http: receiver.http)
  }

  @Test func everyKindIsSpokenToInItsWay() async throws {
    try await TestReceiver.run("heartbeat_receiver") { receiver in
      for (kind, path) in [
        (HeartbeatSettings.Kind.ping, "/beats/1"), (.healthchecks, "/3f0c-uuid?create=1"),
        (.uptimeKuma, "/api/push/TOKEN?status=up&msg=OK&ping="),
      ] {
        let sender = sender(receiver, kind, path)
        #expect(try await sender.send(well) == "127.0.0.1")
        _ = try await sender.send(ill)
      }
      let beats = receiver.lines(Beat.self)
      #expect(beats.map(\.beat) == ["up", "up", "up", "fail", "up", "fail"])
      #expect(beats.map(\.method) == ["POST", "POST", "POST", "POST", "GET", "GET"])
      #expect(
        beats.prefix(4).map(\.path) == ["/beats/1", "/beats/1", "/3f0c-uuid?create=1", "/3f0c-uuid/fail?create=1"])
      #expect(beats[2].said == #"{"lastReading":"2026-11-22T00:30Z","state":"ok","version":"1.2.3"}"#)
      #expect(beats[3].said == #"{"state":"trouble","troubles":["store-not-committing"],"version":"1.2.3"}"#)
      #expect(beats[4].said == "ok, last reading 2026-11-22T00:30Z")
      #expect(beats[5].said == "trouble: store-not-committing, no reading yet")
    }
  }

  @Test func whatIsRefusedSaysWhyWithoutTheAddress() async throws {
    try await TestReceiver.run("heartbeat_receiver") { receiver in
      for (kind, path) in [
        (HeartbeatSettings.Kind.healthchecks, "/unknown-SECRET"), (.uptimeKuma, "/api/push/unknown-SECRET"),
      ] {
        let fault = await #expect(throws: HeartbeatFault.self) { _ = try await sender(receiver, kind, path).send(well) }
        #expect(fault?.description.contains("does not know the address") == true)
        #expect(fault?.description.contains("SECRET") == false)
      }
      try await receiver.control(#"{"mode": "down", "times": 1}"#)
      let down = await #expect(throws: HeartbeatFault.self) {
        _ = try await sender(receiver, .ping, "/SECRET").send(well)
      }
      #expect(down?.description.contains("SECRET") == false)
      try await receiver.control(#"{"mode": "302", "times": 1}"#)
      let moved = await #expect(throws: HeartbeatFault.self) {
        _ = try await sender(receiver, .ping, "/SECRET").send(well)
      }
      #expect(moved?.description.contains("a redirect") == true)
      let inside = await #expect(throws: HeartbeatFault.self) {
        _ = try await sender(receiver, .ping, "/SECRET", allowsPrivate: false).send(well)
      }
      #expect(inside?.description.contains("private net") == true)
    }
  }

  @Test func theAddressMayBeAFileOfItsOwn() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "heartbeat-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try await TestReceiver.run("heartbeat_receiver") { receiver in
      let settings = HeartbeatSettings(urlFile: file.path(percentEncoded: false), allowsPrivate: true)
      let sender = HeartbeatSender(settings, http: receiver.http)
      let missing = await #expect(throws: HeartbeatFault.self) { _ = try await sender.send(well) }
      #expect(missing?.description.contains("can't be read") == true)
      try Data("# the monitor\n\(receiver.address)/SECRET\n".utf8).write(to: file)
      #expect(try await sender.send(well) == "127.0.0.1")
    }
  }
}
