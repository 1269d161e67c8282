import Devices
import Synchronization

/// A visit's question for a consent, until it is answered. Where nobody answers, it ends as if there were no more users.
final class PendingConsent: Sendable {
  let question: ConsentQuestion
  /// Apart from the question: the visit that waits must not keep it from going unanswered.
  private let waiter: ConsentWaiter

  private init(_ question: ConsentQuestion, _ waiter: ConsentWaiter) {
    self.question = question
    self.waiter = waiter
  }

  deinit { answer(.noMore) }

  /// The first answer counts.
  func answer(_ answer: ConsentAnswer) { waiter.answer(answer) }

  /// Puts a question and waits for its answer, which is ``ConsentAnswer/noMore`` where nobody keeps the question any more
  /// or the calling task is cancelled.
  static func ask(_ question: ConsentQuestion, _ put: (PendingConsent) -> Void) async -> ConsentAnswer {
    let waiter = ConsentWaiter()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        waiter.wait(continuation)
        put(PendingConsent(question, waiter))
      }
    } onCancel: {
      waiter.answer(.noMore)
    }
  }
}

/// Who waits for an answer, and the answer where it came first.
private final class ConsentWaiter: Sendable {
  private enum State {
    case untouched
    case waiting(CheckedContinuation<ConsentAnswer, Never>)
    case answered(ConsentAnswer)
  }

  private let state = Mutex(State.untouched)

  func wait(_ continuation: CheckedContinuation<ConsentAnswer, Never>) {
    let answer: ConsentAnswer? = state.withLock { state in
      if case .answered(let answer) = state { return answer }
      state = .waiting(continuation)
      return nil
    }
    if let answer { continuation.resume(returning: answer) }
  }

  func answer(_ answer: ConsentAnswer) {
    let continuation: CheckedContinuation<ConsentAnswer, Never>? = state.withLock { state in
      switch state {
      case .answered: return nil
      case .untouched:
        state = .answered(answer)
        return nil
      case .waiting(let continuation):
        state = .answered(answer)
        return continuation
      }
    }
    continuation?.resume(returning: answer)
  }
}
