import CLinux
import Foundation
import Glibc

/// What is known of the box's own clock. The kernel's word, not the year: a clock restored from a file looks plausible.
enum BoxClock {
  case synchronised
  case unsynchronised
  /// Nobody says.
  case unknown

  /// Asks the kernel (adjtimex(2)). The unit's system call filter takes the whole of @clock away, and with it this
  /// question: then systemd-timesyncd's word counts, which leaves a file when it has synchronised the clock
  /// (systemd-timesyncd.service(8)).
  static var now: BoxClock {
    var parameters = timex()
    guard adjtimex(&parameters) < 0 else {
      return parameters.status & STA_UNSYNC == 0 ? .synchronised : .unsynchronised
    }
    let isSaid = FileManager.default.fileExists(atPath: "/run/systemd/timesync/synchronized")
    return isSaid ? .synchronised : .unknown
  }
}
