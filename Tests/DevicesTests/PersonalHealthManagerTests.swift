import Devices
import Foundation
import Observations
import Testing
import WireFormats

/// Whole stories of the manager with an agent that was written apart from it.
@Suite(.serialized) struct PersonalHealthManagerTests {
  /// The caller: what it remembers between two visits.
  private struct Household {
    var configurations: [AgentConfiguration.Key: AgentConfiguration] = [:]
    var readings: [ManagerReport] = []
    /// Stored once each, by what they are.
    var entries: [String: AgentConfiguration.SegmentEntry] = [:]
    var segments: [SegmentInfo] = []
    var ends: [ManagerEnd] = []
    var attributes: AttributeList?
    var failures: [ManagerFailure] = []
    var problems: [DecodingFailure] = []
    var learned = 0
    /// APDUs, in both directions.
    var exchanged = 0
  }

  private final class Visit {
    var household: Household
    var manager = PersonalHealthManager(systemID: [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
    let agent: X73Agent
    /// The transport goes after so many APDUs.
    let cut: Int
    /// The requests that follow from the start of operating.
    let requests: [ManagerRequest]
    private var pending: [[UInt8]] = []
    private var played = 0
    private(set) var isCut = false

    init(_ household: Household, _ agent: X73Agent, requests: [ManagerRequest] = [], cut: Int = .max) {
      self.household = household
      self.agent = agent
      self.requests = requests
      self.cut = cut
    }

    /// Plays until nobody has anything to say.
    func play(_ question: String) throws {
      if manager.state == .disconnected { try act(.connected) }
      try hear(agent.apdus(question))
      while !pending.isEmpty {
        let apdu = pending.removeFirst()
        if try passes() { try act(.received(apdu)) } else { try act(.disconnected) }
      }
    }

    func tell(_ event: ManagerEvent) throws {
      try act(event)
      while !pending.isEmpty { try act(.received(pending.removeFirst())) }
    }

    /// Whether the transport carries one more APDU, to whichever side.
    private func passes() throws -> Bool {
      guard played < cut else {
        isCut = true
        pending = []
        _ = try agent.line("cut")
        return false
      }
      played += 1
      household.exchanged += 1
      return true
    }

    private func hear(_ apdus: [[UInt8]]) { pending += apdus }

    private func act(_ event: ManagerEvent) throws {
      var events = [event]
      while !events.isEmpty {
        for action in manager.handle(events.removeFirst()) {
          switch action {
          case .send(let bytes):
            guard !isCut else { continue }
            if try passes() {
              try hear(agent.apdus(Hexadecimal.text(bytes)))
            } else {
              events = [.disconnected]
            }
          case .startTimer, .stopTimer: break
          case .lookUp(let key): events.append(.lookedUp(household.configurations[key]))
          case .remember(let configuration):
            household.learned += 1
            household.configurations[configuration.key] = configuration
            events.append(.remembered)
          case .operating: events += requests.map { .request($0) }
          case .report(let report):
            household.readings.append(report)
            if let token = report.token { events.append(.committed(token)) }
          case .segment(let segment):
            try store(segment)
            events.append(.committed(segment.token))
          case .answered(_, .segments(let list)):
            household.segments = list
            events += list.map { .request(.transfer(store: 10, instance: $0.instance)) }
          case .answered(_, .attributes(let list)): household.attributes = list
          case .answered: break
          case .failed(_, let failure): household.failures.append(failure)
          case .problem(let failure): household.problems.append(failure)
          case .ended(let end): household.ends.append(end)
          }
        }
      }
    }

    private func store(_ segment: ManagerSegment) throws {
      let info = try #require(household.segments.first { $0.instance == segment.event.instance })
      let map = try #require(try info.entryMap())
      let configuration = try #require(manager.configuration)
      for entry in try configuration.entries(segment.event, map: map, person: info.personID) {
        household.entries["\(segment.event.instance)/\(Hexadecimal.text(entry.octets))"] = entry
      }
    }
  }

  /// Association, configuration, measurements, release; then the same device again, known.
  @Test func aConfigurationIsLearnedOnceAndKnownThen() throws {
    let agent = try X73Agent("--person", "66")
    let first = Visit(Household(), agent, requests: [.attributes(handle: 0)])
    try first.play("start")
    #expect(first.manager.state == .operating)
    #expect(first.household.learned == 1)
    try first.play("report 1")
    try first.play("report 2")
    #expect(try agent.seen("confirmed") == 2)
    #expect(first.household.readings.map { $0.reading.measurements.map(\.person) } == [[66, 66], [66, 66]])
    #expect(
      first.household.readings.first?.reading.measurements.flatMap(\.components).map(\.number.value)
        == [121, 80, 93, 61])
    guard case .systemModel(let maker, _)? = try first.household.attributes?[AttributeID.systemModel]?.content() else {
      Issue.record("no model")
      return
    }
    #expect(String(decoding: maker, as: UTF8.self) == "Example\0")
    try first.play("release")
    #expect(first.household.ends == [.releasedByAgent])
    #expect(first.manager.state == .unassociated)

    // Kept as JSON, as a store would.
    var household = first.household
    for (key, configuration) in household.configurations {
      household.configurations[key] = try JSONDecoder().decode(
        AgentConfiguration.self, from: JSONEncoder().encode(configuration))
    }
    let second = Visit(household, agent)
    try second.play("start")
    #expect(second.manager.state == .operating)
    #expect(second.household.learned == 1)
    #expect(try agent.seen("configurations") == 1)
    try second.play("report 3")
    #expect(second.household.readings.count == 3)
    try second.tell(.release)
    #expect(second.household.ends.last == .released)
    #expect(try agent.state() == "unassociated")
  }

