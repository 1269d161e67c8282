import Glibc
import Testing

@testable import BluetoothLE

/// `"02 05 02"` as octets.
func hex(_ text: String) -> [UInt8] {
  text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
}

func text(_ octets: [UInt8]) -> String {
  octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
}

struct NoSocketPair: Error {}

/// Two connected `SOCK_SEQPACKET` sockets.
func socketPair() throws -> (Int32, Int32) {
  var ends: [Int32] = [-1, -1]
  guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0 else { throw NoSocketPair() }
  return (ends[0], ends[1])
}

/// The device's end of a link, which follows a script of octets.
final class ScriptedPeer: Sendable {
  let channel: SeqPacketChannel

  /// The other end's channel, not started, and the peer.
  static func connected() throws -> (SeqPacketChannel, ScriptedPeer) {
    let (ours, theirs) = try socketPair()
    return (SeqPacketChannel(fileDescriptor: ours), ScriptedPeer(theirs))
  }

  /// A started client and the peer.
  static func client(transactionLimit: Duration = .seconds(30)) async throws -> (GATTClient, ScriptedPeer) {
    let (channel, peer) = try connected()
    let client = GATTClient(channel: channel, transactionLimit: transactionLimit)
    await client.start()
    return (client, peer)
  }

  private init(_ fileDescriptor: Int32) {
    channel = SeqPacketChannel(fileDescriptor: fileDescriptor)
    channel.start()
  }

  /// The next PDU; nil after the end of the link.
  func next() async -> [UInt8]? {
    await channel.incoming.first { _ in true }
  }

  func send(_ pdu: String) throws {
    try channel.send(hex(pdu))
  }

  /// The next PDU is this one. Otherwise the link ends, so that nobody waits for the rest of the script.
  func expect(_ pdu: String, _ location: SourceLocation = #_sourceLocation) async {
    let received = await next()
    if received != hex(pdu) { channel.close() }
    #expect(received.map(text) == pdu, sourceLocation: location)
  }

  /// Expects the first of each pair, answers with the second.
  func play(_ script: [(String, String)], _ location: SourceLocation = #_sourceLocation) async throws {
    for (request, response) in script {
      await expect(request, location)
      try send(response)
    }
  }
}

/// SplitMix64: the same numbers for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
