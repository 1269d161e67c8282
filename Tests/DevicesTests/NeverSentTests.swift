import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import Testing
import WireFormats

/// What inflates the cuff, resets it or erases it is never written to a Viatom, wherever it comes from.
@Suite(.serialized, .timeLimit(.minutes(5))) struct NeverSentTests {
  static let never: [UInt8] = [0x04, 0x09, 0x0A, 0x24, 0x25, 0x39, 0xE2, 0xE3]
  static let written = BluetoothUUID("8b00ace7-eb0b-49b0-bbe9-9aee0a26e1a3")

  /// By long division.
  static func crc8(_ octets: [UInt8]) -> UInt8 {
    var rest = 0
    for bit in octets.flatMap({ octet in (0..<8).map { Int(octet >> (7 - $0)) & 1 } }) + [Int](repeating: 0, count: 8) {
      rest = rest << 1 | bit
      if rest & 0x100 != 0 { rest ^= 0x107 }
    }
    return UInt8(rest & 0xFF)
  }

  static func packet(_ opCode: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
    let octets = [0xA5, opCode, ~opCode, 0x00, 0x01, UInt8(payload.count), 0x00] + payload
    return octets + [crc8(octets)]
  }

  private static func permits(_ octets: [UInt8], to uuid: BluetoothUUID? = written) -> Bool {
    guard let uuid, let driver = Drivers.named("viatom-files") else { return true }
    return driver.permits(octets, to: uuid)
  }

  @Test func ofAllCommandsSixMayBeWritten() {
    let permitted = (UInt8.min...UInt8.max).filter { Self.permits(Self.packet($0)) }
    #expect(permitted == [0xE1, 0xEC, 0xF1, 0xF2, 0xF3, 0xF4])
    #expect(Set(permitted).isDisjoint(with: Self.never))
  }

  /// Behind a good one, before it, in its payload's place, in parts, or damaged.
  @Test func nothingElseIsAPacket() {
    let good = Self.packet(0xF4)
    #expect(Self.permits(good))
    for opCode in Self.never {
      let bad = Self.packet(opCode)
      #expect(!Self.permits(good + bad) && !Self.permits(bad + good))
      for end in 0..<bad.count { #expect(!Self.permits(Array(bad.prefix(end)))) }
      #expect(!Self.permits([0xA5, 0xF4, 0x0B, 0, 1, 0, 0, bad[7]]) || bad[7] == good[7])
    }
    for end in 0..<good.count { #expect(!Self.permits(Array(good.prefix(end)))) }
    // The device may have other characteristics that take commands.
    #expect(!Self.permits(good, to: BluetoothUUID(0xFFF2)))
    #expect(!Self.permits(good, to: BluetoothUUID("0734594a-a8e7-4b1a-a6b1-cd5243059a57")))
  }

  /// A profile that names such octets as the end of a visit: its check says so, and a visit by it does not write them.
  @Test(arguments: never) func alsoAProfileCannotHaveItSent(opCode: UInt8) async throws {
    let uuid = try #require(Self.written)
    for octets in [Self.packet(opCode), Self.packet(0xF4) + Self.packet(opCode)] {
      for end in [SessionPolicy.End.command(uuid, octets), .command(BluetoothUUID(0xFFF2), octets)] {
        var cuff = try ScriptedCuff("viatom/bp2w")
        cuff.profile.session.end = end
        cuff.profile.session.clockWrite = .always
        cuff.profile.session.records = .racp
        cuff.profile.session.clearsSubscriptions = true
        // The clock is written by the seventh command, to 2026-11-22 07:30:00.
        var set: [UInt8] = [0xA5, 0xEC, 0x13, 0, 7, 7, 0, 0xEA, 0x07, 11, 22, 7, 30, 0]
        set.append(Self.crc8(set))
        let taken: [UInt8] = [0xA5, 0xEC, 0x13, 1, 7, 0, 0]
        cuff.script.answers.append(
          .init(handle: 21, request: set, source: 18, values: [taken + [Self.crc8(taken)]]))
        #expect(try await cuff.visit() == .idle)
        #expect(await cuff.systolics == [133, 118, 126])
        #expect(cuff.script.written.last == set)
        Self.expectHarmless(cuff)
      }
    }
  }

  /// Whatever the device answers, and also when it says nothing.
  @Test func noAnswerHasItSent() async throws {
    for answer in 0..<(try ScriptedCuff("viatom/bp2w").script.answers.count) {
      for opCode in [Self.never[answer], Self.never[7 - answer]] {
        var cuff = try ScriptedCuff("viatom/bp2w")
        var octets = Self.packet(opCode)
        octets[3] = 0x01
        octets[7] = Self.crc8(Array(octets.dropLast()))
        cuff.script.answers[answer].values.insert(octets, at: 0)
        #expect(try await cuff.visit() == .idle)
        Self.expectHarmless(cuff)
      }
    }
  }

  private static func expectHarmless(_ cuff: ScriptedCuff) {
    let commands = cuff.writes.filter { $0.count > 2 }
    #expect(!commands.isEmpty)
    for command in commands {
      #expect(command[0] == 0xA5 && [0xE1, 0xEC, 0xF1, 0xF2, 0xF3, 0xF4].contains(command[1]))
      #expect(!never.contains(command[1]))
      #expect(command.count == 8 + Int(command[5]), "one packet and nothing behind it")
    }
  }

  /// The refusal stands in one place because all that is written goes through it.
  @Test func oneFileWritesValues() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Devices")
    let files = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
      .filter { $0.hasSuffix(".swift") }
    let writers = try files.filter { file in
      let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
      return text.contains("client.write") || text.contains("$0.write(") || text.contains("writeWithoutResponse(")
        || text.contains("writeLong(")
    }
    #expect(files.count > 30)
    #expect(writers.map { URL(filePath: $0).lastPathComponent } == ["WriteGate.swift"])
  }
}
