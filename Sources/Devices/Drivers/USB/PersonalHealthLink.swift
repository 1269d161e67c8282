import USBHost
import WireFormats

/// The two bulk pipes of a Personal Healthcare interface. An APDU goes out as one transfer; what comes in is pieces.
///
/// The feature *meta-data message preamble* (PHDC 1.0) is never set, so that no message has one. The interrupt pipe that
/// a device may have is for continuous streams, which are not read here.
struct PersonalHealthLink: Sendable {
  /// Octets of one transfer in: libusb cuts a longer one into several.
  static let room = 16_384
  /// For one transfer out.
  static let sendLimit: Duration = .seconds(5)

  let channel: any USBChannel
  private let inward: USBDevice.Endpoint
  private let outward: USBDevice.Endpoint
  let descriptors: PersonalHealthcareDescriptors

  /// - Throws: where a descriptor is malformed, the messages are of another kind, or a pipe is missing.
  init(_ session: USBSession) throws(SessionFailure) {
    channel = session.channel
    let interface = session.interface
    do throws(DecodingFailure) {
      descriptors = try PersonalHealthcareDescriptors(
        interface: interface.classDescriptors, endpoints: interface.endpoints.map(\.classDescriptors))
    } catch {
      throw SessionFailure(.requestFailed(what: "Reading the device's USB descriptors", reason: "\(error)"))
    }
    func missing(_ what: String) -> SessionFailure {
      SessionFailure(USBFailure.unsuitable(what: what), "Opening the device")
    }
    guard descriptors.dataCode == PersonalHealthcareDescriptors.ieee11073 else {
      throw missing("messages of IEEE 11073-20601 (bPHDCDataCode is \(descriptors.dataCode))")
    }
    let bulk = interface.endpoints.filter { $0.kind == .bulk && $0.packetSize > 0 }
    guard let inward = bulk.first(where: \.isIn) else { throw missing("bulk endpoint that sends") }
    guard let outward = bulk.first(where: { !$0.isIn }) else { throw missing("bulk endpoint that receives") }
    self.inward = inward
    self.outward = outward
  }

  func send(_ apdu: [UInt8], limit: Duration = sendLimit) async throws(USBFailure) {
    try await channel.send(apdu, to: outward.address, limit: limit)
    // Whole packets do not end a transfer: an empty one does (USB 2.0, 5.8.3).
    if apdu.count % outward.packetSize == 0 { try await channel.send([], to: outward.address, limit: limit) }
  }

  /// A piece of an APDU or of several; empty where a transfer of whole packets ends.
  func receive(limit: Duration) async throws(USBFailure) -> [UInt8] {
    try await channel.receive(Self.room, from: inward.address, limit: limit)
  }
}
