import USBHost

/// The reports of a cuff on a cable, one at a time, and what is done when one does not come.
struct HIDReports {
  /// The most reports thrown away before a question is asked again.
  private static let mostStale = 64

  let session: USBSession
  /// For one transfer to the device.
  let limit: Duration
  /// The number of the reports to the device; 0 where they have none.
  private let number: UInt8
  private let outward: UInt8?
  private let inward: UInt8
  /// Octets of a report from the device.
  private let size: Int

  /// - Parameter size: nil for as many octets as the endpoint's packets have.
  /// - Throws: where the interface has no endpoint that sends reports.
  init(_ session: USBSession, limit: Duration, number: UInt8 = 0, size: Int? = nil) throws(SessionFailure) {
    self.session = session
    self.limit = limit
    self.number = number
    let usable = session.interface.endpoints.filter { $0.kind == .interrupt || $0.kind == .bulk }
    guard let inward = usable.first(where: \.isIn) else {
      throw SessionFailure(USBFailure.unsuitable(what: "endpoint that sends reports"), "Opening the cuff")
    }
    self.inward = inward.address
    self.size = size ?? max(inward.packetSize, 1)
    outward = usable.first { !$0.isIn }?.address
  }

  /// One report to the device: over its endpoint, else by Set_Report.
  func send(_ report: [UInt8]) async throws(USBFailure) {
    if let outward { return try await session.channel.send(report, to: outward, limit: limit) }
    _ = try await session.channel.control(
      .setReport(.output, id: number, interface: session.interface.number, report), limit: limit)
  }

  /// The next report from the device.
  ///
  /// - Throws: ``USBFailure/timedOut`` also when `deadline` has passed.
  func receive(before deadline: ContinuousClock.Instant) async throws(USBFailure) -> [UInt8] {
    let left = deadline - .now
    guard left > .zero else { throw .timedOut }
    return try await session.channel.receive(size, from: inward, limit: left)
  }

  /// Takes what an earlier question left behind, until nothing comes for a while.
  func drain(_ quiet: Duration) async throws(USBFailure) {
    for _ in 0..<Self.mostStale {
      do throws(USBFailure) {
        _ = try await session.channel.receive(size, from: inward, limit: quiet)
      } catch {
        switch error {
        case .timedOut: return
        case .overflow: continue
        default: throw error
        }
      }
    }
  }

  /// After what another try may mend, returns.
  func recover(from failure: USBFailure, _ what: String) async throws(SessionFailure) {
    switch failure {
    case .timedOut, .overflow, .short: return
    case .stalled(let endpoint):
      do throws(USBFailure) {
        try await session.channel.clearHalt(endpoint)
      } catch {
        throw SessionFailure(error, what)
      }
    default: throw SessionFailure(failure, what)
    }
  }
}
