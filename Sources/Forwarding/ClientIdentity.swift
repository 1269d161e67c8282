import NIOSSL

/// Our own certificate for one destination (mutual TLS): what it is known by before the first byte of a reading.
struct ClientIdentity: Sendable {
  /// Our certificate first, then those that signed it.
  let chain: [NIOSSLCertificate]
  let key: NIOSSLPrivateKey

  /// - Parameters:
  ///   - certificate: path of a PEM file with the chain.
  ///   - key: path of a PEM file with the private key; it may be the same.
  /// - Throws: ``DestinationFault/certificateUnreadable(path:)``, ``DestinationFault/certificateKeyUnreadable(path:)``.
  init(certificate: String, key: String) throws(DestinationFault) {
    guard let chain = try? NIOSSLCertificate.fromPEMFile(certificate), !chain.isEmpty else {
      throw .certificateUnreadable(path: certificate)
    }
    guard let found = try? NIOSSLPrivateKey(file: key, format: .pem) else {
      throw .certificateKeyUnreadable(path: key)
    }
    self.chain = chain
    self.key = found
  }

  /// That of a destination; nil: it names none. Read at each attempt, so that a renewed certificate needs no restart.
  static func of(_ settings: DestinationSettings) throws(DestinationFault) -> ClientIdentity? {
    guard let certificate = settings.clientCertificateFile else { return nil }
    return try ClientIdentity(certificate: certificate, key: settings.clientKeyFile ?? certificate)
  }
}

extension OutboundHTTP.Security {
  /// That of a destination, as its files are now.
  init(of settings: DestinationSettings) throws(DestinationFault) {
    self.init(authority: try CertificateAuthority.of(settings), identity: try ClientIdentity.of(settings))
  }
}
