package import Store

/// Why the daemon did not start, or ended.
package enum GatewayFailure: Error, CustomStringConvertible {
  case store(StoreFailure)
  case server(String)
  /// Another daemon has the data, or it cannot be known.
  case data(DataLock.Refusal)
  /// A statement met damage while the daemon ran; the next start rebuilds the database.
  case damaged(StoreFailure)

  package var description: String {
    switch self {
    case .store(let failure): "the store cannot be opened: \(failure)"
    case .data(let refusal): refusal.description
    case .damaged(let failure): "the daemon ends so that it can be started anew: \(failure)"
    case .server(let reason): "the local socket cannot be opened: \(reason)"
    }
  }
}
