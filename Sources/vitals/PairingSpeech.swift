import LocalAPI

/// What the gateway and the person say while a device is paired or recorded, as one stream that is read in order.
enum PairingSpeech: Sendable {
  case event(PairingEvent)
  case line(String?)
  /// The gateway says no more.
  case over((any Error)?)

  /// Runs `talk` over all that is said in the pairing `id`, and stops listening when it is done.
  ///
  /// - Parameter input: the descriptor that lines are read from, one for each request.
  static func listen<Value: Sendable>(
    to id: String, _ client: LocalClient, input: Int32,
    _ talk: (AsyncStream<PairingSpeech>, LineReader) async throws -> Value
  ) async throws -> Value {
    let (heard, continuation) = AsyncStream.makeStream(of: PairingSpeech.self)
    let reader = LineReader(descriptor: input) { continuation.yield(.line($0)) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await client.pairingEvents(id) { continuation.yield(.event($0)) }
          continuation.yield(.over(nil))
        } catch {
          continuation.yield(.over(error))
        }
      }
      defer { group.cancelAll() }
      return try await talk(heard, reader)
    }
  }
}
