import Foundation
import LocalAPI

/// Listens for alerts and says them aloud, until the task is cancelled.
///
/// What is said follows from what fires (`GET /v1/episodes`), asked for at each line of the stream of alerts. In between it is
/// only asked while something is to be repeated, and rarely otherwise: this runs for years.
struct Announcer: Sendable {
  let client: LocalClient
  let speaker: Speaker
  let words: AnnouncementWords
  let console: Console
  /// How soon it is tried again after nobody can have heard it.
  static let again: Duration = .seconds(4)
  /// From one look to the next while nothing is to be said, in case that a line was lost.
  static let rarely: Duration = .seconds(300)
  /// How soon it is asked again after the gateway has said that this account may not: a person has to change that.
  static let refused: Duration = .seconds(60)

  /// One line of `--json`: nothing of anybody.
  struct Said: Encodable {
    var announced: String
    var severity: String
    var count: Int
  }

  func run(_ plan: AnnouncementPlan) async throws {
    let (wakes, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        while !Task.isCancelled {
          // The gateway has gone, or has not come yet.
          var pause: Duration = .seconds(1)
          do {
            try await client.followAlerts(limit: 1) { _ in bell.yield() }
          } catch {
            if Self.isRefused(error) { pause = Self.refused }
          }
          try await Task.sleep(for: pause)
          bell.yield()
        }
      }
      bell.yield()
      var plan = plan
      var state = State()
      for await _ in wakes {
        let wait = try await turn(&plan, &state)
        state.timer?.cancel()
        state.timer = Task {
          if (try? await Task.sleep(for: wait)) != nil { bell.yield() }
        }
      }
      state.timer?.cancel()
      try Task.checkCancellation()
    }
  }

  /// That the account has not the role, which asking again does not change.
  static func isRefused(_ error: any Error) -> Bool {
    guard case .refused(_, let answer)? = error as? LocalClientError else { return false }
    return answer.error == APIError.Code.notAllowed
  }

  /// What was said of itself, so that it is said once.
  private struct State {
    var hasBegun = false
    var waitsFor: String?
    var failures: [Speaker.Failure] = []
    var isMute = false
    var timer: Task<Void, Never>?
  }

  /// - Returns: when to look again, though nothing is heard of.
  private func turn(_ plan: inout AnnouncementPlan, _ state: inout State) async throws -> Duration {
    guard var open = try await open(&state) else { return Self.rarely }
    if !state.hasBegun {
      state.hasBegun = true
      plan.begin(with: open, at: .now)
    }
    while let episode = plan.due(open, at: .now) {
      let isHeard = await say(episode, &state)
      guard isHeard else { return Self.again }
      let count = plan.said(episode, at: .now)
      let severity = AnnouncementPlan.Severity(of: episode.alert)
      if console.json {
        try console.line(Said(announced: episode.id, severity: severity.rawValue, count: count))
      }
      console.complain(
        console.text(
          AnnounceText.announced,
          [
            "severity": console.text(severity.text).lowercased(), "count": "\(count)",
            "times": severity == .urgent ? "\(plan.times)" : "1",
          ]))
      // Somebody may have answered while it spoke.
      guard let now = try await self.open(&state) else { return Self.rarely }
      open = now
    }
    return min(Self.rarely, plan.next(open, at: .now) ?? Self.rarely)
  }

  /// What fires; nil: the gateway does not say.
  private func open(_ state: inout State) async throws -> [Episode]? {
    do {
      let open = try await client.episodes()
      if state.waitsFor != nil || !state.hasBegun { console.complain(console.text(AnnounceText.listens)) }
      state.waitsFor = nil
      return open
    } catch let error as LocalClientError {
      let failure = CommandFailure(error, in: console.language)
      if state.waitsFor != failure.sentence {
        state.waitsFor = failure.sentence
        console.complain(console.text(AnnounceText.waits, ["text": failure.sentence]), .warning)
        if let remedy = failure.remedy { console.complain(remedy) }
      }
      return nil
    }
  }

  private func say(_ episode: Episode, _ state: inout State) async -> Bool {
    var failures: [Speaker.Failure] = []
    var isHeard = true
    do throws(Speaker.Failure) {
      failures = try await speaker.say(words.text(episode))
    } catch {
      isHeard = ringBell()
      failures = speaker.programs.isEmpty ? [] : [error]
      if !isHeard, speaker.programs.isEmpty, !state.isMute {
        console.complain(console.text(AnnounceText.nothingSpeaks), .bad)
      }
    }
    for failure in failures where !state.failures.contains(failure) {
      console.complain(
        console.text(
          AnnounceText.unheard, ["program": failure.program, "reason": failure.reason.text(in: console.language)]),
        .warning)
    }
    if isHeard, state.isMute || (failures.isEmpty && !state.failures.isEmpty) {
      console.complain(console.text(AnnounceText.speaksAgain), .good)
    }
    state.failures = failures
    state.isMute = !isHeard
    return isHeard
  }

  /// The last that is left: the terminal's bell, where a person sits at one.
  private func ringBell() -> Bool {
    guard isatty(STDERR_FILENO) == 1 else { return false }
    FileHandle.standardError.write(Data([7]))
    return true
  }
}
