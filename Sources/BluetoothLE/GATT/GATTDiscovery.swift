/// Discovery (Core Specification Vol 3 Part G §4.4–§4.7). Each procedure asks from one handle on, and then from the
/// one behind the last it was told: a device that lists handles which do not increase would be asked for ever, so that
/// is an error, and so is a list that takes more than ``GATTClient/mostRequests`` requests.
extension GATTClient {
  /// §4.4.1, without characteristics. Throws ``ATTError``, ``GATTError``, `CancellationError`, as all below.
  package func discoverPrimaryServices() async throws -> [GATTDatabase.Service] {
    let procedure = "Discover All Primary Services"
    var found: [GATTDatabase.Service] = []
    var sweep = HandleSweep(procedure: procedure, range: .all)
    while let range = try sweep.next() {
      let request = ATTPDU.readByGroupTypeRequest(range, type: .primaryService)
      guard let response = try await unlessNotFound(request) else { break }
      guard case .readByGroupTypeResponse(let groups) = response else {
        throw Self.mismatch(request.opcode, response)
      }
      for group in groups {
        try sweep.take(group.range)
        guard group.value.count == 2 || group.value.count == 16, let uuid = BluetoothUUID(wire: group.value) else {
          throw GATTError.implausibleLength(
            procedure: procedure, group.range.start, octets: group.value.count)
        }
        found.append(GATTDatabase.Service(uuid: uuid, range: group.range))
      }
    }
    return found
  }

  /// §4.4.2, without characteristics.
  package func discoverPrimaryServices(_ uuid: BluetoothUUID) async throws -> [GATTDatabase.Service] {
    var found: [GATTDatabase.Service] = []
    var sweep = HandleSweep(procedure: "Discover Primary Service by Service UUID", range: .all)
    while let range = try sweep.next() {
      let request = ATTPDU.findByTypeValueRequest(range, type: 0x2800, value: uuid.wire)
      guard let response = try await unlessNotFound(request) else { break }
      guard case .findByTypeValueResponse(let groups) = response else { throw Self.mismatch(request.opcode, response) }
      for group in groups {
        try sweep.take(group)
        found.append(GATTDatabase.Service(uuid: uuid, range: group))
      }
    }
    return found
  }

  /// §4.5.1. A service with a 128-bit UUID takes one request more: the declaration has no room for it.
  package func discoverIncludes(in service: GATTDatabase.Service) async throws -> [GATTDatabase.Include] {
    let procedure = "Find Included Services"
    var found: [GATTDatabase.Include] = []
    var sweep = HandleSweep(procedure: procedure, range: service.range)
    while let range = try sweep.next() {
      let request = ATTPDU.readByTypeRequest(range, type: .include)
      guard let response = try await unlessNotFound(request) else { break }
      guard case .readByTypeResponse(let list) = response else { throw Self.mismatch(request.opcode, response) }
      for entry in list {
        try sweep.take(entry.handle)
        let octets = entry.value
        guard octets.count == 4 || octets.count == 6 else {
          throw GATTError.implausibleLength(procedure: procedure, entry.handle, octets: octets.count)
        }
        let included = AttributeHandleRange(handle(octets[0], octets[1]), handle(octets[2], octets[3]))
        guard included.isValid else {
          throw GATTError.implausibleHandle(procedure: procedure, included.start, in: .all)
        }
        let uuidOctets = octets.count == 6 ? Array(octets[4...]) : try await read(included.start)
        guard let uuid = BluetoothUUID(wire: uuidOctets), uuidOctets.count != 4 else {
          throw GATTError.implausibleLength(procedure: procedure, included.start, octets: uuidOctets.count)
        }
        found.append(GATTDatabase.Include(uuid: uuid, range: included))
      }
    }
    return found
  }

  /// §4.6.1, and §4.7.1 for each: characteristics with their descriptors.
  package func discoverCharacteristics(
    in service: GATTDatabase.Service
  ) async throws -> [GATTDatabase.Characteristic] {
    var found = try await discoverDeclarations(in: service)
    for index in found.indices {
      let last =
        index + 1 < found.count
        ? AttributeHandle(rawValue: found[index + 1].declaration.rawValue - 1) : service.range.end
      guard let first = found[index].value.next, first <= last else { continue }
      found[index].descriptors = try await discoverDescriptors(in: AttributeHandleRange(first, last))
    }
    return found
  }

