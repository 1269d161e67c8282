import CLinux
import Glibc

/// Core files hold readings, keys and passphrases.
package enum CoreFiles {
  /// From now on this process leaves none, however it was started: neither a file (RLIMIT_CORE) nor something that a program
  /// of the kernel's takes (PR_SET_DUMPABLE; with `core_pattern` a pipe, the limit is not asked). Other processes of the
  /// same user cannot read its memory either.
  ///
  /// - Returns: false when the kernel refused one of the two.
  package static func forbid() -> Bool {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    let isLimited = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
    return vitals_forbid_dump() == 0 && isLimited
  }

  /// Whether the kernel would write one of this process.
  package static var areForbidden: Bool {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 && limit.rlim_cur == 0
      && vitals_is_dumpable() == 0
  }
}
