/// Puts frames together from the notifications that they come in: a frame may fill several, and one may hold several frames.
///
/// Keeps no more than one frame: how long it is must be said by its first octets, and `size` refuses what is too long.
package struct FrameAssembler: Sendable {
  /// The size of the frame that begins with these octets; nil when they are too few to say. Throws when they begin none.
  package typealias Size = @Sendable ([UInt8]) throws(DecodingFailure) -> Int?

  private let size: Size
  private var received: [UInt8] = []

  package init(size: @escaping Size) { self.size = size }

  /// How many octets wait for the rest of their frame.
  package var waiting: Int { received.count }

  /// Takes a notification.
  /// - Returns: the frames that are whole now, in their order; most often none or one.
  /// - Throws: what `size` throws. All octets that wait are given up then, and the next notification begins anew. Frames
  ///   that are whole are given first, and the failure after them is thrown at the next call.
  package mutating func append(_ notification: [UInt8]) throws(DecodingFailure) -> [[UInt8]] {
    received += notification
    var frames: [[UInt8]] = []
    while !received.isEmpty {
      let whole: Int?
      do {
        whole = try size(received)
      } catch {
        if !frames.isEmpty { break }
        received = []
        throw error
      }
      guard let whole, whole > 0, received.count >= whole else { break }
      frames.append(Array(received.prefix(whole)))
      received.removeFirst(whole)
    }
    return frames
  }

  /// Gives up what waits, as at the start of a connection.
  package mutating func reset() { received = [] }
}
