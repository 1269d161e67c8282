import BluetoothLE
import Foundation
import Glibc
import LocalAPI
import Store

/// Examines the running gateway and what it stands on. Each finding that is not well has its remedy.
struct Doctor {
  typealias Check = DoctorReport.Check
  typealias Kind = DoctorReport.Check.Kind

  let configuration: Configuration
  let store: Store
  let health: Health
  let bluetooth: BluetoothService?
  let boxClock: BoxClockWatch
  let straps: ANTStraps

  func examine() async -> DoctorReport {
    var checks = [
      await adapter(), permissions(), rival(), usb(), kernel(), await clock(), disk(), encryption(), await database(),
      copies(),
    ]
    if let ant = ant() { checks.append(ant) }
    checks += await destinations()
    return DoctorReport(checks: checks)
  }

  private func adapter() async -> Check {
    guard let bluetooth else {
      return Check(id: Kind.adapter, verdict: .ok, what: "Bluetooth is switched off in the configuration.")
    }
    let adapter = await bluetooth.adapterStatus
    switch adapter.state {
    case .ready, .disabled: return Check(id: Kind.adapter, verdict: .ok, what: adapter.sentence)
    case .starting: return Check(id: Kind.adapter, verdict: .warn, what: adapter.sentence, remedy: "Wait a moment.")
    case .absent, .off, .rival, .failed:
      let remedy = health.adapterWarning?.remedy
      return Check(
        id: Kind.adapter, verdict: .fail, what: adapter.sentence,
        remedy: remedy ?? "Plug in a Bluetooth adapter of version 4.0 or later.")
    }
  }

