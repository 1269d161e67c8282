import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// An answer that goes on, read line by line. To be read once; the connection ends with that.
struct OutboundLines {
  fileprivate let client: HTTPClient
  fileprivate let response: HTTPClientResponse
  fileprivate let host: String

  /// A line longer than this is none that anybody here wants: ntfy's messages have 4 KiB at most.
  private static let longest = 64 << 10

  /// Until the other side ends it.
  ///
  /// - Parameter take: each line without its end. What it throws ends the reading.
  /// - Throws: ``OutboundHTTP/Failure``, and what `take` throws.
  func read(_ take: (_ line: [UInt8]) async throws -> Void) async throws {
    let ended: Result<Void, any Error>
    do {
      var line: [UInt8] = []
      for try await part in response.body {
        for octet in part.readableBytesView {
          guard octet == UInt8(ascii: "\n") else {
            guard line.count < Self.longest else { throw OutboundHTTP.Failure.answerTooLong(host: host) }
            line.append(octet)
            continue
          }
          if !line.isEmpty { try await take(line) }
          line.removeAll(keepingCapacity: true)
        }
      }
      try Task.checkCancellation()
      ended = .success(())
    } catch {
      ended = .failure(error)
    }
    try? await client.shutdown()
    switch ended {
    case .success: return
    case .failure(let error) where error is HTTPClientError || error is IOError || error is ChannelError:
      throw OutboundHTTP.failure(error, host)
    case .failure(let error): throw error
    }
  }
}

extension OutboundHTTP {
  /// A GET whose answer goes on.
  ///
  /// - Parameters:
  ///   - mostSilence: nothing for so long is a dead connection.
  ///   - address: as of ``post(_:to:headers:limit:at:trusting:)``.
  /// - Throws: ``Failure``, also for an answer that is not 200.
  func lines(
    of url: DestinationURL, headers: [(String, String)], mostSilence: Duration, at address: String?,
    trusting authority: CertificateAuthority?
  ) async throws(Failure) -> OutboundLines {
    var request = HTTPClientRequest(url: url.text)
    request.headers.add(name: "User-Agent", value: "vitals-gateway")
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    var configuration = Self.configuration(trusting: authority)
    configuration.timeout.read = .seconds(mostSilence.components.seconds)
    if let address { configuration.dnsOverride = [url.host: address] }
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    do {
      let response = try await client.execute(request, deadline: .distantFuture)
      if response.status == .ok { return OutboundLines(client: client, response: response, host: url.host) }
      try? await client.shutdown()
      throw Failure.refused(host: url.host, status: Int(response.status.code))
    } catch let failure as Failure {
      throw failure
    } catch {
      try? await client.shutdown()
      throw Self.failure(error, url.host)
    }
  }
}