  @Test func aStandardConfigurationIsKnownAtOnce() throws {
    let agent = try X73Agent("--config-id", "0x02BC")
    let visit = Visit(Household(), agent)
    try visit.play("start")
    try visit.play("report 5")
    #expect(visit.household.learned == 0)
    #expect(try agent.seen("configurations") == 0)
    #expect(visit.household.readings.count == 1)
    #expect(visit.household.problems.isEmpty)
  }

  /// The first promise: what is not committed is not confirmed, and a commit that comes late confirms nothing.
  @Test func nothingIsConfirmedBeforeTheCommit() throws {
    let agent = try X73Agent("--config-id", "0x02BC")
    var manager = PersonalHealthManager(systemID: [1, 2, 3, 4, 5, 6, 7, 8])
    func hear(_ apdus: [[UInt8]]) -> [ManagerAction] { apdus.flatMap { manager.handle(.received($0)) } }
    func sent(_ actions: [ManagerAction]) -> [[UInt8]] {
      actions.compactMap { if case .send(let bytes) = $0 { bytes } else { nil } }
    }
    _ = manager.handle(.connected)
    for apdu in sent(hear(try agent.apdus("start"))) { _ = try agent.apdus(Hexadecimal.text(apdu)) }
    let actions = hear(try agent.apdus("report 1"))
    #expect(sent(actions).isEmpty)
    guard case .report(let report)? = actions.first, let token = report.token else {
      Issue.record("no report")
      return
    }
    #expect(try agent.seen("confirmed") == 0)
    for apdu in sent(manager.handle(.committed(token))) { _ = try agent.apdus(Hexadecimal.text(apdu)) }
    #expect(try agent.seen("confirmed") == 1)
    #expect(manager.handle(.committed(token)).isEmpty)

    let open = hear(try agent.apdus("report 2"))
    guard case .report(let second)? = open.first, let late = second.token else {
      Issue.record("no report")
      return
    }
    _ = manager.handle(.disconnected)
    _ = try agent.line("cut")
    #expect(manager.handle(.committed(late)).isEmpty)
    _ = manager.handle(.connected)
    for apdu in sent(hear(try agent.apdus("start"))) { _ = try agent.apdus(Hexadecimal.text(apdu)) }
    #expect(manager.state == .operating)
    #expect(manager.handle(.committed(late)).isEmpty)
    // Not even where an event of the same number is open.
    let again = DataAPDU.EventReport(
      handle: 0, time: 0, type: ObjectTerm.scanReportFixed, info: [0xF0, 0, 0, 0, 0, 0, 0, 0])
    let data = DataAPDU(invokeID: late.invokeID, .eventReport(again, isConfirmed: true))
    #expect(sent(manager.handle(.received(APDU.presentation(data).bytes))).isEmpty)
    #expect(manager.handle(.committed(late)).isEmpty)
  }