  private func permissions() -> Check {
    // CAP_NET_ADMIN is bit 12 (capability.h); without it the management channel only reads.
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
    let mask = line.flatMap { UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) } ?? 0
    guard mask & (1 << 12) != 0 else {
      return Check(
        id: Kind.permissions, verdict: configuration.isBluetoothEnabled ? .fail : .ok,
        what: "The gateway may not set up Bluetooth adapters.",
        remedy: "Start it by its unit (systemctl start vitalsd), or give it CAP_NET_ADMIN.")
    }
    return Check(id: Kind.permissions, verdict: .ok, what: "The gateway may set up Bluetooth adapters.")
  }

  private func rival() -> Check {
    guard let warning = health.warnings.first(where: { $0.kind == HealthWarning.Kind.rivalService }) else {
      return Check(id: Kind.rivalServices, verdict: .ok, what: "No other Bluetooth service is running.")
    }
    return Check(id: Kind.rivalServices, verdict: .fail, what: warning.title, remedy: warning.remedy)
  }

  private func usb() -> Check {
    guard configuration.isUSBEnabled else {
      return Check(id: Kind.usb, verdict: .ok, what: "USB is switched off in the configuration.")
    }
    guard let warning = health.warnings.first(where: { $0.kind == HealthWarning.Kind.usbAccessDenied }) else {
      return Check(id: Kind.usb, verdict: .ok, what: "No USB device that is plugged in is closed to the gateway.")
    }
    return Self.check(Kind.usb, failed: warning)
  }

  /// Nil where no ANT stick is used.
  private func ant() -> Check? {
    if let warning = health.warnings.first(where: { $0.kind == HealthWarning.Kind.antKey }) {
      return Self.check(Kind.ant, failed: warning)
    }
    guard straps.isListening || straps.isConfigured else { return nil }
    guard configuration.isUSBEnabled else {
      return Check(
        id: Kind.ant, verdict: .warn,
        what: "ANT+ straps are configured, and USB, which an ANT stick needs, is switched off in the configuration.",
        remedy: "Set usb: {enabled: true} in vitalsd.yaml and restart the service, or take ant out of it.")
    }
    guard straps.isListening else {
      return Check(
        id: Kind.ant, verdict: .warn, what: "ANT+ straps are configured, and no ANT stick listens.",
        remedy: "Plug in an ANT stick (0fcf:1008 or 0fcf:1009); 'journalctl -u vitalsd' says why one does not work.")
    }
    let heard = straps.heard(since: Date().addingTimeInterval(-3600))
    let words =
      heard.isEmpty
      ? "no strap was heard in the last hour"
      : "straps heard in the last hour: "
        + heard.map { "\($0.number) (\($0.isRead ? "read" : "not in the configuration"))" }.joined(separator: ", ")
    guard heard.contains(where: { !$0.isRead }), !heard.contains(where: \.isRead) else {
      return Check(id: Kind.ant, verdict: .ok, what: "The ANT stick listens; \(words).")
    }
    return Check(
      id: Kind.ant, verdict: .warn, what: "The ANT stick listens; \(words).",
      remedy: "A strap of yours: name its number in vitalsd.yaml (ant: {straps: [{number: N}]}), restart the service, "
        + "and say whose it is: vitals assign ant:120:N --patient NAME. A neighbour's: leave it.")
  }

  /// Says what a warning says, in any language that the warning is said in.
  private static func check(_ id: String, failed warning: HealthWarning) -> Check {
    Check(
      id: id, verdict: .fail, what: warning.title, remedy: warning.remedy, kind: warning.kind,
      parameters: warning.parameters)
  }

  private func kernel() -> Check {
    guard let fault = KernelFault.ofThisKernel else {
      return Check(id: "kernel", verdict: .ok, what: "No fault of this kernel is known that touches the gateway.")
    }
    return Check(
      id: "kernel", verdict: .warn, what: "\(fault)",
      remedy: "Run: apt install linux-image-6.12-amd64, and restart the box.")
  }

  private func clock() async -> Check {
    guard !boxClock.isRight else {
      let what =
        switch (configuration.clockTrust, BoxClock.now) {
        case (.always, _): "The box's clock is taken as right (clock: {trust: always})."
        case (.synchronised, .synchronised): "The box's clock is synchronised."
        case (.synchronised, _): "The box's clock was synchronised since the boot, and was not set since."
        }
      return Check(id: Kind.clock, verdict: .ok, what: what)
    }
    var what = "Nobody says that the box's clock is right."
    if let waiting = try? await store.waitingForClock() {
      what += " \(waiting.readings) readings wait for it, and \(waiting.deliveries) deliveries of them."
    }
    return Check(id: Kind.clock, verdict: .warn, what: what, remedy: BoxClock.remedy)
  }

  private func disk() -> Check {
    guard let free = DiskRoom.free(of: configuration.dataDirectory) else {
      return Check(
        id: Kind.disk, verdict: .fail, what: "The data directory cannot be looked at.",
        remedy: "See that \(configuration.dataDirectory) exists and belongs to the service.")
    }
    let sentence = "\(free) MB are free for readings."
    return free < GatewayWatch.leastRoom
      ? Check(
        id: Kind.disk, verdict: .warn, what: sentence,
        remedy: "Free some room on the disk of \(configuration.dataDirectory).")
      : Check(id: Kind.disk, verdict: .ok, what: sentence)
  }

  private func encryption() -> Check {
    let directory = configuration.dataDirectory
    let what: String
    switch VolumeEncryption.here.finding(of: directory) {
    case .encrypted(let how):
      return Check(id: Kind.encryption, verdict: .ok, what: "The data directory lies on \(how).")
    case .inMemory(let type):
      return Check(
        id: Kind.encryption, verdict: .ok,
        what: "The data directory lies in memory (\(type)): nothing of it outlives a boot.")
    case .plain(let device):
      what = "The data directory lies on \(device), which is not encrypted: whoever takes the disk can read it."
    case .notKnown(let reason):
      what = "Whether the data directory lies on an encrypted volume is not known: \(reason)."
    }
    return Check(
      id: Kind.encryption, verdict: .warn, what: what,
      remedy:
        "Put \(directory) on a LUKS volume or encrypt the folder with fscrypt: see Encryption at rest in the manual "
        + "(AtRest) and systemd/vitalsd.service.d/encrypted-volume.conf.")
  }

  private func database() async -> Check {
    if let warning = health.warnings.first(where: { $0.kind == HealthWarning.Kind.storeNotCommitting }) {
      return Check(id: Kind.store, verdict: .fail, what: warning.title, remedy: warning.remedy)
    }
    do {
      let count = try await store.devices().count
      return Check(id: Kind.store, verdict: .ok, what: "The store answers; \(count) devices are paired.")
    } catch {
      return Check(
        id: Kind.store, verdict: .fail, what: "The store does not answer: \(error).",
        remedy: "Look at the disk of \(configuration.dataDirectory).")
    }
  }

  private func copies() -> Check {
    if let warning = health.warnings.first(where: { $0.kind == HealthWarning.Kind.copyFailed }) {
      return Self.check(Kind.copies, failed: warning)
    }
    let copies = store.verifiedCopies
    guard let newest = copies.first else {
      return Check(
        id: Kind.copies, verdict: .warn, what: "There is no copy of the database yet.",
        remedy: "The first is made five minutes after the start.")
    }
    let megabytes = (copies.reduce(0) { $0 + $1.size } + 1_048_575) / 1_048_576
    return Check(
      id: Kind.copies, verdict: .ok,
      what: "The newest verified copy of the database was made at \(Timestamp(newest.madeAt)); "
        + "\(copies.count) are kept, \(megabytes) MB.")
  }

  private func destinations() async -> [Check] {
    guard let counts = try? await store.outboxCounts() else { return [] }
    return configuration.destinations.map { destination in
      let id = "\(Kind.destination):\(destination.id)"
      let count = counts[destination.id]
      if let rejected = count?.rejected, rejected > 0, count?.waiting ?? 0 == 0 {
        return Check(
          id: id, verdict: .fail,
          what: "\(destination.id): \(rejected) deliveries were refused for good; the last: \(count?.lastError ?? "").",
          remedy: "It does not arrive there by itself. 'vitals deliveries list --destination \(destination.id) --state "
            + "rejected' shows which; once the reason is mended, 'vitals deliveries retry \(destination.id)'.")
      }
      guard let error = count?.lastError, count?.waiting ?? 0 > 0 else {
        return Check(id: id, verdict: .ok, what: "\(destination.id): nothing waits that failed.")
      }
      return Check(
        id: id, verdict: .fail,
        what: "\(destination.id): \(count?.waiting ?? 0) deliveries wait; the last try failed: \(error)",
        remedy: "See that the address is right and the server runs; deliveries are tried again by themselves.")
    }
  }
}
