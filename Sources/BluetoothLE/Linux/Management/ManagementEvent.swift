/// An event of the management channel (BlueZ management protocol). Events of BR/EDR devices and events that have no
/// case here come as ``unknown(_:)``.
package enum ManagementEvent: Hashable, Sendable {
  /// Why a link ended.
  package struct DisconnectReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let unspecified = DisconnectReason(rawValue: 0)
    package static let timeout = DisconnectReason(rawValue: 1)
    package static let local = DisconnectReason(rawValue: 2)
    package static let remote = DisconnectReason(rawValue: 3)
    /// Also the sign of a bond that the device has forgotten.
    package static let authenticationFailure = DisconnectReason(rawValue: 4)
    package static let suspend = DisconnectReason(rawValue: 5)

    package var description: String {
      switch self {
      case .unspecified: "unspecified"
      case .timeout: "connection timeout"
      case .local: "ended by this side"
      case .remote: "ended by the device"
      case .authenticationFailure: "authentication failure"
      case .suspend: "this machine suspends"
      default: "reason \(rawValue)"
      }
    }
  }

  /// A device heard while discovering, or because it was added with ``ManagementCommand/DeviceAction/report``.
  package struct FoundDevice: Hashable, Sendable {
    /// The identity address where the kernel has the key that resolves it.
    package let address: BluetoothAddress
    /// dBm; nil where the adapter does not know.
    package let rssi: Int8?
    /// The protocol's Flags; bit 2: not connectable, bit 5 (newer kernels): a scan response.
    package let flags: UInt32
    /// Advertising data and scan response as AD structures, as the kernel joined them.
    package let data: [UInt8]

    /// Whether the device takes connections; false where its advertising says that it does not.
    package var isConnectable: Bool { flags & 1 << 2 == 0 }

    /// What the device advertised, decoded.
    package var advertisement: Advertisement { Advertisement(address: address, rssi: rssi ?? 127, data: data) }
  }

  /// A command was answered; also what ``Management/send(_:to:limit:)`` returned or threw. In this stream it stands in
  /// its place among the other events: a key that a pairing made comes before the end of the pairing.
  case commandFinished(code: UInt16, status: ManagementStatus, parameters: [UInt8])
  /// The adapter reported a hardware error.
  case controllerError(code: UInt8)
  case indexAdded
  case indexRemoved
  case newSettings(AdapterSettings)
  /// A key to be stored if `store`; else it is only for this link.
  case newLongTermKey(LongTermKey, store: Bool)
  /// `randomAddress` is nil where the device was seen under its identity address.
  case newIdentityResolvingKey(IdentityResolvingKey, randomAddress: BluetoothAddress?, store: Bool)
  /// What the device asked for: intervals in units of 1.25 ms, latency in events, timeout in units of 10 ms.
  case newConnectionParameters(
    BluetoothAddress, store: Bool, minimum: UInt16, maximum: UInt16, latency: UInt16, timeout: UInt16)
  /// `flags` bit 3: this side made the link. `data`: what the device advertised.
  case deviceConnected(BluetoothAddress, flags: UInt32, data: [UInt8])
  case deviceDisconnected(BluetoothAddress, DisconnectReason)
  case connectFailed(BluetoothAddress, ManagementStatus)
  case pinCodeRequest(BluetoothAddress)
  /// To be answered. `hint`: only yes or no, there is nothing to compare.
  case confirmationRequest(BluetoothAddress, hint: Bool, value: Passkey?)
  /// To be answered with the digits that the device shows.
  case passkeyRequest(BluetoothAddress)
  /// Digits for the person to type on the device; `entered` of them have been typed.
  case passkeyNotify(BluetoothAddress, Passkey?, entered: UInt8)
  case authenticationFailed(BluetoothAddress, ManagementStatus)
  case deviceFound(FoundDevice)
  case discovering(Bool)
  /// Another socket's Unpair Device removed the device's keys.
  case deviceUnpaired(BluetoothAddress)
  /// Another socket added the device to the kernel's list.
  case deviceAdded(BluetoothAddress, action: UInt8)
  /// Another socket removed the device from the list; nil: all of them.
  case deviceRemoved(BluetoothAddress?)
  /// An event that this program has no use for.
  case unknown(UInt16)
  /// An event whose parameters are cut short.
  case undecodable(UInt16, ManagementDecodingFailure)

  /// Decodes one packet of the management socket.
  /// - Throws: ``ManagementDecodingFailure`` where the header is cut or says more than there is. Parameters that are
  ///   cut give ``undecodable(_:_:)``, so that the adapter is still known.
  package static func decode(
    _ packet: [UInt8]
  ) throws(ManagementDecodingFailure) -> (index: AdapterIndex, event: ManagementEvent) {
    var header = ManagementReader(packet)
    let code = try header.uint16("Event Code")
    let index = AdapterIndex(rawValue: try header.uint16("Controller Index"))
    let parameters = try header.octets(Int(try header.uint16("Parameter Length")), "parameters")
    do throws(ManagementDecodingFailure) {
      return (index, try decode(code: code, parameters) ?? .unknown(code))
    } catch {
      return (index, .undecodable(code, error))
    }
  }

  private static func decode(
    code: UInt16, _ parameters: [UInt8]
  ) throws(ManagementDecodingFailure) -> ManagementEvent? {
    var reader = ManagementReader(parameters)
    switch code {
    case 0x0001, 0x0002:
      let command = try reader.uint16("Command_Opcode")
      let status = ManagementStatus(rawValue: try reader.byte("Status"))
      // Command Status ends with the status; whatever a newer kernel adds is not an answer.
      let rest = code == 0x0001 ? try reader.octets(reader.remaining, "Return_Parameters") : []
      return .commandFinished(code: command, status: status, parameters: rest)
    case 0x0003: return .controllerError(code: try reader.byte("Error_Code"))
    case 0x0004: return .indexAdded
    case 0x0005: return .indexRemoved
    case 0x0006: return .newSettings(AdapterSettings(rawValue: try reader.uint32("Current_Settings")))
    case 0x000A:
      let store = try reader.byte("Store_Hint") != 0
      let address = try reader.address()
      let kind = LongTermKey.Kind(rawValue: try reader.byte("Key_Type"))
      let central = try reader.byte("Central")
      let size = try reader.byte("Encryption_Size")
      let diversifier = try reader.uint16("Encryption_Diversifier")
      let random = try reader.octets(8, "Random_Number")
      let value = try reader.octets(16, "Value")
      guard let address else { return nil }
      return LongTermKey(
        address: address, kind: kind, central: central, size: size, diversifier: diversifier, random: random,
        value: value
      ).map { .newLongTermKey($0, store: store) }
    case 0x000B:
      let address = try reader.address()
      let flags = try reader.uint32("Flags")
      let data = try reader.counted("EIR_Data")
      return address.map { .deviceConnected($0, flags: flags, data: data) }
    case 0x000C:
      let address = try reader.address()
      let reason = DisconnectReason(rawValue: try reader.byte("Reason"))
      return address.map { .deviceDisconnected($0, reason) }
    case 0x000D:
      let address = try reader.address()
      let status = ManagementStatus(rawValue: try reader.byte("Status"))
      return address.map { .connectFailed($0, status) }
    case 0x000E: return try reader.address().map { .pinCodeRequest($0) }
    case 0x000F:
      let address = try reader.address()
      let hint = try reader.byte("Confirm_Hint") == 1
      let value = Passkey(number: try reader.uint32("Value"))
      return address.map { .confirmationRequest($0, hint: hint, value: value) }
    case 0x0010: return try reader.address().map { .passkeyRequest($0) }
    case 0x0011:
      let address = try reader.address()
      let status = ManagementStatus(rawValue: try reader.byte("Status"))
      return address.map { .authenticationFailed($0, status) }
    case 0x0012:
      let address = try reader.address()
      let rssi = Int8(bitPattern: try reader.byte("RSSI"))
      let flags = try reader.uint32("Flags")
      let data = try reader.counted("EIR_Data")
      return address.map {
        .deviceFound(FoundDevice(address: $0, rssi: rssi == 127 ? nil : rssi, flags: flags, data: data))
      }
    case 0x0013:
      _ = try reader.byte("Address_Type")
      return .discovering(try reader.byte("Discovering") != 0)
    case 0x0016: return try reader.address().map { .deviceUnpaired($0) }
    case 0x0017:
      let address = try reader.address()
      let passkey = Passkey(number: try reader.uint32("Passkey"))
      let entered = try reader.byte("Entered")
      return address.map { .passkeyNotify($0, passkey, entered: entered) }
    case 0x0018:
      let store = try reader.byte("Store_Hint") != 0
      let random = try reader.octets(6, "Random_Address")
      let address = try reader.address()
      let value = try reader.octets(16, "Value")
      let seen = random.allSatisfy { $0 == 0 } ? nil : BluetoothAddress(wire: random, kind: .random)
      return address.flatMap { IdentityResolvingKey(address: $0, value: value) }
        .map { .newIdentityResolvingKey($0, randomAddress: seen, store: store) }
    case 0x001A:
      let address = try reader.address()
      let action = try reader.byte("Action")
      return address.map { .deviceAdded($0, action: action) }
    case 0x001B:
      let octets = try reader.octets(6, "Address")
      let type = try reader.byte("Address_Type")
      if octets.allSatisfy({ $0 == 0 }) { return .deviceRemoved(nil) }
      return BluetoothAddress.Kind(kernel: type).flatMap { BluetoothAddress(wire: octets, kind: $0) }
        .map { .deviceRemoved($0) }
    case 0x001C:
      let store = try reader.byte("Store_Hint") != 0
      let address = try reader.address()
      let minimum = try reader.uint16("Min_Connection_Interval")
      let maximum = try reader.uint16("Max_Connection_Interval")
      let latency = try reader.uint16("Connection_Latency")
      let timeout = try reader.uint16("Supervision_Timeout")
      return address.map {
        .newConnectionParameters(
          $0, store: store, minimum: minimum, maximum: maximum, latency: latency, timeout: timeout)
      }
    default: return nil
    }
  }
}
