import Foundation
import FoundationNetworking
import HealthRecords
import LocalServer
import Logging
import Observations
import Store
import Synchronization

extension LocalRecord {
  static let sample = LocalRecord(
    held: HeldRecord(
      gateway: GatewayDescription(systemID: [0xFE, 0xED, 1, 2, 3, 4, 5, 6], softwareVersion: "1.2.3"),
      naming: FHIRNaming(patientSystem: "urn:oid:2.999.84.1"),
      timeZone: TimeZone(identifier: "Asia/Ho_Chi_Minh") ?? .gmt),
    softwareVersion: "1.2.3", startedAt: Date(timeIntervalSince1970: 1_795_307_000))
}

/// The local record on a port, asked as any program would ask it.
struct ServedRecord: Sendable {
  static let token = "0123456789abcdef-token"

  var served: Served
  var base: String

  var store: Store { served.store }

  /// - Parameter token: what the file holds at each request.
  static func with(
    token: @escaping @Sendable () -> String? = { ServedRecord.token },
    _ body: @Sendable (ServedRecord) async throws -> Void
  ) async throws {
    var control = GatewayControl.quiet()
    control.record = .sample
    try await Served.with(control) { served in
      let server = LoopbackServer(
        port: 0, token: token, store: served.store, record: .sample, logger: Logger(label: "test", level: .critical))
      try await withThrowingTaskGroup(of: Void.self) { (group) async throws in
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        group.addTask {
          defer { continuation.finish() }
          try await server.run {
            continuation.yield($0)
            continuation.finish()
          }
        }
        for await port in ports {
          try await body(ServedRecord(served: served, base: "http://127.0.0.1:\(port)/fhir"))
        }
        group.cancelAll()
        try await group.waitForAll()
      }
    }
  }

  struct Answer {
    var status: Int
    var headers: [AnyHashable: Any]
    var body: Data

    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body) as? [String: Any]) ?? [:] }
    var type: String? { json["resourceType"] as? String }
    var entries: [[String: Any]] { json["entry"] as? [[String: Any]] ?? [] }
    /// The resources that match.
    var resources: [[String: Any]] {
      entries.filter { ($0["search"] as? [String: String])?["mode"] == "match" }
        .compactMap { $0["resource"] as? [String: Any] }
    }
    var ids: [String] { resources.compactMap { $0["id"] as? String } }
    var issue: [String: Any] { (json["issue"] as? [[String: Any]])?.first ?? [:] }

    func link(_ relation: String) -> String? {
      (json["link"] as? [[String: String]])?.first { $0["relation"] == relation }?["url"]
    }
  }

  /// - Parameter path: below the root, or a whole address.
  func ask(
    _ path: String, method: String = "GET", headers: [String: String] = [:], body: String? = nil,
    token: String? = ServedRecord.token
  ) async throws -> Answer {
    guard let url = URL(string: path.hasPrefix("http") ? path : "\(base)/\(path)") else {
      throw URLError(.badURL)
    }
    var request = URLRequest(url: url, timeoutInterval: 300)
    request.httpMethod = method
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    request.httpBody = body.map { Data($0.utf8) }
    let (data, response) = try await URLSession(configuration: .ephemeral).data(for: request)
    let answer = response as? HTTPURLResponse
    return Answer(status: answer?.statusCode ?? 0, headers: answer?.allHeaderFields ?? [:], body: data)
  }

  /// A cuff, its person, and so many readings, one a second.
  func fill(_ count: Int, name: String = "Lan", from first: Int = 0) async throws -> Observations.Patient {
    try await served.pairCuff()
    let patient = try await store.addPatient(name: name)
    for number in first..<first + count {
      try await served.commit(.timed(number, patient: patient.id))
    }
    return patient
  }
}

extension Observation {
  /// Of the second `number`, by the device's clock and by ours.
  static func timed(_ number: Int, patient: PatientID?) -> Observation {
    var one = cuff(number, patient: patient)
    let (minutes, second) = number.quotientAndRemainder(dividingBy: 60)
    let (hours, minute) = minutes.quotientAndRemainder(dividingBy: 60)
    one.provenance.deviceTime = DeviceTime(year: 2026, month: 11, day: 22, hour: hours, minute: minute, second: second)
    one.components[2] = ObservationComponent(MDC.pulsRateNonInv, .quantity(Quantity(71, .perMinute)))
    return one
  }
}
