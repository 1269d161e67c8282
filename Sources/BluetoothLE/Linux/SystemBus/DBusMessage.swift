/// One argument of a D-Bus message, of the few types that watching a name needs.
package enum DBusValue: Equatable, Sendable {
  /// Type `s`.
  case string(String)
  /// Type `u`.
  case uint32(UInt32)
  /// Type `b`.
  case boolean(Bool)
}

/// Why bytes of the bus were not understood. Each is the end of the connection: the stream has no way to find the next
/// message after a bad one.
package enum DBusFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes at `offset` of a message do not have the form that the specification gives `field`.
  case malformed(field: String, offset: Int)
  /// A message is longer than anything that a name watcher can be sent.
  case tooLong(Int)
  /// The bus did not accept who we are.
  case authenticationRefused(String)
  /// The bus answered one of our calls with an error.
  case callRefused(call: String, error: String)

  package var description: String {
    switch self {
    case .malformed(let field, let offset):
      "the message bus sent a malformed message (\(field), octet \(offset)); the connection is made again"
    case .tooLong(let length): "the message bus announced a message of \(length) octets; the connection is made again"
    case .authenticationRefused(let answer):
      "the message bus refused this process (\(answer)); look at the bus policy and at the unit's sandbox"
    case .callRefused(let call, let error): "the message bus refused \(call) (\(error)); look at the bus policy"
    }
  }
}

/// A message of the D-Bus wire protocol (D-Bus Specification, "Message Protocol"). Only what a client of the bus itself
/// needs: four kinds, the string header fields, and bodies of strings, booleans and 32-bit numbers.
package struct DBusMessage: Equatable, Sendable {
  /// The kind of a message, by its number in the header.
  package enum Kind: UInt8, Sendable {
    case methodCall = 1
    case methodReturn = 2
    case error = 3
    case signal = 4
  }

  /// What the message is.
  package var kind: Kind
  /// The sender's number of this message, never 0.
  package var serial: UInt32
  /// The number of the call that this answers.
  package var replySerial: UInt32?
  /// The object it is sent to, or that emits it.
  package var path: String?
  /// The interface of the member.
  package var interface: String?
  /// The method or signal.
  package var member: String?
  /// The name of an error.
  package var errorName: String?
  /// The connection it is meant for.
  package var destination: String?
  /// The connection it comes from; the bus fills it in.
  package var sender: String?
  /// The types of the body, empty for none.
  package var signature: String
  /// The arguments, where all have one of the types of ``DBusValue``; otherwise empty.
  package var arguments: [DBusValue]

  /// A call of a method of the bus itself.
  package static func busCall(_ member: String, serial: UInt32, _ arguments: [DBusValue] = []) -> DBusMessage {
    DBusMessage(
      kind: .methodCall, serial: serial, replySerial: nil, path: "/org/freedesktop/DBus",
      interface: "org.freedesktop.DBus", member: member, errorName: nil, destination: "org.freedesktop.DBus",
      sender: nil,
      signature: arguments.map(\.signature).joined(), arguments: arguments)
  }

  /// The header fields' codes (specification, table "Header Fields").
  private enum Field {
    static let path: UInt8 = 1
    static let interface: UInt8 = 2
    static let member: UInt8 = 3
    static let errorName: UInt8 = 4
    static let replySerial: UInt8 = 5
    static let destination: UInt8 = 6
    static let sender: UInt8 = 7
    static let signature: UInt8 = 8
  }

  /// The message in little-endian form.
  package func encoded() -> [UInt8] {
    var body = DBusWriter()
    for argument in arguments { body.append(argument) }

    var out = DBusWriter()
    out.bytes = [UInt8(ascii: "l"), kind.rawValue, 0, 1]
    out.append(UInt32(body.bytes.count))
    out.append(serial)
    let lengthAt = out.bytes.count
    out.append(UInt32(0))
    let start = out.bytes.count
    out.append(field: Field.path, type: "o", path)
    out.append(field: Field.destination, type: "s", destination)
    out.append(field: Field.interface, type: "s", interface)
    out.append(field: Field.member, type: "s", member)
    out.append(field: Field.errorName, type: "s", errorName)
    out.append(field: Field.sender, type: "s", sender)
    if let replySerial {
      out.align(8)
      out.bytes.append(Field.replySerial)
      out.append(signature: "u")
      out.append(replySerial)
    }
    if !signature.isEmpty {
      out.align(8)
      out.bytes.append(Field.signature)
      out.append(signature: "g")
      out.append(signature: signature)
    }
    let length = UInt32(out.bytes.count - start)
    for shift in 0..<4 { out.bytes[lengthAt + shift] = UInt8(truncatingIfNeeded: length >> (8 * shift)) }
    out.align(8)
    return out.bytes + body.bytes
  }

  /// The first message of `bytes` and how many octets it took; nil while it is not complete.
  package static func decode(_ bytes: [UInt8]) throws(DBusFailure) -> (message: DBusMessage, length: Int)? {
    guard bytes.count >= 16 else { return nil }
    let bigEndian: Bool
    switch bytes[0] {
    case UInt8(ascii: "l"): bigEndian = false
    case UInt8(ascii: "B"): bigEndian = true
    default: throw .malformed(field: "byte order", offset: 0)
    }
    guard bytes[3] == 1 else { throw .malformed(field: "protocol version", offset: 3) }
    var reader = DBusReader(bytes: bytes, bigEndian: bigEndian, offset: 4)
    let bodyLength = Int(try reader.uint32("body length"))
    let serial = try reader.uint32("serial")
    let fieldsLength = Int(try reader.uint32("header fields"))
    let fieldsEnd = 16 + fieldsLength
    let bodyStart = (fieldsEnd + 7) & ~7
    let total = bodyStart + bodyLength
    guard total <= DBusMessage.longest else { throw .tooLong(total) }
    guard bytes.count >= total else { return nil }
    guard let kind = Kind(rawValue: bytes[1]) else { throw .malformed(field: "message type", offset: 1) }

    var message = DBusMessage(
      kind: kind, serial: serial, replySerial: nil, path: nil, interface: nil, member: nil, errorName: nil,
      destination: nil, sender: nil, signature: "", arguments: [])
    reader.end = fieldsEnd
    while reader.offset < fieldsEnd {
      try reader.align(8)
      let code = try reader.byte("header field code")
      let type = try reader.signature("header field type")
      switch type {
      case "s", "o":
        let text = try reader.string("header field \(code)")
        switch code {
        case Field.path: message.path = text
        case Field.interface: message.interface = text
        case Field.member: message.member = text
        case Field.errorName: message.errorName = text
        case Field.destination: message.destination = text
        case Field.sender: message.sender = text
        default: break
        }
      case "u":
        let number = try reader.uint32("header field \(code)")
        if code == Field.replySerial { message.replySerial = number }
      case "g":
        let text = try reader.signature("header field \(code)")
        if code == Field.signature { message.signature = text }
      default: throw .malformed(field: "type of header field \(code)", offset: reader.offset)
      }
    }
    // A body of other types belongs to a message that nobody here asked for; its header is enough to pass it over.
    if message.signature.allSatisfy({ "sub".contains($0) }) {
      reader = DBusReader(bytes: bytes, bigEndian: bigEndian, offset: bodyStart, end: total)
      for type in message.signature {
        switch type {
        case "s": message.arguments.append(.string(try reader.string("argument")))
        case "b":
          let number = try reader.uint32("argument")
          guard number <= 1 else { throw .malformed(field: "boolean argument", offset: reader.offset - 4) }
          message.arguments.append(.boolean(number == 1))
        default: message.arguments.append(.uint32(try reader.uint32("argument")))
        }
      }
    }
    return (message, total)
  }

  /// Far above any message that the bus sends to a client that watches one name.
  private static let longest = 1 << 20
}

