import Foundation
import Observations

/// Sends a beat to the monitor. The address is a secret: errors and ``HeartbeatFault`` name its host at most.
package struct HeartbeatSender: Sendable {
  private let settings: HeartbeatSettings
  private let http: OutboundHTTP
  private let targets: TargetGuard?

  /// For all of it, from the connection to the answer's end.
  private static let limit: Duration = .seconds(15)

  package init(_ settings: HeartbeatSettings, http: OutboundHTTP) {
    self.init(settings, http: http, targets: TargetGuard())
  }

  init(_ settings: HeartbeatSettings, http: OutboundHTTP, targets: TargetGuard) {
    self.settings = settings
    self.http = http
    self.targets = settings.allowsPrivate ? nil : targets
  }

  /// - Returns: the host that took it.
  /// - Throws: ``HeartbeatFault``.
  package func send(_ report: HeartbeatReport) async throws(HeartbeatFault) -> String {
    do {
      let url = try Self.target(of: address(), settings.kind, report, allowsPrivate: settings.allowsPrivate)
      let authority = try settings.authorityFile.map { path throws(DestinationFault) in
        try CertificateAuthority(path: path)
      }
      let place: String? = if let targets { try await targets.check(url.host) } else { nil }
      let answer: OutboundHTTP.Answer
      if settings.kind == .uptimeKuma {
        answer = try await http.get(url, headers: [], limit: Self.limit, at: place, trusting: authority)
      } else {
        answer = try await http.post(
          report.body, to: url, headers: [("Content-Type", DestinationSettings.json)], limit: Self.limit, at: place,
          trusting: authority)
      }
      if let reason = Self.refusal(answer, settings.kind) { throw HeartbeatFault("\(url.host) \(reason)") }
      return url.host
    } catch let fault as HeartbeatFault {
      throw fault
    } catch OutboundHTTP.Failure.cancelled {
      throw HeartbeatFault("stopped")
    } catch {
      throw HeartbeatFault("\(error)")
    }
  }

  private func address() throws(DestinationFault) -> DestinationURL {
    var settings = DestinationSettings(
      id: DestinationID(rawValue: "heartbeat"), kind: "webhook", url: self.settings.url ?? "")
    settings.urlFile = self.settings.urlFile
    settings.allowsPrivate = self.settings.allowsPrivate
    return try settings.address()
  }

  /// The address that says what is to be said.
  static func target(
    of address: DestinationURL, _ kind: HeartbeatSettings.Kind, _ report: HeartbeatReport, allowsPrivate: Bool
  ) throws(DestinationFault) -> DestinationURL {
    guard var parts = URLComponents(string: address.text) else { throw .badURL(.notURL) }
    switch kind {
    case .ping: return address
    case .healthchecks:
      guard !report.troubles.isEmpty else { return address }
      parts.percentEncodedPath += parts.percentEncodedPath.hasSuffix("/") ? "fail" : "/fail"
    case .uptimeKuma:
      // Its own page shows the address with `status`, `msg` and `ping` in it: those are ours to say.
      var items = (parts.queryItems ?? []).filter { !["status", "msg", "ping"].contains($0.name) }
      items.append(URLQueryItem(name: "status", value: report.troubles.isEmpty ? "up" : "down"))
      items.append(URLQueryItem(name: "msg", value: report.line))
      parts.queryItems = items
    }
    guard let text = parts.string else { throw .badURL(.notURL) }
    return try DestinationURL(text, allowsPrivate: allowsPrivate)
  }

  /// Why the answer does not say that the beat counts; nil: it does.
  private static func refusal(_ answer: OutboundHTTP.Answer, _ kind: HeartbeatSettings.Kind) -> String? {
    switch answer.status {
    case 200..<300:
      // healthchecks.io answers 200 to an address that it does not know, and says so in words.
      let says = String(decoding: answer.body.prefix(200), as: UTF8.self)
      return kind == .healthchecks && says.contains("not found") ? "does not know the address; check it" : nil
    case 300..<400: return "answered \(answer.status), a redirect; set the address to where it points"
    case 404, 410: return "answered \(answer.status): it does not know the address; check it"
    default: return "answered \(answer.status)"
    }
  }
}

/// Why no monitor took a beat; a sentence that holds no address.
package struct HeartbeatFault: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}
