/// One file in a tar archive (POSIX ustar, IEEE 1003.1 *pax*).
package struct TarEntry: Hashable, Sendable {
  /// Relative, without `.` and `..`.
  package var path: String
  /// In octets.
  package var size: Int64
  /// Permissions.
  package var mode: UInt16
  /// The owner's name; empty: nobody's in particular.
  package var user: String
  package var group: String

  package init(path: String, size: Int64, mode: UInt16, user: String = "", group: String = "") {
    self.path = path
    self.size = size
    self.mode = mode
    self.user = user
    self.group = group
  }

  package static let block = 512
  /// What an archive ends with.
  package static let end = [UInt8](repeating: 0, count: 2 * block)

  /// The octets that fill the last block of a file.
  package var padding: [UInt8] { [UInt8](repeating: 0, count: Int((512 - size % 512) % 512)) }

  /// - Parameter time: seconds since 1970.
  /// - Returns: the block that stands before the file; nil: its path is too long for one.
  package func header(time: Int64) -> [UInt8]? {
    guard let (prefix, name) = split(), size >= 0, size < 1 << 33 else { return nil }
    var block = [UInt8](repeating: 0, count: Self.block)
    func put(_ text: String, at offset: Int, most: Int) {
      for (index, octet) in text.utf8.prefix(most).enumerated() { block[offset + index] = octet }
    }
    func number(_ value: Int64, at offset: Int, digits: Int) {
      let text = String(value, radix: 8)
      put(String(repeating: "0", count: max(0, digits - text.count)) + text, at: offset, most: digits)
    }
    put(name, at: 0, most: 100)
    number(Int64(mode & 0o7777), at: 100, digits: 7)
    number(0, at: 108, digits: 7)
    number(0, at: 116, digits: 7)
    number(size, at: 124, digits: 11)
    number(max(0, time), at: 136, digits: 11)
    put("0", at: 156, most: 1)
    put("ustar", at: 257, most: 5)
    put("00", at: 263, most: 2)
    put(user, at: 265, most: 31)
    put(group, at: 297, most: 31)
    put(prefix, at: 345, most: 155)
    number(Int64(Self.sum(block)), at: 148, digits: 6)
    (block[154], block[155]) = (0, UInt8(ascii: " "))
    return block
  }

  /// What the reader makes of a block.
  enum Block: Hashable {
    case file(TarEntry)
    /// A directory, or what an archiver adds about the next file: to be passed over.
    case other(size: Int64)
    case end
  }

  /// - Throws: ``BackupFailure/notOurs(detail:)``.
  static func block(_ block: [UInt8]) throws(BackupFailure) -> Block {
    if block.allSatisfy({ $0 == 0 }) { return .end }
    func text(_ offset: Int, _ most: Int) -> String? {
      String(validating: block[offset..<offset + most].prefix { $0 != 0 }, as: UTF8.self)
    }
    func number(_ offset: Int, _ most: Int) -> Int64? {
      text(offset, most).flatMap { Int64($0.filter { $0 != " " }, radix: 8) }.flatMap { $0 < 0 ? nil : $0 }
    }
    guard let expected = number(148, 8), expected == sum(block) else {
      throw .notOurs(detail: "it holds no tar archive, or one that is broken")
    }
    guard let size = number(124, 12), let mode = number(100, 8), let name = text(0, 100), let prefix = text(345, 155),
      let user = text(265, 32), let group = text(297, 32)
    else { throw .notOurs(detail: "a file in it has a field that is not understood") }
    switch block[156] {
    case UInt8(ascii: "0"), 0: break
    case UInt8(ascii: "5"), UInt8(ascii: "x"), UInt8(ascii: "g"): return .other(size: size)
    default: throw .notOurs(detail: "something in it is neither a file nor a directory")
    }
    let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    // Nothing is ever written outside the places that are meant.
    guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
      throw .notOurs(detail: "a file in it has a path that leads elsewhere")
    }
    return .file(
      TarEntry(path: path, size: size, mode: UInt16(truncatingIfNeeded: mode & 0o7777), user: user, group: group))
  }

  /// All octets, those of the sum itself as spaces.
  private static func sum(_ block: [UInt8]) -> Int {
    block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
  }

  /// Of at most 155 and 100 octets, apart at a slash.
  private func split() -> (prefix: String, name: String)? {
    if path.utf8.count <= 100 { return ("", path) }
    for slash in path.indices where path[slash] == "/" {
      let (prefix, name) = (path[..<slash], path[path.index(after: slash)...])
      if prefix.utf8.count <= 155, name.utf8.count <= 100 { return (String(prefix), String(name)) }
    }
    return nil
  }
}
