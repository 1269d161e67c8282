import BluetoothLE
import DeviceSimulator
import Devices
import Foundation
import LocalAPI
import Observations
import Synchronization

/// Recording one session with a device that no profile knows: as a pairing goes, but nothing of it is kept here.
extension BluetoothService {
  /// Runs a recording to its end.
  func record(
    _ request: PairingRequest, _ recording: RecordingRequest, _ conversation: PairingConversation
  ) async {
    var procedure = PairingProcedure(service: self, request: request, conversation: conversation)
    await procedure.record(recording)
  }

  /// ``search(_:outlivesAdapter:_:lost:)``, with the octets of what is heard.
  func searchOctets(
    _ body: @escaping @Sendable (ManagementEvent.FoundDevice) -> Void, lost: @escaping @Sendable () -> Void
  ) async throws(PairingFault) -> Search {
    let search = try await search([], { _ in }, lost: lost)
    discovery.taps[search.number] = body
    return search
  }

  /// The kernel connects to a device that nobody has paired yet.
  func expect(_ peer: BluetoothAddress) async { await reply(.addDevice(peer, .connect)) }

  /// Undoes ``expect(_:)`` and whatever keys were made: they are not kept. A known device, also one that was recorded under
  /// a private address, gets its own back.
  func dismiss(_ peer: BluetoothAddress) async {
    guard !isKnown(peer) else { return await restore(peer) }
    await forget(peer)
    await reply(.unpair(peer, disconnect: true))
  }
}

extension PairingProcedure {
  /// Ends with exactly one of `recordingEnded` and `failed`.
  mutating func record(_ recording: RecordingRequest) async {
    do throws(PairingFault) {
      conversation.say(.recordingEnded(try await recorded(recording)))
    } catch {
      await closeLink()
      conversation.say(.failed(error.failure))
    }
    await drain()
  }

  private mutating func recorded(_ recording: RecordingRequest) async throws(PairingFault) -> RecordingEnd {
    try await service.requireAdapter()
    conversation.say(.searching(profiles: []))
    let (candidate, heard) = try await findOctets(recording)
    guard await !service.isKnown(candidate.address) else { throw .alreadyPaired }
    return try await withRecordingLink(candidate) { (procedure, pairing) async throws(PairingFault) in
      let authentication = try await procedure.bond(candidate, pairing)
      await procedure.service.keysAreMade(pairing)
      procedure.conversation.say(.bonded(authentication: authentication.rawValue))
      let address = pairing.identityResolvingKey?.address ?? pairing.longTermKeys.first?.address ?? candidate.address
      let device = KnownDevice(
        id: KnownDevice.id(of: address), address: address, name: nil, profile: candidate.profile,
        authentication: authentication, database: nil, informationIsKnown: false, keepsSubscriptions: nil,
        clockOffset: nil, previousVisit: nil)
      if procedure.link == nil { await procedure.service.expect(address) }
      guard let link = try await procedure.awaitLink(device) else { throw .deviceLeft }
      procedure.link = nil
      return try await procedure.session(link, device, heard, recording, candidate.address)
    }
  }

  /// As ``withPairingLink(_:_:)``, and the keys go whatever comes of it; where somebody else pairs the device, theirs stay.
  mutating func withRecordingLink(
    _ candidate: Candidate,
    _ body: (inout PairingProcedure, PairingLink) async throws(PairingFault) -> RecordingEnd
  ) async throws(PairingFault) -> RecordingEnd {
    let result: Result<RecordingEnd, PairingFault>
    var ours: PairingLink?
    do throws(PairingFault) {
      result = .success(
        try await withPairingLink(candidate) { (procedure, pairing) async throws(PairingFault) in
          ours = pairing
          return try await body(&procedure, pairing)
        })
    } catch {
      result = .failure(error)
    }
    if let ours {
      let identity = ours.identityResolvingKey?.address ?? ours.longTermKeys.first?.address
      for peer in Set([candidate.address, identity ?? candidate.address]) { await service.dismiss(peer) }
    }
    return try result.get()
  }

