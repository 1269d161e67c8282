import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Forwarding

/// One request in a receiver's journal.
struct Arrival: Sendable, Decodable {
  struct Created: Sendable, Decodable {
    var type: String
    var value: String?
    var status: String?
  }
  struct Message: Sendable, Decodable {
    struct Content: Sendable, Decodable {
      var stored: Bool?
      var patient: String?
      var unassigned: Bool?
      var withdrawn: String?
      var episode: String?
      var changes: [Change]?
    }
    struct Change: Sendable, Decodable {
      var type: String
    }
    /// The types of all that it tells.
    var told: [String] { data.changes?.map(\.type) ?? [type] }
    var type: String
    var data: Content
  }
  var mode: String
  var path: String?
  var status: Int?
  // fhir_receiver
  var created: [Created]?
  var entries: Int?
  var refused: [String]?
  // smart_receiver
  var token: Bool?
  var alg: String?
  var kid: String?
  var replaced: [Created]?
  var authorization: String?
  // webhook_receiver
  var id: String?
  var timestamp: String?
  var new: Bool?
  var verified: Bool?
  var message: Message?
}

/// One of Tests/Receivers as a process, with its journal.
final class TestReceiver: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let process: Process
  private let journalFile: URL
  let http: OutboundHTTP
  /// Of HTTP: where it takes messages, or where only its faults are switched.
  let address: String
  /// `mllp_receiver`: where it takes messages; else empty.
  let mllp: String
  /// Nil: it speaks plain HTTP.
  private let authority: CertificateAuthority?
  /// What we show it where it asks for a certificate.
  private let identity: ClientIdentity?

  /// - Parameters:
  ///   - program: `fhir_receiver`, `webhook_receiver` or `mllp_receiver`.
  ///   - certificate: a PEM file with a certificate that signed itself, and its key: it speaks TLS with that.
  ///   - client: a PEM file with a certificate that signed itself, and its key: who shows that is let in.
  ///   - interpreter: a Python with packages, for a receiver that needs some without validating.
  ///   - validating: with the packages of requirements.txt; without, Python alone does.
  static func run<Value>(
    _ program: String, validating: Bool = false, port: Int = 0, arguments: [String] = [],
    certificate: String? = nil, client: String? = nil, interpreter: URL? = nil,
    _ body: (TestReceiver) async throws -> Value
  ) async throws -> Value {
    let receiver = try await TestReceiver(
      program, validating, port,
      arguments + (certificate.map { ["--tls", $0] } ?? []) + (client.map { ["--client-ca", $0] } ?? []),
      try certificate.map { try CertificateAuthority(path: $0) },
      try client.map { try ClientIdentity(certificate: $0, key: $0) }, interpreter)
    do {
      let value = try await body(receiver)
      await receiver.stop()
      return value
    } catch {
      await receiver.stop()
      throw error
    }
  }

  private init(
    _ program: String, _ validating: Bool, _ port: Int, _ arguments: [String], _ authority: CertificateAuthority?,
    _ identity: ClientIdentity?, _ interpreter: URL?
  ) async throws {
    self.authority = authority
    self.identity = identity
    journalFile = FileManager.default.temporaryDirectory.appending(path: "\(program)-\(UUID().uuidString).jsonl")
    let process = Process()
    let script = PackageFiles.receivers.appending(path: "\(program).py").path
    let options = ["-B", script, "--port", "\(port)", "--journal", journalFile.path, "--until-stdin-ends"]
    if validating {
      process.executableURL = try PackageFiles.validatingPython()
      process.arguments = options + arguments
    } else {
      process.executableURL = PackageFiles.anyPython
      process.arguments = ["python3"] + options + ["--no-validate"] + arguments
      if let interpreter {
        process.executableURL = interpreter
        process.arguments = options + ["--no-validate"] + arguments
      }
    }
    let pipe = Pipe()
    process.standardOutput = pipe
    // The receiver ends with us, however we end.
    process.standardInput = Pipe()
    let line = AsyncStream<String> { continuation in
      let text = Mutex("")
      pipe.fileHandleForReading.readabilityHandler = { handle in
        let data = handle.availableData
        let (whole, isEnd) = text.withLock { text in
          text += String(decoding: data, as: UTF8.self)
          return (text, data.isEmpty)
        }
        guard whole.contains("\n") || isEnd else { return }
        handle.readabilityHandler = nil
        continuation.yield(whole)
        continuation.finish()
      }
    }
    try process.run()
    self.process = process
    var said = ""
    for await text in line { said = text }
    guard let found = said.firstMatch(of: #/https?://127\.0\.0\.1:[0-9]+/#) else {
      process.terminate()
      throw Failure(description: "\(program) did not start; it said \(said)")
    }
    address = String(found.output)
    mllp = said.firstMatch(of: #/mllps?://127\.0\.0\.1:[0-9]+/#).map { String($0.output) } ?? ""
    http = OutboundHTTP()
  }

  private func stop() async {
    process.terminate()
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        self.process.waitUntilExit()
        continuation.resume()
      }
    }
    await http.shutdown()
    try? FileManager.default.removeItem(at: journalFile)
  }

  /// Switches a fault on: see Tests/Receivers/receiver.py.
  func control(_ order: String) async throws { try await self.order("_control", order) }

  /// Does what somebody does at the server: see Tests/Receivers/fhir_receiver.py.
  func change(_ order: String) async throws { try await self.order("_change", order) }

  /// - Parameter path: `_control`, `_change` or `_smart`.
  func order(_ path: String, _ order: String) async throws {
    let url = try DestinationURL("\(address)/\(path)", allowsPrivate: true)
    let answer = try await http.ask(
      Array(order.utf8), of: url, headers: [], limit: .seconds(60),
      OutboundHTTP.Security(authority: authority, identity: identity))
    guard answer.status == 204 else { throw Failure(description: "\(path) answered \(answer.status)") }
  }

  /// A resource or a search of the receiver's, as JSON.
  func look(_ path: String) async throws -> ShownJSON {
    let url = try DestinationURL("\(address)/\(path)", allowsPrivate: true)
    let answer = try await http.ask(
      nil, of: url, headers: [], limit: .seconds(60),
      OutboundHTTP.Security(authority: authority, identity: identity))
    return ShownJSON(try JSONSerialization.jsonObject(with: Data(answer.body)))
  }

  /// How many resources of each type it has.
  func stats() async throws -> [String: Int] {
    let stats = try await look("_stats")
    return (stats.value as? [String: Int]) ?? [:]
  }

  /// What arrived, in order.
  func journal() -> [Arrival] { lines(Arrival.self) }

  /// The same as another type; lines that are none are left out.
  func lines<Line: Decodable>(_ type: Line.Type) -> [Line] {
    guard let data = FileManager.default.contents(atPath: journalFile.path) else { return [] }
    return data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONDecoder().decode(type, from: Data($0)) }
  }

  /// The journal once it has so many lines.
  @discardableResult
  func journal(atLeast count: Int) async throws -> [Arrival] {
    try await eventually { journal().count >= count }
    return journal()
  }

  /// Identifiers of the Observations that were created, in order.
  func created() -> [String] {
    journal().flatMap { $0.created ?? [] }.filter { $0.type == "Observation" }.compactMap(\.value)
  }
}

/// JSON that a test looks into by names and places.
struct ShownJSON {
  let value: Any?

  init(_ value: Any?) { self.value = value }

  subscript(_ name: String) -> ShownJSON { ShownJSON((value as? [String: Any])?[name]) }
  subscript(_ place: Int) -> ShownJSON {
    let list = value as? [Any]
    return ShownJSON(list.flatMap { $0.indices.contains(place) ? $0[place] : nil })
  }
  var text: String? { value as? String }
  var count: Int { (value as? [Any])?.count ?? 0 }
}
