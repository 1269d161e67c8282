import Foundation
import Hummingbird
import NIOCore
import Observations
import Store

/// What a route knows of its request beside the request itself.
struct LocalContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  private let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// The user of this machine who asks, as the kernel says; nil when it does not.
  func peerUID() async -> UInt32? { try? await PeerCredentials.future(of: channel)?.get().uid }

  /// Writes down who looks at whose data. That it cannot be written down is no reason not to show people their own.
  ///
  /// - Parameter patient: nil: everybody's.
  func noteRead(of patient: PatientID?, in store: Store) async {
    try? await store.recordAccess(.read, .socket, uid: await peerUID(), patient: patient, at: Date())
  }
}