  private mutating func findOctets(
    _ recording: RecordingRequest
  ) async throws(PairingFault) -> (Candidate, ManagementEvent.FoundDevice) {
    let wanted = request.address?.uppercased() ?? ""
    let box = FoundBox()
    let search = try await service.searchOctets { [conversation] device in
      guard "\(device.address)" == wanted else { return }
      box.take(device)
      conversation.put(
        .advertisement(Advertisement(address: device.address, rssi: device.rssi ?? 127, data: device.data)))
    } lost: { [conversation] in
      conversation.put(.happening(.adapterLost))
    }
    let limit = begin(limit: request.waitSeconds.map { .milliseconds(Int64($0 * 1000)) } ?? Self.patience)
    defer { limit.cancel() }
    let result: Result<(Candidate, ManagementEvent.FoundDevice), PairingFault>
    search: while true {
      switch await next() {
      case .advertisement(let advertisement):
        guard let device = box.device else { continue }
        conversation.say(
          .found(
            FoundDevice(
              address: wanted, name: advertisement.localName, rssi: advertisement.rssi ?? -127,
              known: await service.isKnown(device.address))))
        result = .success((Candidate(advertisement: advertisement, profile: Self.unknown(recording)), device))
        break search
      case .answer(.cancel), .abandoned, nil:
        result = .failure(.cancelled)
        break search
      case .timeout(step):
        result = .failure(.nothingFound(address: request.address))
        break search
      case .happening(.adapterLost):
        result = .failure(
          .bluetoothUnavailable("The Bluetooth adapter went away.", remedy: "Plug it in and try again."))
        break search
      default: continue
      }
    }
    await service.endSearch(search)
    return try result.get()
  }

  /// What is taken to be so of a device that nothing is known of.
  private static func unknown(_ recording: RecordingRequest) -> DeviceProfile {
    DeviceProfile(
      name: "unknown/device", title: "a device that is recorded", recognition: Recognition(), driver: "",
      session: SessionPolicy(bond: recording.unpaired ? .never : .preferred, subscribe: []))
  }

  /// One session. What the client has written is told by the conversation, which is read here beside it.
  private mutating func session(
    _ link: IncomingLink, _ device: KnownDevice, _ heard: ManagementEvent.FoundDevice, _ recording: RecordingRequest,
    _ address: BluetoothAddress
  ) async throws(PairingFault) -> RecordingEnd {
    do {
      try await service.secure(link, device)
    } catch {
      link.channel.close()
      await link.channel.closed()
      throw .unreadable("\(error)")
    }
    conversation.say(.waitingForReading(instruction: nil))
    let gate = RecordingGate()
    let lines = RecordingLines(conversation, address: address, namePrefix: recording.namePrefix ?? "")
    let recorder = SessionRecorder(duration: .milliseconds(Int64(recording.seconds * 1000)), gate: gate) { _, entry in
      lines.add(entry)
    }
    recorder.note(.advertisement(heard.address, rssi: heard.rssi ?? 127, data: heard.data))
    let conversation = conversation
    let task = Task {
      let outcome = await recorder.run(link.channel)
      conversation.put(.recordingEnded)
      return outcome
    }
    listening: while true {
      switch await next() {
      // The recording's own numbers are one behind those of its lines, of which the first is the file's head.
      case .answer(.written(let number)): gate.kept(through: number - 1)
      case .recordingEnded: break listening
      case .answer(.cancel), .abandoned, .happening(.adapterLost), nil:
        task.cancel()
        gate.close()
        break listening
      default: continue
      }
    }
    let outcome = await task.value
    await link.channel.closed()
    lines.end()
    return RecordingEnd(
      reason: outcome.end, values: outcome.values, confirmed: outcome.confirmed, unconfirmed: outcome.unconfirmed,
      wantedSecurity: outcome.wantedSecurity)
  }
}

/// The device that was heard, as the kernel told it.
///
/// Sendable: what is changeable is under the lock.
private final class FoundBox: Sendable {
  private let found = Mutex<ManagementEvent.FoundDevice?>(nil)
  var device: ManagementEvent.FoundDevice? { found.withLock { $0 } }
  func take(_ device: ManagementEvent.FoundDevice) { found.withLock { $0 = device } }
}

/// A recording's lines as they are told to the client: what identifies the device is made unrecognisable before it leaves.
///
/// Sendable: everything changeable is under the lock.
final class RecordingLines: Sendable {
  private struct State {
    var number = 0
    var redactor: RecordingRedactor
  }

  private let conversation: PairingConversation
  private let state: Mutex<State>

  init(_ conversation: PairingConversation, address: BluetoothAddress, namePrefix: String) {
    self.conversation = conversation
    state = Mutex(State(redactor: RecordingRedactor(address: address, namePrefix: namePrefix)))
    say(RecordingFile.head(beginning: Date()), isValue: false)
  }

  func add(_ entry: Recording.Entry) {
    state.withLock { state in
      let event = state.redactor.redact(entry.event)
      // Told under the lock: the lines leave in the order of their numbers.
      say(&state, RecordingFile.line(Recording.Entry(at: entry.at, event)), event.isValue)
    }
  }

  /// The last line.
  func end() {
    let redacted = state.withLock { $0.redactor.redacted }
    say(RecordingFile.foot(redacted: redacted), isValue: false)
  }

  private func say(_ line: String, isValue: Bool) { state.withLock { say(&$0, line, isValue) } }

  private func say(_ state: inout State, _ line: String, _ isValue: Bool) {
    state.number += 1
    conversation.say(.recorded(RecordedLine(number: state.number, line: line, value: isValue)))
  }
}
