package import Store

/// Why the daemon did not start.
package enum GatewayFailure: Error, CustomStringConvertible {
  case store(StoreFailure)
  case server(String)
  /// Another daemon has the data, or it cannot be known.
  case data(DataLock.Refusal)

  package var description: String {
    switch self {
    case .store(let failure): "the store cannot be opened: \(failure)"
    case .data(let refusal): refusal.description
    case .server(let reason): "the local socket cannot be opened: \(reason)"
    }
  }
}
