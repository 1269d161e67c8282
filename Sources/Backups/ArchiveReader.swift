/// Reads the tar archive in an age file from its beginning to its end.
package struct ArchiveReader {
  private var decryptor: AgeDecryptor
  private var buffer: [UInt8] = []
  private var position = 0
  /// What is left of the file that stands here, and what fills its last block.
  private var rest: Int64 = 0
  private var fill: Int64 = 0
  private var isOver = false

  package init(_ decryptor: AgeDecryptor) { self.decryptor = decryptor }

  /// The next file, whatever was read of the one before; nil: there is none, and the backup is whole.
  package mutating func nextEntry() throws(BackupFailure) -> TarEntry? {
    if isOver { return nil }
    try pass(rest + fill)
    (rest, fill) = (0, 0)
    while true {
      switch try TarEntry.block(try octets(TarEntry.block)) {
      case .file(let entry):
        (rest, fill) = (entry.size, Int64(entry.padding.count))
        return entry
      case .other(let size): try pass(size + (512 - size % 512) % 512)
      case .end:
        try drain()
        isOver = true
        return nil
      }
    }
  }

  /// What the file that stands here holds, a piece at a time.
  package mutating func body(_ give: ([UInt8]) throws -> Void) throws {
    while rest > 0 {
      if position == buffer.count { try refill() }
      let end = min(buffer.count, position + Int(min(rest, Int64(Int.max >> 1))))
      let piece = Array(buffer[position..<end])
      rest -= Int64(piece.count)
      position = end
      try give(piece)
    }
  }

  /// All that the file that stands here holds: for small ones.
  package mutating func contents() throws(BackupFailure) -> [UInt8] {
    let size = Int(rest)
    rest = 0
    return try octets(size)
  }

  /// Reads what is left, so that all of it was looked at.
  ///
  /// - Returns: the files that were passed.
  package mutating func entries() throws(BackupFailure) -> [TarEntry] {
    var found: [TarEntry] = []
    while let entry = try nextEntry() { found.append(entry) }
    return found
  }

  private mutating func refill() throws(BackupFailure) {
    guard let next = try decryptor.next() else { throw .notOurs(detail: "its archive ends in the middle") }
    (buffer, position) = (next, 0)
  }

  private mutating func octets(_ count: Int) throws(BackupFailure) -> [UInt8] {
    var taken: [UInt8] = []
    while taken.count < count {
      if position == buffer.count { try refill() }
      let end = min(buffer.count, position + count - taken.count)
      taken += buffer[position..<end]
      position = end
    }
    return taken
  }

  private mutating func pass(_ count: Int64) throws(BackupFailure) {
    var left = count
    while left > 0 {
      if position == buffer.count { try refill() }
      let passed = Int(min(left, Int64(buffer.count - position)))
      position += passed
      left -= Int64(passed)
    }
  }

  /// To the end of the age file: only there is it known that nothing is missing.
  private mutating func drain() throws(BackupFailure) {
    repeat {
      guard buffer[position...].allSatisfy({ $0 == 0 }) else {
        throw .notOurs(detail: "something follows the end of its archive")
      }
      guard let next = try decryptor.next() else { return }
      (buffer, position) = (next, 0)
    } while true
  }
}
