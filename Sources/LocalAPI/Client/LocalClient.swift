import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Speaks HTTP/1.1 with the daemon over its Unix socket, one connection a request.
package struct LocalClient: Sendable {
  /// Where the daemon listens when nobody says otherwise.
  package static let defaultSocketPath = "/run/vitals/vitals.sock"

  package let socketPath: String

  package init(socketPath: String) { self.socketPath = socketPath }

  /// A whole answer, decoded.
  /// - Parameter limit: how long the whole of it may take.
  /// - Throws: ``LocalClientError``.
  package func answer<Answer: Decodable & Sendable>(
    to request: LocalRequest, as type: Answer.Type = Answer.self, within limit: Duration = .seconds(60)
  ) async throws -> Answer {
    let body = try await wholeBody(request, within: limit)
    do {
      return try LocalJSON.value(type, from: body)
    } catch {
      throw LocalClientError.protocolFailure(path: socketPath, detail: "\(request.target): \(Self.sentence(error))")
    }
  }

  /// A request whose answer has nothing in it.
  /// - Throws: ``LocalClientError``.
  package func perform(_ request: LocalRequest, within limit: Duration = .seconds(60)) async throws {
    _ = try await wholeBody(request, within: limit)
  }

  /// Hands each line of a streamed answer to `each`, in order, until the daemon ends the stream, `each` throws, or the
  /// task is cancelled.
  /// - Throws: ``LocalClientError``, and what `each` throws.
  package func follow<Line: Decodable & Sendable>(
    _ request: LocalRequest, as type: Line.Type = Line.self, each: (Line) async throws -> Void
  ) async throws {
    try await exchange(request) { status, body in
      var splitter = LineSplitter()
      if status.code >= 300 { throw try await refusal(status, &body) }
      func give(_ data: Data) async throws {
        // A stream that has begun can only say in its last line that it failed.
        if let error = try? LocalJSON.value(APIError.self, from: data) {
          throw LocalClientError.refused(status: Int(status.code), error)
        }
        let line: Line
        do {
          line = try LocalJSON.value(type, from: data)
        } catch {
          throw LocalClientError.protocolFailure(path: socketPath, detail: "\(request.target): \(Self.sentence(error))")
        }
        try await each(line)
      }
      while let buffer = try await body.next() {
        guard let lines = splitter.lines(adding: buffer.readableBytesView) else {
          throw LocalClientError.protocolFailure(path: socketPath, detail: "a line without an end")
        }
        for line in lines { try await give(line) }
      }
      if let line = splitter.remainder() { try await give(line) }
    }
  }

  /// Hands each piece of an answer to `each`, in order. What ends early is an error.
  /// - Throws: ``LocalClientError``, and what `each` throws.
  package func download(_ request: LocalRequest, each: ([UInt8]) async throws -> Void) async throws {
    try await exchange(request) { status, body in
      if status.code >= 300 { throw try await refusal(status, &body) }
      while let buffer = try await body.next() { try await each(Array(buffer.readableBytesView)) }
    }
  }

  // MARK: - HTTP

  private func wholeBody(_ request: LocalRequest, within limit: Duration) async throws -> Data {
    try await withThrowingTaskGroup(of: Data.self) { group in
      group.addTask {
        try await exchange(request) { status, body in
          if status.code >= 300 { throw try await refusal(status, &body) }
          return try await collected(&body)
        }
      }
      group.addTask {
        try await Task.sleep(for: limit)
        throw LocalClientError.timedOut(path: socketPath, seconds: Int(limit.components.seconds))
      }
      defer { group.cancelAll() }
      guard let data = try await group.next() else { throw CancellationError() }
      return data
    }
  }

  /// The body of one answer, piece by piece.
  private struct Body {
    var parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
    let path: String
    var isOver = false

    /// The next piece; nil after the last.
    mutating func next() async throws -> ByteBuffer? {
      while !isOver {
        switch try await part() {
        case .body(let buffer): return buffer
        case .end: isOver = true
        case .head: throw LocalClientError.protocolFailure(path: path, detail: "a second answer inside the first")
        }
      }
      return nil
    }

    mutating func head() async throws -> HTTPResponseHead {
      guard case .head(let head) = try await part() else {
        throw LocalClientError.protocolFailure(path: path, detail: "an answer without a head")
      }
      return head
    }

    private mutating func part() async throws -> HTTPClientResponsePart {
      do {
        guard let part = try await parts.next() else {
          try Task.checkCancellation()
          throw LocalClientError.brokenOff(path: path)
        }
        return part
      } catch is HTTPParserError {
        throw LocalClientError.protocolFailure(path: path, detail: "not HTTP/1.1, or cut in the middle")
      } catch is IOError {
        throw LocalClientError.brokenOff(path: path)
      } catch is ChannelError {
        throw LocalClientError.brokenOff(path: path)
      }
    }
  }

  private func exchange<Result>(
    _ request: LocalRequest, _ use: (HTTPResponseStatus, inout Body) async throws -> Result
  ) async throws -> Result {
    let channel = try await connected()
    let body = request.body
    var headers = HTTPHeaders([("Host", "vitals"), ("Connection", "close"), ("Accept", "application/json")])
    if let body {
      headers.add(name: "Content-Type", value: "application/json")
      headers.add(name: "Content-Length", value: String(body.count))
    } else if request.method == .post {
      headers.add(name: "Content-Length", value: "0")
    }
    let head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: request.method.rawValue), uri: request.target, headers: headers)
    return try await channel.executeThenClose { inbound, outbound in
      do {
        try await outbound.write(.head(head))
        if let body { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: body)))) }
        try await outbound.write(.end(nil))
      } catch  where !(error is CancellationError) {
        // A request without a body is whole with its head: the daemon may have answered and closed before the end is
        // written. Whatever it said is there to be read, and nothing read says that it broke off.
      }
      var answer = Body(parts: inbound.makeAsyncIterator(), path: socketPath)
      let status = try await answer.head().status
      return try await use(status, &answer)
    }
  }

  private func connected() async throws -> NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart> {
    do {
      return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(unixDomainSocketPath: socketPath) { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
          }
        }
    } catch let error as IOError {
      switch error.errnoCode {
      case ENOENT, ENOTDIR: throw LocalClientError.socketMissing(path: socketPath)
      case EACCES, EPERM: throw LocalClientError.permissionDenied(path: socketPath)
      case ECONNREFUSED, EISDIR, ENOTSOCK:
        var status = stat()
        let isOther = stat(socketPath, &status) == 0 && status.st_mode & S_IFMT != S_IFSOCK
        throw isOther ? LocalClientError.notASocket(path: socketPath) : .nobodyListens(path: socketPath)
      default: throw LocalClientError.protocolFailure(path: socketPath, detail: error.description)
      }
    } catch SocketAddressError.unixDomainSocketPathTooLong {
      throw LocalClientError.pathTooLong(path: socketPath)
    }
  }

  private func collected(_ body: inout Body) async throws -> Data {
    var data = Data()
    while let buffer = try await body.next() {
      data.append(contentsOf: buffer.readableBytesView)
      if data.count > 256 << 20 {
        throw LocalClientError.protocolFailure(path: socketPath, detail: "an answer of more than 256 MiB")
      }
    }
    return data
  }

  private func refusal(_ status: HTTPResponseStatus, _ body: inout Body) async throws -> LocalClientError {
    let data = try await collected(&body)
    guard let error = try? LocalJSON.value(APIError.self, from: data) else {
      return .protocolFailure(path: socketPath, detail: "HTTP status \(status.code) without a reason")
    }
    return .refused(status: Int(status.code), error)
  }

  private static func sentence(_ error: any Error) -> String {
    func place(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
    return switch error {
    case DecodingError.keyNotFound(let key, let context): "'\(place(context.codingPath + [key]))' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(place(context.codingPath))' is of another type"
    case DecodingError.dataCorrupted(let context):
      "'\(place(context.codingPath))' is not understood"
    default: "the answer is not understood"
    }
  }
}
