import LocalAPI
import Observations

/// The pairings that go on, by the names that clients have for them.
actor Pairings {
  private struct Entry {
    var pairing: GatewayPairing
    var isRead = false
  }

  private var entries: [String: Entry] = [:]

  /// Comes back when a pairing that began just now may be without anybody reading its events no longer.
  private let patience: @Sendable () async -> Void

  init(patience: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(30)) }) {
    self.patience = patience
  }

  func add(_ pairing: GatewayPairing) -> String {
    let id = ObservationID.random().rawValue
    entries[id] = Entry(pairing: pairing)
    // Outlives the request that began it: a client that dies between its two requests must not keep the adapter busy.
    Task {
      await patience()
      await giveUpIfUnread(id)
    }
    return id
  }

  /// For who wants to read the events. They are not its reader yet: the answer to a client that is gone by now never begins.
  ///
  /// - Throws: ``RequestFailure`` when there is no such pairing, or it has its reader.
  func unread(_ id: String) throws -> GatewayPairing {
    let pairing = try find(id)
    guard entries[id]?.isRead == false else {
      throw RequestFailure(APIError.Code.busy, "somebody reads the events of this pairing already")
    }
    return pairing
  }

  /// For the one reader of the events, who cancels it with the reading: from now on nothing else gives it up.
  ///
  /// - Throws: as of ``unread(_:)``.
  func read(_ id: String) throws -> GatewayPairing {
    let pairing = try unread(id)
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
