import AlertRules
import Observations
import Synchronization

/// What rules were shown of stored readings, by the text that is stored: the next reading's rules look back at nearly the
/// same ones, and reading their text anew takes several times as long as the commit. Nothing can be out of date in here,
/// for a reading that is changed has another text.
final class DecodedReadings: Sendable {
  /// A month of one person at four a day is 120. One is about 2 KB.
  private static let most = 1_000

  private let known = Mutex<[String: RuleSample]>([:])
  private let signal: DamageSignal?

  /// - Parameter signal: what is told of a text that cannot be read; nil: whoever asks for it is.
  init(_ signal: DamageSignal? = nil) { self.signal = signal }

  /// How many are kept.
  var count: Int { known.withLock { $0.count } }

  /// Forgets all of them: somebody was erased.
  func removeAll() { known.withLock { $0.removeAll() } }

  /// Nil: it cannot be read. A reading that is lost must not keep the next one from being kept, nor its alert from being told.
  func sample(_ text: String) throws -> RuleSample? {
    if let sample = known.withLock({ $0[text] }) { return sample }
    func decode() throws -> Observation { try JSONText.decode(Observation.self, text) }
    guard let observation = try signal.map({ try $0.readable(decode) }) ?? decode() else { return nil }
    let sample = RuleSample(observation, live: false)
    known.withLock { known in
      // Those that are still looked at are soon back.
      if known.count >= Self.most { known.removeAll() }
      known[text] = sample
    }
    return sample
  }
}
