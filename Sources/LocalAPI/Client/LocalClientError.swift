/// Why a request over the local socket came to nothing.
package enum LocalClientError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No file at this path: the daemon is not running, or listens elsewhere.
  case socketMissing(path: String)
  /// The file is there and nobody listens: the daemon died.
  case nobodyListens(path: String)
  /// A directory or a file of another kind is there.
  case notASocket(path: String)
  /// The file's mode keeps us out.
  case permissionDenied(path: String)
  /// Longer than a Unix socket address can be (107 octets).
  case pathTooLong(path: String)
  /// What answers does not speak as `vitalsd` does; the detail names what was wrong.
  case protocolFailure(path: String, detail: String)
  /// The answer did not end: the daemon stopped, or the connection was cut.
  case brokenOff(path: String)
  /// No answer within the limit.
  case timedOut(path: String, seconds: Int)
  /// The daemon answered with an error.
  case refused(status: Int, APIError)

  package var description: String {
    switch self {
    case .socketMissing(let path):
      "no socket at \(path): vitalsd is not running; start it with 'systemctl start vitalsd', or name its socket with "
        + "--socket or VITALS_SOCKET"
    case .nobodyListens(let path):
      "nobody listens at \(path): vitalsd has stopped; start it with 'systemctl start vitalsd'"
    case .notASocket(let path): "\(path) is not a socket; name that of vitalsd with --socket or VITALS_SOCKET"
    case .permissionDenied(let path):
      "no permission for \(path): join its group with 'sudo usermod -aG vitals $USER', then log in again"
    case .pathTooLong(let path):
      "the socket path \(path) is longer than 107 octets; choose a shorter one"
    case .protocolFailure(let path, let detail):
      "what listens at \(path) does not answer as vitalsd does: \(detail); check that vitals and vitalsd have one version"
    case .brokenOff(let path):
      "the answer from \(path) broke off: vitalsd stopped; see 'journalctl -u vitalsd'"
    case .timedOut(let path, let seconds):
      "no answer from \(path) within \(seconds) s; see 'journalctl -u vitalsd'"
    case .refused(_, let error):
      error.description
    }
  }
}
