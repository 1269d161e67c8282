import USBHost

/// A cuff on a cable that answers each report with reports, at the level of transfers.
actor USBReportCuff: USBChannel {
  /// What a transfer does instead of what it should.
  enum Fault: Hashable {
    /// The device is unplugged at this transfer, and stays so.
    case removed
    case stalled
    case silent
    /// The report that comes is one octet long, and what goes out is not heard.
    case short
    case overflow
  }

  nonisolated let device: USBDevice
  private let answer: @Sendable ([UInt8]) -> [[UInt8]]
  /// By the number of the transfer, from 0.
  private var faults: [Int: Fault]
  private var isRemoved = false
  private var waiting: [[UInt8]] = []
  private(set) var transferCount = 0
  /// The reports it was sent, as they came.
  private(set) var heard: [[UInt8]] = []
  private(set) var controls: [USBControlRequest] = []

  /// - Parameter hasOut: whether it takes reports over an endpoint of their own, or by Set_Report.
  init(
    vendor: UInt16, product: UInt16, packetSize: Int, hasOut: Bool = true, faults: [Int: Fault] = [:],
    _ answer: @escaping @Sendable ([UInt8]) -> [[UInt8]]
  ) {
    var endpoints: [USBDevice.Endpoint] = [.init(address: 0x81, kind: .interrupt, packetSize: packetSize)]
    if hasOut { endpoints.append(.init(address: 0x02, kind: .interrupt, packetSize: packetSize)) }
    device = USBDevice(
      location: .init(bus: 1, address: 5), vendor: vendor, product: product,
      interfaces: [.init(number: 0, classCode: 3, endpoints: endpoints)])
    self.faults = faults
    self.answer = answer
  }

  private func next() throws(USBFailure) -> Fault? {
    guard !isRemoved else { throw .removed }
    defer { transferCount += 1 }
    switch faults[transferCount] {
    case .removed:
      isRemoved = true
      throw .removed
    case .stalled: throw .stalled(endpoint: 0x81)
    case .silent: throw .timedOut
    case let fault: return fault
    }
  }

  private func hear(_ bytes: [UInt8]) {
    heard.append(bytes)
    waiting += answer(bytes)
  }

  func control(_ request: USBControlRequest, limit: Duration) async throws(USBFailure) -> [UInt8] {
    _ = try next()
    controls.append(request)
    guard request.type == 0x21, request.request == 9 else { throw .stalled(endpoint: 0) }
    hear(request.data)
    return []
  }

  func send(_ bytes: [UInt8], to endpoint: UInt8, limit: Duration) async throws(USBFailure) {
    let fault = try next()
    guard endpoint == 0x02 else { throw .stalled(endpoint: endpoint) }
    if fault == nil { hear(bytes) }
  }

  func receive(_ count: Int, from endpoint: UInt8, limit: Duration) async throws(USBFailure) -> [UInt8] {
    let fault = try next()
    guard !waiting.isEmpty else { throw .timedOut }
    let report = waiting.removeFirst()
    if fault == .overflow || report.count > count { throw .overflow(endpoint: endpoint) }
    return fault == .short ? Array(report.prefix(1)) : report
  }

  func clearHalt(_ endpoint: UInt8) async throws(USBFailure) { guard !isRemoved else { throw .removed } }
  func close() async {}
}
