import Testing

@testable import BluetoothLE

@Suite struct ATTClientStateTests {
  private static func octets(_ actions: [ATTClientState.Action]) -> [String] {
    actions.compactMap { if case .send(let pdu) = $0 { text(pdu) } else { nil } }
  }

  @Test func `one request is under way, the next is sent after its response`() {
    var state = ATTClientState()
    let first = state.newRequestID()
    let second = state.newRequestID()
    #expect(state.request(first, .readRequest(0x0003)) == [.send(hex("0A 03 00")), .startTimer(first)])
    #expect(state.request(second, .readRequest(0x0005)).isEmpty)
    #expect(state.pendingRequest == first)
    #expect(state.queuedRequests == [second])
    #expect(
      state.received(hex("0B 64")) == [
        .stopTimer(first), .complete(first, .success(.readResponse([0x64]))),
        .send(hex("0A 05 00")), .startTimer(second),
      ])
    #expect(
      state.received(hex("01 0A 05 00 02")) == [
        .stopTimer(second),
        .complete(
          second, .failure(.refused(request: .readRequest, handle: 0x0005, code: .readNotPermitted))),
      ])
    #expect(state.pendingRequest == nil)
  }

  @Test func `values, commands and confirmations do not wait for a response`() throws {
    var state = ATTClientState()
    _ = state.request(state.newRequestID(), .readRequest(0x0003))
    #expect(state.received(hex("1B 0A 00 06 48")) == [.notification(0x000A, [0x06, 0x48])])
    #expect(try state.command(.writeCommand(0x0004, [1])) == [.send(hex("52 04 00 01"))])
    let actions = state.received(hex("1D 0C 00 AA"))
    guard case .indication(0x000C, [0xAA], let id) = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(actions.count == 1)
    #expect(state.unconfirmedCount == 1)
    #expect(try state.confirm(id) == [.send([0x1E])])
    #expect(throws: ATTError.alreadyConfirmed) { try state.confirm(id) }
    #expect(
      state.received(hex("23 0A 00 01 00 01 0B 00 01 00 02"))
        == [.notification(0x000A, [1]), .notification(0x000B, [2])])
  }

  /// Vol 3 Part F §3.3.3: no more PDUs after the limit.
  @Test func `the transaction limit ends the bearer and everything on it`() throws {
    var state = ATTClientState()
    let first = state.newRequestID()
    let second = state.newRequestID()
    _ = state.request(first, .readRequest(0x0003))
    _ = state.request(second, .writeRequest(0x0003, [1]))
    #expect(state.timeLimitReached(second).isEmpty)
    let end = LinkEnd.transactionTimedOut(.readRequest)
    #expect(
      state.timeLimitReached(first) == [
        .stopTimer(first), .complete(first, .failure(.linkEnded(end))), .complete(second, .failure(.linkEnded(end))),
        .endBearer(end),
      ])
    #expect(state.end == end)
    #expect(state.received(hex("0B 01")).isEmpty)
    #expect(state.received(hex("0A 01 00")).isEmpty)
    #expect(throws: ATTError.linkEnded(end)) { try state.command(.writeCommand(0x0003, [1])) }
    let third = state.newRequestID()
    #expect(state.request(third, .readRequest(0x0003)) == [.complete(third, .failure(.linkEnded(end)))])
  }

  @Test func `a limit that fires after its response does nothing`() {
    var state = ATTClientState()
    let id = state.newRequestID()
    _ = state.request(id, .readRequest(0x0003))
    _ = state.received(hex("0B 01"))
    #expect(state.timeLimitReached(id).isEmpty)
    #expect(state.end == nil)
  }

  @Test(arguments: ["13", "01 12 03 00 05", "03 17 00"])
  func `an answer to another question fails the request and ends the bearer`(response: String) {
    var state = ATTClientState()
    let id = state.newRequestID()
    _ = state.request(id, .readRequest(0x0003))
    let end = LinkEnd.unexpectedResponse(to: .readRequest, received: ATTOpcode(rawValue: hex(response)[0]))
    #expect(
      state.received(hex(response)) == [
        .stopTimer(id), .complete(id, .failure(.linkEnded(end))), .endBearer(end),
      ])
  }

  @Test func `a malformed answer fails its request only`() {
    var state = ATTClientState()
    let id = state.newRequestID()
    _ = state.request(id, .readByTypeRequest(.all, type: .databaseHash))
    let failure = ATTDecodingFailure.invalid(.readByTypeResponse, field: "Length", value: 0)
    #expect(
      state.received(hex("09 00")) == [.stopTimer(id), .complete(id, .failure(.malformedResponse(failure)))])
    #expect(state.end == nil)
  }

  @Test func `a response that nobody asked for is noted`() {
    var state = ATTClientState()
    #expect(state.received(hex("0B 01")) == [.note(.unrequestedResponse(.readResponse))])
    #expect(state.received(hex("1E")) == [.note(.unrequestedConfirmation)])
    #expect(state.received([]) == [.note(.malformed(.empty))])
  }

  @Test func `an indication before the confirmation of the last is kept, noted, and confirmed by itself`() throws {
    var state = ATTClientState()
    guard case .indication(_, _, let first) = state.received(hex("1D 0C 00 01")).last else { return }
    let actions = state.received(hex("1D 0C 00 02"))
    #expect(actions.first == .note(.indicationBeforeConfirmation(0x000C)))
    guard case .indication(0x000C, [2], let second) = actions.last else {
      Issue.record("\(actions)")
      return
    }
    #expect(state.unconfirmedCount == 2)
    #expect(try state.confirm(second) == [.send([0x1E])])
    #expect(try state.confirm(first) == [.send([0x1E])])
    #expect(state.unconfirmedCount == 0)
  }

  @Test func `an indication without a handle ends the bearer, a notification without one does not`() {
    var state = ATTClientState()
    guard case .note(.malformed) = state.received(hex("1B 0C")).first else {
      Issue.record("not noted")
      return
    }
    #expect(state.end == nil)
    let actions = state.received(hex("1D 0C"))
    guard case .endBearer(.malformedIndication) = actions.last else {
      Issue.record("\(actions)")
      return
    }
  }

  @Test func `nothing can be confirmed after the end`() {
    var state = ATTClientState()
    guard case .indication(_, _, let id) = state.received(hex("1D 0C 00 01")).last else { return }
    _ = state.linkEnded(.channel(.endOfFile))
    #expect(throws: ATTError.linkEnded(.channel(.endOfFile))) { try state.confirm(id) }
  }

  @Test func `a cancelled request is not sent, one under way is not completed`() {
    var state = ATTClientState()
    let first = state.newRequestID()
    let second = state.newRequestID()
    let third = state.newRequestID()
    _ = state.request(first, .readRequest(0x0003))
    _ = state.request(second, .readRequest(0x0004))
    _ = state.request(third, .readRequest(0x0005))
    state.cancel(second)
    state.cancel(first)
    #expect(state.pendingRequest == first)
    #expect(
      state.received(hex("0B 01")) == [.stopTimer(first), .send(hex("0A 05 00")), .startTimer(third)])
  }

  /// §3.4.2.2
  @Test(arguments: [("03 17 00", 23), ("03 B9 00", 185), ("03 00 08", 517), ("03 05 00", 23)])
  func `the smaller MTU counts, and never less than 23`(response: String, mtu: Int) {
    var state = ATTClientState()
    #expect(Self.octets(state.request(state.newRequestID(), .exchangeMTURequest(517))) == ["02 05 02"])
    _ = state.received(hex(response))
    #expect(state.mtu == mtu)
  }

  @Test func `request and response tell the same receive MTU`() {
    var state = ATTClientState()
    #expect(Self.octets(state.received(hex("02 64 00"))) == ["03 05 02"])
    #expect(state.mtu == 100)
    #expect(state.setReceiveMTU(247) == 517)
  }

  /// Vol 3 Part F §3.4, as a server without attributes answers.
  @Test(arguments: [
    ("02 17 00", "03 05 02"),
    ("04 01 00 FF FF", "01 04 01 00 0A"),
    ("04 00 00 FF FF", "01 04 00 00 01"),
    ("04 05 00 04 00", "01 04 05 00 01"),
    ("06 01 00 FF FF 00 28 0F 18", "01 06 01 00 0A"),
    ("08 01 00 FF FF 2A 2B", "01 08 01 00 0A"),
    ("08 00 00 FF FF 2A 2B", "01 08 00 00 01"),
    ("08 01 00 FF FF 2A", "01 08 00 00 04"),
    ("0A 03 00", "01 0A 03 00 01"),
    ("0A 03", "01 0A 00 00 04"),
    ("0C 03 00 00 00", "01 0C 03 00 01"),
    ("0E 03 00 05 00", "01 0E 03 00 01"),
    ("10 01 00 FF FF 00 28", "01 10 01 00 0A"),
    ("10 01 00 FF FF 03 28", "01 10 01 00 10"),
    ("10 00 00 FF FF 00 28", "01 10 00 00 01"),
    ("12 03 00 01", "01 12 03 00 01"),
    ("16 03 00 00 00 01", "01 16 03 00 01"),
    ("18 00", "19"),
    ("18 01", "19"),
    ("18 07", "01 18 00 00 04"),
    ("20 03 00 05 00", "01 20 03 00 01"),
    ("2A 01 02", "01 2A 00 00 06"),
    ("3F", "01 3F 00 00 06"),
  ])
  func `the peer's requests are answered`(request: String, response: String) {
    var state = ATTClientState()
    #expect(Self.octets(state.received(hex(request))) == [response])
    #expect(state.pendingRequest == nil)
  }

  @Test(arguments: ["52 03 00 01", "D2 03 00 01 00 00 00 00 00 00 00 00 00 00 00 00", "7F 01", "52"])
  func `commands are not answered`(command: String) {
    var state = ATTClientState()
    #expect(state.received(hex(command)).isEmpty)
  }

  /// What every sequence of events must keep to.
  private struct Ledger {
    var open: Set<ATTClientState.RequestID> = []
    var timer: ATTClientState.RequestID?
    var indications: [ATTClientState.IndicationID] = []
    var confirmations = 0

    mutating func take(_ actions: [ATTClientState.Action]) {
      for action in actions {
        switch action {
        case .complete(let id, _): #expect(open.remove(id) != nil, "completed twice, or never asked")
        case .startTimer(let id):
          #expect(timer == nil, "two requests under way")
          timer = id
        case .stopTimer(let id):
          #expect(timer == id)
          timer = nil
        case .indication(_, _, let id): indications.append(id)
        case .send(let pdu): if pdu == [0x1E] { confirmations += 1 }
        default: break
        }
      }
    }
  }

  @Test func `50,000 random PDUs`() throws {
    var random = SeededGenerator(seed: 0x4154_5430_3139)
    let examples = PDUExamples.all.map { hex($0.0) }
    var state = ATTClientState()
    var ledger = Ledger()
    var confirmed = 0
    var ends = 0
    for _ in 0..<50_000 {
      switch UInt8.random(in: 0..<16, using: &random) {
      case 0...3:
        let id = state.newRequestID()
        ledger.open.insert(id)
        let pdu: [ATTPDU] = [
          .readRequest(0x0003), .exchangeMTURequest(517), .findInformationRequest(.all), .writeRequest(0x0004, [1]),
          .readByGroupTypeRequest(.all, type: .primaryService), .executeWriteRequest(.write),
        ]
        ledger.take(state.request(id, pdu.randomElement(using: &random) ?? .readRequest(1)))
      case 4:
        if let id = ledger.open.min(by: { "\($0)" < "\($1)" }) {
          state.cancel(id)
          ledger.open.remove(id)
        }
      case 5:
        if let id = ledger.indications.popLast() {
          ledger.take(try state.confirm(id))
          confirmed += 1
        }
      case 6...10 where state.pendingRequest != nil:
        // Often an answer that fits, so that the queue moves.
        ledger.take(state.received([0x0B, 0x01]))
      default: break
      }
      var pdu = examples.randomElement(using: &random) ?? []
      switch UInt8.random(in: 0..<4, using: &random) {
      case 0: pdu = (0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      case 1: pdu = Array(pdu.prefix(Int.random(in: 0...pdu.count, using: &random)))
      case 2:
        for index in pdu.indices where UInt8.random(in: 0..<4, using: &random) == 0 {
          pdu[index] = UInt8.random(in: 0...255, using: &random)
        }
      default: break
      }
      ledger.take(state.received(pdu))
      if let decoded = try? ATTPDU(decoding: pdu), !ATTPDUTests.mayBeCut(decoded) {
        #expect(decoded.bytes == pdu)
      }

      #expect(state.pendingRequest == ledger.timer)
      #expect(state.pendingRequest != nil || state.queuedRequests.isEmpty)
      #expect(Set(state.queuedRequests).count == state.queuedRequests.count)
      #expect(ledger.open.isSuperset(of: state.queuedRequests))
      #expect((23...517).contains(state.mtu))
      #expect(ledger.confirmations == confirmed, "a confirmation that nobody asked for")
      if state.end != nil {
        ends += 1
        #expect(state.pendingRequest == nil && state.queuedRequests.isEmpty && ledger.open.isEmpty)
        #expect(state.received(pdu).isEmpty)
        state = ATTClientState()
        ledger = Ledger()
        confirmed = 0
      } else {
        #expect(state.unconfirmedCount == ledger.indications.count)
      }
    }
    #expect(ends > 100)
  }
}
