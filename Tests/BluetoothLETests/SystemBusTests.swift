import Glibc
import Testing

@testable import BluetoothLE

/// Octets that libdbus and dbus-daemon 1.14 sent to each other over a private bus, captured between them.
@Suite struct SystemBusWireTests {
  static func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }

  /// dbus-send's Hello.
  static let hello = bytes(
    """
    6c01000100000000010000006e00000001016f00150000002f6f72672f667265656465736b746f702f4442757300000006017300140000006f72
    672e667265656465736b746f702e4442757300000000020173001\
    40000006f72672e667265656465736b746f702e4442757300000000030173000500000048656c6c6f000000
    """)
  /// dbus-send's NameHasOwner; its header fields stand in another order than ours.
  static let nameHasOwner = bytes(
    """
    6c0100010e000000020000007f00000001016f00150000002f6f72672f667265656465736b746f702f4442757300000002017300140000006f72
    672e667265656465736b746f702e4442757300000000030173000c0000004e616d654861734f776e6572000000000601730014000000
    6f72672e667265656465736b746f702e44427573000000000801670001730000090000006f72672e626c75657a00
    """)
  /// dbus-daemon's answer to Hello, and the signal NameAcquired behind it.
  static let helloAnswer = bytes(
    """
    6c02010109000000010000003d00000006017300040000003a312e30000000000501750001000000080167000173000007017300140000006f72
    672e667265656465736b746f702e4442757300000000040000003a312e3000
    """)
  static let nameAcquired = bytes(
    """
    6c04010109000000020000008d00000001016f00150000002f6f72672f667265656465736b746f702f4442757300000002017300140000006f72
    672e667265656465736b746f702e4442757300000000030173000c0000004e616d6541637175697265640000000006017300040000003a312e30
    00000000080167000173000007017300140000006f72672e667265656465736b746f702e4442757300000000040000003a312e3000
    """)
  /// dbus-daemon's answer "no" to a call of serial 2.
  static let nobody = bytes(
    """
    6c02010104000000030000003d00000006017300040000003a312e30000000000501750002000000080167000162000007017300140000006f72
    672e667265656465736b746f702e444275730000000000000000
    """)
  /// dbus-daemon's NameOwnerChanged when org.bluez came, and when it went.
  static let came = bytes(
    """
    6c04010121000000060000008900000001016f00150000002f6f72672f667265656465736b746f702f4442757300000002017300140000006f72
    672e667265656465736b746f702e444275730000000003017300100000004e616d654f776e65724368616e676564000000000000000007017300
    140000006f72672e667265656465736b746f702e444275730000000008016700037373730000000000000000090000006f72672e626c75657a00
    00000000000000000000040000003a312e3100
    """)
  static let went = bytes(
    """
    6c04010121000000070000008900000001016f00150000002f6f72672f667265656465736b746f702f4442757300000002017300140000006f72
    672e667265656465736b746f702e444275730000000003017300100000004e616d654f776e65724368616e676564000000000000000007017300
    140000006f72672e667265656465736b746f702e444275730000000008016700037373730000000000000000090000006f72672e626c75657a00
    0000040000003a312e31000000000000000000
    """)

  @Test func helloIsWhatLibdbusSends() {
    #expect(DBusMessage.busCall("Hello", serial: 1).encoded() == Self.hello)
  }

  @Test func ourCallMeansWhatTheirsMeans() throws {
    let call = DBusMessage.busCall("NameHasOwner", serial: 2, [.string("org.bluez")])
    let theirs = try #require(try DBusMessage.decode(Self.nameHasOwner))
    #expect(theirs.message == call)
    #expect(theirs.length == Self.nameHasOwner.count)
    #expect(call.encoded().count == Self.nameHasOwner.count)
    #expect(try DBusMessage.decode(call.encoded())?.message == call)
  }

  @Test func signal() throws {
    let (message, length) = try #require(try DBusMessage.decode(Self.came + [1, 2, 3]))
    #expect(length == Self.came.count)
    #expect(message.kind == .signal)
    #expect(message.path == "/org/freedesktop/DBus")
    #expect(message.interface == "org.freedesktop.DBus")
    #expect(message.member == "NameOwnerChanged")
    #expect(message.sender == "org.freedesktop.DBus")
    #expect(message.arguments == [.string("org.bluez"), .string(""), .string(":1.1")])
  }

  /// The answer "no" with its byte order turned by hand.
  @Test func bigEndian() throws {
    let turned = Self.bytes(
      """
      4202010100000004000000030000003d0601730000000004 3a312e3000000000 0501750000000002 080167000162000007017300 00000014
      6f72672e667265656465736b746f702e444275730000000000000001
      """)
    let (message, _) = try #require(try DBusMessage.decode(turned))
    #expect(message.replySerial == 2)
    #expect(message.arguments == [.boolean(true)])
  }

  @Test(arguments: [hello, nameHasOwner, helloAnswer, nameAcquired, nobody, came, went])
  func prefixesWait(message: [UInt8]) throws {
    for length in 0..<message.count { #expect(try DBusMessage.decode(Array(message[..<length])) == nil) }
  }

  /// One octet changed to each of some values: an answer or an error, never a crash.
  @Test(arguments: [hello, nobody, came])
  func changedOctets(message: [UInt8]) {
    for position in message.indices {
      for value: UInt8 in [0, 1, 7, 0x6C, 0x7F, 0x80, 0xFF] {
        var changed = message
        changed[position] = value
        _ = try? DBusMessage.decode(changed)
      }
    }
  }

  @Test func notABus() {
    #expect(throws: DBusFailure.malformed(field: "byte order", offset: 0)) {
      try DBusMessage.decode(Array("HTTP/1.1 400 Bad Request".utf8))
    }
    var long = Self.hello
    long[7] = 0x7F
    #expect(throws: DBusFailure.self) { try DBusMessage.decode(long) }
  }
}

