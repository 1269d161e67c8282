import BluetoothLE
import Synchronization

/// What the kernel says and asks while one device is being paired, between the event loop and the conversation.
///
/// Sendable: everything changeable is under the lock.
final class PairingLink: Sendable {
  /// What a person has to do.
  enum Question: Sendable {
    /// Type what the device shows.
    case type
    /// Say whether both show the same.
    case compare(Passkey)
    /// Type this on the device.
    case show(Passkey)
  }

  /// What happens to the pairing, in the kernel's order: a key that was made stands here before the end it belongs to.
  enum Happening: Sendable {
    case asked(Question, by: BluetoothAddress)
    case linked(IncomingLink)
    case ended(ManagementStatus)
    case adapterLost
  }

  private struct State {
    var longTermKeys: [LongTermKey] = []
    var identityResolvingKey: IdentityResolvingKey?
    /// Counts the runs of Pair Device.
    var attempt = 0
    /// Pair Device runs: what the kernel asks is asked for this pairing.
    var isAsking = false
    /// From the first run of Pair Device until the procedure has what it wanted, or gave up.
    var takesKeys = false
    var command: Task<Void, Never>?
    var isKept = false
    var visitWatch: (@Sendable (PairingConversation.Input) -> Void)?
  }

  private let tell: @Sendable (Happening) -> Void
  private let state = Mutex(State())

  init(tell: @escaping @Sendable (Happening) -> Void) { self.tell = tell }

  func ask(_ question: Question, by peer: BluetoothAddress) { tell(.asked(question, by: peer)) }
  func take(_ link: IncomingLink) { tell(.linked(link)) }
  func adapterLost() { tell(.adapterLost) }

  // MARK: One run of Pair Device

  /// From here on the kernel's questions and keys belong to this pairing. Gives the attempt's number.
  func beginAttempt() -> Int {
    state.withLock { state in
      state.attempt += 1
      state.isAsking = true
      state.takesKeys = true
      return state.attempt
    }
  }

  /// The command of the attempt, which may still wait for another device's to end.
  func hold(_ command: Task<Void, Never>) { state.withLock { $0.command = command } }

  /// The attempt has ended; told once.
  ///
  /// - Parameter attempt: nil: the one that runs.
  func end(_ status: ManagementStatus, attempt: Int? = nil) {
    let isFirst = state.withLock { state in
      guard state.isAsking, attempt == nil || attempt == state.attempt else { return false }
      state.isAsking = false
      return true
    }
    if isFirst { tell(.ended(status)) }
  }

  /// No more keys are made for this pairing: what the kernel asks from now on, nobody has started.
  func closeKeys() {
    let command = state.withLock { state in
      state.isAsking = false
      state.takesKeys = false
      return state.command
    }
    command?.cancel()
  }

  var isAsking: Bool { state.withLock { $0.isAsking } }
  var takesKeys: Bool { state.withLock { $0.takesKeys } }

  // MARK: Visits

  /// From here on a link of the device is served as any visit of a known device, and `watch` is told of it.
  func watchVisits(_ watch: @escaping @Sendable (PairingConversation.Input) -> Void) {
    state.withLock { $0.visitWatch = watch }
  }

  var visitWatch: (@Sendable (PairingConversation.Input) -> Void)? { state.withLock { $0.visitWatch } }

  // MARK: Keys

  /// Legacy pairing makes two keys, one a role: both count.
  func keep(_ key: LongTermKey) { state.withLock { $0.longTermKeys.append(key) } }
  func keep(_ key: IdentityResolvingKey) { state.withLock { $0.identityResolvingKey = key } }

  /// The device and its keys are stored.
  func markKept() { state.withLock { $0.isKept = true } }
  var isKept: Bool { state.withLock { $0.isKept } }

  /// A try that failed leaves nothing behind.
  func discardKeys() {
    state.withLock { state in
      state.longTermKeys = []
      state.identityResolvingKey = nil
    }
  }

  var longTermKeys: [LongTermKey] { state.withLock { $0.longTermKeys } }
  var identityResolvingKey: IdentityResolvingKey? { state.withLock { $0.identityResolvingKey } }
}
