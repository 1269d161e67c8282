/// Puts the pieces of replies together. Holds one frame at most.
///
/// A piece that is lost leaves the others waiting: ``reset()`` before each command, so that they are not taken for the next
/// reply's.
package struct OmronFrameAssembler: Sendable {
  private let channels: OmronChannels
  /// By channel.
  private var chunks: [Int: [UInt8]] = [:]

  package init(_ channels: OmronChannels) { self.channels = channels }

  /// Forgets the pieces so far.
  package mutating func reset() { chunks = [:] }

  /// Takes the value of one notification; gives the frame when it is whole, nil while pieces are missing. What a channel
  /// carries behind the end of a frame is padding.
  ///
  /// Classic pieces may come in any order of the channels. One that comes again before the frame is whole begins a new frame.
  /// - Parameter channel: which of the characteristics notified, from 0.
  /// - Throws: ``DecodingFailure`` naming `Channel`, `Channel 2`, or a field as ``OmronFrame/init(_:)`` does; nothing is
  ///   held then.
  package mutating func receive(_ chunk: [UInt8], channel: Int = 0) throws(DecodingFailure) -> OmronFrame? {
    do {
      guard let bytes = try whole(adding: chunk, channel) else { return nil }
      let frame = try OmronFrame(bytes)
      reset()
      return frame
    } catch {
      reset()
      throw error
    }
  }

  private mutating func whole(adding chunk: [UInt8], _ channel: Int) throws(DecodingFailure) -> [UInt8]? {
    guard 0..<channels.count ~= channel else {
      throw .outOfRange(field: "Channel", offset: 0, value: channel, expected: "0–\(channels.count - 1)")
    }
    if channels == .classic {
      guard chunk.count <= OmronChannels.width else {
        let end = (channel + 1) * OmronChannels.width
        throw .trailing(field: "Channel \(channel)", offset: end, count: chunk.count - OmronChannels.width)
      }
      if chunks[channel] != nil { reset() }
      chunks[channel] = chunk
    } else {
      chunks[0, default: []] += chunk
    }
    guard let first = chunks[0] else { return nil }
    guard let octet = first.first else { throw .truncated(field: "Length", offset: 0, need: 1, have: 0) }
    let length = Int(octet)
    guard OmronFrame.overhead...channels.capacity ~= length else {
      throw .outOfRange(field: "Length", offset: 0, value: length, expected: "8–\(channels.capacity) octets")
    }
    guard channels == .classic else { return first.count < length ? nil : Array(first.prefix(length)) }
    return try joined(length)
  }

  private func joined(_ length: Int) throws(DecodingFailure) -> [UInt8]? {
    let starts = stride(from: 0, to: length, by: OmronChannels.width)
    let pieces = starts.enumerated().compactMap { channel, _ in chunks[channel] }
    guard pieces.count == Array(starts).count else { return nil }
    var bytes: [UInt8] = []
    for (channel, piece) in pieces.enumerated() {
      let need = min(OmronChannels.width, length - bytes.count)
      guard piece.count >= need else {
        throw .truncated(field: "Channel \(channel)", offset: bytes.count, need: need, have: piece.count)
      }
      bytes += piece.prefix(need)
    }
    return bytes
  }
}