@Suite struct SystemBusConversationTests {
  typealias Wire = SystemBusWireTests

  /// "0" in hexadecimal ASCII is 30, as dbus-send sent it for the same user; 1000 is 31303030.
  @Test func opening() {
    let watch = BusNameWatch(name: "org.bluez")
    #expect(watch.opening(userID: 0) == Wire.bytes("00415554482045585445524e414c2033300d0a"))
    #expect(watch.opening(userID: 1000) == [0] + Array("AUTH EXTERNAL 31303030\r\n".utf8))
  }

  /// dbus-daemon's answer to the name question has serial 2 in the capture; here the question is our third call.
  static let nobody: [UInt8] = {
    var answer = Wire.nobody
    answer[36] = 3
    return answer
  }()

  @Test(arguments: [1, 2, 7, 64, 4096])
  func conversation(cut: Int) throws {
    var watch = BusNameWatch(name: "org.bluez")
    let fromBus =
      Array("OK 671219ba57234f5c4a23830126b02f356\r\n".utf8) + Wire.helloAnswer + Wire.nameAcquired + Self.nobody
      + Wire.came + Wire.went
    var actions: [BusNameWatch.Action] = []
    for start in stride(from: 0, to: fromBus.count, by: cut) {
      actions += try watch.receive(fromBus[start..<min(start + cut, fromBus.count)])
    }
    guard case .send(let calls)? = actions.first else {
      Issue.record("no calls after authentication")
      return
    }
    #expect(calls.starts(with: Array("BEGIN\r\n".utf8) + Wire.hello))
    let (match, length) = try #require(try DBusMessage.decode(Array(calls.dropFirst(7 + Wire.hello.count))))
    #expect(match.member == "AddMatch")
    let (question, _) = try #require(
      try DBusMessage.decode(Array(calls.dropFirst(7 + Wire.hello.count + length))))
    #expect(question.member == "NameHasOwner")
    #expect(question.arguments == [.string("org.bluez")])
    #expect(Array(actions.dropFirst()) == [.owned(false), .owned(true), .owned(false)])
  }

  @Test func anotherNameIsNotOurs() throws {
    var watch = BusNameWatch(name: "org.bluex")
    #expect(try watch.receive(Array("OK\r\n".utf8)).count == 1)
    #expect(try watch.receive(Wire.came) == [])
  }

  @Test func refusedAuthentication() {
    var watch = BusNameWatch(name: "org.bluez")
    #expect(throws: DBusFailure.authenticationRefused("REJECTED EXTERNAL")) {
      try watch.receive(Array("REJECTED EXTERNAL\r\n".utf8))
    }
  }

  @Test(arguments: [
    ("unix:path=/run/dbus/system_bus_socket", "/run/dbus/system_bus_socket", false),
    ("unix:abstract=/tmp/bus,guid=12", "/tmp/bus", true),
    ("tcp:host=localhost,port=1;unix:guid=1,path=/a%20b", "/a b", false),
  ])
  func address(text: String, path: String, isAbstract: Bool) {
    #expect(BusAddress(text)?.path == path)
    #expect(BusAddress(text)?.isAbstract == isAbstract)
  }

  @Test(arguments: ["", "tcp:host=localhost", "unix:path", "unix:path=/a%2", "unix:path=%zz"])
  func notAnAddress(text: String) { #expect(BusAddress(text) == nil) }
}

