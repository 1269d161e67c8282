/// An open device with one interface claimed. Two real ones: libusb's, and a script of reports.
///
/// Each call is one transfer. It ends by its time limit at the latest, and at once when its task is cancelled, the device
/// is unplugged, or the channel is closed.
package protocol USBChannel: Sendable {
  var device: USBDevice { get }

  /// - Returns: what came, in the direction *in*; empty otherwise. May be shorter than asked for.
  func control(_ request: USBControlRequest, limit: Duration) async throws(USBFailure) -> [UInt8]
  /// Interrupt or bulk, as the endpoint's descriptor says.
  func send(_ bytes: [UInt8], to endpoint: UInt8, limit: Duration) async throws(USBFailure)
  /// Interrupt or bulk. A packet that is shorter than the endpoint's ends it (USB 2.0, 5.7.3, 5.8.3).
  ///
  /// - Parameter count: the most octets.
  func receive(_ count: Int, from endpoint: UInt8, limit: Duration) async throws(USBFailure) -> [UInt8]
  /// Ends the halt of an endpoint that stalled.
  func clearHalt(_ endpoint: UInt8) async throws(USBFailure)
  /// Ends every transfer, gives the kernel its driver back, and returns when nothing is left of it.
  func close() async
}

/// The eight octets that begin a control transfer (USB 2.0, 9.3), and what goes out with them.
package struct USBControlRequest: Hashable, Sendable {
  /// bmRequestType: bit 7 in, bits 6…5 standard 0, class 1, vendor 2, bits 4…0 device 0, interface 1, endpoint 2.
  package var type: UInt8
  package var request: UInt8
  package var value: UInt16
  package var index: UInt16
  /// Octets to be sent, in the direction *out*.
  package var data: [UInt8]
  /// The most octets to be received, in the direction *in*.
  package var length: Int

  package init(type: UInt8, request: UInt8, value: UInt16, index: UInt16, data: [UInt8] = [], length: Int = 0) {
    self.type = type
    self.request = request
    self.value = value
    self.index = index
    self.data = data
    self.length = length
  }

  package var isIn: Bool { type & 0x80 != 0 }

  /// HID's three kinds of report (HID 1.11, 7.2.1).
  package enum Report: UInt16, Hashable, Sendable {
    case input = 1
    case output, feature
  }

  /// Set_Report (HID 1.11, 7.2.2).
  package static func setReport(_ report: Report, id: UInt8 = 0, interface: UInt8, _ data: [UInt8]) -> Self {
    Self(type: 0x21, request: 0x09, value: report.rawValue << 8 | UInt16(id), index: UInt16(interface), data: data)
  }
}

extension USBChannel {
  /// A string descriptor (USB 2.0, 9.6.7), by the first language that the device knows; nil where it has none or refuses.
  /// Control characters are left out: it goes to terminals and records.
  package func string(_ index: UInt8, limit: Duration = .seconds(1)) async throws(USBFailure) -> String? {
    guard index != 0 else { return nil }
    guard let languages = try await stringDescriptor(0, language: 0, limit), languages.count >= 4,
      let text = try await stringDescriptor(index, language: UInt16(languages[2]) | UInt16(languages[3]) << 8, limit)
    else { return nil }
    let units = stride(from: 2, to: text.count - 1, by: 2).map { UInt16(text[$0]) | UInt16(text[$0 + 1]) << 8 }
    let scalars = String(decoding: units, as: UTF16.self).unicodeScalars.filter {
      $0.properties.generalCategory != .control && $0 != "\u{FFFD}"
    }
    let clean = String(String.UnicodeScalarView(scalars.prefix(120)))
    return clean.allSatisfy(\.isWhitespace) ? nil : clean
  }

  private func stringDescriptor(
    _ index: UInt8, language: UInt16, _ limit: Duration
  ) async throws(USBFailure) -> [UInt8]? {
    do {
      let bytes = try await control(
        USBControlRequest(type: 0x80, request: 6, value: 0x0300 | UInt16(index), index: language, length: 255),
        limit: limit)
      guard bytes.count >= 2, bytes[1] == 3 else { return nil }
      return Array(bytes.prefix(Int(bytes[0])))
    } catch {
      switch error {
      case .stalled, .timedOut, .overflow: return nil
      default: throw error
      }
    }
  }
}
