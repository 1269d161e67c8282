import BluetoothLE

/// The answers of an ATT server (Core Specification Vol 3 Part F §3.4), from octets to octets. Written without the
/// gateway's own PDU code, so that a mistake in one is not hidden by the same mistake in the other.
struct AttributeServer {
  private(set) var attributes: [SimulatedAttribute]
  /// The longest PDU that it takes.
  let ownMTU: Int
  private(set) var mtu = 23

  init(attributes: [SimulatedAttribute], mtu: Int) {
    self.attributes = attributes.sorted { $0.handle < $1.handle }
    ownMTU = max(23, min(mtu, 517))
  }

  func value(_ handle: UInt16) -> [UInt8]? { attributes.first { $0.handle == handle }?.value }

  mutating func set(_ handle: UInt16, _ value: [UInt8]) {
    if let index = attributes.firstIndex(where: { $0.handle == handle }) { attributes[index].value = value }
  }

  /// What `pdu` writes, and to which attribute; nil for anything else, and where the attribute can't be written.
  func write(in pdu: [UInt8]) -> (value: [UInt8], attribute: SimulatedAttribute)? {
    guard [0x12, 0x52].contains(pdu.first), let handle = word(pdu, 1),
      let attribute = attributes.first(where: { $0.handle == handle }), attribute.isWritable
    else { return nil }
    return (Array(pdu[3...]), attribute)
  }

  /// The handle of the value of this type, if its descriptor 2902 asks for notifications.
  func subscribed(_ type: BluetoothUUID) -> UInt16? {
    guard let index = attributes.firstIndex(where: { $0.type == type }) else { return nil }
    let descriptor = attributes[index...].dropFirst().prefix { $0.type != .characteristic && !isService($0) }
      .first { $0.type == .clientCharacteristicConfiguration }
    return descriptor?.value.first == 1 ? attributes[index].handle : nil
  }

  /// Whether `pdu` asks for an answer: an even opcode below 0x40 that is no confirmation.
  static func isRequest(_ pdu: [UInt8]) -> Bool {
    guard let opcode = pdu.first else { return false }
    return opcode & 0x41 == 0 && opcode != 0x1E
  }

  /// The answer; nil for what asks for none.
  mutating func answer(_ pdu: [UInt8]) -> [UInt8]? {
    guard let opcode = pdu.first else { return nil }
    switch opcode {
    case 0x02: return exchangeMTU(pdu)
    case 0x04: return findInformation(pdu)
    case 0x06: return findByTypeValue(pdu)
    case 0x08: return readByType(pdu)
    case 0x0A: return read(pdu)
    case 0x0C: return readBlob(pdu)
    case 0x10: return readByGroupType(pdu)
    case 0x12: return write(pdu)
    case 0x52:
      _ = write(pdu)
      return nil
    default: return Self.isRequest(pdu) ? error(opcode, 0, 0x06) : nil
    }
  }

  private func error(_ request: UInt8, _ handle: UInt16, _ code: UInt8) -> [UInt8] {
    [0x01, request, UInt8(handle & 0xFF), UInt8(handle >> 8), code]
  }

  private func word(_ pdu: [UInt8], _ offset: Int) -> UInt16? {
    pdu.count >= offset + 2 ? UInt16(pdu[offset]) | UInt16(pdu[offset + 1]) << 8 : nil
  }

  private func octets(_ word: UInt16) -> [UInt8] { [UInt8(word & 0xFF), UInt8(word >> 8)] }

  private mutating func exchangeMTU(_ pdu: [UInt8]) -> [UInt8] {
    guard let theirs = word(pdu, 1) else { return error(0x02, 0, 0x04) }
    mtu = max(23, min(Int(theirs), ownMTU))
    return [0x03] + octets(UInt16(ownMTU))
  }

  /// The attributes from the request's start handle to its end handle, or the error.
  private func ranged(_ pdu: [UInt8]) -> (attributes: [SimulatedAttribute], error: [UInt8]?) {
    guard let start = word(pdu, 1), let end = word(pdu, 3) else { return ([], error(pdu[0], 0, 0x04)) }
    guard start > 0, start <= end else { return ([], error(pdu[0], start, 0x01)) }
    let found = attributes.filter { $0.handle >= start && $0.handle <= end }
    return (found, found.isEmpty ? error(pdu[0], start, 0x0A) : nil)
  }

  private func findInformation(_ pdu: [UInt8]) -> [UInt8] {
    let (found, error) = ranged(pdu)
    if let error { return error }
    let width = found[0].type.wire.count
    var answer: [UInt8] = [0x05, width == 2 ? 0x01 : 0x02]
    for attribute in found {
      guard attribute.type.wire.count == width, answer.count + 2 + width <= mtu else { break }
      answer += octets(attribute.handle) + attribute.type.wire
    }
    return answer
  }

