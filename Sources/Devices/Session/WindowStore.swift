import Observations

/// Stores the windows of a stream. One that can't be stored is held and tried again with the next: nobody sends it again,
/// and the stream goes on, whose alerts must not stop because a disk is full.
struct WindowStore {
  /// An hour of windows of a minute.
  private static let mostUnstored = 60

  private let sink: any ObservationSink
  private let progress: @Sendable (SessionProgress) -> Void
  private var unstored: [Observation] = []

  init(sink: any ObservationSink, progress: @escaping @Sendable (SessionProgress) -> Void) {
    self.sink = sink
    self.progress = progress
  }

  init(session: DeviceSession) { self.init(sink: session.sink, progress: session.progress) }

  mutating func keep(_ window: Observation) async {
    if unstored.count == Self.mostUnstored { unstored.removeFirst() }
    unstored.append(window)
    await storeAll()
  }

  /// Tries once more what waits.
  ///
  /// - Parameter what: what the windows are of, in words.
  /// - Returns: an end to be told instead, when something could not be stored.
  mutating func finish(what: String) async -> SessionEnd? {
    await storeAll()
    guard !unstored.isEmpty else { return nil }
    return .notStored(reason: "\(unstored.count) windows of \(what) were lost.")
  }

  private mutating func storeAll() async {
    while let observation = unstored.first {
      do {
        let outcome = try await sink.store(observation, live: true)
        unstored.removeFirst()
        progress(.reading(observation, outcome))
      } catch {
        progress(.notStored(reason: "\(error)"))
        return
      }
    }
  }
}
