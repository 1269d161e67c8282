import Foundation

/// The topic that answers are written to, as `vitalsd.yaml` names it.
package struct ReplySettings: Hashable, Sendable {
  /// The topic's address: the server's and the topic's name.
  package var url: String
  /// A file with an access token for the topic; nil: it can be read without. Read at each connection.
  package var secretFile: String?
  package var allowsPrivate: Bool
  /// The authority's certificates (PEM); nil: the system's. Read at each connection.
  package var authorityFile: String?

  package init(url: String, secretFile: String? = nil, allowsPrivate: Bool = false, authorityFile: String? = nil) {
    self.url = url
    self.secretFile = secretFile
    self.allowsPrivate = allowsPrivate
    self.authorityFile = authorityFile
  }
}

/// How far a topic has been read. Times are the server's own, so nothing depends on the box's clock.
package struct ReplyPosition: Hashable, Sendable, Codable {
  /// Of the last message, in seconds since 1970.
  package var time: Int64
  /// The messages of that second that were taken.
  package var ids: [String]

  package init(time: Int64, ids: [String]) {
    self.time = time
    self.ids = ids
  }
}

/// Reads a topic of an ntfy server from inside: one outbound request whose answer goes on (docs.ntfy.sh/subscribe/api,
/// *Subscribe as JSON stream*), made again when it ends. Nothing listens.
package struct ReplySubscription: Sendable {
  /// How the connection stands.
  package enum State: Hashable, Sendable {
    case connected
    /// The reason names the host at most.
    case failing(reason: String)
  }

  private struct Event: Decodable {
    var id: String
    var time: Int64
    var event: String
    var message: String?
  }

  private let settings: ReplySettings
  private let url: DestinationURL
  private let http: OutboundHTTP
  private let targets: TargetGuard?
  private let clock: ForwardingClock

  /// Between two tries, in seconds: the last for ever.
  private static let pauses: [Double] = [1, 2, 5, 10, 30, 60]
  /// ntfy sends something every 45 s unless it is told otherwise; silence for longer is a dead connection.
  private static let mostSilence: Duration = .seconds(180)
  /// A stream that stands so long works: the pauses after it begin anew.
  private static let proven: Duration = .seconds(60)

  /// - Throws: what is wrong with the address, the token's file or the authority's.
  package init(_ settings: ReplySettings, http: OutboundHTTP) throws(DestinationFault) {
    try self.init(settings, http: http, clock: ForwardingClock(wall: { Date() }))
  }

  init(
    _ settings: ReplySettings, http: OutboundHTTP, clock: ForwardingClock, targets: TargetGuard = TargetGuard()
  ) throws(DestinationFault) {
    url = try DestinationURL(settings.url, allowsPrivate: settings.allowsPrivate)
    self.settings = settings
    self.http = http
    self.clock = clock
    self.targets = settings.allowsPrivate ? nil : targets
  }

  /// Until the task is cancelled.
  ///
  /// - Parameters:
  ///   - position: how far it was read before; nil: from the beginning of what the server keeps.
  ///   - note: told of each change of state, and of each failure.
  ///   - take: each message once, in the server's order. When it throws, the message comes again after a pause.
  package func run(
    from position: ReplyPosition?, note: @Sendable (State) -> Void,
    take: @Sendable (_ message: String, _ position: ReplyPosition) async throws -> Void
  ) async {
    var position = position
    var failures = 0
    /// A message was not taken: that the server can be reached again mends nothing.
    var isStuck = false
    let bell = WakeSignal()
    while !Task.isCancelled {
      let begun = clock.steady()
      do {
        try await follow(&position, opened: { if !isStuck { note(.connected) } }) { message, next in
          isStuck = true
          try await take(message, next)
          isStuck = false
          if failures > 0 { note(.connected) }
          failures = 0
        }
        // It ended in order, as a proxy between does after its time: not a failure.
      } catch is CancellationError {
        return
      } catch OutboundHTTP.Failure.cancelled {
        return
      } catch {
        if Task.isCancelled { return }
        note(.failing(reason: "\(error)"))
      }
      if !isStuck, clock.steady() - begun >= Self.proven { failures = 0 }
      let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
      failures += 1
      await clock.wait(bell, .seconds(pause * (0.9 + 0.2 * clock.chance())))
    }
  }

  private func follow(
    _ position: inout ReplyPosition?, opened: () -> Void,
    _ take: (String, ReplyPosition) async throws -> Void
  ) async throws {
    let since = position.map { "\($0.time)" } ?? "all"
    let target = try DestinationURL("\(url.text)/json?since=\(since)", allowsPrivate: settings.allowsPrivate)
    var headers: [(String, String)] = []
    if let path = settings.secretFile, let token = try SecretFile(path: path).lines().first {
      headers.append(("Authorization", "Bearer \(token.text)"))
    }
    let authority = try settings.authorityFile.map { path throws(DestinationFault) in
      try CertificateAuthority(path: path)
    }
    let address: String? = if let targets { try await targets.check(url.host) } else { nil }
    let lines = try await http.lines(
      of: target, headers: headers, mostSilence: Self.mostSilence, at: address, trusting: authority)
    var isOpen = false
    try await lines.read { line in
      // What is no event of ntfy's is passed over: types may be added.
      guard let event = try? JSONDecoder().decode(Event.self, from: Data(line)) else { return }
      if !isOpen {
        isOpen = true
        opened()
      }
      guard event.event == "message", let message = event.message else { return }
      let isSame = position?.time == event.time
      if isSame, position?.ids.contains(event.id) == true { return }
      // A topic that is flooded within one second makes no list without end: what falls out would be refused as used.
      let next = ReplyPosition(time: event.time, ids: ((isSame ? position?.ids : nil) ?? []).suffix(99) + [event.id])
      try await take(message, next)
      position = next
    }
  }
}
