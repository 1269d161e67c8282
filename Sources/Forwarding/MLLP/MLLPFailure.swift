import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Why a message was not answered. Never a word of what was sent or received.
enum MLLPFailure: Error, Hashable, CustomStringConvertible {
  case cannotConnect(host: String, reason: String)
  /// Its certificate is not signed by whom we trust, or has expired.
  case untrusted(host: String)
  /// Its certificate is somebody else's.
  case wrongName(host: String)
  /// It refused our certificate, or asked for one and got none.
  case refusedOurCertificate(host: String)
  case noTLS(host: String)
  /// - Parameter begun: in the middle of an answer.
  case connectionLost(host: String, begun: Bool)
  /// - Parameter othersAnswered: it answered, but with another MSA-2.
  case silence(host: String, othersAnswered: Bool)
  case unreadable(host: String, reason: String)
  case cancelled

  var description: String {
    switch self {
    case .cannotConnect(let host, let reason): "no connection to \(host): \(reason)"
    case .untrusted(let host):
      "the certificate of \(host) is not trusted: it has expired, or none of the authorities of ca-file (without it: of "
        + "the system) has signed it"
    case .wrongName(let host): "the certificate that \(host) shows names another host; check url"
    case .refusedOurCertificate(let host):
      "\(host) refused this gateway's certificate, or asks for one; check client-certificate and client-key"
    case .noTLS(let host): "\(host) does not speak TLS there, or no version of it that is safe; check the port in url"
    case .connectionLost(let host, let begun):
      "\(host) ended the connection \(begun ? "in the middle of its answer" : "without an answer")"
    case .silence(let host, false): "\(host) did not answer in time"
    case .silence(let host, true): "\(host) did not answer in time; it answered other messages (MSA-2)"
    case .unreadable(let host, let reason): "\(host) answered something that is no acknowledgement: \(reason)"
    case .cancelled: "stopped"
    }
  }

  /// Whether somebody has to mend something before it can succeed.
  var needsSomebody: Bool {
    switch self {
    case .untrusted, .wrongName, .refusedOurCertificate, .noTLS: true
    case .cannotConnect, .connectionLost, .silence, .unreadable, .cancelled: false
    }
  }

  /// The words of an error that a connection failed with; nil: an ordinary end.
  static func of(_ error: any Error, _ host: String) -> MLLPFailure? {
    switch error {
    case let failure as MLLPFailure: return failure
    case is CancellationError: return .cancelled
    case let error as NIOConnectionError:
      if error.connectionErrors.isEmpty { return .cannotConnect(host: host, reason: "the name is not known") }
      let codes = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }
      let isSlow = error.connectionErrors.contains { $0.error is ChannelError }
      return .cannotConnect(
        host: host, reason: codes.first.map { String(cString: strerror($0)) } ?? (isSlow ? "no answer" : "refused"))
    case is ChannelError: return .cannotConnect(host: host, reason: "no answer")
    case let error as IOError:
      // What a peer that is gone leaves behind.
      return [ECONNRESET, EPIPE].contains(error.errnoCode)
        ? nil : .cannotConnect(host: host, reason: String(cString: strerror(error.errnoCode)))
    case let error as NIOSSLExtraError where error == .failedToValidateHostname: return .wrongName(host: host)
    case NIOSSLError.uncleanShutdown: return nil
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
      // NIOSSL gives BoringSSL's reason codes as text only.
      let text = "\(error)"
      func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
      // RFC 8446 §6.2: what the other side says of our certificate comes as an alert, often after the handshake.
      if says(
        "CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "ALERT_CERTIFICATE",
        "ALERT_UNSUPPORTED_CERTIFICATE",
        "ALERT_UNKNOWN_CERTIFICATE", "ALERT_ACCESS_DENIED", "ALERT_HANDSHAKE_FAILURE")
      {
        return .refusedOurCertificate(host: host)
      }
      if says("CERTIFICATE_VERIFY_FAILED", "unableToValidateCertificate") { return .untrusted(host: host) }
      if says("WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "HTTP_REQUEST", "ALERT_PROTOCOL_VERSION") {
        return .noTLS(host: host)
      }
      if says("EOF", "eofDuringHandshake") { return .noTLS(host: host) }
      return .cannotConnect(host: host, reason: "TLS failed")
    default: return nil
    }
  }
}
