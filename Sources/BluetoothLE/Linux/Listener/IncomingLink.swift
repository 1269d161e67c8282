/// A link that the kernel made to an awaited device, accepted at security low and not yet read.
///
/// What the device has sent waits in the kernel: raise the security first, then start the channel.
///
/// A session that this side ends closes the channel *first*, awaits ``SeqPacketChannel/closed()``, and sends management
/// Disconnect then: on Debian's kernel 6.1.192 a socket that outlives its link is a kernel fault (``KernelFault``).
package struct IncomingLink: Sendable {
  /// The device: its identity address where the kernel has the key that resolves a private one.
  package let peer: BluetoothAddress
  /// The adapter's address on this link; tells adapters apart.
  package let local: BluetoothAddress?
  /// ATT PDUs; not started.
  package let channel: SeqPacketChannel

  /// Has the kernel encrypt the link with the stored key and waits until it is.
  ///
  /// The device's long-term key must be loaded: without one the kernel begins to pair by itself. Never ask for
  /// ``LinkSecurity/Level/high`` with an unauthenticated key, for the same reason. Meanwhile nothing can be sent.
  /// - Parameters:
  ///   - level: what the link must have at least.
  ///   - limit: how long it may take.
  /// - Throws: ``LinkSecurityFailure``; then close the channel, which discards what it received.
  package func raiseSecurity(
    to level: LinkSecurity.Level, limit: Duration = .seconds(10)
  ) async throws(LinkSecurityFailure) {
    if let reason = channel.endReason { throw .linkEnded(reason.errno.map { SystemError($0) }) }
    try await SecurityWait(descriptor: channel.fileDescriptor, required: level, limit: limit).run()
  }
}
