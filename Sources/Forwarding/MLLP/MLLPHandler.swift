import HealthRecords
import NIOCore

/// One message on its way, and who waits for what it is answered.
struct MLLPRequest: Sendable {
  var message: [UInt8]
  /// MSH-10; the answer has it in MSA-2.
  var controlID: String
  /// From here to the answer.
  var limit: TimeAmount
  /// A commit acknowledgement is all that comes.
  var takesCommit: Bool
  var answer: EventLoopPromise<MLLPAnswer>
}

/// What a message was answered.
struct MLLPAnswer: Hashable, Sendable {
  var acknowledgement: Acknowledgement
  /// The receiver said that it keeps the message safe (`CA`) and nothing after that within the time: it never will.
  var isCommitAlone = false
}

/// One end of a connection, for one message at a time (HL7 v2.6 §2.9: the next one leaves when the one before is
/// answered).
final class MLLPHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = MLLPRequest
  typealias OutboundOut = ByteBuffer

  private let host: String
  private var frames = MLLPFrames()
  private var request: MLLPRequest?
  private var timer: Scheduled<Void>?
  private var committed: Acknowledgement?
  private var othersAnswered = false
  /// What is told once the connection has ended.
  private var failure: MLLPFailure?

  /// Told why, once the connection has ended: it may have before anybody waited for an answer.
  private let ended: EventLoopPromise<MLLPFailure>?

  init(host: String, ended: EventLoopPromise<MLLPFailure>? = nil) {
    self.host = host
    self.ended = ended
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    ended?.succeed(failure ?? .connectionLost(host: host, begun: false))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let request = unwrapOutboundIn(data)
    guard self.request == nil, context.channel.isActive else {
      request.answer.fail(failure ?? MLLPFailure.connectionLost(host: host, begun: false))
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    self.request = request
    (committed, othersAnswered) = (nil, false)
    let channel = context.channel
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: request.limit) {
      if let committed = self.committed {
        self.succeed(MLLPAnswer(acknowledgement: committed, isCommitAlone: true))
      } else {
        self.fail(.silence(host: self.host, othersAnswered: self.othersAnswered))
        channel.close(promise: nil)
      }
    }
    context.write(wrapOutboundOut(ByteBuffer(bytes: MLLPFrames.framed(request.message))), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let found: [[UInt8]]
    do {
      found = try frames.append(unwrapInboundIn(data).readableBytesView)
    } catch {
      fail(.unreadable(host: host, reason: "\(error)"))
      context.close(promise: nil)
      return
    }
    for frame in found {
      // Nobody waits: a late answer to something given up, or a second one.
      guard let request else { continue }
      do {
        take(try Acknowledgement(frame), request)
      } catch {
        fail(.unreadable(host: host, reason: "\(error)"))
        context.close(promise: nil)
        return
      }
    }
  }

  private func take(_ answer: Acknowledgement, _ request: MLLPRequest) {
    guard answer.controlID == request.controlID else {
      othersAnswered = true
      return
    }
    if answer.code == .committed, !request.takesCommit {
      committed = answer
    } else {
      succeed(MLLPAnswer(acknowledgement: answer))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    ended?.succeed(failure ?? .connectionLost(host: host, begun: frames.isInside))
    if let committed {
      succeed(MLLPAnswer(acknowledgement: committed))
    } else {
      fail(failure ?? .connectionLost(host: host, begun: frames.isInside))
    }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The first one says what went wrong; those after it, what came of that.
    failure = failure ?? MLLPFailure.of(error, host)
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent, request == nil { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  private func succeed(_ answer: MLLPAnswer) { finish { $0.succeed(answer) } }
  private func fail(_ failure: MLLPFailure) { finish { $0.fail(failure) } }

  private func finish(_ end: (EventLoopPromise<MLLPAnswer>) -> Void) {
    timer?.cancel()
    (timer, committed) = (nil, nil)
    guard let waiting = request else { return }
    request = nil
    end(waiting.answer)
  }
}
