import Foundation

/// What an account of this machine is called: the daemon answers on a socket of the same one.
enum UserName {
  /// `root (0)`, or the number alone where there is no name for it.
  ///
  /// - Parameter name: what is known of it already; nil: the machine is asked.
  static func shown(_ uid: UInt32, name: String? = nil) -> String {
    guard let name = name ?? found(uid) else { return String(uid) }
    return "\(name) (\(uid))"
  }

  private static func found(_ uid: UInt32) -> String? {
    // No other thread of this program asks for accounts.
    getpwuid(uid).flatMap { $0.pointee.pw_name }.map { String(cString: $0) }
  }
}
