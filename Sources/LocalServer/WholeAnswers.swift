import NIOCore

/// Lets a connection that is closed for having been idle first give what it was answered.
///
/// Hummingbird counts idleness from the end of an answer as it leaves the program, and the kernel takes no more than a few
/// hundred kilobytes ahead of who reads: closing would throw away what stands before it (`vitals export | less`). Who never
/// reads on keeps a place among the connections, and no more.
///
/// Only a close that nobody waits for is held back: a stop of the daemon waits, and ends connections at once.
final class WholeAnswers: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = NIOAny

  func handlerAdded(context: ChannelHandlerContext) {
    // Where octets are written and no longer parts of HTTP.
    try? context.pipeline.syncOperations.addHandler(Flushing(), position: .first)
  }

  private final class Flushing: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
      guard mode == .all, promise == nil, context.channel.isActive else {
        return context.close(mode: mode, promise: promise)
      }
      // Is written when everything before it was.
      let (channel, end) = (context.channel, context.eventLoop.makePromise(of: Void.self))
      end.futureResult.whenComplete { _ in channel.close(promise: channel.eventLoop.makePromise(of: Void.self)) }
      context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: end)
    }
  }
}
