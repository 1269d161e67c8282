import HealthRecords
import NIOCore
import NIOEmbedded
import Testing

@testable import Forwarding

/// One message and its answer, with time that stands still until it is told to pass.
@Suite struct MLLPHandlerTests {
  private static func frame(_ code: String, _ control: String) -> [UInt8] {
    MLLPFrames.framed(Array("MSH|^~\\&|PHR\rMSA|\(code)|\(control)\r".utf8))
  }

  /// - Parameter body: sends with the channel; the promise's outcome afterwards is the result.
  private func exchange(
    takesCommit: Bool = false, _ body: (EmbeddedChannel) throws -> Void
  ) throws -> Result<MLLPAnswer, MLLPFailure>? {
    let channel = EmbeddedChannel(handler: MLLPHandler(host: "clinic"))
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    let promise = channel.eventLoop.makePromise(of: MLLPAnswer.self)
    var result: Result<MLLPAnswer, MLLPFailure>?
    promise.futureResult.assumeIsolated().whenComplete { outcome in
      result = outcome.mapError { $0 as? MLLPFailure ?? .cancelled }
    }
    channel.writeAndFlush(
      MLLPRequest(
        message: Array("MSH|x\r".utf8), controlID: "A1", limit: .seconds(30), takesCommit: takesCommit, answer: promise),
      promise: nil)
    let sent = try channel.readOutbound(as: ByteBuffer.self)
    #expect(sent.map { Array($0.readableBytesView) } == [0x0B] + Array("MSH|x\r".utf8) + [0x1C, 0x0D])
    try body(channel)
    let before = result
    // A promise that is dropped would trap.
    _ = try? channel.finish(acceptAlreadyClosed: true)
    return before
  }

  private func receive(_ bytes: [UInt8], _ channel: EmbeddedChannel) throws {
    try channel.writeInbound(ByteBuffer(bytes: bytes))
  }

  @Test(arguments: ["AA", "AE", "AR", "CE", "CR"])
  func anAnswerIsTheAnswer(code: String) throws {
    let result = try exchange { try receive(Self.frame(code, "A1"), $0) }
    #expect(try result?.get().acknowledgement.code.rawValue == code)
    #expect(try result?.get().isCommitAlone == false)
  }

  @Test func piecesAndCompanyMakeNoDifference() throws {
    let bytes = [0x0D, 0x0A] + Self.frame("AE", "B2") + Self.frame("AA", "A1")
    for cut in 1..<bytes.count {
      let result = try exchange {
        try receive(Array(bytes[..<cut]), $0)
        try receive(Array(bytes[cut...]), $0)
      }
      #expect(try result?.get().acknowledgement.code == .accepted)
    }
  }

  @Test func silenceIsAFailureAfterTheLimit() throws {
    let early = try exchange { $0.embeddedEventLoop.advanceTime(by: .seconds(29)) }
    #expect(early == nil)
    let silent = try exchange { channel in
      channel.embeddedEventLoop.advanceTime(by: .seconds(30))
      #expect(!channel.isActive)
    }
    #expect(silent == .failure(.silence(host: "clinic", othersAnswered: false)))
    let other = try exchange { channel in
      try receive(Self.frame("AA", "B2") + Self.frame("AE", ""), channel)
      channel.embeddedEventLoop.advanceTime(by: .seconds(30))
    }
    #expect(other == .failure(.silence(host: "clinic", othersAnswered: true)))
  }

  /// In enhanced mode the receiver says first that it keeps the message safe, then what became of it.
  @Test func aCommitWaitsForWhatBecomesOfIt() throws {
    let both = try exchange { try receive(Self.frame("CA", "A1") + Self.frame("AE", "A1"), $0) }
    #expect(try both?.get().acknowledgement.code == .error)
    let waiting = try exchange { try receive(Self.frame("CA", "A1"), $0) }
    #expect(waiting == nil)
    let alone = try exchange { channel in
      try receive(Self.frame("CA", "A1"), channel)
      channel.embeddedEventLoop.advanceTime(by: .seconds(30))
      #expect(channel.isActive)
    }
    #expect(try alone?.get().acknowledgement.code == .committed)
    #expect(try alone?.get().isCommitAlone == true)
    let closed = try exchange { channel in
      try receive(Self.frame("CA", "A1"), channel)
      try channel.close().wait()
    }
    #expect(try closed?.get().acknowledgement.code == .committed)
    let known = try exchange(takesCommit: true) { try receive(Self.frame("CA", "A1"), $0) }
    #expect(try known?.get().acknowledgement.code == .committed)
  }

  @Test func anEndSaysWhereItCame() throws {
    let before = try exchange { try $0.close().wait() }
    #expect(before == .failure(.connectionLost(host: "clinic", begun: false)))
    let within = try exchange { channel in
      try receive(Array(Self.frame("AA", "A1").prefix(9)), channel)
      try channel.close().wait()
    }
    #expect(within == .failure(.connectionLost(host: "clinic", begun: true)))
  }

  @Test func whatIsNoAnswerEndsTheConnection() throws {
    for bytes in [
      MLLPFrames.framed(Array("<html>".utf8)), MLLPFrames.framed(Array("MSH|^~\\&|\rMSA|OK|A1\r".utf8)),
      [UInt8](repeating: 0x3F, count: 5000),
    ] {
      let result = try exchange { channel in
        try receive(bytes, channel)
        #expect(!channel.isActive)
      }
      guard case .failure(.unreadable) = result else {
        Issue.record("\(String(describing: result))")
        continue
      }
    }
  }

  @Test func aLateAnswerIsNobodys() throws {
    let channel = EmbeddedChannel(handler: MLLPHandler(host: "clinic"))
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    try receive(Self.frame("AA", "A1"), channel)
    try receive(MLLPFrames.framed(Array("?".utf8)), channel)
    #expect(channel.isActive)
    _ = try channel.finish()
  }
}
