import Hummingbird
import NIOCore

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
}
