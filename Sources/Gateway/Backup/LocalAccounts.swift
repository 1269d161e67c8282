import Foundation

/// Accounts and groups of this machine's own files (passwd(5), group(5)).
enum LocalAccounts {
  /// - Parameter file: `/etc/passwd` or `/etc/group`: in both a name is first and a number third.
  static func name(of number: UInt32, in file: String) -> String? {
    fields(file).first { $0.count > 2 && UInt32($0[2]) == number }.map { String($0[0]) }
  }

  static func number(of name: String, in file: String) -> UInt32? {
    fields(file).first { $0.count > 2 && $0[0] == name }.flatMap { UInt32($0[2]) }
  }

  private static func fields(_ file: String) -> [[Substring]] {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
  }
}
