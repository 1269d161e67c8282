import BluetoothLE
import Foundation

/// The memory of a simulated Omron cuff and how it is talked to, written from the facts of userx14/omblepy and
/// eigger/hass-omron and without the gateway's own frames, so that a mistake in one is not hidden by the same in the other.
package struct SimulatedMemory: Hashable, Sendable {
  /// What it asks for before it opens.
  package enum Lock: Hashable, Sendable {
    /// The key that it holds; nil while it holds none.
    case key([UInt8]?)
    case token
    case none
  }

  /// Some octets of it; what no piece covers is 0xFF.
  package struct Piece: Hashable, Sendable {
    package var address: Int
    package var octets: [UInt8]

    package init(address: Int, octets: [UInt8]) {
      self.address = address
      self.octets = octets
    }
  }

  /// What goes wrong with one answer.
  package enum Fault: Hashable, Sendable {
    /// It is not sent.
    case silent
    /// One bit of it flips on the way.
    case damaged
    /// The link ends in its place.
    case endsLink
    /// A read's answer comes without its data.
    case withoutData
  }

  /// A clock that goes: six octets at an address, and how far it is ahead of ours in seconds.
  package struct RunningClock: Hashable, Sendable {
    package var address: Int
    /// In words whose octets are exchanged.
    package var isExchanged: Bool
    package var offset: Double

    package init(address: Int, isExchanged: Bool, offset: Double) {
      self.address = address
      self.isExchanged = isExchanged
      self.offset = offset
    }
  }

  package var hasFourChannels: Bool
  package var lock: Lock
  /// Its display blinks P: it takes a key.
  package var isPairing: Bool
  package var pieces: [Piece]
  /// Addresses that it does not give: those of a user who is not registered.
  package var refused: Range<Int> = 0..<0
  /// Whether a read of what was never written is answered without data, and not with 0xFF.
  package var omitsEmpty = false
  package var clock: RunningClock?
  /// By the number of the answer, counted over all links from 0.
  package var faults: [Int: Fault] = [:]
  /// Answers that were due.
  package private(set) var answers = 0
  /// Every whole command that came: frames, and what was written to the lock.
  package private(set) var commands: [[UInt8]] = []
  private var isUnlocked = false
  private var isOpen = false
  private var arrived: [Int: [UInt8]] = [:]

  package init(hasFourChannels: Bool, lock: Lock, isPairing: Bool = false, pieces: [Piece] = []) {
    self.hasFourChannels = hasFourChannels
    self.lock = lock
    self.isPairing = isPairing
    self.pieces = pieces
  }

  /// What the cuff forgets when a link ends.
  package mutating func linkEnded() {
    (isUnlocked, isOpen, arrived) = (lock == .none, false, [:])
  }

  // MARK: The characteristics

  private static func uuids(_ prefixes: [String]) -> [BluetoothUUID] {
    prefixes.compactMap { BluetoothUUID($0 + "-0002a5d5c51b") }
  }
  private static let notified = uuids([
    "49123040-aee8-11e1-a74d", "4d0bf320-aee8-11e1-a0d9", "5128ce60-aee8-11e1-b84b", "560f1420-aee8-11e1-8184",
  ])
  private static let written = uuids([
    "db5b55e0-aee7-11e1-965e", "e0b8a060-aee7-11e1-92f4", "0ae12b00-aee8-11e1-a192", "10e1ba60-aee8-11e1-89e5",
  ])
  private static let lockUUID = uuids(["b305b680-aee7-11e1-a730"])

  /// What the cuff does after a write.
  struct Reaction {
    var notifications: [(uuid: BluetoothUUID, octets: [UInt8])] = []
    var endsLink = false
  }

  /// - Parameter width: octets that one notification carries.
  mutating func take(_ octets: [UInt8], on uuid: BluetoothUUID, width: Int) -> Reaction {
    if Self.lockUUID.contains(uuid) {
      commands.append(octets)
      return reaction(to: lockAnswer(octets), on: Self.lockUUID, width)
    }
    guard let channel = Self.written.firstIndex(of: uuid) else { return Reaction() }
    arrived[channel] = octets
    guard let length = arrived[0]?.first.map(Int.init) else { return Reaction() }
    let joined = (0..<4).compactMap { arrived[$0] }.flatMap { $0 }
    guard joined.count >= length else { return Reaction() }
    arrived = [:]
    let frame = Array(joined.prefix(length))
    commands.append(frame)
    guard frame.count >= 8, frame.reduce(0, ^) == 0 else { return Reaction() }
    return reaction(to: answer(frame), on: hasFourChannels ? Self.notified : [Self.notified[0]], width)
  }

  private mutating func reaction(to answer: [UInt8]?, on uuids: [BluetoothUUID], _ width: Int) -> Reaction {
    guard var answer else { return Reaction() }
    defer { answers += 1 }
    switch faults[answers] {
    case .silent: return Reaction()
    case .endsLink: return Reaction(endsLink: true)
    case .damaged: answer[answer.count - 2] ^= 0x10
    case .withoutData where answer.count > 8 && answer[1] == 0x81:
      answer = Self.sealed([8] + answer[1..<6] + [0])
    case .withoutData, nil: break
    }
    let part = uuids.count == 4 ? 16 : width
    let notifications = stride(from: 0, to: answer.count, by: part).enumerated().map { index, start in
      (uuid: uuids[uuids.count == 4 ? index : 0], octets: Array(answer[start..<min(start + part, answer.count)]))
    }
    return Reaction(notifications: notifications)
  }

  // MARK: The lock

  private mutating func lockAnswer(_ octets: [UInt8]) -> [UInt8]? {
    switch (octets.first, lock) {
    case (0x02, .key): return isPairing ? [0x82, 0x00] : [0x82, 0x0F]
    case (0x00, .key):
      guard isPairing, octets.count == 17 else { return [0x80, 0x0F] }
      lock = .key(Array(octets.dropFirst()))
      isPairing = false
      return [0x80, 0x00]
    case (0x01, .key(let held)):
      isUnlocked = held == Array(octets.dropFirst())
      return isUnlocked ? [0x81, 0x00] : [0x81, 0x04]
    case (0x11, .token) where octets.count == 20:
      isUnlocked = true
      return [0x91, 0x00] + octets[1..<5]
    default: return [0xFF, 0x26]
    }
  }

  // MARK: The frames

  private static func sealed(_ octets: [UInt8]) -> [UInt8] { octets + [octets.reduce(0, ^)] }

  private mutating func answer(_ frame: [UInt8]) -> [UInt8]? {
    let (address, count) = (Int(frame[3]) << 8 | Int(frame[4]), Int(frame[5]))
    let rejection = Self.sealed([8, 0x8F, 0, 0, 0, 0, 5])
    switch (frame[1], frame[2]) {
    case (0x00, 0x00):
      guard isUnlocked || lock == .none else { return rejection }
      isOpen = true
      return Self.sealed([8, 0x80, 0, 0, 0, 0x10, 0])
    case (0x01, 0x00):
      guard isOpen else { return rejection }
      if refused.contains(address) { return Self.sealed([8, 0x81, 0] + frame[3..<6] + [0xE3]) }
      let octets = read(address, count)
      if omitsEmpty, octets.allSatisfy({ $0 == 0xFF }) { return Self.sealed([8, 0x81, 0] + frame[3..<6] + [0]) }
      return Self.sealed([UInt8(8 + count), 0x81, 0] + frame[3..<6] + octets + [0])
    case (0x01, 0xC0):
      guard isOpen else { return rejection }
      pieces.append(Piece(address: address, octets: Array(frame[6..<6 + count])))
      return Self.sealed([8, 0x81, 0xC0] + frame[3..<6] + [0])
    case (0x0F, 0x00):
      isOpen = false
      return Self.sealed([8, 0x8F, 0, 0, 0, 0, 0])
    default: return rejection
    }
  }

  private func read(_ address: Int, _ count: Int) -> [UInt8] {
    var octets = [UInt8](repeating: 0xFF, count: count)
    for piece in pieces + clockPiece {
      for (index, octet) in piece.octets.enumerated() where octets.indices.contains(piece.address + index - address) {
        octets[piece.address + index - address] = octet
      }
    }
    return octets
  }

  private var clockPiece: [Piece] {
    guard let clock else { return [] }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let date = Date().addingTimeInterval(clock.offset)
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    let digits = [(parts.year ?? 2000) - 2000, parts.month, parts.day, parts.hour, parts.minute, parts.second]
      .map { UInt8(clamping: $0 ?? 0) }
    let order = clock.isExchanged ? [1, 0, 3, 2, 5, 4] : Array(0..<6)
    return [Piece(address: clock.address, octets: order.map { digits[$0] })]
  }
}
