/// The kernel's Bluetooth management channel: commands with their answers, and everything that happens to the adapters.
///
/// Commands with the same code for the same adapter are given to the kernel one after the other, since an answer names
/// only the code and the adapter. The channel lives until ``close()``.
package actor Management {
  /// An event and the adapter that it belongs to.
  package typealias Notice = (index: AdapterIndex, event: ManagementEvent)

  /// How long a command may take unless the caller says otherwise. Powering a USB adapter takes seconds; the kernel
  /// gives each HCI command 2 s.
  package static let commandLimit: Duration = .seconds(15)

  /// Everything that the kernel says, in its order. One reader; unbounded, so a slow reader loses nothing. Finishes
  /// when the channel is closed.
  package nonisolated let events: AsyncStream<Notice>

  private struct Key: Hashable {
    let code: UInt16
    let index: AdapterIndex
  }

  private struct Waiting {
    let id: Int
    let command: ManagementCommand
    let limit: Duration
    let continuation: CheckedContinuation<Result<[UInt8], ManagementError>, Never>
    var timer: Task<Void, Never>?
  }

  private let socket: ManagementSocket
  private let continuation: AsyncStream<Notice>.Continuation
  private var waiting: [Key: [Waiting]] = [:]
  private var nextID = 0
  private var isClosed = false

  /// Opens the channel. Reading the adapters works for everybody; what changes them needs CAP_NET_ADMIN.
  /// - Throws: ``ManagementError/unavailable(_:)``: no Bluetooth in the kernel, or the sandbox forbids it.
  package static func open() throws(ManagementError) -> Management {
    do throws(SystemError) {
      return Management(socket: try ManagementSocket.open())
    } catch {
      throw .unavailable(error)
    }
  }

  /// Speaks over a connected packet socket, half of a socket pair, and owns it.
  package init(fileDescriptor: Int32) {
    self.init(socket: ManagementSocket(fileDescriptor: fileDescriptor))
  }

  private init(socket: ManagementSocket) {
    self.socket = socket
    (events, continuation) = AsyncStream.makeStream()
    // One task reads all: a task for each packet would change their order.
    Task { await self.readAll() }
  }

  /// Sends a command and waits for its answer.
  ///
  /// After ``ManagementError/timedOut(command:index:after:)`` the kernel may still be at work: a pairing goes on until
  /// ``ManagementCommand/cancelPair(_:)``.
  /// - Parameters:
  ///   - index: the adapter; ``AdapterIndex/none`` for commands that concern none.
  ///   - limit: from the moment that the kernel is given the command.
  /// - Returns: the return parameters.
  /// - Throws: ``ManagementError``.
  @discardableResult
  package func send(
    _ command: ManagementCommand, to index: AdapterIndex = .none, limit: Duration = Management.commandLimit
  ) async throws(ManagementError) -> [UInt8] {
    guard !isClosed else { throw .closed(command: command.name) }
    let key = Key(code: command.code, index: index)
    nextID += 1
    let id = nextID
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Result<[UInt8], ManagementError>, Never>) in
        waiting[key, default: []].append(
          Waiting(id: id, command: command, limit: limit, continuation: continuation))
        if waiting[key]?.count == 1 { transmit(key) }
        // The handler may have run before the command stood in the list.
        if Task.isCancelled { finish(key, id, .failure(.cancelled(command: command.name))) }
      }
    } onCancel: {
      Task { await self.finish(key, id, .failure(.cancelled(command: command.name))) }
    }
    return try result.get()
  }

  /// Version and revision of the protocol that the kernel speaks.
  package func readVersion() async throws(ManagementError) -> (version: UInt8, revision: UInt16) {
    try await answer(to: .readVersion, at: .none) {
      (reader: inout ManagementReader) throws(ManagementDecodingFailure) in
      (try reader.byte("Version"), try reader.uint16("Revision"))
    }
  }

  /// The adapters that are there. Adapters that come later are told by ``ManagementEvent/indexAdded``.
  package func readIndexList() async throws(ManagementError) -> [AdapterIndex] {
    try await answer(to: .readIndexList, at: .none) {
      (reader: inout ManagementReader) throws(ManagementDecodingFailure) in
      var list: [AdapterIndex] = []
      for _ in 0..<(try reader.uint16("Num_Controllers")) {
        list.append(AdapterIndex(rawValue: try reader.uint16("Controller_Index")))
      }
      return list
    }
  }

  /// Address and settings of an adapter.
  package func readInformation(_ index: AdapterIndex) async throws(ManagementError) -> AdapterInformation {
    let parameters = try await send(.readInformation, to: index)
    do throws(ManagementDecodingFailure) {
      return try AdapterInformation(parameters)
    } catch {
      throw .unexpectedAnswer(command: ManagementCommand.readInformation.name, error)
    }
  }

  /// The LE devices that are connected through an adapter, whoever connected them. The adapter must be powered.
  package func connections(_ index: AdapterIndex) async throws(ManagementError) -> [BluetoothAddress] {
    try await answer(to: .getConnections, at: index) {
      (reader: inout ManagementReader) throws(ManagementDecodingFailure) in
      var list: [BluetoothAddress] = []
      for _ in 0..<(try reader.uint16("Connection_Count")) {
        if let address = try reader.address() { list.append(address) }
      }
      return list
    }
  }

  /// The defaults that the kernel holds for an adapter.
  package func systemConfiguration(_ index: AdapterIndex) async throws(ManagementError) -> [SystemParameter] {
    let parameters = try await send(.readSystemConfiguration, to: index)
    do throws(ManagementDecodingFailure) {
      return try SystemParameter.list(parameters)
    } catch {
      throw .unexpectedAnswer(command: ManagementCommand.readSystemConfiguration.name, error)
    }
  }

  /// Ends the channel: commands that wait fail, and ``events`` finishes. What the kernel was told stays in force.
  package func close() {
    socket.close()
    end()
  }

  private func answer<Value>(
    to command: ManagementCommand, at index: AdapterIndex,
    _ decode: (inout ManagementReader) throws(ManagementDecodingFailure) -> Value
  ) async throws(ManagementError) -> Value {
    var reader = ManagementReader(try await send(command, to: index))
    do throws(ManagementDecodingFailure) {
      return try decode(&reader)
    } catch {
      throw .unexpectedAnswer(command: command.name, error)
    }
  }

  private func readAll() async {
    for await packet in socket.packets {
      // A packet with a cut header cannot be: the kernel's own code makes it. It would tell nothing either.
      guard let notice = try? ManagementEvent.decode(packet) else { continue }
      // First the stream, then the caller: who acts on an answer finds everything earlier in the stream.
      continuation.yield(notice)
      if case .commandFinished(let code, let status, let parameters) = notice.event {
        answered(Key(code: code, index: notice.index), status, parameters)
      }
    }
    end()
  }

  private func answered(_ key: Key, _ status: ManagementStatus, _ parameters: [UInt8]) {
    guard let first = waiting[key]?.first else { return }
    // The late answer to a command that was given up names another device.
    if let device = first.command.device, key.code != 0x0019, parameters.count >= 6,
      Array(parameters[..<6]) != device.wire
    {
      return
    }
    finish(
      key, first.id,
      status == .success
        ? .success(parameters) : .failure(.refused(command: first.command.name, index: key.index, status)))
  }

  private func transmit(_ key: Key) {
    guard let first = waiting[key]?.first else { return }
    let id = first.id
    let packet = first.command.encoded(to: key.index)
    let name = first.command.name
    let limit = first.limit
    waiting[key]?[0].timer = Task { [weak self, socket] in
      if let error = await socket.send(packet) {
        await self?.finish(key, id, .failure(.notSent(command: name, error)))
        return
      }
      guard (try? await Task.sleep(for: limit)) != nil else { return }
      await self?.finish(key, id, .failure(.timedOut(command: name, index: key.index, after: limit)))
    }
  }

  private func finish(_ key: Key, _ id: Int, _ result: Result<[UInt8], ManagementError>) {
    guard let position = waiting[key]?.firstIndex(where: { $0.id == id }),
      let removed = waiting[key]?.remove(at: position)
    else { return }
    removed.timer?.cancel()
    if waiting[key]?.isEmpty == true { waiting[key] = nil }
    removed.continuation.resume(returning: result)
    if position == 0 { transmit(key) }
  }

  private func end() {
    guard !isClosed else { return }
    isClosed = true
    for list in waiting.values {
      for entry in list {
        entry.timer?.cancel()
        entry.continuation.resume(returning: .failure(.closed(command: entry.command.name)))
      }
    }
    waiting = [:]
    continuation.finish()
  }
}
