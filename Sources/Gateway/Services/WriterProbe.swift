/// Asks the store's writer for its turn now and then, so that a writer that never comes back is noticed although no reading
/// comes. Nothing is written: a box that idles must not wear its card out.
struct WriterProbe {
  let liveness: Liveness
  /// Takes the turn and gives it back.
  let take: @Sendable () async throws -> Void
  /// From one question to the next.
  static let every: Duration = .seconds(30)

  /// Until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      let work = liveness.begin(.store)
      // A store that answers with an error answers: it is told elsewhere, and a restart would not mend it.
      try? await take()
      liveness.end(work)
      guard (try? await Task.sleep(for: Self.every)) != nil else { return }
    }
  }
}
