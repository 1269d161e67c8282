import Crypto

/// The payload of an age file: pieces of 64 KiB, each sealed by itself, with its number and whether it is the last in its
/// nonce (C2SP `age.md`, *Payload*).
enum AgeStream {
  static let chunk = 1 << 16
  static let nonceSize = 16

  /// 11 octets of the number, big-endian, and one that is 1 for the last.
  static func nonce(_ number: UInt64, isLast: Bool) -> [UInt8] {
    [0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } + [isLast ? 1 : 0]
  }
}

/// Makes an age file of what it is given, a piece at a time.
package struct AgeEncryptor {
  /// What the file begins with.
  package let opening: [UInt8]
  private let key: SymmetricKey
  private var number: UInt64 = 0
  private var pending: [UInt8] = []

  /// Takes as long and as much memory as scrypt does.
  ///
  /// - Parameter workFactor: 2 to this power are the rounds of scrypt; another than the usual only in tests.
  package init(_ passphrase: Passphrase, workFactor: Int? = nil) throws(BackupFailure) {
    let (fileKey, header) = try AgeHeader.make(passphrase, workFactor: workFactor ?? AgeHeader.workFactor)
    let nonce = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
    opening = header + nonce
    key = AgeHeader.payloadKey(fileKey, nonce: nonce)
  }

  /// - Returns: what of the file is ready; may be empty.
  package mutating func take(_ octets: [UInt8]) throws(BackupFailure) -> [UInt8] {
    pending += octets
    var sealed: [UInt8] = []
    var begin = 0
    // A whole one waits until there is more: the last is marked, and may be empty only in an empty file.
    while pending.count - begin > AgeStream.chunk {
      sealed += try seal(Array(pending[begin..<begin + AgeStream.chunk]), isLast: false)
      begin += AgeStream.chunk
    }
    pending.removeSubrange(..<begin)
    return sealed
  }

  /// - Returns: the end of the file.
  package mutating func finish() throws(BackupFailure) -> [UInt8] {
    defer { pending = [] }
    return try seal(pending, isLast: true)
  }

  private mutating func seal(_ octets: [UInt8], isLast: Bool) throws(BackupFailure) -> [UInt8] {
    defer { number += 1 }
    return try AgeHeader.seal(octets, key, AgeStream.nonce(number, isLast: isLast))
  }
}

/// Reads an age file, a piece at a time. What it gives was written by whoever knew the passphrase, in this order; that it is
/// all is known when ``next()`` is nil.
package struct AgeDecryptor {
  private let input: ByteInput
  private let key: SymmetricKey
  private var number: UInt64 = 0
  private var isOver = false

  /// Takes as long and as much memory as scrypt does.
  ///
  /// - Parameter mostWork: how much of it is done at most, as a power of 2.
  package init(
    _ input: ByteInput, _ passphrase: Passphrase, mostWork: Int? = nil
  ) throws(BackupFailure) {
    let fileKey = try AgeHeader.open(input, passphrase, mostWork: mostWork ?? AgeHeader.mostWork)
    let nonce = try input.take(AgeStream.nonceSize)
    guard nonce.count == AgeStream.nonceSize else { throw .cutOff }
    self.input = input
    key = AgeHeader.payloadKey(fileKey, nonce: nonce)
  }

  /// The next piece; nil after the last.
  package mutating func next() throws(BackupFailure) -> [UInt8]? {
    if isOver { return nil }
    let offset = input.offset
    let sealed = try input.take(AgeStream.chunk + AgeHeader.tagSize)
    guard sealed.count >= AgeHeader.tagSize else { throw .cutOff }
    let isLast = try input.isAtEnd
    guard let opened = AgeHeader.unseal(sealed, key, AgeStream.nonce(number, isLast: isLast)) else {
      // As the other kind it may hold: then the piece is as it was, and what follows it is not.
      guard AgeHeader.unseal(sealed, key, AgeStream.nonce(number, isLast: !isLast)) != nil else {
        throw .damaged(offset: offset)
      }
      throw isLast ? .cutOff : .trailing
    }
    if isLast, opened.isEmpty, number > 0 { throw .damaged(offset: offset) }
    isOver = isLast
    number += 1
    return opened
  }
}