  @Test func anAgentThatNeverAnswersIsGivenUp() throws {
    var manager = PersonalHealthManager(systemID: [1, 2, 3, 4, 5, 6, 7, 8])
    let agent = try X73Agent("--config-id", "0x02BC")
    let learner = try X73Agent()
    func timer(_ actions: [ManagerAction]) -> (Int, Int)? {
      for case .startTimer(let number, let milliseconds) in actions.reversed() { return (number, milliseconds) }
      return nil
    }
    _ = manager.handle(.connected)
    // It does not report its configuration.
    _ = try learner.apdus("start").map { manager.handle(.received($0)) }
    let waits = try #require(timer(manager.handle(.lookedUp(nil))))
    #expect(waits.1 == 10_000)
    #expect(manager.handle(.timedOut(waits.0 - 1)).isEmpty)
    let given = manager.handle(.timedOut(waits.0))
    #expect(given.first == .send([0xE6, 0, 0, 2, 0, 3]))
    #expect(given.last == .ended(.timedOut))
    // It does not answer a request; what waits behind it fails too.
    _ = try agent.apdus("start").map { manager.handle(.received($0)) }
    #expect(manager.state == .operating)
    let asked = try #require(timer(manager.handle(.request(.attributes(handle: 0)))))
    #expect(asked.1 == 3_000)
    #expect(manager.handle(.request(.transfer(store: 10, instance: 1))).isEmpty)
    let over = manager.handle(.timedOut(asked.0))
    #expect(over.first == .send([0xE6, 0, 0, 2, 0, 2]))
    #expect(over.filter { if case .failed(_, .ended) = $0 { true } else { false } }.count == 2)
    #expect(manager.state == .unassociated)
    // It does not answer a release.
    _ = try agent.apdus("start").map { manager.handle(.received($0)) }
    let release = try #require(timer(manager.handle(.release)))
    #expect(manager.state == .disassociating && release.1 == 3_000)
    #expect(manager.handle(.timedOut(release.0)).last == .ended(.timedOut))
    #expect(manager.handle(.request(.attributes(handle: 0))) == [.failed(.attributes(handle: 0), .notTaken)])
  }

  /// 500 entries in 5 segments: the transport goes after each APDU in turn, and the next visit completes them.
  @Test func aLongMemoryIsCutAnywhereAndIsWholeOnce() throws {
    let agent = try X73Agent("--entries", "500", "--segments", "5", "--person", "7")
    let requests: [ManagerRequest] = [.attributes(handle: 10), .segmentInfo(store: 10, .all)]
    let whole = Visit(Household(), agent, requests: requests)
    try whole.play("start")
    #expect(whole.household.entries.count == 500)
    #expect(whole.household.failures.isEmpty)
    #expect(try agent.seen("confirmedEntries") == 500)
    #expect(whole.household.attributes?.integer(AttributeID.transferTimeout) == 80_000)
    let length = whole.household.exchanged
    #expect(length > 60)
    _ = try agent.line("cut")
    let long = ProcessInfo.processInfo.environment["VITALS_LONG"] == "1"
    for cut in stride(from: 0, to: length, by: long ? 1 : 5) {
      let first = Visit(Household(), agent, requests: requests, cut: cut)
      try first.play("start")
      #expect(first.isCut, "\(cut)")
      #expect(first.manager.state == .disconnected)
      #expect(first.household.entries.count <= 500)
      let second = Visit(first.household, agent, requests: requests)
      try second.play("start")
      #expect(second.household.entries.count == 500, "cut after \(cut)")
      #expect(second.household.entries == whole.household.entries, "cut after \(cut)")
      #expect(second.household.learned == 1, "cut after \(cut)")
      _ = try agent.line("cut")
    }
    // Nobody asked for it, so nothing was deleted.
    #expect(try agent.seen("cleared") == 0)
  }

