import Devices
import Foundation
import Glibc
import Observations
import Store
import USBHost

/// A memory of 500 readings through the real driver: what of the time is ours, and how many transfers it takes.
enum HIDBench {
  /// The most that such a cuff can count is 255 for each of its two users.
  static let counts = [250, 250]

  struct Answer: Encodable {
    var readings = 0
    var visits = 0
    /// Of one visit that finds everything new.
    var transfers = 0
    /// Of these, those in which the device had nothing to say.
    var emptyTransfers = 0
    /// Of one visit that finds everything known.
    var transfersKnown = 0
    /// Microseconds of processor for one reading: the whole process, the device in it left out…
    var driver: [Double] = []
    /// …the same with every reading committed to a store on the disk…
    var stored: [Double] = []
    /// …and what the same transfers cost without a driver.
    var bare: [Double] = []
  }

  struct Unexpected: Error, CustomStringConvertible {
    var description: String
  }

  /// - Parameter visits: of each kind, one after the other.
  static func run(visits: Int) async throws -> Answer {
    let banks = CuffMemory.banks(of: counts)
    let count = counts.reduce(0, +)
    var answer = Answer(readings: count, visits: visits)
    for visit in 0...visits {
      let memory = MemorySink()
      let cuff = CuffMemory(banks)
      let driver = try await processor(for: count) { try await read(cuff, memory) }
      guard await memory.count == count else { throw Unexpected(description: "\(await memory.count) of \(count)") }
      let transfers = cuff.transfers
      let peer = CuffMemory(banks)
      let bare = try await processor(for: count) { try await perform(transfers, peer) }
      let stored = try await withStore { sink in
        let cuff = CuffMemory(banks)
        return try await processor(for: count) { try await read(cuff, sink) }
      }
      // The first one pays for what is set up once.
      guard visit > 0 else {
        answer.transfers = transfers.count
        answer.emptyTransfers = cuff.emptyTransfers
        let known = CuffMemory(banks)
        try await read(known, memory)
        answer.transfersKnown = known.transfers.count
        continue
      }
      answer.driver.append(driver - bare)
      answer.stored.append(stored - bare)
      answer.bare.append(bare)
    }
    return answer
  }

  private static let profile = DeviceProfile(
    name: "omron/hem-790it", title: "Omron HEM-790IT",
    recognition: Recognition(usb: .init(vendor: 0x0590, product: 0x0028)),
    driver: "omron-hid", session: SessionPolicy(bond: .never, subscribe: []))

  private static func read(_ cuff: CuffMemory, _ sink: any ObservationSink) async throws {
    let driver = OmronHIDDriver()
    guard let interface = cuff.device.interface(ofClass: driver.interfaceClass) else {
      throw Unexpected(description: "no interface")
    }
    let end = await driver.run(
      USBSession(
        device: DeviceID(rawValue: "usb:0590:0028"), profile: profile, channel: cuff, interface: interface,
        isSimulated: false, timeZone: .gmt, sink: sink))
    guard end == .idle else { throw Unexpected(description: "\(end)") }
  }

  /// The same transfers again, by nobody who understands them.
  private static func perform(_ transfers: [CuffMemory.Transfer], _ cuff: CuffMemory) async throws {
    for transfer in transfers {
      do throws(USBFailure) {
        switch transfer {
        case .control(let request): _ = try await cuff.control(request, limit: .seconds(2))
        case .out(let bytes): try await cuff.send(bytes, to: 0x02, limit: .seconds(2))
        case .in: _ = try await cuff.receive(8, from: 0x81, limit: .seconds(2))
        }
      } catch {
        guard error == .timedOut else { throw error }
      }
    }
  }

  /// Microseconds of processor that every thread of the process took, for each of `count`.
  private static func processor(for count: Int, _ body: () async throws -> Void) async rethrows -> Double {
    let before = spent()
    try await body()
    return (spent() - before) / Double(count)
  }

  private static func spent() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
  }

  private static func withStore(_ body: (StoreSink) async throws -> Double) async throws -> Double {
    let directory = FileManager.default.temporaryDirectory.appending(path: "vitals-bench-\(getpid())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let spent = try await body(StoreSink(store: store))
    try await store.close()
    return spent
  }
}
