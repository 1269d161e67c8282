package import WireFormats

/// The manager of IEEE 11073-20601, without a transport: events in, actions out. ``ManagerTable`` says what follows what.
///
/// A confirmed event is answered when the caller says that it is committed, and not before (the first promise). While an
/// answer waits for the commit no timer runs: the delay is ours.
package struct PersonalHealthManager: Sendable {
  /// Milliseconds (20601 §8.4.3: TO-config, TO-release; TO-get and TO-ca).
  private enum Limit {
    static let configuration = 10_000
    static let release = 3_000
    static let answer = 3_000
    /// Between two parts of a segment, for an agent that gives no Transfer-Timeout.
    static let transfer = 30_000
    /// An agent's own wish is kept within this.
    static let longest = 600_000
  }

  /// Requests that wait, and confirmed events that wait for their commit: one of an agent that keeps to the standard.
  package static let waitingRequests = 64
  package static let openEvents = 8

  private struct Pending: Sendable {
    let request: ManagerRequest
    let invokeID: UInt16
    /// A transfer that the agent has agreed to: parts come now.
    var isTransferring = false
  }

  private enum Reply: Sendable {
    case report(DataAPDU.EventReport)
    case segment(DataAPDU.EventReport, SegmentDataEvent)
  }

  private let systemID: [UInt8]
  package private(set) var state = ManagerState.disconnected
  /// Of the agent, while there is an association or the beginning of one.
  package private(set) var configuration: AgentConfiguration?
  /// Who asked for the association and what it said its configuration is, while there is one or the beginning of one.
  package private(set) var agent: AgentConfiguration.Key?
  private var association = 0
  private var timer = 0
  private var nextInvokeID: UInt16 = 0
  private var pending: Pending?
  private var waiting: [ManagerRequest] = []
  private var replies: [UInt16: Reply] = [:]
  private var learning: (report: DataAPDU.EventReport, invokeID: UInt16)?
  private var transferTimeouts: [UInt16: Int] = [:]
  private var actions: [ManagerAction] = []

  /// - Parameter systemID: our EUI-64, eight octets.
  package init(systemID: [UInt8]) { self.systemID = systemID }

  /// Takes an event.
  /// - Returns: what is to be done, in this order.
  package mutating func handle(_ event: ManagerEvent) -> [ManagerAction] {
    actions = []
    switch event {
    case .connected: step(.connected)
    case .disconnected: step(.disconnected)
    case .timedOut(let number): if number == timer { step(.timeout) }
    case .release: step(.release)
    case .abort: step(.abort)
    case .refused: step(.deviceRefused)
    case .remembered: step(.configurationRemembered)
    case .lookedUp(let found):
      if state == .associating { configuration = found }
      step(found == nil ? .configurationUnknown : .configurationKnown)
    case .committed(let token): answer(token)
    case .request(let request): take(request)
    case .received(let bytes): receive(bytes)
    }
    return actions
  }

  // MARK: What came

  private mutating func receive(_ bytes: [UInt8]) {
    // What a transport still held when it went.
    guard state != .disconnected else { return }
    do throws(DecodingFailure) {
      switch try APDU(bytes) {
      case .associationRequest(let version, let protocols): receive(version, protocols)
      case .associationResponse: step(.aare)
      case .releaseRequest: step(.rlrq)
      case .releaseResponse: step(.rlre)
      case .abort(let reason): step(.abrt, reason: reason)
      case .presentation(let data): receive(data)
      }
    } catch {
      actions.append(.problem(error))
      step(.malformed)
    }
  }

  private mutating func receive(_ version: UInt32, _ protocols: [DataProtocol]) {
    guard version & AssociationInformation.version1 != 0 else {
      return step(.unacceptableRequest, result: .rejectedUnsupportedVersion)
    }
    guard let information = protocols.lazy.compactMap(\.information).first else {
      return step(.unacceptableRequest, result: .rejectedNoCommonProtocol)
    }
    guard information.protocolVersion & AssociationInformation.version1 != 0,
      information.encodingRules & AssociationInformation.mder != 0,
      information.systemType & AssociationInformation.agent != 0, information.systemID.count == 8,
      0x0001...0x7FFF ~= information.configurationID
    else { return step(.unacceptableRequest, result: .rejectedNoCommonParameter) }
    if state == .unassociated {
      agent = AgentConfiguration.Key(systemID: information.systemID, id: information.configurationID)
    }
    step(.acceptableRequest)
  }

  private mutating func receive(_ data: DataAPDU) {
    switch data.message {
    case .eventReport(let report, let isConfirmed):
      guard isConfirmed else { return step(.unconfirmedEvent, data: data) }
      guard report.type == ObjectTerm.configurationNotification else { return step(.confirmedEvent, data: data) }
      step(learn(report) ? .configuration : .uselessConfiguration, data: data)
    case .get, .set, .action: step(.otherInvoke, data: data)
    case .eventReportResult, .getResult, .setResult, .actionResult, .error, .reject:
      step(pending?.invokeID == data.invokeID ? .answer : .strayAnswer, data: data)
    }
  }

  /// Whether the agent's configuration can be used.
  private mutating func learn(_ report: DataAPDU.EventReport) -> Bool {
    guard state == .waitingForConfiguration, let agent else { return false }
    do throws(DecodingFailure) {
      let said = try ConfigurationReport(report.info)
      // An agent may try its configurations one after the other (§8.8): the one that is taken counts.
      let key = AgentConfiguration.Key(systemID: agent.systemID, id: said.id)
      let found = AgentConfiguration(key: key, objects: said.objects)
      guard 0x0001...0x7FFF ~= said.id, found.isUsable else { return false }
      configuration = found
      return true
    } catch {
      actions.append(.problem(error))
      return false
    }
  }

  // MARK: The table

  private mutating func step(
    _ input: ManagerTable.Input, data: DataAPDU? = nil, result: AssociationResult = .rejectedUnknown,
    reason: AbortReason = .undefined
  ) {
    guard let row = ManagerTable.row(state, input) else { return }
    let before = state
    state = row.next
    switch row.reaction {
    case .nothing: break
    case .lookUp: lookUp()
    case .acceptKnown:
      associate(.accepted)
      operate()
    case .acceptUnknown:
      associate(.acceptedUnknownConfiguration)
      start(Limit.configuration)
    case .reject:
      reject(result)
    case .refuse: reject(.rejectedUnauthorized)
    case .abort: abort(.undefined, from: before)
    case .abortConfiguration: abort(.configurationTimeout, from: before)
    case .abortTimeout: abort(.responseTimeout, from: before)
    case .releaseRequest:
      send(.releaseRequest(reason: 0))
      start(Limit.release)
    case .releaseResponse:
      send(.releaseResponse(reason: 0))
      if row.next == .unassociated { end(.releasedByAgent) }
    case .remember:
      guard let configuration, let data, case .eventReport(let report, _) = data.message else { break }
      stop()
      learning = (report, data.invokeID)
      actions.append(.remember(configuration))
    case .acceptConfiguration:
      configure(.accepted)
      operate()
    case .unsupportedConfiguration:
      guard let data, case .eventReport(let report, _) = data.message else { break }
      learning = (report, data.invokeID)
      configure(.unsupported)
      start(Limit.configuration)
    case .event: data.map { take($0) }
    case .answer: data.map { finish($0) }
    case .notAllowed: data.map { refuse($0) }
    case .ended:
      switch input {
      case .disconnected: end(.disconnected)
      case .rlre: end(.released)
      default: end(.abortedByAgent(reason))
      }
    }
  }

  private mutating func lookUp() {
    guard let agent else { return }
    association += 1
    start(Limit.configuration)
    if let standard = AgentConfiguration.standard(agent.id) {
      configuration = standard
      step(.configurationKnown)
    } else {
      actions.append(.lookUp(agent))
    }
  }

  private mutating func associate(_ result: AssociationResult) {
    send(.associationResponse(result: result, DataProtocol(AssociationInformation(managerWith: systemID))))
  }

  private mutating func reject(_ result: AssociationResult) {
    send(.associationResponse(result: result, DataProtocol(nil)))
    end(.rejected(result))
  }

  private mutating func configure(_ result: ConfigurationReport.Result) {
    guard let (report, invokeID) = learning, let id = (try? ConfigurationReport(report.info))?.id ?? agent?.id else {
      return
    }
    learning = nil
    reply(to: report, invokeID, info: ConfigurationReport.reply(id, result))
  }

  private mutating func operate() {
    stop()
    guard let configuration else { return }
    actions.append(.operating(configuration))
  }

  private mutating func abort(_ reason: AbortReason, from before: ManagerState) {
    send(.abort(reason: reason))
    // Nothing was begun, so nothing ends.
    guard before != .unassociated else { return }
    end(reason == .undefined ? .aborted(reason) : .timedOut)
  }

  private mutating func end(_ end: ManagerEnd) {
    stop()
    let open = [pending?.request].compactMap { $0 } + waiting
    actions += open.map { .failed($0, .ended) }
    pending = nil
    waiting = []
    replies = [:]
    learning = nil
    configuration = nil
    agent = nil
    transferTimeouts = [:]
    actions.append(.ended(end))
  }

  private mutating func send(_ apdu: APDU) { actions.append(.send(apdu.bytes)) }

  private mutating func start(_ milliseconds: Int) {
    timer += 1
    actions.append(.startTimer(timer, milliseconds: milliseconds))
  }

  private mutating func stop() {
    timer += 1
    actions.append(.stopTimer)
  }

  // MARK: Events of the agent

  private mutating func take(_ data: DataAPDU) {
    guard case .eventReport(let report, let isConfirmed) = data.message, let configuration else { return }
    do throws(DecodingFailure) {
      if let form = ScanReport.Form(eventType: report.type) {
        let reading = configuration.read(try ScanReport(report.info, form: form))
        guard let token = open(.report(report), data.invokeID, isConfirmed) else { return }
        actions.append(.report(ManagerReport(token: token.token, reading: reading, octets: report.info)))
      } else if report.type == ObjectTerm.segmentData, isConfirmed {
        try takeSegment(report, data)
      } else {
        refuse(data)
      }
    } catch {
      actions.append(.problem(error))
      if isConfirmed {
        send(.presentation(DataAPDU(invokeID: data.invokeID, .reject(problem: .badlyStructuredAPDU))))
      }
    }
  }

  private mutating func takeSegment(_ report: DataAPDU.EventReport, _ data: DataAPDU) throws(DecodingFailure) {
    let event = try SegmentDataEvent(report.info)
    guard let pending, pending.isTransferring, case .transfer(report.handle, event.instance) = pending.request else {
      // Nobody asked for it, or not for this one.
      return reply(to: report, data.invokeID, info: event.reply(aborting: true))
    }
    guard !event.isAborted else {
      reply(to: report, data.invokeID, info: event.reply())
      return fail(.abortedByAgent)
    }
    guard let token = open(.segment(report, event), data.invokeID, true)?.token else { return }
    // The commit is our time, not the agent's.
    stop()
    actions.append(.segment(ManagerSegment(token: token, store: report.handle, event: event)))
  }

  /// Keeps what is to be answered after the commit; nil when the agent does not wait for its answers.
  private mutating func open(_ reply: Reply, _ invokeID: UInt16, _ isConfirmed: Bool) -> (token: ManagerToken?, Void)? {
    guard isConfirmed else { return (nil, ()) }
    guard replies[invokeID] == nil, replies.count < Self.openEvents else {
      send(.presentation(DataAPDU(invokeID: invokeID, .reject(problem: .resourceLimitation))))
      return nil
    }
    replies[invokeID] = reply
    return (ManagerToken(association: association, invokeID: invokeID), ())
  }

  private mutating func answer(_ token: ManagerToken) {
    guard state == .operating, token.association == association,
      let answered = replies.removeValue(forKey: token.invokeID)
    else { return }
    switch answered {
    case .report(let report): reply(to: report, token.invokeID, info: [])
    case .segment(let report, let event):
      reply(to: report, token.invokeID, info: event.reply())
      guard case .transfer(let store, _)? = pending?.request else { return }
      if event.isLast { succeed(.done) } else { start(transferTimeouts[store] ?? Limit.transfer) }
    }
  }

  private mutating func reply(to report: DataAPDU.EventReport, _ invokeID: UInt16, info: [UInt8]) {
    // Relative-Time is for managers that have one; 0xFFFFFFFF says so (20601 §8.12).
    let result = DataAPDU.EventReport(handle: report.handle, time: 0xFFFF_FFFF, type: report.type, info: info)
    send(.presentation(DataAPDU(invokeID: invokeID, .eventReportResult(result))))
  }

  private mutating func refuse(_ data: DataAPDU) {
    switch data.message {
    case .eventReport(_, isConfirmed: false), .set(_, _, isConfirmed: false), .action(_, isConfirmed: false): break
    default:
      send(
        .presentation(
          DataAPDU(invokeID: data.invokeID, .error(value: OperationError.notAllowedByObject, parameter: []))))
    }
  }

  // MARK: Requests of the caller

  private mutating func take(_ request: ManagerRequest) {
    guard state == .operating, waiting.count < Self.waitingRequests else {
      return actions.append(.failed(request, .notTaken))
    }
    waiting.append(request)
    proceed()
  }

  private mutating func proceed() {
    guard pending == nil, !waiting.isEmpty else { return }
    let request = waiting.removeFirst()
    let invokeID = nextInvokeID
    nextInvokeID &+= 1
    pending = Pending(request: request, invokeID: invokeID)
    send(.presentation(DataAPDU(invokeID: invokeID, request.message)))
    start(Limit.answer)
  }

  private mutating func succeed(_ answer: ManagerAnswer) {
    guard let done = pending else { return }
    stop()
    pending = nil
    actions.append(.answered(done.request, answer))
    proceed()
  }

  private mutating func fail(_ failure: ManagerFailure) {
    guard let failed = pending else { return }
    stop()
    pending = nil
    actions.append(.failed(failed.request, failure))
    proceed()
  }

  private mutating func finish(_ data: DataAPDU) {
    guard let asked = pending else { return }
    do throws(DecodingFailure) {
      switch (asked.request, data.message) {
      case (_, .error(let value, _)): fail(.refused(value))
      case (_, .reject(let problem)): fail(.rejected(problem))
      case (.attributes(let handle), .getResult(_, let list)):
        if let limit = list.integer(AttributeID.transferTimeout) {
          // RelativeTime counts 1/8 ms.
          transferTimeouts[handle] = min(max(Int(limit) / 8, Limit.answer), Limit.longest)
        }
        succeed(.attributes(list))
      case (.segmentInfo, .actionResult(let action)): succeed(.segments(try SegmentInfo.list(action.info)))
      case (.transfer(let store, _), .actionResult(let action)):
        let response = try SegmentTransferResponse(action.info)
        guard response.result == 0 else { return fail(.notTransferred(response.result)) }
        pending?.isTransferring = true
        start(transferTimeouts[store] ?? Limit.transfer)
      case (.clear, .actionResult), (.setTime, .actionResult): succeed(.done)
      default:
        throw .outOfRange(
          field: "DataApdu.choice", offset: 8, value: Int(data.invokeID), expected: "the answer to what was asked")
      }
    } catch {
      fail(.malformed(error))
    }
  }
}

extension ManagerRequest {
  fileprivate var message: DataAPDU.Message {
    switch self {
    case .attributes(let handle): .get(handle: handle, attributes: [])
    case .segmentInfo(let store, let selection):
      .action(.init(handle: store, type: ObjectTerm.getSegmentInfo, info: selection.bytes), isConfirmed: true)
    case .transfer(let store, let instance):
      .action(
        .init(
          handle: store, type: ObjectTerm.triggerSegmentTransfer, info: SegmentTransferResponse.request(instance)),
        isConfirmed: true)
    case .clear(let store, let selection):
      .action(.init(handle: store, type: ObjectTerm.clearSegments, info: selection.bytes), isConfirmed: true)
    case .setTime(let time):
      .action(.init(handle: 0, type: ObjectTerm.setTime, info: SetTime.request(time)), isConfirmed: true)
    }
  }
}
