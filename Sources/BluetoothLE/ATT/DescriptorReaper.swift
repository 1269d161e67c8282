internal import Dispatch
internal import Glibc

/// Closes sockets on threads that nothing else needs.
///
/// Debian's kernel 6.1.192 frees a structure twice when the last descriptor of an L2CAP socket is closed after its link
/// has ended, and kills the thread that closed it (`kernel BUG at lib/list_debug.c`, `l2cap_conn_put`, `hci_chan_del`).
/// That must be neither a thread of a pool nor one that still has somebody to wake. A peer may end its link at any
/// moment, also just before we close, so every close goes this way; what it costs is a short-lived thread.
///
/// Who waits for its end is on a serial queue of its own. Dispatch's global and concurrent queues have one thread for each
/// CPU, which all of them share with Swift's tasks: what blocks anywhere in the process would keep a link from ending.
/// Serial queues take theirs from another pool, of up to 255 (`DISPATCH_WORKQ_MAX_PTHREAD_COUNT`), and a close that hangs
/// in the kernel holds up no other one.
enum DescriptorReaper {
  /// Closes the descriptor on a new thread; `closed` is called on another one when that has ended, alive or not.
  ///
  /// It does not wait for a better moment: the later a dead link's socket is closed, the likelier the memory that the
  /// kernel frees again belongs to somebody else. Where no thread can be made it is closed without one.
  static func close(_ descriptor: Int32, then closed: @escaping @Sendable () -> Void = {}) {
    DispatchQueue(label: "vitals.descriptor-reaper").async {
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
