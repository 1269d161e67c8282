/// Why a management command gave no result, or why there is no management channel.
package enum ManagementError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The channel could not be opened.
  case unavailable(SystemError)
  /// The kernel refused the command.
  case refused(command: String, index: AdapterIndex, ManagementStatus)
  /// The kernel did not answer within the limit.
  case timedOut(command: String, index: AdapterIndex, after: Duration)
  /// The command could not be given to the kernel.
  case notSent(command: String, SystemError)
  /// The answer was not of the form that the protocol gives it.
  case unexpectedAnswer(command: String, ManagementDecodingFailure)
  /// The channel was closed before the answer came.
  case closed(command: String)
  /// The task that waited was cancelled.
  case cancelled(command: String)

  /// The kernel's status, where it gave one.
  package var status: ManagementStatus? {
    if case .refused(_, _, let status) = self { status } else { nil }
  }

  package var description: String {
    switch self {
    case .unavailable(let error):
      "the kernel's Bluetooth management channel cannot be opened: \(error); "
        + "load the bluetooth module, and keep AF_BLUETOOTH in RestrictAddressFamilies="
    case .refused(let command, let index, .permissionDenied):
      "\(command) on \(index): permission denied; the process needs CAP_NET_ADMIN"
    case .refused(let command, let index, .rfKilled):
      "\(command) on \(index): Bluetooth is switched off by rfkill; run: rfkill unblock bluetooth"
    case .refused(let command, let index, let status): "\(command) on \(index): the kernel answered \(status)"
    case .timedOut(let command, let index, let limit):
      "\(command) on \(index): no answer from the kernel within \(limit)"
    case .notSent(let command, let error): "\(command) was not taken by the kernel: \(error)"
    case .unexpectedAnswer(let command, let failure): "\(command) was answered unexpectedly: \(failure)"
    case .closed(let command): "\(command): the management channel was closed before the answer"
    case .cancelled(let command): "\(command): cancelled"
    }
  }
}
