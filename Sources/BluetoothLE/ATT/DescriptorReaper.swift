internal import Dispatch
internal import Glibc

/// Closes sockets on threads that nothing else needs.
///
/// Debian's kernel 6.1.192 frees a structure twice when the last descriptor of an L2CAP socket is closed after its link
/// has ended, and kills the thread that closed it (`kernel BUG at lib/list_debug.c`, `l2cap_conn_put`, `hci_chan_del`).
/// That must be neither a thread of a pool nor one that still has somebody to wake. A peer may end its link at any
/// moment, also just before we close, so every close goes this way; what it costs is a short-lived thread.
enum DescriptorReaper {
  /// Closes the descriptor on a new thread; `closed` is called on another one when that has ended, alive or not.
  ///
  /// It does not wait for a better moment: the later a dead link's socket is closed, the likelier the memory that the
  /// kernel frees again belongs to somebody else. Where no thread can be made it is closed without one.
  static func close(_ descriptor: Int32, then closed: @escaping @Sendable () -> Void = {}) {
    DispatchQueue.global().async {
      var thread = pthread_t()
      // A null pointer would be lost on the way: the number is passed one higher.
      let argument = UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1)
      let result = pthread_create(
        &thread, nil,
        { @Sendable argument in
          _ = Glibc.close(Int32(Int(bitPattern: argument) - 1))
          return nil
        }, argument)
      if result == 0 {
        // The kernel tells the end of a thread that it killed, too, so this returns and gives its stack back.
        pthread_join(thread, nil)
      } else {
        _ = Glibc.close(descriptor)
      }
      closed()
    }
  }
}
