/// The client end of one ATT bearer without any input or output: what happens goes in as a call, what to do about it
/// comes out as actions, to be done in their order. (Core Specification Vol 3 Part F §3.3.)
///
/// One request is under way at a time; others wait in the order in which they came. Values and the peer's own requests
/// pass independently of it.
package struct ATTClientState: Sendable {
  /// Names one request, for as long as the bearer lives.
  package struct RequestID: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  /// Names one indication, for as long as the bearer lives.
  package struct IndicationID: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  /// What is to be done.
  package enum Action: Hashable, Sendable {
    /// Send these octets.
    case send([UInt8])
    /// Tell whoever asked. Comes once for each request that was not cancelled.
    case complete(RequestID, Result<ATTPDU, ATTError>)
    case notification(AttributeHandle, [UInt8])
    case indication(AttributeHandle, [UInt8], IndicationID)
    /// Call ``ATTClientState/timeLimitReached(_:)`` after the transaction limit.
    case startTimer(RequestID)
    case stopTimer(RequestID)
    /// Disconnect: no more PDUs go over this bearer.
    case endBearer(LinkEnd)
    case note(ATTViolation)
  }

  /// The MTU of LE before an exchange (Vol 3 Part G §5.2.1), and the least that there is.
  package static let defaultMTU = 23

  /// Indications delivered and not confirmed, at most: a device that obeys the specification has one.
  package static let mostUnconfirmed = 1024

  private struct Request: Sendable {
    var id: RequestID
    var pdu: ATTPDU
    var isCancelled = false
  }

  /// Octets a PDU may have in either direction.
  package private(set) var mtu = Self.defaultMTU
  /// Why the bearer ended; nil while it has not.
  package private(set) var end: LinkEnd?

  private var receiveMTU: UInt16
  private var hasToldReceiveMTU = false
  private var pending: Request?
  private var queue: [Request] = []
  private var unconfirmed: Set<IndicationID> = []
  private var lastNumber: UInt64 = 0

  /// - Parameter receiveMTU: the longest PDU that this side takes; 517 holds an attribute value of 512 octets in a
  ///   Prepare Write. Raised to 23 when below.
  package init(receiveMTU: UInt16 = 517) {
    self.receiveMTU = max(receiveMTU, UInt16(Self.defaultMTU))
  }

  /// The request under way.
  package var pendingRequest: RequestID? { pending?.id }
  /// Requests that wait for their turn.
  package var queuedRequests: [RequestID] { queue.map(\.id) }
  /// Indications that were delivered and not confirmed.
  package var unconfirmedCount: Int { unconfirmed.count }

  private mutating func newNumber() -> UInt64 {
    lastNumber += 1
    return lastNumber
  }

  // MARK: What this side wants

  /// Changes what this side tells of itself in an MTU exchange, and says what it will tell: once told, the value stays
  /// (§3.4.2.2: the same in request and response).
  package mutating func setReceiveMTU(_ wanted: UInt16) -> UInt16 {
    if !hasToldReceiveMTU { receiveMTU = max(wanted, UInt16(Self.defaultMTU)) }
    return receiveMTU
  }

  /// A name for a request that will be made.
  package mutating func newRequestID() -> RequestID { RequestID(number: newNumber()) }

  /// A request is wanted. `pdu` is one of the requests of ``ATTPDU``.
  package mutating func request(_ id: RequestID, _ pdu: ATTPDU) -> [Action] {
    if let end { return [.complete(id, .failure(.linkEnded(end)))] }
    queue.append(Request(id: id, pdu: pdu))
    return sendNext()
  }

  /// Whoever asked does not want the answer any more; no ``Action/complete(_:_:)`` comes. A request under way stays
  /// under way, since ATT cannot take one back, and so does its time limit.
  package mutating func cancel(_ id: RequestID) {
    queue.removeAll { $0.id == id }
    if pending?.id == id { pending?.isCancelled = true }
  }

  /// A command is wanted: it waits for nothing. Throws ``ATTError/linkEnded(_:)``.
  package func command(_ pdu: ATTPDU) throws(ATTError) -> [Action] {
    if let end { throw .linkEnded(end) }
    return [.send(pdu.bytes)]
  }

  /// This indication is to be confirmed. Throws ``ATTError/linkEnded(_:)`` and ``ATTError/alreadyConfirmed``.
  package mutating func confirm(_ id: IndicationID) throws(ATTError) -> [Action] {
    if let end { throw .linkEnded(end) }
    guard unconfirmed.remove(id) != nil else { throw .alreadyConfirmed }
    return [.send(ATTPDU.handleValueConfirmation.bytes)]
  }

  // MARK: What happens

  /// The transaction limit of this request has passed. Does nothing when it is no longer under way.
  package mutating func timeLimitReached(_ id: RequestID) -> [Action] {
    guard let pending, pending.id == id else { return [] }
    return endBearer(.transactionTimedOut(pending.pdu.opcode))
  }

  /// The link has ended, or has to. Does nothing after the first time.
  package mutating func linkEnded(_ reason: LinkEnd) -> [Action] {
    guard end == nil else { return [] }
    end = reason
    unconfirmed = []
    var actions: [Action] = []
    if let pending {
      actions.append(.stopTimer(pending.id))
      actions += complete(pending, .failure(.linkEnded(reason)))
    }
    actions += queue.map { .complete($0.id, .failure(.linkEnded(reason))) }
    pending = nil
    queue = []
    return actions
  }

  /// A packet arrived.
  package mutating func received(_ bytes: [UInt8]) -> [Action] {
    guard end == nil else { return [] }
    guard let first = bytes.first else { return [.note(.malformed(.empty))] }
    let opcode = ATTOpcode(rawValue: first)
    switch opcode.kind {
    case .response: return receivedResponse(opcode, bytes)
    case .request: return [.send(receivedRequest(opcode, bytes).bytes)]
    // A server without attributes has nothing to write to, and commands are never answered (§3.3.2).
    case .command: return []
    case .notification, .indication: return receivedValue(bytes)
    case .confirmation: return [.note(.unrequestedConfirmation)]
    case .unknown:
      return [.send(ATTPDU.errorResponse(request: opcode, handle: .none, code: .requestNotSupported).bytes)]
    }
  }

  private mutating func endBearer(_ reason: LinkEnd) -> [Action] {
    linkEnded(reason) + [.endBearer(reason)]
  }

  private mutating func sendNext() -> [Action] {
    guard pending == nil, !queue.isEmpty else { return [] }
    let next = queue.removeFirst()
    pending = next
    if case .exchangeMTURequest = next.pdu { hasToldReceiveMTU = true }
    return [.send(next.pdu.bytes), .startTimer(next.id)]
  }

  // MARK: Responses

  private mutating func receivedResponse(_ opcode: ATTOpcode, _ bytes: [UInt8]) -> [Action] {
    guard let pending else { return [.note(.unrequestedResponse(opcode))] }
    let asked = pending.pdu.opcode
    guard opcode == asked.response || opcode == .errorResponse else {
      return endBearer(.unexpectedResponse(to: asked, received: opcode))
    }
    let result: Result<ATTPDU, ATTError>
    do {
      let response = try ATTPDU(decoding: bytes)
      if case .errorResponse(let request, let handle, let code) = response {
        guard request == asked else { return endBearer(.unexpectedResponse(to: asked, received: opcode)) }
        result = .failure(.refused(request: request, handle: handle, code: code))
      } else {
        if case .exchangeMTUResponse(let mtu) = response { agreeMTU(mtu) }
        result = .success(response)
      }
    } catch {
      result = .failure(.malformedResponse(error))
    }
    self.pending = nil
    return [.stopTimer(pending.id)] + complete(pending, result) + sendNext()
  }

  private func complete(_ request: Request, _ result: Result<ATTPDU, ATTError>) -> [Action] {
    request.isCancelled ? [] : [.complete(request.id, result)]
  }

  /// §3.4.2.2: the smaller of both; when either is below the default, the default.
  private mutating func agreeMTU(_ theirs: UInt16) {
    mtu = max(Self.defaultMTU, Int(min(receiveMTU, theirs)))
  }

  // MARK: Values

  private mutating func receivedValue(_ bytes: [UInt8]) -> [Action] {
    let pdu: ATTPDU
    do {
      pdu = try ATTPDU(decoding: bytes)
    } catch {
      if error.opcode == .handleValueIndication { return endBearer(.malformedIndication(error)) }
      return [.note(.malformed(error))]
    }
    switch pdu {
    case .handleValueNotification(let handle, let value): return [.notification(handle, value)]
    case .multipleHandleValueNotification(let list): return list.map { .notification($0.handle, $0.value) }
    case .handleValueIndication(let handle, let value):
      guard unconfirmed.count < Self.mostUnconfirmed else { return endBearer(.valuesOverflow) }
      let before: [Action] = unconfirmed.isEmpty ? [] : [.note(.indicationBeforeConfirmation(handle))]
      let id = IndicationID(number: newNumber())
      unconfirmed.insert(id)
      return before + [.indication(handle, value, id)]
    default: return []
    }
  }

  // MARK: The peer's requests

  /// This side has a server without attributes: it can agree on an MTU, and of everything else it says in the
  /// specification's words that it is not there.
  private mutating func receivedRequest(_ opcode: ATTOpcode, _ bytes: [UInt8]) -> ATTPDU {
    func refuse(_ code: ATTErrorCode, _ handle: AttributeHandle = .none) -> ATTPDU {
      .errorResponse(request: opcode, handle: handle, code: code)
    }
    func refuse(_ range: AttributeHandleRange) -> ATTPDU {
      refuse(range.isValid ? .attributeNotFound : .invalidHandle, range.start)
    }
    guard let request = try? ATTPDU(decoding: bytes) else { return refuse(.invalidPDU) }
    switch request {
    case .exchangeMTURequest(let theirs):
      hasToldReceiveMTU = true
      agreeMTU(theirs)
      return .exchangeMTUResponse(receiveMTU)
    case .findInformationRequest(let range), .findByTypeValueRequest(let range, _, _), .readByTypeRequest(let range, _):
      return refuse(range)
    case .readByGroupTypeRequest(let range, let type):
      // Only services are groups to a client (Part G §2.5.3).
      let isGroup = type == .primaryService || type == .secondaryService
      return range.isValid && !isGroup ? refuse(.unsupportedGroupType, range.start) : refuse(range)
    case .readRequest(let handle), .readBlobRequest(let handle, _), .writeRequest(let handle, _),
      .prepareWriteRequest(let handle, _, _):
      return refuse(.invalidHandle, handle)
    case .readMultipleRequest(let handles), .readMultipleVariableRequest(let handles):
      return refuse(.invalidHandle, handles.first ?? .none)
    // Nothing was prepared, and writing or dropping nothing succeeds (§3.4.6.3).
    case .executeWriteRequest: return .executeWriteResponse
    default: return refuse(.requestNotSupported)
    }
  }
}
