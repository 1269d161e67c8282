import BluetoothLE
import Foundation
import Glibc
import LocalAPI
import Observations
import Store

/// Examines the running gateway and what it stands on. Each finding that is not well has its remedy.
struct Doctor {
  typealias Check = DoctorReport.Check
  typealias Kind = DoctorReport.Check.Kind
  typealias Finding = DoctorReport.Check.Finding

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
      return Check(
        id: Kind.adapter, verdict: .ok, what: "Bluetooth is switched off in the configuration.",
        kind: Finding.bluetoothOff)
    }
    let adapter = await bluetooth.adapterStatus
    switch adapter.state {
    case .ready, .disabled: return Check(id: Kind.adapter, verdict: .ok, what: adapter.sentence)
    case .starting:
      return Check(
        id: Kind.adapter, verdict: .warn, what: adapter.sentence, remedy: "Wait a moment.",
        kind: Finding.adapterStarting)
    case .absent, .off, .rival, .failed:
      let warning = health.adapterWarning
      return Check(
        id: Kind.adapter, verdict: .fail, what: adapter.sentence,
        remedy: warning?.remedy ?? "Plug in a Bluetooth adapter of version 4.0 or later.",
        kind: warning?.kind ?? HealthWarning.Kind.adapterAbsent, parameters: warning?.parameters)
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
        remedy: "Start it by its unit (systemctl start vitalsd), or give it CAP_NET_ADMIN.",
        kind: HealthWarning.Kind.bluetoothPermission)
    }
    return Check(id: Kind.permissions, verdict: .ok, what: "The gateway may set up Bluetooth adapters.")
  }

  private func rival() -> Check {
    guard let warning = health.warnings.first(where: { $0.kind == HealthWarning.Kind.rivalService }) else {
      return Check(id: Kind.rivalServices, verdict: .ok, what: "No other Bluetooth service is running.")
    }
    return Self.check(Kind.rivalServices, failed: warning)
  }

  private func usb() -> Check {
    guard configuration.isUSBEnabled else {
      return Check(
        id: Kind.usb, verdict: .ok, what: "USB is switched off in the configuration.", kind: Finding.usbOff)
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
        remedy: "Set usb: {enabled: true} in vitalsd.yaml and restart the service, or take ant out of it.",
        kind: Finding.antWithoutUSB)
    }
    guard straps.isListening else {
      return Check(
        id: Kind.ant, verdict: .warn, what: "ANT+ straps are configured, and no ANT stick listens.",
        remedy: "Plug in an ANT stick (0fcf:1008 or 0fcf:1009); 'journalctl -u vitalsd' says why one does not work.",
        kind: Finding.antNotListening)
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
        + "and say whose it is: vitals assign ant:120:N --patient NAME. A neighbour's: leave it.",
      kind: Finding.antStranger)
  }

  /// Says what a warning says, in any language that the warning is said in.
  private static func check(_ id: String, failed warning: HealthWarning) -> Check {
    Check(
      id: id, verdict: .fail, what: warning.title, remedy: warning.remedy, kind: warning.kind,
      parameters: warning.parameters)
  }

  private func kernel() -> Check {
    guard let fault = KernelFault.ofThisKernel else {
      return Check(id: Kind.kernel, verdict: .ok, what: "No fault of this kernel is known that touches the gateway.")
    }
    return Check(
      id: Kind.kernel, verdict: .warn, what: "\(fault)",
      remedy: "Run: apt install linux-image-6.12-amd64, and restart the box.",
      kind: Finding.kernelFault, parameters: ["fault": "\(fault)"])
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
    var parameters: [String: String]?
    if let waiting = try? await store.waitingForClock() {
      parameters = ["readings": "\(waiting.readings)", "deliveries": "\(waiting.deliveries)"]
      what += " \(waiting.readings) readings wait for it, and \(waiting.deliveries) deliveries of them."
    }
    return Check(
      id: Kind.clock, verdict: .warn, what: what, remedy: BoxClock.remedy, kind: Finding.clockNotConfirmed,
      parameters: parameters)
  }

  private func disk() -> Check {
    guard let free = DiskRoom.free(of: configuration.dataDirectory) else {
      return Check(
        id: Kind.disk, verdict: .fail, what: "The data directory cannot be looked at.",
        remedy: "See that \(configuration.dataDirectory) exists and belongs to the service.",
        kind: Finding.noDirectory, parameters: ["path": configuration.dataDirectory])
    }
    let sentence = "\(free) MB are free for readings."
    return free < GatewayWatch.leastRoom
      ? Check(
        id: Kind.disk, verdict: .warn, what: sentence,
        remedy: "Free some room on the disk of \(configuration.dataDirectory).", kind: Finding.littleRoom,
        parameters: ["count": "\(free)", "path": configuration.dataDirectory])
      : Check(id: Kind.disk, verdict: .ok, what: sentence)
  }

  private func encryption() -> Check {
    let directory = configuration.dataDirectory
    let what: String
    var kind = Finding.encryptionNotKnown
    var parameters = ["path": directory]
    switch VolumeEncryption.here.finding(of: directory) {
    case .encrypted(let how):
      return Check(id: Kind.encryption, verdict: .ok, what: "The data directory lies on \(how).")
    case .inMemory(let type):
      return Check(
        id: Kind.encryption, verdict: .ok,
        what: "The data directory lies in memory (\(type)): nothing of it outlives a boot.", kind: Finding.inMemory)
    case .plain(let device):
      kind = Finding.notEncrypted
      parameters["device"] = device
      what = "The data directory lies on \(device), which is not encrypted: whoever takes the disk can read it."
    case .notKnown(let reason):
      what = "Whether the data directory lies on an encrypted volume is not known: \(reason)."
    }
    return Check(
      id: Kind.encryption, verdict: .warn, what: what,
      remedy:
        "Put \(directory) on a LUKS volume or encrypt the folder with fscrypt: see Encryption at rest in the manual "
        + "(AtRest) and systemd/vitalsd.service.d/encrypted-volume.conf.",
      kind: kind, parameters: parameters)
  }

  private func database() async -> Check {
    if let warning = health.warnings.first(where: { $0.kind == HealthWarning.Kind.storeNotCommitting }) {
      return Self.check(Kind.store, failed: warning)
    }
    do {
      let count = try await store.devices().count
      return Check(id: Kind.store, verdict: .ok, what: "The store answers; \(count) devices are paired.")
    } catch {
      return Check(
        id: Kind.store, verdict: .fail, what: "The store does not answer: \(error).",
        remedy: "Look at the disk of \(configuration.dataDirectory).", kind: Finding.storeSilent,
        parameters: ["path": configuration.dataDirectory])
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
        remedy: "The first is made five minutes after the start.", kind: Finding.noCopy)
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
            + "rejected' shows which; once the reason is mended, 'vitals deliveries retry \(destination.id)'.",
          kind: HealthWarning.Kind.destinationRefuses,
          parameters: ["destination": destination.id.rawValue, "count": "\(rejected)"])
      }
      guard let error = count?.lastError, count?.waiting ?? 0 > 0 else {
        return Check(id: id, verdict: .ok, what: "\(destination.id): nothing waits that failed.")
      }
      return Check(
        id: id, verdict: .fail,
        what: "\(destination.id): \(count?.waiting ?? 0) deliveries wait; the last try failed: \(error)",
        remedy: "See that the address is right and the server runs; deliveries are tried again by themselves.",
        kind: Finding.deliveriesWait,
        parameters: ["destination": destination.id.rawValue, "count": "\(count?.waiting ?? 0)", "reason": error])
    }
  }
}
