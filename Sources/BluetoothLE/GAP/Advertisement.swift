/// What a device says before anybody connects to it: the AD structures of its advertising and scan response data (Core
/// Specification Supplement, Part A; layout in Core Specification Vol 3 Part C §11).
///
/// Anybody can send these bytes: a structure that is not sound is left out, ``isMalformed`` says so, the rest stands.
package struct Advertisement: Hashable, Sendable {
  /// The Flags structure (type 0x01), first octet.
  package struct Flags: OptionSet, Hashable, Sendable {
    /// The first octet.
    package let rawValue: UInt8
    /// Bits without a name are kept.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bit 0.
    package static let limitedDiscoverable = Flags(rawValue: 1 << 0)
    /// Bit 1.
    package static let generalDiscoverable = Flags(rawValue: 1 << 1)
    /// Bit 2: LE only.
    package static let noBREDR = Flags(rawValue: 1 << 2)
  }

  /// Who sent it; a private address changes.
  package var address: BluetoothAddress
  /// dBm; nil when the controller does not know (127).
  package var rssi: Int?
  /// The complete name where one came, else the shortened one.
  package var localName: String?
  /// Whether ``localName`` is the complete name.
  package var hasCompleteName: Bool
  /// Services of all 16-, 32- and 128-bit lists, in the order sent, each once.
  package var serviceUUIDs: [BluetoothUUID]
  /// Whether some list said that the device has more services than it names.
  package var hasMoreServices: Bool
  /// By company identifier, without it. Of several structures of one company the first stands: that is the advertising
  /// data, the scan response comes after it.
  package var manufacturerData: [UInt16: [UInt8]]
  /// By service, without the UUID.
  package var serviceData: [BluetoothUUID: [UInt8]]
  /// Nil when the device sent none.
  package var flags: Flags?
  /// The level at which it is sent, in dBm.
  package var transmitPower: Int?
  /// The Appearance value (Assigned Numbers §2.6).
  package var appearance: UInt16?
  /// Whether some structure was cut off or had a length that its type cannot have.
  package var isMalformed: Bool

  /// An advertisement of these parts, for what is not received over the air.
  package init(
    address: BluetoothAddress, rssi: Int? = nil, localName: String? = nil, serviceUUIDs: [BluetoothUUID] = [],
    manufacturerData: [UInt16: [UInt8]] = [:], serviceData: [BluetoothUUID: [UInt8]] = [:], flags: Flags? = nil
  ) {
    self.address = address
    self.rssi = rssi
    self.localName = localName
    self.hasCompleteName = localName != nil
    self.serviceUUIDs = serviceUUIDs
    self.hasMoreServices = false
    self.manufacturerData = manufacturerData
    self.serviceData = serviceData
    self.flags = flags
    self.transmitPower = nil
    self.appearance = nil
    self.isMalformed = false
  }

  /// Decodes AD structures, of advertising data and scan response one after the other. Never fails.
  ///
  /// - Parameters:
  ///   - rssi: dBm as the controller gave it; 127 means unknown (Vol 4 Part E §7.7.65.2).
  ///   - data: length, type, content; length, type, content; …
  package init(address: BluetoothAddress, rssi: Int8, data: [UInt8]) {
    self.init(address: address, rssi: rssi == 127 ? nil : Int(rssi))
    var rest = data[...]
    while let length = rest.popFirst() {
      // A length of 0 ends the data early (Part C §11), but the scan response may stand behind the filling.
      if length == 0 { continue }
      guard rest.count >= Int(length), let type = rest.first else {
        isMalformed = true
        return
      }
      decode(type: type, rest.prefix(Int(length)).dropFirst())
      rest = rest.dropFirst(Int(length))
    }
  }

  private mutating func decode(type: UInt8, _ content: ArraySlice<UInt8>) {
    switch type {
    case 0x01: decodeFlags(content)
    case 0x02: decodeServices(content, width: 2, complete: false)
    case 0x03: decodeServices(content, width: 2, complete: true)
    case 0x04: decodeServices(content, width: 4, complete: false)
    case 0x05: decodeServices(content, width: 4, complete: true)
    case 0x06: decodeServices(content, width: 16, complete: false)
    case 0x07: decodeServices(content, width: 16, complete: true)
    case 0x08: decodeName(content, complete: false)
    case 0x09: decodeName(content, complete: true)
    case 0x0A: decodeTransmitPower(content)
    case 0x16: decodeServiceData(content, width: 2)
    case 0x19: decodeAppearance(content)
    case 0x20: decodeServiceData(content, width: 4)
    case 0x21: decodeServiceData(content, width: 16)
    case 0xFF: decodeManufacturerData(content)
    default: break
    }
  }

  private mutating func decodeFlags(_ content: ArraySlice<UInt8>) {
    // Longer flags are allowed for the future (Supplement Part A §1.3); none of today's bits is beyond the first octet.
    guard let octet = content.first else { return isMalformed = true }
    if flags == nil { flags = Flags(rawValue: octet) }
  }

  private mutating func decodeServices(_ content: ArraySlice<UInt8>, width: Int, complete: Bool) {
    if !complete { hasMoreServices = true }
    var rest = content
    while rest.count >= width, let uuid = BluetoothUUID(wire: rest.prefix(width)) {
      if !serviceUUIDs.contains(uuid) { serviceUUIDs.append(uuid) }
      rest = rest.dropFirst(width)
    }
    if !rest.isEmpty { isMalformed = true }
  }

  private mutating func decodeName(_ content: ArraySlice<UInt8>, complete: Bool) {
    guard localName == nil || (complete && !hasCompleteName) else { return }
    // Some devices fill the name up with zeros.
    let octets = content.prefix { $0 != 0 }
    localName = String(decoding: octets, as: UTF8.self)
    hasCompleteName = complete
  }

  private mutating func decodeTransmitPower(_ content: ArraySlice<UInt8>) {
    guard content.count == 1, let octet = content.first else { return isMalformed = true }
    transmitPower = Int(Int8(bitPattern: octet))
  }

  private mutating func decodeAppearance(_ content: ArraySlice<UInt8>) {
    guard content.count == 2, let low = content.first, let high = content.last else { return isMalformed = true }
    appearance = UInt16(low) | UInt16(high) << 8
  }

  private mutating func decodeServiceData(_ content: ArraySlice<UInt8>, width: Int) {
    guard content.count >= width, let uuid = BluetoothUUID(wire: content.prefix(width)) else {
      return isMalformed = true
    }
    if serviceData[uuid] == nil { serviceData[uuid] = Array(content.dropFirst(width)) }
  }

  private mutating func decodeManufacturerData(_ content: ArraySlice<UInt8>) {
    guard content.count >= 2 else { return isMalformed = true }
    let low = content[content.startIndex]
    let high = content[content.startIndex + 1]
    let company = UInt16(low) | UInt16(high) << 8
    if manufacturerData[company] == nil { manufacturerData[company] = Array(content.dropFirst(2)) }
  }
}
