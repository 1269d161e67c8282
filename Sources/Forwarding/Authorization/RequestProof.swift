import Foundation

/// The header that shows one destination who asks.
actor RequestProof {
  private let settings: DestinationSettings
  private let tokens: TokenSource?

  init(_ settings: DestinationSettings, base: DestinationURL, _ surroundings: ForwarderSurroundings) {
    self.settings = settings
    if case .smart(let client) = settings.proof {
      tokens = TokenSource(client, base: base, settings, surroundings)
    } else {
      tokens = nil
    }
  }

  /// Whether another attempt may show something else than the last one did.
  nonisolated var isRenewed: Bool { tokens != nil }

  /// What was shown last was not believed.
  func refused() async { await tokens?.drop() }

  /// Nil: nothing is to be shown.
  func header() async throws(DestinationTrouble) -> (String, String)? {
    if let tokens { return ("Authorization", "Bearer \(try await tokens.accessToken())") }
    do {
      return try Self.header(settings)
    } catch {
      throw .refused(reason: error.description)
    }
  }

  /// Of a destination whose secret is shown as it is. Read at each attempt.
  static func header(_ settings: DestinationSettings) throws(DestinationFault) -> (String, String)? {
    guard let path = settings.secretFile, let line = try SecretFile(path: path).lines().first else { return nil }
    switch settings.proof {
    case .smart: return nil
    case .bearer: return ("Authorization", "Bearer \(line.text)")
    case .basic:
      // A user's name holds no colon (RFC 7617, 2); a password may.
      guard let colon = line.text.firstIndex(of: ":"), colon > line.text.startIndex else {
        throw .passwordMalformed(path: path)
      }
      return ("Authorization", "Basic \(Data(line.text.utf8).base64EncodedString())")
    }
  }

  /// What is wrong with a destination's secret, as far as its files show.
  static func check(_ settings: DestinationSettings) throws(DestinationFault) {
    _ = try OutboundHTTP.Security(of: settings)
    guard case .smart(let client) = settings.proof else {
      guard settings.secretFile != nil || settings.proof == .bearer else { throw .secretMissing(kind: "fhir") }
      _ = try header(settings)
      return
    }
    guard let path = settings.secretFile else { throw .secretMissing(kind: "fhir") }
    guard let data = FileManager.default.contents(atPath: path) else { throw .secretUnreadable(path: path) }
    do {
      _ = try ClientKey.all(in: String(decoding: data, as: UTF8.self), id: client.keyID)
    } catch {
      throw .clientKeyMalformed(path: path, reason: error.description)
    }
  }
}
