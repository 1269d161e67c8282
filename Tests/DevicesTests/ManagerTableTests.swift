import Devices
import Foundation
import Testing
import WireFormats

/// The manager's table, and the manager in every state with every event.
@Suite struct ManagerTableTests {
  typealias Input = ManagerTable.Input

  @Test func aPairStandsOnceAndNamesItsClause() {
    var pairs: Set<[String]> = []
    for row in ManagerTable.rows {
      #expect(pairs.insert([row.state.rawValue, row.input.rawValue]).inserted, "\(row.state) \(row.input) twice")
      #expect(row.clause.wholeMatch(of: /8\.(5|6|7|8|9|10), E \d\.\d+( and \d\.\d+)?/) != nil, "\(row.clause)")
    }
    #expect(pairs.count == ManagerTable.rows.count)
  }

  /// Octets that a peer sends: in every associated state there is an answer for every one of them.
  @Test func nothingThatAPeerSendsIsUnforeseen() {
    let fromPeer: [Input] = [
      .acceptableRequest, .unacceptableRequest, .aare, .rlrq, .rlre, .abrt, .configuration, .uselessConfiguration,
      .confirmedEvent, .unconfirmedEvent, .otherInvoke, .strayAnswer, .malformed,
    ]
    for state in ManagerState.allCases where state != .disconnected {
      for input in fromPeer + [.disconnected, .release, .abort] {
        #expect(ManagerTable.row(state, input) != nil, "\(state) \(input)")
      }
    }
    #expect(ManagerState.allCases.filter { ManagerTable.row($0, .connected) != nil } == [.disconnected])
  }

  private static let ours: [UInt8] = [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]

