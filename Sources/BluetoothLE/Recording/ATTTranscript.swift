/// Follows the PDUs of a link from outside, as somebody who reads a recording: which value of which attribute stands
/// where in a PDU, and what the device's attributes are. Needs no link, trusts nothing, never fails: what it cannot
/// place it leaves alone.
package struct ATTTranscript: Sendable {
  /// An attribute, as far as the PDUs told it.
  package struct Attribute: Hashable, Sendable {
    /// Nil where only its handle was ever named.
    package var type: BluetoothUUID?
    /// The value as last read; nil when it was not read.
    package var value: [UInt8]?
    /// The error that reading it gave last, where it was never read.
    package var readError: UInt8?
    /// The properties of its characteristic; nil for what is no characteristic's value.
    package var properties: GATTDatabase.Properties?
  }

  /// Octets of one attribute's value in a PDU.
  package struct Part: Hashable, Sendable {
    /// How they came to be there.
    package enum Way: Hashable, Sendable {
      /// The device answered a read.
      case read
      case notified
      case indicated
      /// The client wrote it, with or without an answer.
      case written
    }

    package var handle: AttributeHandle
    /// Nil when no PDU has told it.
    package var type: BluetoothUUID?
    /// Where in the value the octets begin.
    package var offset: Int
    /// Where in the PDU they stand.
    package var range: Range<Int>
    package var way: Way
    /// Several values stand here one after the other, of which this is one.
    package var isShared = false
  }

  /// By handle.
  package private(set) var attributes: [AttributeHandle: Attribute] = [:]
  /// The client's request that the device has not answered.
  private var pending: ATTPDU?

  package init() {}

  /// A new link begins: no request of an earlier one is answered on it. The attributes stay.
  package mutating func linkUp() { pending = nil }

  /// Reads on.
  ///
  /// - Returns: the values in this PDU.
  package mutating func read(_ passage: ATTPassage) -> [Part] {
    guard let pdu = try? ATTPDU(decoding: passage.pdu) else { return [] }
    switch passage {
    case .toDevice: return sent(pdu, passage.pdu.count)
    case .fromDevice: return received(pdu, passage.pdu)
    }
  }

  private func part(
    _ handle: AttributeHandle, _ range: Range<Int>, _ way: Part.Way, offset: Int = 0, isShared: Bool = false
  ) -> Part {
    Part(
      handle: handle, type: attributes[handle]?.type, offset: offset, range: range, way: way, isShared: isShared)
  }

  private mutating func sent(_ pdu: ATTPDU, _ count: Int) -> [Part] {
    if pdu.opcode.kind == .request { pending = pdu }
    switch pdu {
    case .writeRequest(let handle, _), .writeCommand(let handle, _): return [part(handle, 3..<count, .written)]
    case .signedWriteCommand(let handle, let value, _): return [part(handle, 3..<3 + value.count, .written)]
    case .prepareWriteRequest(let handle, let offset, _):
      return [part(handle, 5..<count, .written, offset: Int(offset))]
    default: return []
    }
  }

  private mutating func received(_ pdu: ATTPDU, _ octets: [UInt8]) -> [Part] {
    switch pdu {
    case .handleValueNotification(let handle, _): return [part(handle, 3..<octets.count, .notified)]
    case .handleValueIndication(let handle, _): return [part(handle, 3..<octets.count, .indicated)]
    case .multipleHandleValueNotification(let list):
      var start = 1
      return list.map { entry in
        defer { start += 4 + entry.value.count }
        return part(entry.handle, start + 4..<start + 4 + entry.value.count, .notified)
      }
    case .errorResponse(let request, let handle, let code):
      guard request == pending?.opcode else { return [] }
      if case .readRequest = pending, attributes[handle]?.value == nil { note(handle) { $0.readError = code.rawValue } }
      pending = nil
      return []
    default: break
    }
    guard let asked = pending, pdu.opcode == asked.opcode.response else { return [] }
    pending = nil
    return answered(asked, pdu, octets)
  }

  private mutating func note(_ handle: AttributeHandle, _ change: (inout Attribute) -> Void) {
    guard handle != .none else { return }
    change(&attributes[handle, default: Attribute()])
  }

  private mutating func answered(_ asked: ATTPDU, _ answer: ATTPDU, _ octets: [UInt8]) -> [Part] {
    switch (asked, answer) {
    case (.readRequest(let handle), .readResponse(let value)):
      note(handle) {
        $0.value = value
        $0.readError = nil
      }
      return [part(handle, 1..<octets.count, .read)]
    case (.readBlobRequest(let handle, let offset), .readBlobResponse(let value)):
      note(handle) { if $0.value?.count == Int(offset) { $0.value? += value } }
      return [part(handle, 1..<octets.count, .read, offset: Int(offset))]
    case (.readByTypeRequest(_, let type), .readByTypeResponse(let list)): return listed(type, list)
    case (.readByGroupTypeRequest(_, let type), .readByGroupTypeResponse(let groups)):
      for group in groups {
        note(group.range.start) {
          $0.type = type
          $0.value = group.value
        }
      }
      return []
    case (.findByTypeValueRequest(_, let type, let value), .findByTypeValueResponse(let groups)):
      for group in groups {
        note(group.start) {
          $0.type = BluetoothUUID(type)
          $0.value = value
        }
      }
      return []
    case (.findInformationRequest, .findInformationResponse(let list)):
      for entry in list { note(entry.handle) { $0.type = entry.type } }
      return []
    case (.readMultipleRequest(let handles), .readMultipleResponse),
      (.readMultipleVariableRequest(let handles), .readMultipleVariableResponse):
      return handles.map { part($0, 1..<octets.count, .read, isShared: true) }
    case (.prepareWriteRequest(let handle, let offset, _), .prepareWriteResponse):
      return [part(handle, min(5, octets.count)..<octets.count, .written, offset: Int(offset))]
    default: return []
    }
  }

  private mutating func listed(_ type: BluetoothUUID, _ list: [AttributeValue]) -> [Part] {
    var parts: [Part] = []
    var start = 2
    for entry in list {
      note(entry.handle) {
        $0.type = type
        $0.value = entry.value
      }
      if type == .characteristic { declared(entry.value) }
      parts.append(part(entry.handle, start + 2..<start + 2 + entry.value.count, .read))
      start += 2 + entry.value.count
    }
    return parts
  }

  /// The declaration of a characteristic names its value's handle and type (Vol 3 Part G §3.3.1).
  private mutating func declared(_ octets: [UInt8]) {
    guard octets.count == 5 || octets.count == 19, let uuid = BluetoothUUID(wire: octets[3...]) else { return }
    note(AttributeHandle(rawValue: UInt16(octets[1]) | UInt16(octets[2]) << 8)) {
      $0.type = uuid
      $0.properties = GATTDatabase.Properties(rawValue: octets[0])
    }
  }
}
