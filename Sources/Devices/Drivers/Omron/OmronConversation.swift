import BluetoothLE
import Foundation
import WireFormats

/// The talk with one cuff: opening its memory, reading it, closing it. Nothing here can write to the memory.
struct OmronConversation {
  /// How often a command is sent before the visit gives up.
  static let attempts = 3

  let map: OmronMemoryMap
  /// The household's key, else the profile's; nil where the cuff wants none.
  let key: OmronPairingKey?
  /// How long the cuff may take for one answer.
  let limit: Duration

  init(_ map: OmronMemoryMap, key: OmronPairingKey?, limit: Duration) {
    self.map = map
    self.limit = limit
    if case .key(let own) = map.unlock { self.key = key ?? own } else { self.key = nil }
  }

  // MARK: The lock

  /// Has the cuff open its memory. A cuff in pairing mode is given the key: on a first visit at once, later only when it does
  /// not open by it, since the link may have ended before it was stored. One that is in no pairing mode may hold the key
  /// from an earlier pairing.
  func unlock(_ visit: inout GATTVisit) async throws(SessionFailure) {
    if let key { return try await unlock(with: key, &visit) }
    guard map.unlock == .token else { return }
    let token = UInt32.random(in: 1...UInt32.max)
    let reply = try await ask(.token(token), "Unlocking its memory", &visit)
    guard reply == .token(token) else {
      let echoedAnother = "The cuff answered another number than it was sent: something else may be talking to it."
      throw SessionFailure(.locked(reason: reply.isToken ? echoedAnother : "\(reply)"))
    }
  }

  private func unlock(with key: OmronPairingKey, _ visit: inout GATTVisit) async throws(SessionFailure) {
    let what = "Unlocking its memory"
    let refusal = visit.isFirstVisit ? try await store(key, &visit) : nil
    var reply = try await ask(.unlock(key), what, &visit)
    if reply != .unlocked, !visit.isFirstVisit, try await store(key, &visit) == nil {
      reply = try await ask(.unlock(key), what, &visit)
    }
    guard reply != .unlocked else { return }
    if case .notReadyForKey? = refusal { throw SessionFailure(.notInPairingMode(reason: "\(refusal ?? reply)")) }
    throw SessionFailure(.locked(reason: "\(refusal ?? reply)"))
  }