  private static func golden(_ start: String) throws -> [UInt8] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Oracle/x73_golden.txt")
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count > 1, words[0] == "apdu", words[1].hasPrefix(start) {
        return try Hexadecimal.bytes(String(words[1]))
      }
    }
    throw X73Agent.Ended()
  }

  /// A manager brought into `state` by what leads there.
  private func manager(in state: ManagerState) throws -> PersonalHealthManager {
    var manager = PersonalHealthManager(systemID: Self.ours)
    let aarq = try Self.golden("E2")
    let configuration = try Self.golden("E70000B0")
    let steps: [ManagerEvent] =
      switch state {
      case .disconnected: []
      case .unassociated: [.connected]
      case .associating: [.connected, .received(aarq)]
      case .waitingForConfiguration: [.connected, .received(aarq), .lookedUp(nil)]
      case .checkingConfiguration: [.connected, .received(aarq), .lookedUp(nil), .received(configuration)]
      case .operating: [.connected, .received(aarq), .lookedUp(nil), .received(configuration), .remembered]
      case .disassociating:
        [.connected, .received(aarq), .lookedUp(nil), .received(configuration), .remembered, .release]
      }
    for step in steps { _ = manager.handle(step) }
    #expect(manager.state == state)
    return manager
  }

  /// What brings an input about; nil for one that cannot be brought about in this state.
  private func event(_ input: Input, _ state: ManagerState, _ timer: Int) throws -> ManagerEvent? {
    func prst(_ message: DataAPDU.Message) -> ManagerEvent {
      .received(APDU.presentation(DataAPDU(invokeID: 0x7777, message)).bytes)
    }
    switch input {
    case .connected: return .connected
    case .disconnected: return .disconnected
    case .timeout: return .timedOut(timer)
    case .release: return .release
    case .abort: return .abort
    case .acceptableRequest: return .received(try Self.golden("E2"))
    case .unacceptableRequest:
      return .received(APDU.associationRequest(version: 0x8000_0000, protocols: []).bytes)
    case .configurationKnown: return .lookedUp(AgentConfiguration.standard(0x02BC))
    case .configurationUnknown: return .lookedUp(nil)
    case .deviceRefused: return .refused
    case .aare: return .received(try Self.golden("E300002C"))
    case .rlrq: return .received(try Self.golden("E4"))
    case .rlre: return .received(try Self.golden("E5"))
    case .abrt: return .received(try Self.golden("E6"))
    // Only where a configuration is waited for can there be a usable one.
    case .configuration:
      return state == .waitingForConfiguration ? .received(try Self.golden("E70000B0")) : nil
    case .uselessConfiguration:
      return prst(
        .eventReport(.init(handle: 0, time: 0, type: 3356, info: [0x40, 0, 0, 0, 0, 0]), isConfirmed: true))
    case .confirmedEvent: return .received(try Self.golden("E700003E"))
    case .unconfirmedEvent:
      return prst(.eventReport(.init(handle: 0, time: 0, type: 3357, info: []), isConfirmed: false))
    case .otherInvoke: return prst(.get(handle: 0, attributes: []))
    case .answer: return nil
    case .strayAnswer: return prst(.getResult(handle: 0, AttributeList([])))
    case .configurationRemembered: return .remembered
    case .malformed: return .received([0xE7, 0x00, 0x00, 0x01, 0x00])
    }
  }

  @Test(arguments: ManagerState.allCases) func everyEventDoesWhatTheTableSays(state: ManagerState) throws {
    for input in Input.allCases {
      var manager = try manager(in: state)
      // The number of the timer that runs, or ran last: an older one does nothing.
      let timer = (0...16).first { number in
        var copy = manager
        return !copy.handle(.timedOut(number)).isEmpty
      }
      guard let event = try event(input, state, timer ?? 0) else { continue }
      let actions = manager.handle(event)
      guard let row = ManagerTable.row(state, input) else {
        #expect(manager.state == state && actions.isEmpty, "\(state) \(input)")
        continue
      }
      #expect(manager.state == row.next, "\(state) \(input): \(manager.state)")
      let sent = actions.compactMap { action -> APDU? in
        guard case .send(let bytes) = action else { return nil }
        return try? APDU(bytes)
      }
      let ended = actions.contains { if case .ended = $0 { true } else { false } }
      switch row.reaction {
      case .nothing: #expect(sent.isEmpty && !ended, "\(state) \(input)")
      case .lookUp: #expect(sent.isEmpty && actions.contains { if case .lookUp = $0 { true } else { false } })
      case .acceptKnown: #expect(Self.result(sent) == .accepted)
      case .acceptUnknown: #expect(Self.result(sent) == .acceptedUnknownConfiguration)
      case .reject: #expect(Self.result(sent) == .rejectedNoCommonProtocol && ended)
      case .refuse: #expect(Self.result(sent) == .rejectedUnauthorized && ended)
      case .abort: #expect(sent == [.abort(reason: .undefined)] && ended == (state != .unassociated))
      case .abortConfiguration: #expect(sent == [.abort(reason: .configurationTimeout)] && ended)
      case .abortTimeout: #expect(sent == [.abort(reason: .responseTimeout)] && ended)
      case .releaseRequest: #expect(sent == [.releaseRequest(reason: 0)])
      case .releaseResponse: #expect(sent == [.releaseResponse(reason: 0)] && ended == (row.next == .unassociated))
      case .remember: #expect(actions.contains { if case .remember = $0 { true } else { false } })
      case .acceptConfiguration, .unsupportedConfiguration:
        guard case .presentation(let data)? = sent.first, case .eventReportResult(let report) = data.message else {
          Issue.record("\(state) \(input): no answer")
          continue
        }
        #expect(report.info == [0x40, 0, 0, row.reaction == .acceptConfiguration ? 0 : 1])
      // What an event does is the stories' matter; that nothing is confirmed before the commit is said here too.
      case .event: #expect(sent.isEmpty)
      case .answer: break
      case .notAllowed:
        guard case .presentation(let data)? = sent.first else {
          Issue.record("\(state) \(input): no answer")
          continue
        }
        #expect(data.message == .error(value: OperationError.notAllowedByObject, parameter: []))
      case .ended: #expect(sent.isEmpty && ended)
      }
    }
  }

  private static func result(_ sent: [APDU]) -> AssociationResult? {
    guard case .associationResponse(let result, _)? = sent.first, sent.count == 1 else { return nil }
    return result
  }

  /// Whatever comes, in whatever order, the manager stays within its bounds and does not fail.
  @Test func noiseEndsAtMostTheAssociation() throws {
    // Numerical Recipes' generator, from one seed: the same noise every time.
    var seed: UInt64 = 20_260_101
    func below(_ limit: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % limit
    }
    let seeds = try ["E2", "E4", "E5", "E6", "E70000B0", "E7000052", "E700003E"].map(Self.golden)
    for state in ManagerState.allCases {
      let start = try manager(in: state)
      for _ in 0..<200 {
        var manager = start
        for _ in 0..<6 {
          var bytes = seeds[below(seeds.count)]
          for _ in 0...below(3) { bytes[below(bytes.count)] = UInt8(below(256)) }
          let actions = manager.handle(.received(bytes))
          #expect(actions.count < 12)
        }
      }
    }
  }
}
