/// Runs by a part of the configuration, and anew when that is another.
final class RestartableService<Part: Equatable & Sendable>: Sendable {
  private let parts: AsyncStream<Part?>
  private let next: AsyncStream<Part?>.Continuation

  /// - Parameter first: nil: nothing runs until ``adopt(_:)``.
  init(_ first: Part?) {
    (parts, next) = AsyncStream.makeStream(of: Part?.self)
    next.yield(first)
  }

  /// - Parameter part: nil: nothing runs any more.
  func adopt(_ part: Part?) { next.yield(part) }

  /// Until the task is cancelled. What ran is over before the next begins: it may want the same port.
  func run(_ body: @escaping @Sendable (Part) async -> Void) async {
    var running: Task<Void, Never>?
    var current: Part?
    for await part in parts where part != current {
      current = part
      running?.cancel()
      _ = await running?.value
      running = part.map { part in Task { await body(part) } }
    }
    running?.cancel()
    _ = await running?.value
  }
}
