/// How a destination is shown that it is us, beside or in place of a client certificate. What is secret stands in the
/// destination's secret file.
package enum DestinationProof: Hashable, Sendable {
  /// The file's first line is a bearer token (RFC 6750); no file: no token.
  case bearer
  /// The file's first line is `user:password` (RFC 7617).
  case basic
  /// The file holds the private key that asks for tokens (SMART Backend Services).
  case smart(SMARTClient)
}

/// What a server knows this gateway by (SMART App Launch 2.2, Backend Services).
package struct SMARTClient: Hashable, Sendable {
  /// `client-id`, as the server gave it when the public key was registered.
  package var clientID: String
  /// `key-id` of a key that names none itself; nil: its thumbprint (RFC 7638).
  package var keyID: String?
  /// `scope`: what is asked for.
  package var scope: String
  /// `token-url`; nil: what `.well-known/smart-configuration` says.
  package var tokenURL: String?
  /// `audience`; nil: the token endpoint's address, as the guide has it.
  package var audience: String?

  /// All that is done at a server: creating readings and what they refer to, correcting readings, and looking whether a
  /// person or a device is there.
  package static let defaultScope = "system/Patient.crus system/Device.crus system/Observation.crus"

  package init(
    clientID: String, keyID: String? = nil, scope: String = SMARTClient.defaultScope, tokenURL: String? = nil,
    audience: String? = nil
  ) {
    self.clientID = clientID
    self.keyID = keyID
    self.scope = scope
    self.tokenURL = tokenURL
    self.audience = audience
  }
}
