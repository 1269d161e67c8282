import AlertRules
import Foundation
import Glibc
import HealthRecords
import LocalAPI
import LocalServer
import Observations
import Store
import Synchronization

/// Two people in one house, each with a cuff, readings, an alert, a consent and a silence; and accounts of every role.
struct RoleHouse: Sendable {
  /// Whoever asks.
  enum Caller: UInt32, CaseIterable, Sendable {
    /// The kernel does not say who.
    case unknown = 0
    /// Nobody gave it a role.
    case stranger = 1001
    /// Linked to Mai, and in the group that operates.
    case mai = 1002
    case operating = 1003
    case administering = 1004

    /// The column of the tables in `Roles.md`.
    var column: String {
      switch self {
      case .unknown, .stranger: "no role"
      case .mai: "own"
      case .operating: "operate"
      case .administering: "administer"
      }
    }
  }

  var served: Served
  var mai: PatientID
  var lan: PatientID
  private let asking: Asking

  private final class Asking: Sendable {
    let caller = Mutex(Caller.administering)
    /// The people that Mai's account is linked to.
    let linked = Mutex<Set<PatientID>>([])
    /// Who is in no group any more.
    let expelled = Mutex<Set<Caller>>([])
  }

  /// Takes somebody out of their groups.
  func expel(_ caller: Caller) { asking.expelled.withLock { _ = $0.insert(caller) } }

  static let policy = IngestPolicy(
    rules: [
      AlertRule(
        id: RuleID(rawValue: "crisis"),
        kind: .threshold(ThresholdRule(component: .systolic, comparison: .atLeast, limit: 180)), severity: .urgent,
        source: "test")
    ],
    destinations: [
      DestinationPolicy(
        id: DestinationID(rawValue: "clinic"), takesObservations: true, takesAlerts: true, takesSimulated: false)
    ])

  static let maiCuff = "ble:F0:F1:F2:F3:F4:F5"
  static let lanCuff = "ble:0A:0B:0C:0D:0E:0F"
  static let lanReading: ObservationID = .random()

  static func with(_ body: (RoleHouse) async throws -> Void) async throws {
    let asking = Asking()
    var control = GatewayControl.quiet(policy: policy)
    control.record = .sample
    control.status = {
      var status = Status.quiet
      status.bluetooth.append(Status.AwaitedDevice(id: lanCuff, name: "Lan's cuff", link: .awaited))
      status.warnings.append(
        HealthWarning(
          id: "alerts-reach-nobody:x", severity: .warning, title: "Alerts for Lan Thi reach nobody", remedy: "",
          since: status.startedAt))
      return status
    }
    control.access = {
      AccessPolicy(
        administer: AccessPolicy.Accounts(users: ["hoa"]),
        own: [AccessPolicy.Link(AccessPolicy.Accounts(users: ["mai"]), patients: asking.linked.withLock { $0 })])
    }
    let accounts = Accounts(
      // Nobody of these.
      service: 1,
      peer: { _ in
        let caller = asking.caller.withLock { $0 }
        return caller == .unknown ? nil : caller.rawValue
      },
      account: { uid in
        if let caller = Caller(rawValue: uid), asking.expelled.withLock({ $0.contains(caller) }) {
          return Account(uid: uid, user: "x", groups: [])
        }
        return switch Caller(rawValue: uid) {
        case .mai: Account(uid: uid, user: "mai", groups: ["mai", "vitals"])
        case .operating: Account(uid: uid, user: "binh", groups: ["vitals"])
        case .administering: Account(uid: uid, user: "hoa", groups: ["vitals"])
        default: Account(uid: uid, user: "x", groups: ["x", "operate", "administer"])
        }
      })
    try await Served.with(control, accounts: accounts) { served in
      let store = served.store
      let mai = try await store.addPatient(name: "Mai").id
      let lan = try await store.addPatient(name: "Lan Thi").id
      asking.linked.withLock { $0 = [mai] }
      let now = Date()
      for (patient, device, name) in [(mai, maiCuff, "UA-651"), (lan, lanCuff, "Lan's cuff")] {
        let id = DeviceID(rawValue: device)
        try await store.saveDevice(
          DeviceRecord(
            description: DeviceDescription(
              id: id, address: String(device.dropFirst(4)), name: name, profile: "sig/blood-pressure",
              information: DeviceInformation(manufacturer: "A&D", model: "UA-651BLE")),
            addressKind: "random", authentication: .bonded, pairedAt: now))
        try await store.assign(id, slot: nil, to: patient)
        try await store.grantConsent(
          patient: patient, destination: DestinationID(rawValue: "clinic"), grantee: "Dr of \(name)",
          relationship: "doctor", at: now)
        for number in 1...3 {
          var reading = Observation.cuff(number, systolic: 190, patient: patient, device: device)
          if patient == lan, number == 1 { reading.id = lanReading }
          try await served.commit(reading, policy)
        }
        try await store.silence(
          AlertRules.Silence(
            id: SilenceID(rawValue: "s-\(patient)"), rule: nil, patient: patient, from: now,
            until: now.addingTimeInterval(3600), reason: "of \(name)", coversUrgent: false),
          by: nil, policy: policy, now: now)
      }
      // Nobody's.
      try await served.commit(.cuff(9, device: "ble:0A:0B:0C:00:00:00"), policy)
      try await body(RoleHouse(served: served, mai: mai, lan: lan, asking: asking))
    }
  }

  /// What would tell of Lan, or of what is nobody's.
  func signs() throws -> [String] {
    let episodes = served.store.episodes().filter { $0.firing.patient == lan }.map(\.id.rawValue)
    return [
      lan.rawValue, "Lan", "0A:0B:0C", Self.lanReading.rawValue, HeldRecord.id(of: DeviceID(rawValue: Self.lanCuff)),
    ] + episodes
  }

  func link(to patients: Set<PatientID>) { asking.linked.withLock { $0 = patients } }

  /// One request by that account.
  func ask(
    _ caller: Caller, _ method: String, _ path: String, body: String? = nil
  ) async throws -> (status: Int, body: String) {
    asking.caller.withLock { $0 = caller }
    return try await PlainHTTP.ask(served.socketPath, method, path, body: body)
  }

  func client(_ caller: Caller) -> LocalClient {
    asking.caller.withLock { $0 = caller }
    return served.client
  }
}

/// HTTP over a Unix socket as anybody could write it: what is shown is all that came.
enum PlainHTTP {
  struct Failure: Error { var what: String }

  static func ask(
    _ socketPath: String, _ method: String, _ path: String, body: String?
  ) async throws -> (status: Int, body: String) {
    let text = body ?? ""
    let request =
      "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)"
    let answer = try await withCheckedThrowingContinuation { continuation in
      // Blocks, so on a thread of its own.
      Thread.detachNewThread { continuation.resume(with: Result { try exchange(socketPath, request) }) }
    }
    let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    let words = parts[0].split(separator: " ")
    guard words.count > 1, let status = Int(words[1]) else { throw Failure(what: answer) }
    return (status, parts.count > 1 ? String(parts[1]) : "")
  }

  private static func exchange(_ path: String, _ request: String) throws -> String {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else { throw Failure(what: "connect: \(errno)") }
    var left = Array(request.utf8)[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Failure(what: "send: \(errno)") }
      left = left.dropFirst(count)
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
      answer += buffer.prefix(count)
    }
  }
}