  /// §4.6.2: those of one type, without descriptors.
  package func discoverCharacteristics(
    _ uuid: BluetoothUUID, in service: GATTDatabase.Service
  ) async throws -> [GATTDatabase.Characteristic] {
    try await discoverDeclarations(in: service).filter { $0.uuid == uuid }
  }

  private func discoverDeclarations(in service: GATTDatabase.Service) async throws -> [GATTDatabase.Characteristic] {
    let procedure = "Discover All Characteristics of a Service"
    var found: [GATTDatabase.Characteristic] = []
    var sweep = HandleSweep(procedure: procedure, range: service.range)
    while let range = try sweep.next() {
      let request = ATTPDU.readByTypeRequest(range, type: .characteristic)
      guard let response = try await unlessNotFound(request) else { break }
      guard case .readByTypeResponse(let list) = response else { throw Self.mismatch(request.opcode, response) }
      for entry in list {
        let octets = entry.value
        guard octets.count == 5 || octets.count == 19, let uuid = BluetoothUUID(wire: octets[3...]) else {
          throw GATTError.implausibleLength(procedure: procedure, entry.handle, octets: octets.count)
        }
        // The declaration, then its value, then the next declaration.
        let value = handle(octets[1], octets[2])
        try sweep.take(entry.handle)
        try sweep.take(value)
        found.append(
          GATTDatabase.Characteristic(
            uuid: uuid, declaration: entry.handle, value: value,
            properties: GATTDatabase.Properties(rawValue: octets[0])))
      }
    }
    return found
  }

  /// §4.7.1.
  package func discoverDescriptors(in range: AttributeHandleRange) async throws -> [GATTDatabase.Descriptor] {
    var found: [GATTDatabase.Descriptor] = []
    var sweep = HandleSweep(procedure: "Discover All Characteristic Descriptors", range: range)
    while let range = try sweep.next() {
      let request = ATTPDU.findInformationRequest(range)
      guard let response = try await unlessNotFound(request) else { break }
      guard case .findInformationResponse(let list) = response else { throw Self.mismatch(request.opcode, response) }
      for entry in list {
        try sweep.take(entry.handle)
        found.append(GATTDatabase.Descriptor(uuid: entry.type, handle: entry.handle))
      }
    }
    return found
  }

  /// Nil where the device says Attribute Not Found: the end of every list.
  private func unlessNotFound(_ pdu: ATTPDU) async throws -> ATTPDU? {
    do {
      return try await request(pdu)
    } catch let error as ATTError where error.code == .attributeNotFound {
      return nil
    }
  }

  private func handle(_ low: UInt8, _ high: UInt8) -> AttributeHandle {
    AttributeHandle(rawValue: UInt16(low) | UInt16(high) << 8)
  }
}

/// One way through the handles of a range, upwards.
private struct HandleSweep {
  let procedure: String
  /// The handles not yet passed; nil when there are none.
  private var left: AttributeHandleRange?
  private var requests = 0

  init(procedure: String, range: AttributeHandleRange) {
    self.procedure = procedure
    left = range.isValid ? range : nil
  }

  /// What to ask for next; nil at the end.
  mutating func next() throws(GATTError) -> AttributeHandleRange? {
    guard let left else { return nil }
    requests += 1
    guard requests <= GATTClient.mostRequests else { throw .endless(procedure: procedure) }
    return left
  }

  mutating func take(_ handle: AttributeHandle) throws(GATTError) {
    try take(AttributeHandleRange(handle, handle))
  }

  /// The device listed these handles.
  mutating func take(_ group: AttributeHandleRange) throws(GATTError) {
    guard let now = left, now.contains(group.start) else {
      throw .implausibleHandle(procedure: procedure, group.start, in: left ?? .all)
    }
    guard group.end >= group.start, group.end <= now.end else {
      throw .implausibleHandle(procedure: procedure, group.end, in: now)
    }
    left = group.end.next.flatMap { $0 <= now.end ? AttributeHandleRange($0, now.end) : nil }
  }
}