/// The watch over a real Unix socket, on which the test plays the bus with the captured octets.
@Suite(.timeLimit(.minutes(1))) struct SystemBusWatchTests {
  typealias Wire = SystemBusWireTests

  /// A listening stream socket in the abstract name space.
  struct Bus {
    let descriptor: Int32
    let name: String

    init(_ name: String) throws {
      self.name = name
      descriptor = socket(AF_UNIX, 1, 0)
      try #require(descriptor >= 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      let octets = [0] + Array(name.utf8)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
      let length = socklen_t(MemoryLayout<sa_family_t>.size + octets.count)
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
      }
      try #require(bound == 0)
      try #require(listen(descriptor, 4) == 0)
    }

    /// Accepts, answers, and leaves the connection open. Blocking, but everything that it waits for is on its way.
    func serve(_ answers: [[UInt8]]) -> Int32 {
      let connection = accept(descriptor, nil, nil)
      var buffer = [UInt8](repeating: 0, count: 4096)
      _ = recv(connection, &buffer, buffer.count, 0)
      for answer in answers { _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL)) }
      return connection
    }
  }

  static let start = Array("OK 671219ba57234f5c4a23830126b02f356\r\n".utf8) + Wire.helloAnswer + Wire.nameAcquired

  @Test func ownershipAndReturn() async throws {
    let bus = try Bus("vitals-bus-\(getpid())-a")
    defer { _ = close(bus.descriptor) }
    let watch = SystemBus(address: "unix:abstract=\(bus.name)", retry: .milliseconds(10))
    var states = watch.ownership.makeAsyncIterator()
    let first = bus.serve([Self.start, SystemBusConversationTests.nobody, Wire.came])
    #expect(await states.next() == .free)
    #expect(await states.next() == .owned)
    _ = close(first)
    // It was there: that it ended a connection does not say that nobody owns the name any more.
    guard case .unknown? = await states.next() else {
      Issue.record("the bus is gone")
      return
    }
    let second = bus.serve([Self.start, SystemBusConversationTests.nobody])
    #expect(await states.next() == .free)
    watch.close()
    #expect(await states.next() == nil)
    _ = close(second)
  }

  @Test func anAbsentBusIsSaidOnce() async throws {
    let name = "vitals-bus-\(getpid())-b"
    let watch = SystemBus(address: "unix:abstract=\(name)", retry: .milliseconds(1))
    var states = watch.ownership.makeAsyncIterator()
    guard case .absent? = await states.next() else {
      Issue.record("there is no such bus")
      return
    }
    // By now it has been tried more than once; the next thing that is said is that there is one.
    let bus = try Bus(name)
    defer { _ = close(bus.descriptor) }
    let connection = bus.serve([Self.start, SystemBusConversationTests.nobody])
    #expect(await states.next() == .free)
    watch.close()
    _ = close(connection)
  }

  @Test func aBusThatIsSlowSaysNothing() async throws {
    let bus = try Bus("vitals-bus-\(getpid())-d")
    defer { _ = close(bus.descriptor) }
    let watch = SystemBus(
      address: "unix:abstract=\(bus.name)", retry: .milliseconds(10), limit: .milliseconds(50))
    var states = watch.ownership.makeAsyncIterator()
    // Nobody accepts, so nobody answers.
    guard case .unknown(let reason)? = await states.next() else {
      Issue.record("slow")
      return
    }
    #expect(reason.contains("did not answer"))
    watch.close()
  }

  @Test func aBusThatRefusesSaysNothing() async throws {
    let bus = try Bus("vitals-bus-\(getpid())-c")
    defer { _ = close(bus.descriptor) }
    let watch = SystemBus(address: "unix:abstract=\(bus.name)", retry: .seconds(60))
    let connection = bus.serve([Array("REJECTED EXTERNAL\r\n".utf8)])
    var states = watch.ownership.makeAsyncIterator()
    guard case .unknown(let reason)? = await states.next() else {
      Issue.record("refused")
      return
    }
    #expect(reason.contains("REJECTED"))
    watch.close()
    _ = close(connection)
  }
}
