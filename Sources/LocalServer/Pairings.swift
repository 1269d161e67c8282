import LocalAPI
import Observations

/// The pairings that go on, by the names that clients have for them.
actor Pairings {
  private struct Entry {
    var pairing: GatewayPairing
    var isRead = false
  }

  private var entries: [String: Entry] = [:]

  /// How long a pairing may be without anybody reading its events before it is given up.
  private let patience: Duration

  init(patience: Duration = .seconds(30)) { self.patience = patience }

  func add(_ pairing: GatewayPairing) -> String {
    let id = ObservationID.random().rawValue
    entries[id] = Entry(pairing: pairing)
    // Outlives the request that began it: a client that dies between its two requests must not keep the adapter busy.
    Task {
      try? await Task.sleep(for: patience)
      await giveUpIfUnread(id)
    }
    return id
  }

  /// For the one reader of the events.
  func read(_ id: String) throws -> GatewayPairing {
    let pairing = try find(id)
    guard entries[id]?.isRead == false else {
      throw RequestFailure(APIError.Code.busy, "somebody reads the events of this pairing already")
    }
    entries[id]?.isRead = true
    return pairing
  }

  func find(_ id: String) throws -> GatewayPairing {
    guard let entry = entries[id] else {
      throw RequestFailure(
        APIError.Code.notFound, "this pairing has ended, or never was", remedy: "start again with 'vitals pair'")
    }
    return entry.pairing
  }

  func remove(_ id: String) { entries[id] = nil }

  /// When the server stops.
  func cancelAll() async {
    let pairings = entries.values.map(\.pairing)
    entries = [:]
    for pairing in pairings { await pairing.cancel() }
  }

  private func giveUpIfUnread(_ id: String) async {
    guard let entry = entries[id], !entry.isRead else { return }
    entries[id] = nil
    await entry.pairing.cancel()
  }
}
