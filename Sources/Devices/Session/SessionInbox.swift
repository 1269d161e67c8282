import BluetoothLE
import Foundation
import Synchronization

/// What reaches a visit, in one order: the link's values with their time of arrival, and the link's end. One task puts,
/// one takes.
///
/// An `AsyncStream` alone does not do: to stop waiting for it at a deadline is to cancel it, and that ends it.
final class SessionInbox: Sendable {
  enum Event: Sendable {
    /// With the time of arrival on our clock, for the record.
    case value(HandleValue, Date)
    case linkEnded
    case deadlinePassed
    /// The visit's task was cancelled.
    case cancelled
  }

  /// Values that wait for the visit, at most: one more ends the link.
  private static let most = 2048

  private struct Waiter {
    var number: UInt64
    var continuation: CheckedContinuation<Event, Never>
  }

  private struct State {
    var values: [Event] = []
    var hasEnded = false
    var isCancelled = false
    var waiter: Waiter?
    var lastNumber: UInt64 = 0

    mutating func takeWaiter() -> CheckedContinuation<Event, Never>? {
      defer { waiter = nil }
      return waiter?.continuation
    }
  }

  private let state = Mutex(State())

  /// Puts everything that `client` delivers, until its link ends.
  func fill(from client: GATTClient, now: @Sendable () -> Date) async {
    for await value in client.values {
      guard put(value, now()) else {
        await client.close()
        break
      }
    }
    let waiter = state.withLock { state in
      state.hasEnded = true
      return state.takeWaiter()
    }
    waiter?.resume(returning: .linkEnded)
  }

  /// False when too many wait.
  private func put(_ value: HandleValue, _ date: Date) -> Bool {
    let (waiter, fits) = state.withLock { state in
      if let waiter = state.takeWaiter() { return (waiter, true) as (CheckedContinuation<Event, Never>?, Bool) }
      guard state.values.count < Self.most else { return (nil, false) }
      state.values.append(.value(value, date))
      return (nil, true)
    }
    waiter?.resume(returning: .value(value, date))
    return fits
  }

  /// The next event; ``Event/deadlinePassed`` when none comes before `deadline`. What has arrived goes before an end.
  func next(before deadline: ContinuousClock.Instant) async -> Event {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    let timer = Task { [self] in
      guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
      expire(number)
    }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let event: Event? = state.withLock { state in
          if state.isCancelled { return .cancelled }
          if !state.values.isEmpty { return state.values.removeFirst() }
          if state.hasEnded { return .linkEnded }
          if ContinuousClock.now >= deadline { return .deadlinePassed }
          state.waiter = Waiter(number: number, continuation: continuation)
          return nil
        }
        if let event { continuation.resume(returning: event) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.isCancelled = true
        return state.takeWaiter()
      }
      waiter?.resume(returning: .cancelled)
    }
  }

  private func expire(_ number: UInt64) {
    let waiter = state.withLock { state in state.waiter?.number == number ? state.takeWaiter() : nil }
    waiter?.resume(returning: .deadlinePassed)
  }
}
