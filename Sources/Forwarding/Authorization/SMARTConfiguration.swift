import Foundation

/// `[base]/.well-known/smart-configuration`, as far as a backend service looks at it.
struct SMARTConfiguration: Decodable {
  var tokenEndpoint: String?
  var methods: [String]?
  var algorithms: [String]?

  enum CodingKeys: String, CodingKey {
    case tokenEndpoint = "token_endpoint"
    case methods = "token_endpoint_auth_methods_supported"
    case algorithms = "token_endpoint_auth_signing_alg_values_supported"
  }

  /// Why a client with a key of this algorithm gets no token there; nil: nothing speaks against it. A list that is not
  /// there forbids nothing.
  func objection(to algorithm: String) -> String? {
    if let methods, !methods.contains("private_key_jwt") {
      return "it takes no signed clients (private_key_jwt), only \(methods.joined(separator: ", "))"
    }
    if let algorithms, !algorithms.contains(algorithm) {
      return "it takes no \(algorithm), only \(algorithms.joined(separator: ", ")); use a key of such a kind"
    }
    return nil
  }
}
