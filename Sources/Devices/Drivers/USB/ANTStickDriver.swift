package import Foundation
package import Observations
package import WireFormats

/// An ANT stick as a receiver of heart-rate straps. Each strap is a device of its own, by its number; its stream goes the
/// way of other straps': each beat to the live stream, and one observation a window is kept.
///
/// The stick itself is no device: nothing is read of it. Anybody can send as a strap, so each observation says
/// *unauthenticated*.
package struct ANTStickDriver: USBDeviceDriver {
  package let name = "ant-stick"
  package let version = 1
  /// The vendor's own.
  package let interfaceClass: UInt8 = 0xFF
  package var constants: [DriverConstant] { [GATTHeartRateDriver.window, Self.silence] }

  static let silence = DriverConstant(
    name: "silence", meaning: "seconds without a word of a strap, after which its stream has ended", standard: 30,
    range: 5...600)
  /// What a strap's values came as, in provenance.
  static let format = "ant-heart-rate"
  /// Seconds between two tellings that the same strap is heard.
  package static let tellingPause: TimeInterval = 60
  /// Strangers' numbers that are remembered: anybody can send any.
  private static let mostStrangers = 64

  package init() {}

  /// `ant:120:12345`: the device type and the number of 20 bits.
  package static func device(_ number: Int) -> DeviceID {
    DeviceID(rawValue: "ant:\(ANTHeartRatePage.deviceType):\(number)")
  }

  /// One page of a strap.
  package func decode(_ bytes: [UInt8], of profile: DeviceProfile) throws(DecodingFailure) -> JSON {
    try ANTHeartRatePage(bytes).json
  }

  /// Without a key and named straps nothing can be read.
  package func run(_ session: USBSession) async -> SessionEnd {
    .locked(reason: "An ANT stick is not read without the key of its network.")
  }

  /// Listens until the stick is unplugged, fails, or the task is cancelled.
  package func listen(_ session: USBSession, _ reception: ANTReception) async -> SessionEnd {
    do throws(SessionFailure) {
      var stick = try ANTConversation(session)
      var straps = ANTStraps(session, reception, self)
      let end: SessionEnd
      do throws(SessionFailure) {
        try await stick.begin(reception.networkKey)
        await reception.listening()
        end = try await listen(&stick, &straps)
      } catch {
        end = error.end
      }
      // Not in this task: when the gateway stops it is cancelled, and a cancelled task can neither store nor send.
      let (rest, conversation) = (straps, stick)
      await Task {
        var rest = rest
        if case .linkEnded = end {} else { await conversation.end() }
        await rest.finish(end)
      }.value
      return end
    } catch {
      return error.end
    }
  }

  /// - Returns: never but by an error, or when the task is cancelled.
  private func listen(
    _ stick: inout ANTConversation, _ straps: inout ANTStraps
  ) async throws(SessionFailure) -> SessionEnd {
    let what = "Listening to straps"
    while !Task.isCancelled {
      let message = try await stick.next(within: .seconds(1), what)
      // Before the message: what comes after a silence begins a stream of its own.
      await straps.look()
      switch message?.id {
      case ANTMessageID.broadcast, ANTMessageID.acknowledged: await straps.take(message?.content ?? [])
      case ANTMessageID.startup:
        throw SessionFailure(.requestFailed(what: what, reason: "The stick has started anew."))
      case ANTMessageID.channelResponse:
        guard let event = message.flatMap({ try? ANTChannelResponse($0.content) }), event.command == nil,
          event.code == ANTChannelResponse.eventChannelClosed
        else { break }
        throw SessionFailure(.requestFailed(what: what, reason: "The stick has closed its channel."))
      default: break
      }
    }
    return .cancelled
  }

  /// The streams of all straps that are in reach.
  struct ANTStraps {
    let session: USBSession
    let reception: ANTReception
    let driver: ANTStickDriver
    private var streams: [Int: ANTHeartRateStream] = [:]
    private var told: [Int: Date] = [:]

    init(_ session: USBSession, _ reception: ANTReception, _ driver: ANTStickDriver) {
      self.session = session
      self.reception = reception
      self.driver = driver
    }

    /// What is no page of a strap is left out: it is said again four times a second.
    mutating func take(_ content: [UInt8]) async {
      guard let data = try? ANTDataMessage(content), let sender = data.sender,
        sender.deviceType == ANTHeartRatePage.deviceType, let page = try? ANTHeartRatePage(data.payload)
      else { return }
      let (number, now) = (sender.number, session.receivedNow())
      await tell(number, now)
      guard let device = reception.straps[number] else { return }
      var stream =
        streams[number] ?? ANTHeartRateStream(number, device, session, reception.sink(device), driver.nameAndVersion)
      await stream.take(page, at: now)
      streams[number] = stream
    }

    private mutating func tell(_ number: Int, _ now: Date) async {
      if let last = told[number], abs(now.timeIntervalSince(last)) < ANTStickDriver.tellingPause { return }
      guard told[number] != nil || reception.straps[number] != nil || told.count < ANTStickDriver.mostStrangers else {
        return
      }
      told[number] = now
      await reception.heard(number)
    }

    /// Ends the streams of straps that have fallen silent.
    mutating func look() async {
      let now = session.receivedNow()
      let limit = NSDecimalNumber(decimal: session.value(of: ANTStickDriver.silence)).doubleValue
      for (number, stream) in streams where abs(now.timeIntervalSince(stream.lastHeard)) > limit {
        streams[number] = nil
        await finish(stream, .idle)
      }
    }

    mutating func finish(_ end: SessionEnd) async {
      for (_, stream) in streams.sorted(by: { $0.key < $1.key }) { await finish(stream, end) }
      streams = [:]
    }

    private func finish(_ stream: ANTHeartRateStream, _ end: SessionEnd) async {
      var stream = stream
      let lost = await stream.finish()
      await reception.ended(stream.device, lost ?? end)
    }
  }
}
