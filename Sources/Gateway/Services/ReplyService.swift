import AlertRules
import Forwarding
import Foundation
import LocalAPI
import Logging
import Store
import Synchronization

/// Fetches answers from the reply topic. How far it was read is kept, so that what came while the box was off counts, and
/// nothing is tried twice.
struct ReplyService: Sendable {
  private static let setting = "reply-position"

  let settings: ReplySettings
  let http: OutboundHTTP
  let store: Store
  let desk: AnswerDesk
  let health: Health
  let logger: Logger

  func run() async {
    let failures = Mutex(0)
    // An address or a file that is wrong can be mended without a restart.
    while !Task.isCancelled {
      let subscription: ReplySubscription
      do {
        subscription = try ReplySubscription(settings, http: http)
      } catch {
        warn("\(error)")
        guard (try? await Task.sleep(for: .seconds(60))) != nil else { return }
        continue
      }
      await subscription.run(
        from: await position(),
        note: { state in
          switch state {
          case .connected:
            failures.withLock { $0 = 0 }
            health.clear(HealthWarning.Kind.answersNotFetched)
            logger.debug("answers are fetched")
          case .failing(let reason):
            // A short interruption is nobody's business.
            if failures.withLock({
              $0 += 1
              return $0
            }) >= 3 {
              warn(reason)
            }
          }
        },
        take: { message, position in
          _ = try await desk.take(message.trimmingCharacters(in: .whitespacesAndNewlines), by: .reply)
          let kept = Kept(topic: settings.url, position: position)
          if let text = try? String(decoding: JSONEncoder().encode(kept), as: UTF8.self) {
            try await store.setSetting(Self.setting, to: text)
          }
        })
    }
  }

  private struct Kept: Codable {
    var topic: String
    var position: ReplyPosition
  }

  /// Nil: of another topic, or nothing was read yet.
  private func position() async -> ReplyPosition? {
    guard let text = try? await store.setting(Self.setting),
      let kept = try? JSONDecoder().decode(Kept.self, from: Data(text.utf8)), kept.topic == settings.url
    else { return nil }
    return kept.position
  }

  private func warn(_ reason: String) {
    health.warn(
      HealthWarning.Kind.answersNotFetched, .warning,
      "Answers to alerts cannot be fetched: \(reason).",
      remedy: "It is tried again by itself. Until then 'vitals ack --by NAME' answers at the box.")
  }
}
