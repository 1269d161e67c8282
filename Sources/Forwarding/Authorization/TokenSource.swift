import Foundation

/// Access tokens of one server by SMART Backend Services: asked for with a signed assertion, kept until shortly before
/// they end.
actor TokenSource {
  private struct Token {
    var text: String
    var end: ContinuousClock.Instant
  }

  private struct Answer: Decodable {
    var token: String?
    var type: String?
    var life: Double?
    var error: String?
    var words: String?
    enum CodingKeys: String, CodingKey {
      case token = "access_token"
      case type = "token_type"
      case life = "expires_in"
      case error
      case words = "error_description"
    }
  }

  private let client: SMARTClient
  private let base: DestinationURL
  private let settings: DestinationSettings
  private let surroundings: ForwarderSurroundings
  private var token: Token?
  private var endpoint: DestinationURL?
  private var configuration: SMARTConfiguration?
  /// The token server's clock minus ours, in seconds; by the `Date` of its answers, whose whole seconds are exact enough.
  /// Only assertions are dated by it.
  private(set) var clockOffset: TimeInterval = 0

  init(
    _ client: SMARTClient, base: DestinationURL, _ settings: DestinationSettings, _ surroundings: ForwarderSurroundings
  ) {
    self.client = client
    self.base = base
    self.settings = settings
    self.surroundings = surroundings
  }

  /// The token that was given last was not taken.
  func drop() { token = nil }

  /// One that is good for a while yet.
  func accessToken() async throws(DestinationTrouble) -> String {
    if let token, token.end > .now { return token.text }
    token = nil
    let keys = try keys()
    let (text, life) = try await ask(with: keys)
    // Not the last tenth, and not the last half minute of a long one: a batch takes time on its way.
    token = Token(text: text, end: .now + .seconds(max(0, life - min(30, life / 10))))
    return text
  }

  private func keys() throws(DestinationTrouble) -> [ClientKey] {
    let path = settings.secretFile ?? ""
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .refused(reason: "\(DestinationFault.secretUnreadable(path: path))")
    }
    do {
      return try ClientKey.all(in: String(decoding: data, as: UTF8.self), id: client.keyID)
    } catch {
      throw .refused(reason: "\(DestinationFault.clientKeyMalformed(path: path, reason: error.description))")
    }
  }

  /// With each key in its order, and once more by the server's clock where that differs from ours. Of several keys the
  /// first may be so new that the server does not know it yet.
  private func ask(with keys: [ClientKey]) async throws(DestinationTrouble) -> (String, Double) {
    let endpoint = try await tokenEndpoint()
    var refusal = ""
    for key in keys {
      if let objection = configuration?.objection(to: key.algorithm) {
        refusal = objection
        continue
      }
      for _ in 0..<2 {
        let dated = clockOffset
        let answer = try await post(assertion(for: endpoint, key), to: endpoint)
        let content = try? JSONDecoder().decode(Answer.self, from: Data(answer.body))
        switch answer.status {
        case 200:
          guard let content, let text = content.token, content.type?.lowercased() == "bearer",
            text.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
          else {
            throw .refused(reason: "the token server \(endpoint.host) answered 200 without a bearer token")
          }
          // A life beyond every span of time is a day's.
          return (text, min(max(content.life ?? 60, 0), 86_400))
        case 400, 401, 403, 404, 405, 415:
          refusal = words(content, answer.status)
          // It may have looked at the time; then the second try is dated as it likes.
          guard content?.error != nil, abs(clockOffset - dated) > 30 else { break }
          continue
        default:
          throw .failed(
            after: answer.retryAfter, reason: "the token server \(endpoint.host) answered \(answer.status)")
        }
        break
      }
    }
    self.endpoint = nil
    configuration = nil
    let clock =
      abs(clockOffset) > 30
      ? "; its clock and this box's differ by \(Int(abs(clockOffset))) s, which was allowed for" : ""
    throw .refused(
      reason: "the token server \(endpoint.host) gives no token: \(refusal)\(clock); see that the public key is "
        + "registered there for client-id, and that audience and scope are right")
  }

  private func words(_ answer: Answer?, _ status: Int) -> String {
    guard let error = answer?.error else { return "it answered \(status)" }
    let code = error.filter { $0.isASCII && ($0.isLetter || $0 == "_") }
    guard let words = answer?.words else { return code }
    return "\(code), \(TransactionAnswer.withoutValues(words, hiding: [client.clientID]).prefix(200))"
  }

  private func assertion(for endpoint: DestinationURL, _ key: ClientKey) throws(DestinationTrouble) -> String {
    let assertion = ClientAssertion(
      clientID: client.clientID, audience: client.audience ?? endpoint.text,
      now: surroundings.now().addingTimeInterval(clockOffset), id: UUID().uuidString)
    do {
      return try assertion.token(signedBy: key)
    } catch {
      throw .refused(reason: "the key to ask for tokens with can't be used: \(error.description)")
    }
  }

  private func post(
    _ assertion: String, to endpoint: DestinationURL
  ) async throws(DestinationTrouble) -> OutboundHTTP.Answer {
    let form = [
      ("grant_type", "client_credentials"), ("scope", client.scope),
      ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
      ("client_assertion", assertion),
    ].map { "\($0.0)=\(Self.formEncoded($0.1))" }.joined(separator: "&")
    return try await exchange(
      Array(form.utf8), endpoint, [("Content-Type", "application/x-www-form-urlencoded")], "the token server")
  }

  private func tokenEndpoint() async throws(DestinationTrouble) -> DestinationURL {
    if let endpoint { return endpoint }
    let text: String
    if let given = client.tokenURL {
      text = given
    } else {
      let place = base.below(".well-known/smart-configuration")
      let answer = try await exchange(nil, place, [], "the record")
      let found = try? JSONDecoder().decode(SMARTConfiguration.self, from: Data(answer.body))
      switch answer.status {
      case 200:
        guard let found, let address = found.tokenEndpoint else {
          throw .refused(reason: "\(base.host) names no token server in .well-known/smart-configuration; set token-url")
        }
        configuration = found
        text = address
      case 400..<500 where answer.status != 408 && answer.status != 429:
        throw .refused(
          reason: "\(base.host) answered \(answer.status) for .well-known/smart-configuration; see that url is right, "
            + "or set token-url")
      default: throw .failed(after: answer.retryAfter, reason: "\(base.host) answered \(answer.status)")
      }
    }
    do {
      let found = try DestinationURL(text, allowsPrivate: settings.allowsPrivate)
      endpoint = found
      return found
    } catch {
      throw .refused(reason: "the token server's address can't be used: \(error.description)")
    }
  }

  private func exchange(
    _ body: [UInt8]?, _ url: DestinationURL, _ headers: [(String, String)], _ whose: String
  ) async throws(DestinationTrouble) -> OutboundHTTP.Answer {
    let security: OutboundHTTP.Security
    do { security = try OutboundHTTP.Security(of: settings) } catch { throw .refused(reason: error.description) }
    do {
      let answer = try await surroundings.http.ask(
        body, of: url, headers: [("Accept", "application/json")] + headers, limit: settings.timeLimit ?? .seconds(30),
        security)
      if let date = answer.date { clockOffset = date.timeIntervalSince(surroundings.now()).rounded() }
      return answer
    } catch .cancelled {
      throw .cancelled
    } catch .insecure(let host, let why) {
      throw .refused(reason: "\(whose): \(OutboundHTTP.Failure.insecure(host: host, why: why))")
    } catch {
      throw .failed(after: nil, reason: "\(whose): \(error)")
    }
  }

  /// application/x-www-form-urlencoded (WHATWG URL, 5).
  private static func formEncoded(_ text: String) -> String {
    let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._*"))
    return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
  }
}
