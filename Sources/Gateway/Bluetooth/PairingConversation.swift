import BluetoothLE
import Devices
import Foundation
package import LocalAPI
import Observations
import Synchronization

/// One person's pairing: what they are told, what they answer, and everything else that the procedure waits for, in one
/// stream with one reader.
package final class PairingConversation: Sendable {
  /// What the procedure can be woken by.
  enum Input: Sendable {
    case answer(PairingAnswer)
    case advertisement(Advertisement)
    case happening(PairingLink.Happening)
    case progress(SessionProgress)
    case stored(Observation)
    case visitEnded(BluetoothService.VisitEnd)
    case consentAsked(PendingConsent)
    /// A recording is over.
    case recordingEnded
    /// A limit of the step with this number ran out.
    case timeout(step: Int)
    /// The other side went away.
    case abandoned
  }

  package let id: String
  /// What is said, ending with `finished` or `failed`. One reader.
  package let events: AsyncStream<PairingEvent>
  let inputs: AsyncStream<Input>
  private let said: AsyncStream<PairingEvent>.Continuation
  private let heard: AsyncStream<Input>.Continuation

  package init(id: String) {
    self.id = id
    (events, said) = AsyncStream.makeStream()
    (inputs, heard) = AsyncStream.makeStream()
    said.onTermination = { [heard] termination in
      if case .cancelled = termination { heard.yield(.abandoned) }
    }
  }

  /// What the person says.
  package func answer(_ answer: PairingAnswer) { heard.yield(.answer(answer)) }

  /// Nobody is listening any more.
  package func abandon() { heard.yield(.abandoned) }

  func say(_ event: PairingEvent) {
    said.yield(event)
    if event.isLast {
      said.finish()
      heard.finish()
    }
  }

  func put(_ input: Input) { heard.yield(input) }
}