  private func isService(_ attribute: SimulatedAttribute) -> Bool {
    attribute.type == BluetoothUUID(0x2800) || attribute.type == BluetoothUUID(0x2801)
  }

  /// The last handle of the group that begins at `handle`.
  private func groupEnd(_ handle: UInt16) -> UInt16 {
    let next = attributes.first { $0.handle > handle && isService($0) }
    return next.map { $0.handle - 1 } ?? attributes.last?.handle ?? handle
  }

  private func findByTypeValue(_ pdu: [UInt8]) -> [UInt8] {
    let (found, error) = ranged(pdu)
    if let error { return error }
    guard pdu.count >= 7, let start = word(pdu, 1) else { return self.error(0x06, 0, 0x04) }
    let (type, value) = (Array(pdu[5..<7]), Array(pdu[7...]))
    var answer: [UInt8] = [0x07]
    for attribute in found where attribute.type.wire == type && attribute.value == value && answer.count + 4 <= mtu {
      answer += octets(attribute.handle) + octets(groupEnd(attribute.handle))
    }
    return answer.count == 1 ? self.error(0x06, start, 0x0A) : answer
  }

  private func readByType(_ pdu: [UInt8]) -> [UInt8] {
    let (found, error) = ranged(pdu)
    guard pdu.count == 7 || pdu.count == 21, let type = BluetoothUUID(wire: pdu[5...]), let start = word(pdu, 1) else {
      return self.error(0x08, 0, 0x04)
    }
    let matching = found.filter { $0.type == type }
    guard let first = matching.first else { return error ?? self.error(0x08, start, 0x0A) }
    if let code = first.readError { return self.error(0x08, first.handle, code) }
    let width = min(first.value.count, mtu - 4, 253)
    var answer: [UInt8] = [0x09, UInt8(width + 2)]
    for attribute in matching {
      guard attribute.readError == nil, min(attribute.value.count, mtu - 4, 253) == width,
        answer.count + 2 + width <= mtu
      else { break }
      answer += octets(attribute.handle) + attribute.value.prefix(width)
    }
    return answer
  }

  private func readByGroupType(_ pdu: [UInt8]) -> [UInt8] {
    let (found, error) = ranged(pdu)
    guard pdu.count == 7 || pdu.count == 21, let type = BluetoothUUID(wire: pdu[5...]), let start = word(pdu, 1) else {
      return self.error(0x10, 0, 0x04)
    }
    guard type == BluetoothUUID(0x2800) || type == BluetoothUUID(0x2801) else { return self.error(0x10, start, 0x10) }
    let matching = found.filter { $0.type == type }
    guard let first = matching.first else { return error ?? self.error(0x10, start, 0x0A) }
    let width = min(first.value.count, mtu - 6, 251)
    var answer: [UInt8] = [0x11, UInt8(width + 4)]
    for attribute in matching {
      guard min(attribute.value.count, mtu - 6, 251) == width, answer.count + 4 + width <= mtu else { break }
      answer += octets(attribute.handle) + octets(groupEnd(attribute.handle)) + attribute.value.prefix(width)
    }
    return answer
  }

  private func readable(_ pdu: [UInt8]) -> (value: [UInt8], error: [UInt8]?) {
    guard let handle = word(pdu, 1) else { return ([], error(pdu[0], 0, 0x04)) }
    guard let attribute = attributes.first(where: { $0.handle == handle }) else {
      return ([], error(pdu[0], handle, 0x01))
    }
    return (attribute.value, attribute.readError.map { error(pdu[0], handle, $0) })
  }

  private func read(_ pdu: [UInt8]) -> [UInt8] {
    let (value, error) = readable(pdu)
    return error ?? [0x0B] + value.prefix(mtu - 1)
  }

  private func readBlob(_ pdu: [UInt8]) -> [UInt8] {
    let (value, error) = readable(pdu)
    if let error { return error }
    guard let offset = word(pdu, 3) else { return self.error(0x0C, 0, 0x04) }
    guard Int(offset) <= value.count else { return self.error(0x0C, word(pdu, 1) ?? 0, 0x07) }
    return [0x0D] + value.dropFirst(Int(offset)).prefix(mtu - 1)
  }

  private mutating func write(_ pdu: [UInt8]) -> [UInt8] {
    guard let handle = word(pdu, 1) else { return error(pdu[0], 0, 0x04) }
    guard let index = attributes.firstIndex(where: { $0.handle == handle }) else { return error(pdu[0], handle, 0x01) }
    guard attributes[index].isWritable else { return error(pdu[0], handle, 0x03) }
    let value = Array(pdu[3...])
    if attributes[index].type == BluetoothUUID(0x2902), value.count != 2 { return error(pdu[0], handle, 0x0D) }
    attributes[index].value = value
    return [0x13]
  }
}
