import AlertRules
import Dispatch
import Forwarding
import Foundation
package import LocalAPI
package import Logging
package import Store
import YAMLDocuments

/// Reads the files anew and makes the running service go by them: all of them, or none.
///
/// One at a time: a second reload waits for the first.
package actor Reloader {
  /// What goes by the configuration beside rules and destinations' rows, which ``Store`` and ``Ingest`` have.
  package struct Parts: Sendable {
    /// Destinations: those that are as they were go on undisturbed.
    package var forwarding: @Sendable (LoadedConfiguration) async throws -> Void
    /// What begins with the next visit: profiles, time zone, window; and what runs by a part of its own.
    package var others: @Sendable (LoadedConfiguration) async -> Void

    package init(
      forwarding: @escaping @Sendable (LoadedConfiguration) async throws -> Void,
      others: @escaping @Sendable (LoadedConfiguration) async -> Void
    ) {
      self.forwarding = forwarding
      self.others = others
    }
  }

  private let path: String
  private let running: RunningConfiguration
  private let store: Store
  private let ingest: Ingest
  private let health: Health
  private let logger: Logger
  private let parts: Parts
  /// Files are read, written and synced here: a disk that is slow holds none of the threads that tasks run on.
  private let disk = DispatchQueue(label: "vitals-reload")
  private var last: Task<ReloadAnswer, Never>?

  package init(
    path: String, running: RunningConfiguration, store: Store, ingest: Ingest, health: Health, logger: Logger,
    parts: Parts
  ) {
    self.path = path
    self.running = running
    self.store = store
    self.ingest = ingest
    self.health = health
    self.logger = logger
    self.parts = parts
  }

  /// - Returns: what changed, or what is wrong; nothing changed then.
  package func reload() async -> ReloadAnswer {
    let before = last
    let task = Task { () -> ReloadAnswer in
      _ = await before?.value
      return await self.reloadNow()
    }
    last = task
    return await task.value
  }

  private func reloadNow() async -> ReloadAnswer {
    let path = path
    let read = await onDisk {
      Result { () throws(ConfigurationFailure) in
        let loaded = try LoadedConfiguration.read(path: path)
        return (loaded: loaded, faults: loaded.allFaults())
      }
    }
    let (loaded, ownFaults): (LoadedConfiguration, [Diagnostic])
    switch read {
    case .success(let found): (loaded, ownFaults) = found
    case .failure(let failure): return refuse(failure.diagnostics)
    }
    let before = running.loaded
    let faults = ownFaults + loaded.needsRestart(since: before)
    guard faults.isEmpty else { return refuse(faults) }
    do {
      return try await adopt(loaded, after: before)
    } catch {
      return refuse([
        Diagnostic(
          file: path, line: 0, column: 0, field: "",
          message: "is right, and could not be taken: \(error); what held before goes on, try again",
          vi: "đúng, nhưng chưa nhận được: \(error); vẫn dùng cấu hình trước đó, hãy thử lại")
      ])
    }
  }

  /// - Throws: the store could not close what is no more, or a destination could not be set up: what held before goes on. In
  ///   the second case alerts that were closed stay closed, and are told so.
  private func adopt(_ loaded: LoadedConfiguration, after before: LoadedConfiguration) async throws -> ReloadAnswer {
    let policy = try loaded.policy()
    let policyBefore = try before.policy()
    var closed = try await store.adopt(policy, now: ingest.clock.now().wall)
    ingest.adopt(policy)
    running.loaded = loaded
    do {
      try await parts.forwarding(loaded)
    } catch {
      // A file of it went away since it was looked at.
      running.loaded = before
      ingest.adopt(policyBefore)
      if let belated = try? await store.adopt(policyBefore, now: ingest.clock.now().wall) { closed.merge(belated) }
      ingest.tellCommitted(closed.alerts)
      throw error
    }
    await parts.others(loaded)
    // A reading that was being committed by what held before may have made rows for a destination that is no more.
    if let belated = try? await store.adopt(policy, now: ingest.clock.now().wall) { closed.merge(belated) }
    ingest.tellCommitted(closed.alerts)
    await onDisk { [logger] in Self.keep(loaded, logger) }
    RefusedConfiguration.say([], isHeld: false, of: path, health)
    loaded.rules.sayEmpty(loaded.configuration.rulesDirectory, health)
    let changes = ReloadAnswer.Change.all(from: before, to: loaded)
    logger.notice("the configuration was read anew", metadata: ["changes": "\(changes.count)"])
    return ReloadAnswer(
      applied: true, changes: changes, errors: [], closedAlerts: closed.alerts.count,
      closedDeliveries: closed.deliveries.values.reduce(0, +))
  }

  private func onDisk<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      disk.async { continuation.resume(returning: body()) }
    }
  }

  private func refuse(_ faults: [Diagnostic]) -> ReloadAnswer {
    RefusedConfiguration.say(faults, isHeld: true, of: path, health)
    return ReloadAnswer(applied: false, errors: faults.map { ReloadAnswer.Fault($0) })
  }

  /// Keeps a configuration that holds for a start at which its files cannot be used. Blocks.
  static func keep(_ loaded: LoadedConfiguration, _ logger: Logger) {
    do {
      try LastGoodConfiguration.keep(loaded.files, in: loaded.configuration.dataDirectory)
    } catch {
      logger.warning("the configuration that holds could not be kept for the next start: \(error)")
    }
  }
}

extension ReloadAnswer.Fault {
  init(_ fault: Diagnostic) {
    self.init(
      file: fault.file, line: fault.line, column: fault.column, field: fault.field, message: fault.message,
      messageVi: fault.vi)
  }
}

extension RuleFiles.Loaded {
  /// That a directory of rules is empty, while it is.
  func sayEmpty(_ directory: String?, _ health: Health) {
    guard directoryIsEmpty, let directory else { return health.clear(HealthWarning.Kind.noRules) }
    health.warn(
      HealthWarning.Kind.noRules, .warning,
      "No alert rule stands in \(directory); the rules that come with the program hold.",
      remedy: "Put rules there as *.yaml and run 'vitals reload', or remove the directory.",
      parameters: ["directory": directory])
  }
}

extension LoadedConfiguration {
  /// What is done with readings by it.
  ///
  /// - Throws: ``Forwarding/DestinationFault``: a kind of destination that there is none of.
  func policy() throws -> IngestPolicy {
    var policy = IngestPolicy(rules: rules.rules)
    policy.destinations = try configuration.destinationSettings.map { try $0.policy() }
    // What comes after a reading in a visit may tell more about when it was taken; the record hears of it afterwards.
    policy.settling = GatewayDaemon.settling
    policy.timeZone = configuration.timeZone
    policy.escalation = configuration.escalation
    return policy
  }
}
