/// Why the local socket, or the page that answers are given on, could not be served.
package enum LocalServerFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Somebody answers there: another vitalsd.
  case alreadyServed(path: String)
  /// There is something else than a socket at the path; it is left alone.
  case notASocket(path: String)
  /// The system's reason.
  case cannotListen(path: String, reason: String)
  /// The system's reason.
  case cannotListenOutside(address: String, reason: String)
  /// It was listened, and the kernel closed the listener.
  case stoppedListening(path: String)

  package var description: String {
    switch self {
    case .alreadyServed(let path):
      "another vitalsd already listens at \(path); stop it, or give this one another 'socket' in its configuration"
    case .notASocket(let path):
      "\(path) is there and is no socket; remove it, or choose another 'socket' in the configuration"
    case .cannotListenOutside(let address, let reason):
      "cannot listen at \(address): \(reason); set another 'listen' under answers: page: in the configuration"
    case .stoppedListening(let path): "\(path) was closed under vitalsd, with every connection to it"
    case .cannotListen(let path, let reason):
      "cannot listen at \(path): \(reason); check that its directory exists, belongs to vitalsd, and the path is short"
    }
  }
}