  @Test func whatTheAgentRefusesFailsAndEndsNothing() throws {
    let agent = try X73Agent("--entries", "3", "--segments", "5")
    let visit = Visit(
      Household(), agent,
      requests: [
        .transfer(store: 10, instance: 9), .transfer(store: 10, instance: 5), .segmentInfo(store: 77, .all),
        .setTime(
          AbsoluteTime(DateTime(year: 2026, month: 3, day: 4, hours: 8, minutes: 15, seconds: 0))),
        .clear(store: 10, .all),
      ])
    try visit.play("start")
    #expect(visit.manager.state == .operating)
    #expect(
      visit.household.failures == [
        .notTransferred(1), .notTransferred(3), .refused(OperationError.noSuchObjectInstance),
      ])
    #expect(try agent.seen("cleared") == 1)
    #expect(try agent.line("state").contains(#""time": "2026030408150000""#))
  }

  /// What cannot be taken is answered so that the agent knows why, and ends nothing.
  @Test func whatCannotBeTakenIsAnswered() throws {
    let agent = try X73Agent("--config-id", "0x02BC")
    var manager = PersonalHealthManager(systemID: [1, 2, 3, 4, 5, 6, 7, 8])
    _ = manager.handle(.connected)
    _ = try agent.apdus("start").map { manager.handle(.received($0)) }
    #expect(manager.state == .operating)
    func event(_ invokeID: UInt16, _ handle: UInt16, _ type: UInt16, _ info: [UInt8]) -> [ManagerAction] {
      let report = DataAPDU.EventReport(handle: handle, time: 0, type: type, info: info)
      let data = DataAPDU(invokeID: invokeID, .eventReport(report, isConfirmed: true))
      return manager.handle(.received(APDU.presentation(data).bytes))
    }
    func answer(_ actions: [ManagerAction]) throws -> DataAPDU? {
      for case .send(let bytes) in actions {
        if case .presentation(let data) = try APDU(bytes) { return data }
      }
      return nil
    }
    // A list that announces more than there is.
    let broken = event(5, 0, 3357, [0xF0, 0, 0, 0, 0, 1, 0, 9])
    #expect(try answer(broken) == DataAPDU(invokeID: 5, .reject(problem: .badlyStructuredAPDU)))
    #expect(
      broken.contains(.problem(.truncated(field: "ObservationScanList", offset: 8, need: 9, have: 0))))
    // An event of no kind that is known.
    #expect(
      try answer(event(6, 0, 0x1234, []))
        == DataAPDU(invokeID: 6, .error(value: OperationError.notAllowedByObject, parameter: [])))
    // A part of a segment that nobody asked for: the transfer is ended.
    let segment = try answer(event(7, 10, 3361, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0]))
    guard case .eventReportResult(let result)? = segment?.message else {
      Issue.record("no answer")
      return
    }
    #expect(result.info == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x08])
    // One event more than may wait for their commits, and one that is open already.
    let empty: [UInt8] = [0xF0, 0, 0, 0, 0, 0, 0, 0]
    for number in 0..<UInt16(PersonalHealthManager.openEvents) {
      #expect(try answer(event(100 + number, 0, 3357, empty)) == nil)
    }
    for number in [100, 200] as [UInt16] {
      #expect(
        try answer(event(number, 0, 3357, empty))
          == DataAPDU(invokeID: number, .reject(problem: .resourceLimitation)))
    }
    #expect(manager.state == .operating)
    // More requests than may wait.
    let requests = (0...PersonalHealthManager.waitingRequests + 1).map { _ in
      manager.handle(.request(.attributes(handle: 0)))
    }
    #expect(requests.last == [.failed(.attributes(handle: 0), .notTaken)])
    #expect(requests.dropLast().allSatisfy { !$0.contains(.failed(.attributes(handle: 0), .notTaken)) })
  }
}
