import Foundation
import Logging
import Observations
import Store
import Synchronization
import Testing

@testable import Forwarding

/// Destinations that are exchanged while the service runs.
@Suite struct AdoptionTests {
  /// Nobody listens at this port: what is for it waits.
  private static func settings(_ name: String, port: Int = 9) -> DestinationSettings {
    var settings = DestinationSettings(
      id: DestinationID(rawValue: name), kind: "webhook", url: "http://127.0.0.1:\(port)/hook")
    settings.templateFile = "template"
    settings.templateText = "{}"
    settings.allowsPrivate = true
    return settings
  }

  @Test func whatIsAsItWasGoesOnUndisturbed() async throws {
    try await Household.run { household in
      let (family, chat) = (Self.settings("family"), Self.settings("chat"))
      try await household.forwarding([family, chat]) { service in
        let before = service.queues
        try await service.adopt([chat, Self.settings("family", port: 10)], timeZone: .gmt, answers: nil)
        let after = service.queues
        #expect(await service.standing().map(\.id.rawValue) == ["chat", "family"])
        #expect(after[0] === before[1], "the same")
        #expect(after[1] !== before[0], "another address, another queue")
        try await service.adopt([chat], timeZone: .gmt, answers: nil)
        #expect(service.queues.count == 1 && service.queues[0] === before[1])
        // Whatever a message is made with is part of it.
        let zone = try #require(TimeZone(identifier: "Asia/Ho_Chi_Minh"))
        try await service.adopt([chat], timeZone: zone, answers: nil)
        #expect(service.queues[0] !== before[1])
      }
    }
  }

  @Test func aKindThatThereIsNoneOfChangesNothing() async throws {
    try await Household.run { household in
      try await household.forwarding([Self.settings("family")]) { service in
        var wrong = Self.settings("chat")
        wrong.kind = "pigeon"
        await #expect(throws: DestinationFault.self) {
          try await service.adopt([wrong], timeZone: .gmt, answers: nil)
        }
        #expect(await service.standing().map(\.id.rawValue) == ["family"])
      }
    }
  }

  @Test func whatWaitsWithoutARowGoesToTheSuccessor() async throws {
    try await Household.run { household in
      try await household.forwarding([Self.settings("family")]) { service in
        var delivery = WebhookMessageTests.alert(notStored: true, patient: household.patient.id)
        delivery.destination = DestinationID(rawValue: "family")
        // Without it the queue lets go of what it is told, as soon as it has its turn.
        try await household.store.grantConsent(
          patient: household.patient.id, destination: delivery.destination, grantee: "somebody", relationship: "family",
          at: Household.moment)
        await service.tell([delivery])
        try await service.adopt([Self.settings("family", port: 10)], timeZone: .gmt, answers: nil)
        #expect(await service.queues[0].untold.map(\.idempotencyKey) == [delivery.idempotencyKey])
      }
    }
  }

  /// A reload may come in the moment in which the service begins.
  @Test func aQueueIsRunByOneTaskWheneverOthersAreAdopted() async throws {
    try await Household.run { household in
      for round in 0..<200 {
        let sleepers = Sleepers()
        let service = try ForwardingService(
          store: household.store, destinations: ["family", "chat", "neighbour"].map { Self.settings($0) },
          surroundings: Household.surroundings(OutboundHTTP()),
          log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
          clock: ForwardingClock(wall: { Date() }, wait: { bell, _ in await sleepers.sleep(by: bell) }))
        let task = Task { await service.run() }
        for _ in 0..<round % 5 { await Task.yield() }
        let changed = [Self.settings("family"), Self.settings("chat", port: 10), Self.settings("neighbour")]
        try await service.adopt(changed, timeZone: .gmt, answers: nil)
        try await eventually { sleepers.count >= 3 }
        task.cancel()
        await task.value
        #expect(sleepers.most == 1, "two tasks of one queue")
        #expect(sleepers.count == 0, "a task that nobody ended")
      }
    }
  }

  @Test func aDestinationSaysItsFaultBeforeItIsUsed() throws {
    #expect(Self.settings("family").fault() == nil)
    var wrong = Self.settings("family")
    wrong.secretFile = "/nowhere/secret"
    #expect(wrong.fault()?.field == "secret-file")
    wrong = Self.settings("family")
    wrong.templateText = "{{#data}}"
    #expect(wrong.fault()?.field == "template")
  }
}

/// Who sleeps by which bell, until the task is cancelled.
private final class Sleepers: Sendable {
  private struct State {
    var now: [ObjectIdentifier: Int] = [:]
    var most = 0
  }
  private let state = Mutex(State())

  /// Of all bells.
  var count: Int { state.withLock { $0.now.values.reduce(0, +) } }
  /// By one bell, ever.
  var most: Int { state.withLock { $0.most } }

  func sleep(by bell: WakeSignal) async {
    state.withLock { state in
      state.now[ObjectIdentifier(bell), default: 0] += 1
      state.most = max(state.most, state.now[ObjectIdentifier(bell)] ?? 0)
    }
    while (try? await Task.sleep(for: .milliseconds(1))) != nil {}
    state.withLock { $0.now[ObjectIdentifier(bell), default: 0] -= 1 }
  }
}
