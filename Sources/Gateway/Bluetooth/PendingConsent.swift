import Devices
import Synchronization

/// A visit's question for a consent, until it is answered. Where nobody answers, it ends as if there were no more users.
final class PendingConsent: Sendable {
  let question: ConsentQuestion
  private let waiter: Mutex<CheckedContinuation<ConsentAnswer, Never>?>

  init(_ question: ConsentQuestion, _ waiter: CheckedContinuation<ConsentAnswer, Never>) {
    self.question = question
    self.waiter = Mutex(waiter)
  }

  deinit { answer(.noMore) }

  /// The first answer counts.
  func answer(_ answer: ConsentAnswer) {
    let waiter = waiter.withLock { waiter in
      defer { waiter = nil }
      return waiter
    }
    waiter?.resume(returning: answer)
  }
}
