/// What a simulated device notifies when something is written to it, word by word from its `session.yaml`: a maker's
/// protocol is played without any code that knows it, so a mistake in ours is not hidden by the same in the other.
package struct SimulatedScript: Hashable, Sendable {
  package struct Answer: Hashable, Sendable {
    /// The handle that is written to.
    package var handle: UInt16
    /// What is written; nil stands for any octet.
    package var request: [UInt8?]
    /// The handle of the value that is notified; 0 when nothing is.
    package var source: UInt16
    /// One notification each.
    package var values: [[UInt8]]
    /// Whether the device ends the link then.
    package var endsLink: Bool

    package init(handle: UInt16, request: [UInt8?], source: UInt16, values: [[UInt8]], endsLink: Bool = false) {
      self.handle = handle
      self.request = request
      self.source = source
      self.values = values
      self.endsLink = endsLink
    }

    func answers(_ octets: [UInt8], on written: UInt16) -> Bool {
      handle == written && octets.count == request.count && zip(request, octets).allSatisfy { $0 == nil || $0 == $1 }
    }
  }

  /// Of two answers to the same request the second is given the second time; the last one from then on.
  package var answers: [Answer]
  /// The link ends in the place of this notification, counted over all links from 0; nil for never.
  package var cutAt: Int?
  /// Notifications that were due, over all links.
  package private(set) var notifications = 0
  /// Everything that was written to a handle that some answer names, in order.
  package private(set) var written: [[UInt8]] = []
  /// What of it no answer stands for.
  package private(set) var unexpected: [[UInt8]] = []
  private var given: Set<Int> = []

  package init(answers: [Answer]) { self.answers = answers }

  /// What the device forgets when a link ends.
  package mutating func linkEnded() { given = [] }

  /// What the device does after a write.
  struct Reaction {
    var source: UInt16 = 0
    var values: [[UInt8]] = []
    var endsLink = false
  }

  mutating func take(_ octets: [UInt8], on handle: UInt16) -> Reaction {
    guard answers.contains(where: { $0.handle == handle }) else { return Reaction() }
    written.append(octets)
    let matching = answers.indices.filter { answers[$0].answers(octets, on: handle) }
    guard let chosen = matching.first(where: { !given.contains($0) }) ?? matching.last else {
      unexpected.append(octets)
      return Reaction()
    }
    given.insert(chosen)
    let answer = answers[chosen]
    var reaction = Reaction(source: answer.source, endsLink: answer.endsLink)
    for value in answer.values {
      defer { notifications += 1 }
      if notifications == cutAt {
        reaction.endsLink = true
        return reaction
      }
      reaction.values.append(value)
    }
    return reaction
  }
}
