/// The conversation that finds out who owns one well-known name, as a pure state machine: bytes in, actions out.
///
/// The match for `NameOwnerChanged` is added before the question `NameHasOwner`, so that no change falls between them;
/// the bus answers in the order of the calls (D-Bus Specification, "Message Bus").
package struct BusNameWatch: Sendable {
  /// What the owner of the state machine does next.
  package enum Action: Equatable, Sendable {
    /// Send these octets to the bus.
    case send([UInt8])
    /// The name has an owner, or has none. The first is the answer to the question; later ones are changes.
    case owned(Bool)
  }

  private enum Phase { case authenticating, talking }
  private static let hello: UInt32 = 1
  private static let addMatch: UInt32 = 2
  private static let nameHasOwner: UInt32 = 3

  private let name: String
  private var phase = Phase.authenticating
  private var buffer: [UInt8] = []

  /// - Parameter name: the well-known name to watch, `org.bluez`.
  package init(name: String) {
    self.name = name
  }

  /// The first octets of a connection: the null octet that carries the credentials, and SASL EXTERNAL with the user's
  /// number in hexadecimal ASCII (D-Bus Specification, "Authentication Protocol").
  package func opening(userID: UInt32) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    let hexadecimal = String(userID).utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return [0] + "AUTH EXTERNAL ".utf8 + hexadecimal + "\r\n".utf8
  }

  /// Takes what the bus sent, however it was cut.
  /// - Throws: ``DBusFailure``, after which the connection is of no use.
  package mutating func receive(_ bytes: some Sequence<UInt8>) throws(DBusFailure) -> [Action] {
    buffer += bytes
    var actions: [Action] = []
    if phase == .authenticating {
      guard let end = buffer.firstIndex(of: 10) else {
        guard buffer.count <= 1024 else { throw .malformed(field: "authentication answer", offset: 0) }
        return []
      }
      let line = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r").first.map(String.init) ?? ""
      buffer.removeFirst(end + 1)
      guard line == "OK" || line.hasPrefix("OK ") else { throw .authenticationRefused(line) }
      phase = .talking
      let match =
        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
        + "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='\(name)'"
      actions.append(
        .send(
          Array("BEGIN\r\n".utf8) + DBusMessage.busCall("Hello", serial: Self.hello).encoded()
            + DBusMessage.busCall("AddMatch", serial: Self.addMatch, [.string(match)]).encoded()
            + DBusMessage.busCall("NameHasOwner", serial: Self.nameHasOwner, [.string(name)]).encoded()))
    }
    while let (message, length) = try DBusMessage.decode(buffer) {
      buffer.removeFirst(length)
      if let action = try act(on: message) { actions.append(action) }
    }
    return actions
  }

  private func act(on message: DBusMessage) throws(DBusFailure) -> Action? {
    switch message.kind {
    case .error:
      let calls = [Self.hello: "Hello", Self.addMatch: "AddMatch", Self.nameHasOwner: "NameHasOwner"]
      guard let call = message.replySerial.flatMap({ calls[$0] }) else { return nil }
      throw .callRefused(call: call, error: message.errorName ?? "no name")
    case .methodReturn where message.replySerial == Self.nameHasOwner:
      guard message.arguments.count == 1, case .boolean(let owned) = message.arguments[0] else {
        throw .malformed(field: "answer to NameHasOwner", offset: 0)
      }
      return .owned(owned)
    case .signal where message.member == "NameOwnerChanged" && message.sender == "org.freedesktop.DBus":
      guard message.arguments.count == 3, case .string(name) = message.arguments[0],
        case .string(let newOwner) = message.arguments[2]
      else { return nil }
      return .owned(!newOwner.isEmpty)
    default: return nil
    }
  }
}
