import NIOSSL

/// Whose certificates one destination is trusted by, in place of the system's authorities: a clinic's own, or the one of
/// a server at home.
struct CertificateAuthority {
  let certificates: [NIOSSLCertificate]

  /// - Parameter path: of a file with one or more certificates in PEM.
  /// - Throws: ``DestinationFault/authorityUnreadable(path:)``, also when none is in it.
  init(path: String) throws(DestinationFault) {
    guard let found = try? NIOSSLCertificate.fromPEMFile(path), !found.isEmpty else {
      throw .authorityUnreadable(path: path)
    }
    certificates = found
  }

  /// That of a destination; nil: it names none.
  static func of(_ settings: DestinationSettings) throws(DestinationFault) -> CertificateAuthority? {
    guard let path = settings.authorityFile else { return nil }
    return try CertificateAuthority(path: path)
  }
}
