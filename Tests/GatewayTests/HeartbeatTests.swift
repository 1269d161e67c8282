import Foundation
import LocalAPI
import Logging
import Synchronization
import Testing

@testable import Forwarding
@testable import Gateway

/// When the box says that it lives, and when it must not.
@Suite struct HeartbeatTests {
  private final class Monitor: Sendable {
    private let state = Mutex((reports: [HeartbeatReport](), fault: HeartbeatFault?.none))
    var reports: [HeartbeatReport] { state.withLock { $0.reports } }
    func fails(_ reason: String?) { state.withLock { $0.fault = reason.map { HeartbeatFault($0) } } }

    func take(_ report: HeartbeatReport) throws(HeartbeatFault) -> String {
      let fault = state.withLock { state in
        if state.fault == nil { state.reports.append(report) }
        return state.fault
      }
      if let fault { throw fault }
      return "hc.example"
    }
  }

  private let moment = LivenessTests.Moment()
  private let monitor = Monitor()
  private let health = Health(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
  private let board = HeartbeatBoard()

  private func service(
    _ liveness: Liveness, _ kind: HeartbeatSettings.Kind = .ping, isReadOnly: Bool = false
  ) -> HeartbeatService {
    HeartbeatService(
      settings: HeartbeatSettings(kind: kind, url: "https://hc.example/secret"), liveness: liveness, health: health,
      board: board, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      send: { [monitor] (report) async throws(HeartbeatFault) in try monitor.take(report) },
      lastReading: { Date(timeIntervalSince1970: 1_795_307_400) }, isReadOnly: { isReadOnly })
  }

  private func liveness() -> Liveness { Liveness(now: { [moment] in moment.now }) }

  @Test("a box that is stuck says nothing, and says so in its status; it beats again when it goes on")
  func wedged() async {
    let liveness = liveness()
    let service = service(liveness, .healthchecks)
    #expect(await service.beat())
    moment.pass(Liveness.longest + .seconds(1))
    #expect(await !service.beat())
    #expect(monitor.reports.count == 1)
    #expect(board.status(service.settings).withheld == ["rules"])
    liveness.turned()
    #expect(await service.beat())
    #expect(monitor.reports.count == 2)
    #expect(board.status(service.settings).withheld == nil)
  }

  @Test("a store that cannot commit is told to whoever can be told, and stops the beat of whoever only counts")
  func storeThatDoesNotCommit() async {
    health.warn(HealthWarning.Kind.storeNotCommitting, .error, "no")
    #expect(await !service(liveness(), .ping).beat())
    #expect(monitor.reports.isEmpty)
    #expect(await service(liveness(), .healthchecks).beat())
    #expect(monitor.reports.map(\.troubles) == [["store-not-committing"]])
    health.clear(HealthWarning.Kind.storeNotCommitting)
    #expect(await service(liveness(), .uptimeKuma, isReadOnly: true).beat())
    #expect(monitor.reports.last?.troubles == ["store-not-committing"])
  }

  @Test("what concerns a person is no outsider's to know, and a subject is never told")
  func peopleAreLeftOut() async {
    health.warn(HealthWarning.Kind.alertUnanswered, about: "episode", .error, "nobody answered")
    health.warn(HealthWarning.Kind.rivalService, about: "hci0 of Mai", .error, "rival")
    health.warn(HealthWarning.Kind.diskLow, .warning, "disk")
    #expect(await service(liveness(), .healthchecks).beat())
    #expect(monitor.reports.map(\.troubles) == [["bluetooth-rival-service"]])
  }

  @Test("a monitor that cannot be reached for long is a warning, once, until it can")
  func unreachable() async {
    let service = service(liveness())
    monitor.fails("hc.example did not answer in time")
    for attempt in 1...5 {
      #expect(await !service.beat())
      #expect(health.warnings.map(\.kind) == (attempt < 3 ? [] : [HealthWarning.Kind.heartbeatNotTaken]))
    }
    #expect(board.status(service.settings).lastError == "hc.example did not answer in time")
    monitor.fails(nil)
    #expect(await service.beat())
    #expect(health.warnings.isEmpty)
    #expect(board.status(service.settings).lastError == nil)
    #expect(board.status(service.settings).lastTaken != nil)
  }

  @Test func theConfigurationIsRead() throws {
    #expect(try loadConfiguration("{}\n").heartbeat == nil)
    let plain = try loadConfiguration("heartbeat: {url-file: /etc/vitals/heartbeat.url}\n").heartbeat
    #expect(plain == HeartbeatSettings(urlFile: "/etc/vitals/heartbeat.url"))
    #expect(plain?.every == .seconds(300))
    let kuma = try loadConfiguration(
      "heartbeat: {kind: uptime-kuma, url-credential: kuma, every: 90s, allow-private: true}\n"
    ).heartbeat
    #expect(kuma?.kind == .uptimeKuma && kuma?.every == .seconds(90) && kuma?.allowsPrivate == true)
    #expect(kuma?.urlFile?.hasSuffix("/kuma") == true)
  }
}
