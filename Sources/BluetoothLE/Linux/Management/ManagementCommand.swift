/// A command of the management channel (BlueZ management protocol; the numbers are its command codes).
package enum ManagementCommand: Hashable, Sendable {
  /// How a side can show and take digits while pairing.
  package enum IOCapability: UInt8, Hashable, Sendable {
    case displayOnly = 0
    case displayYesNo = 1
    case keyboardOnly = 2
    case noInputNoOutput = 3
    case keyboardDisplay = 4
  }

  /// What the kernel does when it hears a device of its list.
  package enum DeviceAction: UInt8, Hashable, Sendable {
    /// Report it (Device Found).
    case report = 0
    /// Let it connect by directed advertising.
    case allow = 1
    /// Connect to it, again and again.
    case connect = 2
  }

  /// Whether LE Secure Connections is used.
  package enum SecureConnectionsMode: UInt8, Hashable, Sendable {
    case off = 0
    case on = 1
    /// Legacy pairing is refused.
    case only = 2
  }

  /// Version and revision of the protocol.
  case readVersion
  /// The adapters that are there.
  case readIndexList
  /// Address and settings of an adapter; ``AdapterInformation``.
  case readInformation
  case setPowered(Bool)
  case setBondable(Bool)
  case setLowEnergy(Bool)
  /// BR/EDR. LE must be on; switching off is refused while powered.
  case setClassic(Bool)
  case setSecureConnections(SecureConnectionsMode)
  case setIOCapability(IOCapability)
  /// Replaces all long-term keys that the kernel has.
  case loadLongTermKeys([LongTermKey])
  /// Replaces all identity resolving keys. Sent even when empty: before it, the kernel reports none.
  case loadIdentityResolvingKeys([IdentityResolvingKey])
  case disconnect(BluetoothAddress)
  case getConnections
  /// Connects and pairs; answered at the end of the pairing, which may be never.
  case pair(BluetoothAddress, IOCapability)
  case cancelPair(BluetoothAddress)
  /// Removes the device's keys; `disconnect` also ends its link.
  case unpair(BluetoothAddress, disconnect: Bool)
  case confirmationReply(BluetoothAddress, accept: Bool)
  /// nil refuses.
  case passkeyReply(BluetoothAddress, Passkey?)
  case pinCodeNegativeReply(BluetoothAddress)
  /// The random address to be known by; only while powered off. nil removes it. Its two top bits must be 1.
  case setStaticAddress(BluetoothAddress?)
  case addDevice(BluetoothAddress, DeviceAction)
  /// nil removes all.
  case removeDevice(BluetoothAddress?)
  /// Active LE scan, every device.
  case startDiscovery
  /// Active LE scan; only devices that advertise one of `services` (none: every device) with at least
  /// `strength` dBm (127: any).
  case startServiceDiscovery(strength: Int8, services: [BluetoothUUID])
  case stopDiscovery
  /// Scan interval and window for connecting and passive scanning, in units of 0.625 ms, 4 to 16384.
  case setScanParameters(interval: UInt16, window: UInt16)
  case readSystemConfiguration
  case setSystemConfiguration([SystemParameter])

  /// The bits for LE public and LE random in discovery commands.
  private static let lowEnergyTypes: UInt8 = 0x06

  /// The command code.
  package var code: UInt16 {
    switch self {
    case .readVersion: 0x0001
    case .readIndexList: 0x0003
    case .readInformation: 0x0004
    case .setPowered: 0x0005
    case .setBondable: 0x0009
    case .setLowEnergy: 0x000D
    case .loadLongTermKeys: 0x0013
    case .disconnect: 0x0014
    case .getConnections: 0x0015
    case .pinCodeNegativeReply: 0x0017
    case .setIOCapability: 0x0018
    case .pair: 0x0019
    case .cancelPair: 0x001A
    case .unpair: 0x001B
    case .confirmationReply(_, accept: true): 0x001C
    case .confirmationReply(_, accept: false): 0x001D
    case .passkeyReply(_, .some): 0x001E
    case .passkeyReply(_, .none): 0x001F
    case .startDiscovery: 0x0023
    case .stopDiscovery: 0x0024
    case .setClassic: 0x002A
    case .setStaticAddress: 0x002B
    case .setScanParameters: 0x002C
    case .setSecureConnections: 0x002D
    case .loadIdentityResolvingKeys: 0x0030
    case .addDevice: 0x0033
    case .removeDevice: 0x0034
    case .startServiceDiscovery: 0x003A
    case .readSystemConfiguration: 0x004B
    case .setSystemConfiguration: 0x004C
    }
  }

  /// The protocol's name of the command.
  package var name: String { Self.name(code: code) }

  /// The device that the command names. Its answer names it again.
  package var device: BluetoothAddress? {
    switch self {
    case .disconnect(let address), .pair(let address, _), .cancelPair(let address), .unpair(let address, _),
      .confirmationReply(let address, _), .passkeyReply(let address, _), .pinCodeNegativeReply(let address),
      .addDevice(let address, _):
      address
    case .removeDevice(let address): address
    default: nil
    }
  }

  /// The command parameters.
  package var parameters: [UInt8] {
    var writer = ManagementWriter()
    switch self {
    case .readVersion, .readIndexList, .readInformation, .getConnections, .readSystemConfiguration: break
    case .setPowered(let on), .setBondable(let on), .setLowEnergy(let on), .setClassic(let on): writer.append(on)
    case .setSecureConnections(let mode): writer.append(mode.rawValue)
    case .setIOCapability(let capability): writer.append(capability.rawValue)
    case .loadLongTermKeys(let keys):
      writer.append(UInt16(truncatingIfNeeded: keys.count))
      for key in keys { writer.append(key.encoded) }
    case .loadIdentityResolvingKeys(let keys):
      writer.append(UInt16(truncatingIfNeeded: keys.count))
      for key in keys { writer.append(key.encoded) }
    case .disconnect(let address), .cancelPair(let address), .confirmationReply(let address, _),
      .pinCodeNegativeReply(let address):
      writer.append(address)
    case .pair(let address, let capability):
      writer.append(address)
      writer.append(capability.rawValue)
    case .unpair(let address, let disconnect):
      writer.append(address)
      writer.append(disconnect)
    case .passkeyReply(let address, let passkey):
      writer.append(address)
      if let passkey { writer.append(passkey.number) }
    case .setStaticAddress(let address):
      writer.append(address?.wire ?? [0, 0, 0, 0, 0, 0])
    case .addDevice(let address, let action):
      writer.append(address)
      writer.append(action.rawValue)
    case .removeDevice(let address):
      if let address { writer.append(address) } else { writer.append([0, 0, 0, 0, 0, 0, 0]) }
    case .startDiscovery, .stopDiscovery: writer.append(Self.lowEnergyTypes)
    case .startServiceDiscovery(let strength, let services):
      writer.append(Self.lowEnergyTypes)
      writer.append(UInt8(bitPattern: strength))
      writer.append(UInt16(truncatingIfNeeded: services.count))
      for service in services { writer.append(Self.longForm(service)) }
    case .setScanParameters(let interval, let window):
      writer.append(interval)
      writer.append(window)
    case .setSystemConfiguration(let list):
      for parameter in list {
        writer.append(parameter.type)
        writer.append(UInt8(truncatingIfNeeded: parameter.value.count))
        writer.append(parameter.value)
      }
    }
    return writer.bytes
  }

  /// The packet for the management socket: code, adapter, length, parameters.
  package func encoded(to index: AdapterIndex) -> [UInt8] {
    let parameters = parameters
    var writer = ManagementWriter()
    writer.append(code)
    writer.append(index.rawValue)
    writer.append(UInt16(truncatingIfNeeded: parameters.count))
    writer.append(parameters)
    return writer.bytes
  }

  /// 16 octets, least significant first: discovery knows no short form. Ends of the Bluetooth Base UUID
  /// 0000xxxx-0000-1000-8000-00805F9B34FB (Core Specification Vol 3 Part B §2.5.1).
  private static func longForm(_ uuid: BluetoothUUID) -> [UInt8] {
    let wire = uuid.wire
    guard wire.count == 2 else { return wire }
    return [0xFB, 0x34, 0x9B, 0x5F, 0x80, 0x00, 0x00, 0x80, 0x00, 0x10, 0x00, 0x00] + wire + [0x00, 0x00]
  }

  /// The protocol's name of a command code, or the code.
  package static func name(code: UInt16) -> String {
    switch code {
    case 0x0001: "Read Management Version"
    case 0x0003: "Read Controller Index List"
    case 0x0004: "Read Controller Information"
    case 0x0005: "Set Powered"
    case 0x0009: "Set Bondable"
    case 0x000D: "Set Low Energy"
    case 0x0013: "Load Long Term Keys"
    case 0x0014: "Disconnect"
    case 0x0015: "Get Connections"
    case 0x0017: "PIN Code Negative Reply"
    case 0x0018: "Set IO Capability"
    case 0x0019: "Pair Device"
    case 0x001A: "Cancel Pair Device"
    case 0x001B: "Unpair Device"
    case 0x001C: "User Confirmation Reply"
    case 0x001D: "User Confirmation Negative Reply"
    case 0x001E: "User Passkey Reply"
    case 0x001F: "User Passkey Negative Reply"
    case 0x0023: "Start Discovery"
    case 0x0024: "Stop Discovery"
    case 0x002A: "Set BR/EDR"
    case 0x002B: "Set Static Address"
    case 0x002C: "Set Scan Parameters"
    case 0x002D: "Set Secure Connections"
    case 0x0030: "Load Identity Resolving Keys"
    case 0x0033: "Add Device"
    case 0x0034: "Remove Device"
    case 0x003A: "Start Service Discovery"
    case 0x004B: "Read Default System Configuration"
    case 0x004C: "Set Default System Configuration"
    default: "command 0x\(String(code, radix: 16))"
    }
  }
}
