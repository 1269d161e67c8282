import Foundation
import Hummingbird
import NIOCore
import Observations
import Synchronization

/// What a route knows of its request beside the request itself.
struct LocalContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  private let channel: any Channel
  /// The user of this machine who asks; nil: not known, as at the port. Of the ``Gate``.
  var uid: UInt32?
  /// What they may do; nil at the port.
  var standing: Standing?
  /// Throws when a request of theirs would be answered otherwise by now: a role can be taken away, and a stream lasts for days.
  var stillMay: @Sendable () async throws -> Void = {}
  private let notes = Notes()

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// The user of this machine who asks, as the kernel says; nil when it does not.
  func peerUID() async -> UInt32? { try? await PeerCredentials.future(of: channel)?.get().uid }

  /// For the list of who did what: whom the request was about.
  func note(_ patient: PatientID?) {
    if let patient { notes.noted.withLock { _ = $0.patients.insert(patient) } }
  }

  /// The same: which device, silence or destination.
  func note(subject: String) { notes.noted.withLock { $0.subject = subject } }

  var noted: Noted { notes.noted.withLock { $0 } }

  struct Noted: Sendable {
    var patients: Set<PatientID> = []
    var subject: String?
  }

  /// Shared by the copies of one request's context.
  private final class Notes: Sendable {
    let noted = Mutex(Noted())
  }
}
