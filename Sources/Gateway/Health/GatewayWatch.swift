package import AlertRules
package import Devices
package import Forwarding
package import Foundation
package import LocalAPI
package import Observations
package import Store
import Synchronization

/// Looks at what the gateway knows of itself, its destinations and its devices, and says it to the rules: the same facts
/// that health warnings are made of.
///
/// What was not seen since the start is left out, for the rules to leave alone what they remember of it.
package final class GatewayWatch: Sendable {
  /// Where the facts are looked up.
  package struct Sources: Sendable {
    package var store: Store
    package var health: Health
    package var library: @Sendable () -> ProfileLibrary
    package var destinations: @Sendable () async -> [DestinationStatus]
    /// Nil: Bluetooth is switched off in the configuration.
    package var adapter: @Sendable () async -> Status.AdapterState?
    package var staleBonds: @Sendable () async -> Set<DeviceID>
    /// Megabytes; nil: it cannot be told.
    package var freeRoom: @Sendable () -> Int?
    package var steady: @Sendable () -> ContinuousClock.Instant = { .now }
    package var now: @Sendable () -> Date = { Date() }

    package init(
      store: Store, health: Health, library: @escaping @Sendable () -> ProfileLibrary,
      destinations: @escaping @Sendable () async -> [DestinationStatus],
      adapter: @escaping @Sendable () async -> Status.AdapterState?,
      staleBonds: @escaping @Sendable () async -> Set<DeviceID>, freeRoom: @escaping @Sendable () -> Int?
    ) {
      self.store = store
      self.health = health
      self.library = library
      self.destinations = destinations
      self.adapter = adapter
      self.staleBonds = staleBonds
      self.freeRoom = freeRoom
    }
  }

  private let sources: Sources
  private let last = Mutex<ContinuousClock.Instant?>(nil)
  private let hasEndedEarlierDamage = Mutex(false)
  private let begun: ContinuousClock.Instant

  /// How often it is looked: nothing here has to be told within seconds.
  static let every: Duration = .seconds(10)
  /// Beyond this, in seconds, a clock is not wrong but was never set: it counts from a date of its maker.
  static let unsetBeyond: TimeInterval = 365 * 86_400
  /// How long a database that was rebuilt is worth an alert, in seconds.
  static let rebuiltFor: TimeInterval = 86_400
  /// Megabytes under which a warning stands.
  static let leastRoom = 100

  package init(_ sources: Sources) {
    self.sources = sources
    begun = sources.steady()
  }

  /// What is known now; nil: it was looked a moment ago, or the store does not answer.
  package func factsIfDue() async -> GatewayFacts? {
    let now = sources.steady()
    let isDue = last.withLock { last in
      guard last.map({ now - $0 >= Self.every }) ?? true else { return false }
      last = now
      return true
    }
    return isDue ? await facts() : nil
  }

  package func facts() async -> GatewayFacts? {
    let undelivered: Set<DestinationID>
    let devices: [DeviceRecord]
    let destinations = await sources.destinations()
    do {
      undelivered = try await sources.store.undeliveredAlerts(of: destinations.map(\.id))
      devices = try await sources.store.devices()
    } catch {
      return nil
    }
    var facts = GatewayFacts()
    for status in destinations { note(status, undelivered.contains(status.id), &facts) }
    let stale = await sources.staleBonds()
    for device in devices { note(device, isStale: stale.contains(device.id), &facts) }
    await noteBox(&facts)
    return facts
  }

  private func note(_ status: DestinationStatus, _ isUndelivered: Bool, _ facts: inout GatewayFacts) {
    let id = status.id
    facts.subjects.insert(.destination(id))
    // The first answer after an outage comes before the others: who is told then that the destination is there would be told
    // in the same message of alerts that are not delivered, and of their delivery in the next.
    let isSettled = !status.isCatchingUp
    if isSettled {
      facts.note(GatewayFact(GatewayCondition(.undeliveredAlert, destination: id), holds: isUndelivered))
    }
    let hasAnswered = status.lastSuccess != nil || status.lastRejection != nil
    if status.isFailing || hasAnswered && isSettled {
      facts.note(GatewayFact(GatewayCondition(.destinationDown, destination: id), holds: status.isFailing))
    }
    if hasAnswered {
      facts.note(GatewayFact(GatewayCondition(.destinationRefuses, destination: id), holds: status.refuses))
    }
  }

  private func note(_ device: DeviceRecord, isStale: Bool, _ facts: inout GatewayFacts) {
    let label = label(device)
    facts.subjects.insert(.equipment(device.id))
    facts.note(GatewayFact(GatewayCondition(.bondStale, device: device.id), holds: isStale, label: label))
    if let battery = device.battery {
      facts.note(
        GatewayFact(GatewayCondition(.batteryLow, device: device.id), value: Decimal(battery), label: label))
    }
    if let offset = device.clockOffset {
      // A row that is damaged may say more than a whole number holds.
      let minutes = Int(min(abs(offset), 1e12) / 60)
      facts.note(
        GatewayFact(GatewayCondition(.clockWrong, device: device.id), value: Decimal(minutes), label: label))
      facts.note(
        GatewayFact(
          GatewayCondition(.clockUnset, device: device.id), holds: abs(offset) > Self.unsetBeyond, label: label))
    }
  }

  private func label(_ device: DeviceRecord) -> String? {
    let information = device.description.information
    let words = [information.manufacturer, information.model].compactMap { $0 }.filter { !$0.isEmpty }
    if information.model != nil, !words.isEmpty { return words.joined(separator: " ") }
    return sources.library().profile(named: device.description.profile)?.title
  }

  private func databaseDamaged() -> GatewayFact {
    let condition = GatewayCondition(.databaseDamaged)
    guard let repair = sources.store.repair else { return GatewayFact(condition, holds: false) }
    // The alert of an earlier damage that is still told ends first, so that this one is another.
    let isFirst = hasEndedEarlierDamage.withLock { has in
      defer { has = true }
      return !has && sources.store.wasRepaired
    }
    // Of this start, by the time that has passed: a box without a battery for its clock is set right in these seconds.
    let age =
      sources.store.wasRepaired
      ? (sources.steady() - begun) / .seconds(1) : sources.now().timeIntervalSince(repair.at)
    var fact = GatewayFact(condition, holds: !isFirst && age < Self.rebuiltFor)
    fact.rebuilt = RebuiltDatabase(
      copyMadeAt: repair.copyMadeAt, restored: repair.restored, salvaged: repair.salvaged, missing: repair.missing)
    return fact
  }

  private func noteBox(_ facts: inout GatewayFacts) async {
    if let free = sources.freeRoom() {
      if free < Self.leastRoom {
        sources.health.warn(
          HealthWarning.Kind.diskLow, .warning, "The disk is nearly full: less than \(Self.leastRoom) MB are free.",
          remedy: "Make room where readings are kept.")
      } else {
        sources.health.clear(HealthWarning.Kind.diskLow)
      }
      // Where the budget can't be kept, the store has no room left of its own.
      let isOverBudget = sources.health.warnings.contains { $0.kind == HealthWarning.Kind.storageBudget }
      facts.note(GatewayFact(GatewayCondition(.diskLow), value: isOverBudget ? 0 : Decimal(free)))
    }
    let isFailing = sources.health.warnings.contains { $0.kind == HealthWarning.Kind.storeNotCommitting }
    facts.note(GatewayFact(GatewayCondition(.storeFailing), holds: isFailing))
    facts.note(databaseDamaged())
    let fault = RefusedConfiguration.standing(in: sources.health)
    var refused = GatewayFact(GatewayCondition(.configurationRefused), holds: fault != nil)
    refused.detail = fault
    facts.note(refused)
    switch await sources.adapter() {
    case .ready?, .disabled?, nil: facts.note(GatewayFact(GatewayCondition(.adapterMissing), holds: false))
    case .absent?, .off?, .rival?, .failed?: facts.note(GatewayFact(GatewayCondition(.adapterMissing), holds: true))
    case .starting?: break
    }
  }
}

/// The room on the disk of a directory.
enum DiskRoom {
  /// In megabytes; nil: the directory cannot be looked at.
  static func free(of directory: String) -> Int? {
    var information = statvfs()
    guard statvfs(directory, &information) == 0 else { return nil }
    return Int(Double(information.f_bavail) * Double(information.f_frsize) / 1_048_576)
  }

  /// Of the whole disk, in bytes; nil as of ``free(of:)``.
  static func whole(of directory: String) -> Int64? {
    var information = statvfs()
    guard statvfs(directory, &information) == 0 else { return nil }
    return Int64(Double(information.f_blocks) * Double(information.f_frsize))
  }
}
