import Forwarding
import Foundation
import HealthRecords
import Logging
import NIOCore
import Store

/// What weeks without a way out cost on disk, and how the readings leave when it is back: see `Tests/Lab/bench.py`, which
/// runs this beside a receiver.
///
///     WeeksBench DIRECTORY URL DAYS
///
/// Prints one JSON object. Time is simulated while readings are stored, and real while they leave.
@main
enum WeeksBench {
  struct Answer: Encodable {
    var readings: Int
    var observations: Int
    /// Octets of all files of the store: empty, and at the end of each day.
    var empty: Int
    var disk: [Int]
    /// Seconds of the drain, and the process's own share of them.
    var drain: Double
    var processor: Double
    /// Resident memory in KiB: nothing waiting, all waiting, and the most while they left.
    var idle: Int
    var waiting: Int
    var most: Int
  }

  @MainActor static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 4, let days = Int(words[3]), days > 0 else {
      FileHandle.standardError.write(Data("usage: WeeksBench DIRECTORY URL DAYS\n".utf8))
      exit(64)
    }
    // As vitalsd has it.
    NIOSingletons.groupLoopCountSuggestion = 1
    var log = Logger(label: "bench")
    log.logLevel = .critical
    let family = try await Family.open(directory: words[1])
    var settings = DestinationSettings(id: Family.destination, kind: "fhir", url: words[2])
    settings.allowsPrivate = true
    // The cap is lifted: what is asked is how fast it could be.
    settings.pace = DeliveryPace.Limits(rate: nil, spread: .zero)
    let forwarding = try ForwardingService(
      store: family.store, destinations: [settings],
      surroundings: ForwarderSurroundings(
        gateway: try await family.store.gatewayDescription(softwareVersion: "bench"), timeZone: .gmt,
        http: OutboundHTTP()),
      log: log)

    // Once through everything, so that idle is idle.
    try await family.live(day: 0)
    var running = Task { await forwarding.run() }
    try await drained(family)
    running.cancel()
    await running.value
    var answer = Answer(
      readings: 0, observations: 0, empty: family.octets, disk: [], drain: 0, processor: 0, idle: Memory.resident,
      waiting: 0, most: 0)

    for day in 1...days {
      answer.readings += try await family.live(day: day)
      answer.disk.append(family.octets)
    }
    answer.observations = family.observations
    answer.waiting = Memory.resident
    answer.most = answer.waiting
    let again = try ForwardingService(
      store: family.store, destinations: [settings],
      surroundings: ForwarderSurroundings(
        gateway: try await family.store.gatewayDescription(softwareVersion: "bench"), timeZone: .gmt,
        http: OutboundHTTP()),
      log: log)
    let (began, used) = (ContinuousClock.now, Memory.processorSeconds)
    running = Task { await again.run() }
    while try await family.waiting > 0 {
      answer.most = max(answer.most, Memory.resident)
      try await Task.sleep(for: .milliseconds(10))
    }
    answer.drain = (ContinuousClock.now - began) / .seconds(1)
    answer.processor = Memory.processorSeconds - used
    running.cancel()
    await running.value
    try await family.store.close()
    print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
  }

  @MainActor private static func drained(_ family: Family) async throws {
    while try await family.waiting > 0 { try await Task.sleep(for: .milliseconds(20)) }
  }
}

/// What the process uses.
enum Memory {
  /// KiB (proc(5), VmRSS).
  static var resident: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }

  static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
