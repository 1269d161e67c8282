/// A GATT client over one link. Everything that suspends here waits for the device; nothing blocks a thread.
///
/// The device may send requests of its own: they are answered as by a server without attributes.
package actor GATTClient {
  /// Values that wait to be taken, at most: one more ends the link, since none is dropped silently.
  package static let mostWaitingValues = 1024
  /// Requests that one discovery may take: a service has three attributes or more, a response names one or more.
  package static let mostRequests = 4096

  /// Every notification and indication, in order. One reader. Finishes when the link ends.
  package nonisolated let values: AsyncStream<HandleValue>
  /// What the client was given, or has discovered since.
  package private(set) var database: GATTDatabase?
  /// What the device did against the specification and was let pass, the first 64.
  package private(set) var violations: [ATTViolation] = []
  /// Of the newest response (or error response) that ended a request.
  package private(set) var newestResponse: Arrival?

  private let channel: SeqPacketChannel
  private let transactionLimit: Duration
  private let tap: (@Sendable (ATTPassage) -> Void)?
  private let continuation: AsyncStream<HandleValue>.Continuation
  private var state = ATTClientState()
  /// Of the PDU taken last.
  private var newest = Arrival(number: 0, instant: .now)
  private var waiting: [ATTClientState.RequestID: CheckedContinuation<ATTPDU, any Error>] = [:]
  private var timer: Task<Void, Never>?
  private var reader: Task<Void, Never>?
  private var hasExchangedMTU = false
  private var isWritingLong = false

  /// - Parameters:
  ///   - channel: connected, not yet started; the client is its one reader, and closes it.
  ///   - database: what is known of the device from an earlier link; the client does not check it.
  ///   - transactionLimit: how long the device may take to answer a request; 30 s by Vol 3 Part F §3.3.3.
  ///   - tap: told of every PDU in the order of the link: a received one before anybody acts on it, a sent one once the
  ///     channel has taken it. Called on the client; it must not wait.
  package init(
    channel: SeqPacketChannel, database: GATTDatabase? = nil, transactionLimit: Duration = .seconds(30),
    tap: (@Sendable (ATTPassage) -> Void)? = nil
  ) {
    self.channel = channel
    self.database = database
    self.transactionLimit = transactionLimit
    self.tap = tap
    (values, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaitingValues))
  }

  deinit {
    timer?.cancel()
    channel.close()
    continuation.finish()
  }

  /// Octets a PDU may have: 23 until ``exchangeMTU(_:)`` or the device's own exchange.
  package var mtu: Int { state.mtu }

  /// Why the link ended; nil while it has not.
  package var endReason: LinkEnd? { state.end }

  /// Begins to read the channel. Call it when the link's security is as it has to be. Does nothing the second time.
  package func start() {
    guard reader == nil else { return }
    channel.start()
    let channel = channel
    reader = Task { [weak self] in
      for await pdu in channel.incoming {
        guard let self else { return }
        await self.received(pdu)
      }
      await self?.channelEnded()
    }
  }

  /// Ends the link: pending requests throw, ``values`` finishes. The radio link itself is the kernel's to end.
  package func close() {
    endLink(.closed)
  }

  // MARK: The state machine's shell

  private func received(_ pdu: [UInt8]) {
    newest = Arrival(number: newest.number + 1, instant: .now)
    tap?(.fromDevice(pdu))
    perform(state.received(pdu))
  }

  private func channelEnded() {
    endLink(.channel(channel.endReason ?? .endOfFile))
  }

  private func limitReached(_ id: ATTClientState.RequestID) {
    perform(state.timeLimitReached(id))
  }

  private func endLink(_ reason: LinkEnd) {
    perform(state.linkEnded(reason))
    channel.close()
    continuation.finish()
  }

  private func perform(_ actions: [ATTClientState.Action]) {
    for action in actions {
      switch action {
      case .send(let pdu): _ = send(pdu)
      case .complete(let id, let result):
        if state.end == nil { newestResponse = newest }
        waiting.removeValue(forKey: id)?.resume(with: result.mapError { $0 as any Error })
      case .notification(let handle, let value): deliver(.notification(handle, value, newest))
      case .indication(let handle, let value, let id):
        deliver(.indication(handle, value, newest, IndicationConfirmation(client: self, id: id)))
      case .startTimer(let id):
        timer = Task { [weak self, transactionLimit] in
          guard (try? await Task.sleep(for: transactionLimit)) != nil else { return }
          await self?.limitReached(id)
        }
      case .stopTimer:
        timer?.cancel()
        timer = nil
      case .endBearer(let reason): endLink(reason)
      case .note(let violation): if violations.count < 64 { violations.append(violation) }
      }
    }
  }

  /// Nil, or why it was not sent.
  private func send(_ pdu: [UInt8]) -> LinkEnd? {
    do {
      try channel.send(pdu)
      tap?(.toDevice(pdu))
      return nil
    } catch {
      let end: LinkEnd
      switch error {
      case .ended(let reason):
        end = .channel(reason)
        // The reader will say so too, after the values that came before the end.
        guard reader == nil else { return end }
      case .notSent(let number):
        end = .channel(.error(number))
        // The reader comes to the end, too, after what the device had sent before it.
        if error.isOtherSideGone, reader != nil { return end }
      case .congested: end = .congested
      }
      endLink(end)
      return end
    }
  }

  private func sendNow(_ actions: [ATTClientState.Action]) throws(ATTError) {
    for case .send(let pdu) in actions {
      if let end = send(pdu) { throw .linkEnded(end) }
    }
  }

  private func deliver(_ value: HandleValue) {
    guard state.end == nil else { return }
    if case .dropped = continuation.yield(value) { endLink(.valuesOverflow) }
  }

  /// For ``IndicationConfirmation/send()``.
  func confirm(_ id: ATTClientState.IndicationID) throws(ATTError) {
    try sendNow(try state.confirm(id))
  }

  /// The device's response. Throws ``ATTError``, or `CancellationError` when the calling task is cancelled.
  func request(_ pdu: ATTPDU) async throws -> ATTPDU {
    try Task.checkCancellation()
    let id = state.newRequestID()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        waiting[id] = continuation
        perform(state.request(id, pdu))
      }
    } onCancel: {
      Task { await self.cancel(id) }
    }
  }

  private func cancel(_ id: ATTClientState.RequestID) {
    guard let continuation = waiting.removeValue(forKey: id) else { return }
    state.cancel(id)
    continuation.resume(throwing: CancellationError())
  }

  /// The state machine lets no response through that does not belong to its request.
  static func mismatch(_ request: ATTOpcode, _ response: ATTPDU) -> ATTError {
    .linkEnded(.unexpectedResponse(to: request, received: response.opcode))
  }

  // MARK: Procedures

  /// Tells the device how long a PDU may be, once a link (Part G §4.3.1). A device that does not know the request
  /// leaves the MTU at 23. The channel must be able to receive that many octets.
  ///
  /// - Parameter receiveMTU: 23–517; ignored when the device has asked first.
  /// - Returns: the MTU from now on.
  /// Throws ``ATTError`` or `CancellationError`, as everything below.
  @discardableResult
  package func exchangeMTU(_ receiveMTU: UInt16 = 517) async throws -> Int {
    guard !hasExchangedMTU else { return mtu }
    hasExchangedMTU = true
    do {
      _ = try await request(.exchangeMTURequest(state.setReceiveMTU(receiveMTU)))
    } catch let error as ATTError where error.code == .requestNotSupported {}
    return mtu
  }

  /// The value, or as much of it as one response holds: MTU − 1 octets (Part G §4.8.1).
  package func read(_ handle: AttributeHandle) async throws -> [UInt8] {
    let response = try await request(.readRequest(handle))
    guard case .readResponse(let value) = response else { throw Self.mismatch(.readRequest, response) }
    return value
  }

  /// The whole value in as many requests as it takes (Part G §4.8.3). Throws also ``GATTError/overlongValue(_:)``.
  package func readLong(_ handle: AttributeHandle) async throws -> [UInt8] {
    var value = try await read(handle)
    // The MTU cannot change below the loop's feet: it grows once at most, and a part that fills less ends the value.
    var part = value.count
    while part >= mtu - 1 {
      guard value.count <= 512, let offset = UInt16(exactly: value.count) else { throw GATTError.overlongValue(handle) }
      let response: ATTPDU
      do {
        response = try await request(.readBlobRequest(handle, offset: offset))
      } catch let error as ATTError where error.code == .attributeNotLong || error.code == .invalidOffset {
        // Some servers say so where the specification has them send an empty part.
        return value
      }
      guard case .readBlobResponse(let more) = response else { throw Self.mismatch(.readBlobRequest, response) }
      value += more
      part = more.count
    }
    guard value.count <= 512 else { throw GATTError.overlongValue(handle) }
    return value
  }

  /// The attributes of this type within `range` (Part G §4.8.2): one request, so what one response holds; a value is
  /// cut to the smaller of MTU − 4 and 253 octets. Empty when there is none.
  package func read(uuid: BluetoothUUID, in range: AttributeHandleRange = .all) async throws -> [AttributeValue] {
    let response: ATTPDU
    do {
      response = try await request(.readByTypeRequest(range, type: uuid))
    } catch let error as ATTError where error.code == .attributeNotFound {
      return []
    }
    guard case .readByTypeResponse(let list) = response else { throw Self.mismatch(.readByTypeRequest, response) }
    return list
  }

  /// The Database Hash (0x2B2A) and its handle, in one request (Part G §7.3); nil for a device without one.
  package func databaseHash() async throws -> AttributeValue? {
    do {
      return try await read(uuid: .databaseHash).first { $0.value.count == 16 }
    } catch let error as ATTError where error.code.map({ !$0.wantsSecurity }) ?? false {
      return nil
    }
  }

  /// Writes and waits for the device to say that it has (Part G §4.9.3). Throws also
  /// ``GATTError/valueTooLong(octets:most:)`` above MTU − 3 octets.
  package func write(_ handle: AttributeHandle, _ value: [UInt8]) async throws {
    try requireLength(value)
    _ = try await request(.writeRequest(handle, value))
  }

  /// Writes without an answer (Part G §4.9.1). Throws as ``write(_:_:)``.
  package func writeWithoutResponse(_ handle: AttributeHandle, _ value: [UInt8]) throws {
    try requireLength(value)
    try sendNow(try state.command(.writeCommand(handle, value)))
  }

  private func requireLength(_ value: [UInt8]) throws(GATTError) {
    guard value.count <= mtu - 3 else { throw .valueTooLong(octets: value.count, most: mtu - 3) }
  }

  /// Writes up to 512 octets in parts, each of which the device echoes; they take effect together, and only when every
  /// echo is right (Part G §4.9.4, §4.9.5). Throws also ``GATTError/preparedValueDiffers(_:)``,
  /// ``GATTError/longWriteUnderway`` and ``GATTError/valueTooLong(octets:most:)``.
  package func writeLong(_ handle: AttributeHandle, _ value: [UInt8]) async throws {
    guard value.count <= 512 else { throw GATTError.valueTooLong(octets: value.count, most: 512) }
    guard !value.isEmpty else { return try await write(handle, value) }
    guard !isWritingLong else { throw GATTError.longWriteUnderway }
    isWritingLong = true
    defer { isWritingLong = false }
    do {
      try await prepare(handle, value)
      _ = try await request(.executeWriteRequest(.write))
    } catch {
      // Not in this task: it may be cancelled, and the parts must not stay in the device's queue for the next write.
      await Task { _ = try? await request(.executeWriteRequest(.cancel)) }.value
      throw error
    }
  }

  private func prepare(_ handle: AttributeHandle, _ value: [UInt8]) async throws {
    var start = 0
    while start < value.count {
      let part = Array(value[start..<min(start + mtu - 5, value.count)])
      guard let offset = UInt16(exactly: start) else { throw GATTError.valueTooLong(octets: value.count, most: 512) }
      let response = try await request(.prepareWriteRequest(handle, offset: offset, part))
      guard response == .prepareWriteResponse(handle, offset: offset, part) else {
        throw GATTError.preparedValueDiffers(handle)
      }
      start += part.count
    }
  }

  /// Subscribes to a characteristic, or ends that (Part G §3.3.3.3). Throws also
  /// ``GATTError/noClientCharacteristicConfiguration(_:)``. Whether the properties allow it is the device's to say:
  /// some declare less than they do.
  package func setClientCharacteristicConfiguration(
    _ characteristic: GATTDatabase.Characteristic, _ configuration: ClientCharacteristicConfiguration
  ) async throws {
    guard let descriptor = characteristic.clientConfiguration else {
      throw GATTError.noClientCharacteristicConfiguration(characteristic.uuid)
    }
    try await write(descriptor.handle, configuration.wire)
  }

  /// Discovers everything and keeps it as ``database``. Throws also ``GATTError``.
  package func discover() async throws -> GATTDatabase {
    // Read first: when the device changes its services meanwhile, the stored hash is the old one and will not match.
    let hash = try await databaseHash()
    var services = try await discoverPrimaryServices()
    for index in services.indices {
      services[index].characteristics = try await discoverCharacteristics(in: services[index])
    }
    let found = GATTDatabase(services: services, hash: hash?.value, hashHandle: hash?.handle)
    database = found
    return found
  }
}

/// The value of a Client Characteristic Configuration descriptor (Vol 3 Part G §3.3.3.3).
package enum ClientCharacteristicConfiguration: UInt16, Hashable, Sendable {
  case none = 0x0000
  case notification = 0x0001
  case indication = 0x0002

  /// Two octets, least significant first.
  package var wire: [UInt8] { [UInt8(truncatingIfNeeded: rawValue), 0] }
}