  /// Nil when the cuff has stored the key; its words where it takes none. It may hold it all the same: when its word that
  /// it has stored the key is lost, it has left pairing mode by the time that it is asked again.
  private func store(
    _ key: OmronPairingKey, _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> OmronUnlockReply? {
    let ready = try await ask(.prepareKey, "Asking for pairing mode", &visit)
    switch ready {
    case .readyForKey: break
    case .notReadyForKey: return ready
    default: throw SessionFailure(.locked(reason: "\(ready)"))
    }
    let stored = try await ask(.storeKey(key), "Storing the key", &visit)
    guard stored == .keyStored else { return stored }
    visit.session.progress(.keyStored)
    return nil
  }

  /// The cuff's reply to this very command, or its error.
  private func ask(
    _ command: OmronUnlockCommand, _ what: String, _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> OmronUnlockReply {
    try await repeated(what) { (_) throws(SessionFailure) in
      var isKey = true
      if case .token = command { isKey = false }
      // The makers' app writes its token without asking for a response.
      try await visit.send(command.bytes, to: OmronCharacteristics.unlock, acknowledged: isKey, what)
      return try await visit.answer(within: limit) { incoming in
        guard incoming.characteristic == OmronCharacteristics.unlock else { return nil }
        do throws(DecodingFailure) {
          let reply = try OmronUnlockReply(incoming.bytes)
          return reply.answers(command) ? .done(reply) : nil
        } catch {
          return .damaged(error)
        }
      }
    }
  }

  // MARK: The memory

  func open(_ visit: inout GATTVisit) async throws(SessionFailure) {
    let what = "Opening its memory"
    if case .refused(let result) = try await ask(.start, what, &visit) { throw Self.refusal(what, result) }
  }

  /// Tells the cuff that nothing more is asked. What was read is kept already, so what it answers, or whether, decides
  /// nothing.
  func close(_ visit: inout GATTVisit) async throws(SessionFailure) {
    do throws(SessionFailure) {
      _ = try await ask(.end, "Closing its memory", &visit)
    } catch {
      switch error.end {
      case .noAnswer, .damaged, .requestFailed: break
      default: throw error
      }
    }
  }

  /// What one region of the memory holds.
  enum Content {
    /// Parts that the cuff answered without data, each time it was asked, are 0xFF: nothing was ever written there, by one
    /// source, or the data was lost, by the other.
    case octets([UInt8], lacksData: Bool)
    /// The cuff does not give it.
    case refused
  }

  /// `count` octets from `address`, in as many reads as the map's block asks for.
  func read(
    _ address: UInt16, count: Int, _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> Content {
    var octets: [UInt8] = []
    var lacksData = false
    while octets.count < count {
      let part = min(map.block, count - octets.count)
      let place = address + UInt16(octets.count)
      let command: OmronFrame
      do throws(OmronEncodingFailure) {
        command = try .read(address: place, count: UInt8(part))
      } catch {
        throw SessionFailure(.requestFailed(what: "Reading its memory", reason: "\(error)"))
      }
      switch try await ask(command, Self.reading(place), &visit) {
      case .done(let data): octets += data
      case .withoutData:
        octets += [UInt8](repeating: 0xFF, count: part)
        lacksData = true
      case .refused, .unrelated: return .refused
      }
    }
    return .octets(octets, lacksData: lacksData)
  }

  /// `Reading its memory at 0x02AC`.
  static func reading(_ address: UInt16) -> String {
    "Reading its memory at 0x" + Hexadecimal.text([UInt8(address >> 8), UInt8(address & 0xFF)])
  }

  /// The cuff's answer to this very command.
  private func ask(
    _ command: OmronFrame, _ what: String, _ visit: inout GATTVisit
  ) async throws(SessionFailure) -> OmronAnswer {
    let chunks: [OmronChannels.Chunk]
    do throws(OmronEncodingFailure) {
      chunks = try map.channels.split(command)
    } catch {
      throw SessionFailure(.requestFailed(what: what, reason: "\(error)"))
    }
    var assembler = OmronFrameAssembler(map.channels)
    return try await repeated(what) { (isLast) throws(SessionFailure) in
      assembler.reset()
      for chunk in chunks {
        try await visit.send(
          chunk.octets, to: OmronCharacteristics.toDevice[chunk.channel], acknowledged: map.channels == .classic, what)
      }
      return try await visit.answer(within: limit) { incoming in
        guard let channel = OmronCharacteristics.toGateway.firstIndex(of: incoming.characteristic) else { return nil }
        do throws(DecodingFailure) {
          guard let frame = try assembler.receive(incoming.bytes, channel: channel) else { return nil }
          switch frame.answer(to: command) {
          case .unrelated: return nil
          // It may have lost its data on the way, so it is asked again.
          case .withoutData: return isLast ? .done(.withoutData) : .damaged(nil)
          case let answer: return .done(answer)
          }
        } catch {
          return .damaged(error)
        }
      }
    }
  }

  // MARK: Again

  private enum Outcome<Answer> {
    case done(Answer)
    case damaged(DecodingFailure?)
  }

  /// Sends and waits until an answer is whole, ``attempts`` times at most. Every command may come twice: none changes
  /// anything but the one that stores the key, and that stores the same.
  private func repeated<Answer>(
    _ what: String, _ once: (_ isLast: Bool) async throws(SessionFailure) -> Outcome<Answer>?
  ) async throws(SessionFailure) -> Answer {
    var failure: DecodingFailure?
    for attempt in 1...Self.attempts {
      switch try await once(attempt == Self.attempts) {
      case .done(let answer): return answer
      case .damaged(let reason): failure = reason ?? failure
      case nil: break
      }
    }
    throw SessionFailure(failure.map { .damaged(what: what, reason: "\($0)") } ?? .noAnswer(to: what))
  }

  private static func refusal(_ what: String, _ result: UInt8) -> SessionFailure {
    SessionFailure(.requestFailed(what: what, reason: "The cuff refused it (0x\(Hexadecimal.text([result])))."))
  }
}

extension OmronUnlockReply {
  var isToken: Bool { if case .token = self { true } else { false } }

  /// Whether this can be what the cuff says to `command`; a late reply to the one before is not.
  func answers(_ command: OmronUnlockCommand) -> Bool {
    switch (command, self) {
    case (_, .error), (.prepareKey, .readyForKey), (.prepareKey, .notReadyForKey), (.storeKey, .keyStored),
      (.storeKey, .keyRefused), (.unlock, .unlocked), (.unlock, .locked), (.token, .token), (.token, .tokenRefused):
      true
    default: false
    }
  }
}
