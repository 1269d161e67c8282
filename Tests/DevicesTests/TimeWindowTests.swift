import DeviceSimulator
import Devices
import Foundation
import Observations
import Testing

/// A device that switches off unless its clock and its subscription are written within five seconds of the link.
@Suite(.timeLimit(.minutes(5))) struct TimeWindowTests {
  private func visit(isKnown: Bool) async throws -> Visit {
    let library = ProfileLibrary.load([EveryProfileTests.directory]).library
    let profile = try #require(library.profile(named: "and/ua-651ble"))
    let table = try SimulatedDevice(profile).session.attributes
    return try await Visit(
      table, [.awaitSubscription(19), .indicate(18, Visit.reading), .wait(0.5), .indicate(18, Visit.reading)],
      cache: isKnown ? try await Visit.discovered(table) : nil, profile: profile)
  }

  @Test(arguments: [false, true])
  func clockAndSubscriptionAreWrittenInTime(isKnown: Bool) async throws {
    let visit = try await visit(isKnown: isKnown)
    #expect(await visit.run() == .idle)
    // Reckoned, not timed: what the visit waits for by itself (MTU, discovery, reading and writing the clock, subscribing
    // have four gaps), and a tenth of a second on the air for each request.
    let policy = visit.session.profile.session
    let subscribing: [UInt8] = [0x12, 19, 0, 2, 0]
    let requests = await visit.peripheral.transcript.filter { $0.direction == .toDevice }.map(\.pdu)
    let before = try #require(requests.firstIndex(of: subscribing)) + 1
    #expect(policy.settle >= .milliseconds(600))
    #expect(policy.settle + policy.settleBetween * 4 + .milliseconds(100) * before < .seconds(5), "\(before) requests")
    // The device has not waited for what it was only asked for.
    #expect(await visit.heard().prefix(3) == ["read 23", SessionPolicyTests.clockIsWritten(at: 23), "write 19: 02 00"])
    let heard = await visit.heard()
    #expect(heard.last == "write 19: 00 00")
    #expect(heard.count { $0 == "confirmation" } == 2)
    // Nothing is ever written to the maker's characteristic: some of its commands unpair, or delete the memory.
    #expect(!heard.contains { $0.hasPrefix("write 66") })
    #expect(await visit.sink.collector.collected.count == 2)
  }

  @Test func itIsLeftAloneAfterwards() throws {
    let library = ProfileLibrary.load([EveryProfileTests.directory]).library
    #expect(library.profile(named: "and/ua-651ble")?.session.pause == .seconds(40))
    #expect(library.profile(named: "sig/blood-pressure")?.session.pause == .zero)
  }
}
