import CLinux
package import Foundation
import Glibc

/// What is known of the box's own clock. The kernel's word, not the year: a clock restored from a file looks plausible.
package enum BoxClock: Sendable {
  case synchronised
  case unsynchronised
  /// Nobody says.
  case unknown

  /// Asks the kernel (adjtimex(2)). Where it may not be asked (a container, a unit whose system call filter takes all of
  /// @clock away), systemd-timesyncd's word counts, which leaves a file when it has synchronised the clock
  /// (systemd-timesyncd.service(8)).
  package static var now: BoxClock {
    var parameters = timex()
    guard adjtimex(&parameters) < 0 else {
      return parameters.status & STA_UNSYNC == 0 ? .synchronised : .unsynchronised
    }
    let isSaid = FileManager.default.fileExists(atPath: "/run/systemd/timesync/synchronized")
    return isSaid ? .synchronised : .unknown
  }

  /// What a person does about a clock that nobody knows to be right.
  static let remedy = """
    Connect it to the network, and see: timedatectl status. If its clock is right without a time server, set \
    clock: {trust: always} in vitalsd.yaml.
    """

  /// Whose word counts.
  package enum Trust: String, Sendable {
    /// The kernel's, or the time service's.
    case synchronised
    /// Nobody's: the clock is right.
    case always
  }

  /// The clocks of the box at one moment.
  package struct Sighting: Sendable {
    /// The time of day.
    package var wall: Date
    /// Seconds since the boot, suspended time included (CLOCK_BOOTTIME, clock_gettime(2)): nobody sets this one.
    package var uptime: TimeInterval
    package var state: BoxClock

    package init(wall: Date, uptime: TimeInterval, state: BoxClock) {
      self.wall = wall
      self.uptime = uptime
      self.state = state
    }

    package static var now: Sighting {
      Sighting(wall: Date(), uptime: vitals_boottime(), state: BoxClock.now)
    }
  }

  /// The name of this boot (random(4)). A unit that hides that part of /proc gives it by its environment (`%b`,
  /// systemd.unit(5)). Where nobody says, one of this process: then times can be worked out as long as it runs.
  package static let boot: String = {
    let said =
      (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))
      ?? ProcessInfo.processInfo.environment["VITALS_BOOT_ID"]
    let name = (said ?? "").filter(\.isHexDigit).lowercased()
    return name.isEmpty ? "process-\(UUID().uuidString)" : name
  }()
}
