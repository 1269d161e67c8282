package import BluetoothLE

/// A device's recording out of a btsnoop log of a phone or of btmon.
package struct PhoneLog: Sendable {
  /// A device in the log.
  package struct Peer: Hashable, Sendable {
    package var address: BluetoothAddress
    package var name: String?
    /// ATT PDUs that passed between it and the phone.
    package var pdus: Int
  }

  /// Every device that had a link with ATT PDUs, the one with most of them first.
  package private(set) var peers: [Peer] = []
  /// Why the log could not be read to its end; nil when it could.
  package private(set) var failure: BtsnoopFile.Failure?
  /// Packets that were passed over: cut by the recorder, or not sound.
  package private(set) var passedOver = 0
  private var happenings: [HCITrace.Happening] = []

  /// - Parameter octets: the whole file.
  /// - Throws: when not even its header is one.
  package init(_ octets: [UInt8]) throws(BtsnoopFile.Failure) {
    var file = try BtsnoopFile(octets)
    var trace = HCITrace()
    while let record = file.next() {
      if record.isCut {
        passedOver += 1
        continue
      }
      guard let packet = HCITrace.packet(record, file.datalink) else { continue }
      happenings += trace.read(packet, at: record.time)
    }
    failure = file.failure
    passedOver += trace.unsound
    var counts: [BluetoothAddress: Int] = [:]
    var names: [BluetoothAddress: String] = [:]
    for happening in happenings {
      switch happening.event {
      case .passage: counts[happening.peer, default: 0] += 1
      case .advertisement(let address, let rssi, let data):
        if let name = Advertisement(address: address, rssi: rssi, data: data).localName { names[address] = name }
      case .linkUp, .linkDown: break
      }
    }
    peers = counts.map { Peer(address: $0.key, name: names[$0.key], pdus: $0.value) }
      .sorted { ($1.pdus, $0.address.value) < ($0.pdus, $1.address.value) }
  }

  /// What is known of one device, made unrecognisable; nil when the log has nothing of it. Of its advertisements the last
  /// one before each link and the longest stand for all.
  ///
  /// - Parameter namePrefix: the beginning of its name that belongs to the model and may stay.
  package func recording(of address: BluetoothAddress, namePrefix: String) -> Recording? {
    let own = happenings.filter { $0.peer == address }
    guard let first = own.first else { return nil }
    var recording = Recording(beginning: first.time)
    var redactor = RecordingRedactor(address: address, namePrefix: namePrefix)
    var heard: [[UInt8]] = []
    for happening in own where recording.entries.count < Recording.mostEntries {
      if case .advertisement(_, _, let data) = happening.event {
        guard !heard.contains(data), heard.count < 16 else { continue }
        heard.append(data)
      }
      recording.entries.append(
        Recording.Entry(at: happening.time - first.time, redactor.redact(happening.event)))
    }
    recording.redacted = redactor.redacted
    return recording
  }
}
