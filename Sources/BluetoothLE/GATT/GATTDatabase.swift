/// The services of one device with the handles of their parts, as discovery found them. Codable, so that a known
/// device needs no discovery: valid while ``hash`` is what the device says, or until a Service Changed indication.
package struct GATTDatabase: Hashable, Sendable, Codable {
  /// A primary service (Core Specification Vol 3 Part G §3.1).
  package struct Service: Hashable, Sendable, Codable {
    /// Its type.
    package var uuid: BluetoothUUID
    /// From the service declaration to the last attribute of the service.
    package var range: AttributeHandleRange
    /// In the order of their declarations.
    package var characteristics: [Characteristic]

    /// A service as discovered or as a simulation has it.
    package init(uuid: BluetoothUUID, range: AttributeHandleRange, characteristics: [Characteristic] = []) {
      self.uuid = uuid
      self.range = range
      self.characteristics = characteristics
    }
  }

  /// Part G §3.3.
  package struct Characteristic: Hashable, Sendable, Codable {
    /// The type of the value.
    package var uuid: BluetoothUUID
    /// The handle of the characteristic declaration.
    package var declaration: AttributeHandle
    /// The handle of the value: what is read and written, and what values arrive under.
    package var value: AttributeHandle
    /// What the declaration allows.
    package var properties: Properties
    /// In the order of their handles.
    package var descriptors: [Descriptor]

    /// A characteristic as discovered or as a simulation has it.
    package init(
      uuid: BluetoothUUID, declaration: AttributeHandle, value: AttributeHandle, properties: Properties,
      descriptors: [Descriptor] = []
    ) {
      self.uuid = uuid
      self.declaration = declaration
      self.value = value
      self.properties = properties
      self.descriptors = descriptors
    }

    /// The Client Characteristic Configuration descriptor; nil when there is none.
    package var clientConfiguration: Descriptor? {
      descriptors.first { $0.uuid == .clientCharacteristicConfiguration }
    }
  }

  /// An attribute behind the value of a characteristic (Part G §3.3.3).
  package struct Descriptor: Hashable, Sendable, Codable {
    /// Its type.
    package var uuid: BluetoothUUID
    /// Where it is read and written.
    package var handle: AttributeHandle

    /// A descriptor at a handle.
    package init(uuid: BluetoothUUID, handle: AttributeHandle) {
      self.uuid = uuid
      self.handle = handle
    }
  }

  /// What a service includes (Part G §3.2).
  package struct Include: Hashable, Sendable, Codable {
    /// The type of the included service.
    package var uuid: BluetoothUUID
    /// Its declaration to its last attribute.
    package var range: AttributeHandleRange

    /// An included service.
    package init(uuid: BluetoothUUID, range: AttributeHandleRange) {
      self.uuid = uuid
      self.range = range
    }
  }

  /// Part G §3.3.1.1.
  package struct Properties: OptionSet, Hashable, Sendable, Codable {
    /// The octet of the declaration.
    package let rawValue: UInt8
    /// All eight bits have names.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// May stand in advertisements.
    package static let broadcast = Properties(rawValue: 0x01)
    /// May be read.
    package static let read = Properties(rawValue: 0x02)
    /// Takes a Write Command.
    package static let writeWithoutResponse = Properties(rawValue: 0x04)
    /// Takes a Write Request.
    package static let write = Properties(rawValue: 0x08)
    /// Sends notifications.
    package static let notify = Properties(rawValue: 0x10)
    /// Sends indications.
    package static let indicate = Properties(rawValue: 0x20)
    /// Takes a Signed Write Command.
    package static let authenticatedSignedWrites = Properties(rawValue: 0x40)
    /// Has a descriptor with more properties.
    package static let extendedProperties = Properties(rawValue: 0x80)
  }

  /// In the order of their handles.
  package var services: [Service]
  /// The value of the Database Hash characteristic (0x2B2A), 16 octets as received; nil when the device has none.
  package var hash: [UInt8]?
  /// The handle under which the hash was read.
  package var hashHandle: AttributeHandle?
  /// True while the device, which has no hash and is bonded, was not yet asked to tell of changes (Part G §7.1); else nil.
  package var tellsNoChanges: Bool?

  /// A database as discovered or as a simulation has it.
  package init(services: [Service] = [], hash: [UInt8]? = nil, hashHandle: AttributeHandle? = nil) {
    self.services = services
    self.hash = hash
    self.hashHandle = hashHandle
  }

  /// The first service of this type.
  package func service(_ uuid: BluetoothUUID) -> Service? {
    services.first { $0.uuid == uuid }
  }

  /// The first characteristic of this type, of the first service of type `service` that has one, or of any.
  package func characteristic(_ uuid: BluetoothUUID, in service: BluetoothUUID? = nil) -> Characteristic? {
    for candidate in services where service == nil || candidate.uuid == service {
      if let found = candidate.characteristics.first(where: { $0.uuid == uuid }) { return found }
    }
    return nil
  }

  /// The characteristic whose value has this handle: whose a notification or indication is.
  package func characteristic(value handle: AttributeHandle) -> Characteristic? {
    for service in services where service.range.contains(handle) {
      if let found = service.characteristics.first(where: { $0.value == handle }) { return found }
    }
    return nil
  }
}