extension DBusValue {
  /// The type code of the value.
  var signature: String {
    switch self {
    case .string: "s"
    case .uint32: "u"
    case .boolean: "b"
    }
  }
}

/// Little-endian marshalling with D-Bus's alignment, counted from the start of the message or of the body.
private struct DBusWriter {
  var bytes: [UInt8] = []

  mutating func align(_ step: Int) {
    while bytes.count % step != 0 { bytes.append(0) }
  }

  mutating func append(_ number: UInt32) {
    align(4)
    for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
  }

  mutating func append(_ text: String) {
    append(UInt32(text.utf8.count))
    bytes += text.utf8
    bytes.append(0)
  }

  mutating func append(signature: String) {
    bytes.append(UInt8(truncatingIfNeeded: signature.utf8.count))
    bytes += signature.utf8
    bytes.append(0)
  }

  mutating func append(_ value: DBusValue) {
    switch value {
    case .string(let text): append(text)
    case .uint32(let number): append(number)
    case .boolean(let flag): append(UInt32(flag ? 1 : 0))
    }
  }

  mutating func append(field: UInt8, type: String, _ text: String?) {
    guard let text else { return }
    align(8)
    bytes.append(field)
    append(signature: type)
    append(text)
  }
}

/// Unmarshalling with the bounds checked at each step; `offset` counts from the start of the message.
private struct DBusReader {
  let bytes: [UInt8]
  let bigEndian: Bool
  var offset: Int
  var end: Int

  init(bytes: [UInt8], bigEndian: Bool, offset: Int, end: Int? = nil) {
    self.bytes = bytes
    self.bigEndian = bigEndian
    self.offset = offset
    self.end = end ?? bytes.count
  }

  mutating func take(_ count: Int, _ field: String) throws(DBusFailure) -> ArraySlice<UInt8> {
    guard count >= 0, offset + count <= end else { throw .malformed(field: field, offset: offset) }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }

  mutating func align(_ step: Int) throws(DBusFailure) {
    let padding = (step - offset % step) % step
    guard try take(padding, "padding").allSatisfy({ $0 == 0 }) else {
      throw .malformed(field: "padding", offset: offset)
    }
  }

  mutating func byte(_ field: String) throws(DBusFailure) -> UInt8 {
    let taken = try take(1, field)
    return taken[taken.startIndex]
  }

  mutating func uint32(_ field: String) throws(DBusFailure) -> UInt32 {
    try align(4)
    let four = try take(4, field)
    return bigEndian
      ? four.reduce(0) { $0 << 8 | UInt32($1) } : four.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func string(_ field: String) throws(DBusFailure) -> String {
    let length = Int(try uint32(field))
    return try text(length, field)
  }

  mutating func signature(_ field: String) throws(DBusFailure) -> String {
    let length = Int(try byte(field))
    return try text(length, field)
  }

  private mutating func text(_ length: Int, _ field: String) throws(DBusFailure) -> String {
    let start = offset
    let octets = try take(length, field)
    guard let text = String(validating: octets, as: UTF8.self), try byte(field) == 0 else {
      throw .malformed(field: field, offset: start)
    }
    return text
  }
}
