import Crypto
import CryptoExtras
import Foundation

/// The beginning of an age v1 file with one scrypt recipient: age-encryption.org/v1 (C2SP `age.md`, *Header* and
/// *The scrypt recipient type*).
struct AgeHeader {
  static let version = "age-encryption.org/v1"
  /// A passphrase of its own: scrypt(2^17, r 8, p 1) takes 128 MiB. The age program's own 2^18 takes 256, half of the memory of a
  /// small box that reads cuffs meanwhile.
  static let workFactor = 17
  /// 1 GiB. The age program writes 2^18; programs that measure the computer write more on a fast one.
  static let mostWork = 20
  static let fileKeySize = 16

  private static let label = Array("\(version)/scrypt".utf8)
  private static let saltSize = 16
  /// Longer than any line that a header of one scrypt recipient has.
  private static let mostLine = 128

  /// Makes a file key and the header that holds it, with its last line feed.
  static func make(
    _ passphrase: Passphrase, workFactor: Int
  ) throws(BackupFailure) -> (fileKey: SymmetricKey, octets: [UInt8]) {
    let fileKey = SymmetricKey(size: .bits128)
    let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
    let wrapped = try seal(
      fileKey.withUnsafeBytes { Array($0) }, Self.wrapKey(passphrase, salt, workFactor), Self.zeroNonce)
    let begin = "\(version)\n-> scrypt \(base64(salt)) \(workFactor)\n\(base64(wrapped))\n---"
    return (fileKey, Array("\(begin) \(base64(mac(fileKey, begin)))\n".utf8))
  }

  /// Reads a header and opens the file key in it.
  static func open(
    _ input: ByteInput, _ passphrase: Passphrase, mostWork: Int
  ) throws(BackupFailure) -> SymmetricKey {
    guard try input.line(most: mostLine) == version else { throw .foreign }
    guard let stanza = try input.line(most: mostLine) else { throw try ended(input) }
    let words = stanza.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count > 1, words[0] == "->" else { throw .damaged(offset: 0) }
    guard words[1] == "scrypt" else { throw .otherRecipients }
    guard words.count == 4, let salt = octets(words[2]), salt.count == saltSize,
      words[3].wholeMatch(of: #/[1-9][0-9]{0,2}/#) != nil, let workFactor = Int(words[3])
    else { throw .damaged(offset: 0) }
    guard workFactor <= mostWork else { throw .tooMuchWork(workFactor: workFactor, most: mostWork) }
    guard let body = try input.line(most: mostLine) else { throw try ended(input) }
    // Exactly this long: of a longer one several passphrases could be tried at once (C2SP age.md, scrypt).
    guard let wrapped = octets(body), wrapped.count == fileKeySize + tagSize else { throw .damaged(offset: 0) }
    guard let end = try input.line(most: mostLine) else { throw try ended(input) }
    // A scrypt stanza stands alone.
    guard end.hasPrefix("--- "), let mac = octets(end.dropFirst(4)), mac.count == 32 else { throw .damaged(offset: 0) }
    guard let key = unseal(wrapped, try wrapKey(passphrase, salt, workFactor), zeroNonce) else {
      throw .wrongPassphrase
    }
    let fileKey = SymmetricKey(data: key)
    let expected = HMAC<SHA256>.isValidAuthenticationCode(
      mac, authenticating: Data("\(version)\n\(stanza)\n\(body)\n---".utf8), using: macKey(fileKey))
    guard expected else { throw .damaged(offset: 0) }
    return fileKey
  }

  /// A line is missing: the file is over, or is none of this form.
  private static func ended(_ input: ByteInput) throws(BackupFailure) -> BackupFailure {
    _ = try input.take(mostLine)
    return try input.isAtEnd ? .cutOff : .damaged(offset: 0)
  }

  static func payloadKey(_ fileKey: SymmetricKey, nonce: [UInt8]) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(inputKeyMaterial: fileKey, salt: nonce, info: Array("payload".utf8), outputByteCount: 32)
  }

  // MARK: - Keys

  private static func wrapKey(
    _ passphrase: Passphrase, _ salt: [UInt8], _ workFactor: Int
  ) throws(BackupFailure) -> SymmetricKey {
    do {
      return try KDF.Scrypt.deriveKey(
        from: Array(passphrase.text.utf8), salt: label + salt, outputByteCount: 32, rounds: 1 << workFactor,
        blockSize: 8, parallelism: 1)
    } catch {
      throw .unreadable(reason: "scrypt needs \(1 << (workFactor - 10)) MiB of memory, which were not to be had")
    }
  }

  private static func macKey(_ fileKey: SymmetricKey) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: fileKey, salt: [UInt8](), info: Array("header".utf8), outputByteCount: 32)
  }

  private static func mac(_ fileKey: SymmetricKey, _ text: String) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: macKey(fileKey)))
  }

  // MARK: - ChaCha20-Poly1305

  static let tagSize = 16
  private static let zeroNonce = [UInt8](repeating: 0, count: 12)

  static func seal(_ octets: [UInt8], _ key: SymmetricKey, _ nonce: [UInt8]) throws(BackupFailure) -> [UInt8] {
    do {
      let box = try ChaChaPoly.seal(octets, using: key, nonce: ChaChaPoly.Nonce(data: nonce))
      return Array(box.ciphertext) + Array(box.tag)
    } catch {
      throw .unreadable(reason: "encryption failed")
    }
  }

  /// Nil: it was not sealed by this.
  static func unseal(_ octets: [UInt8], _ key: SymmetricKey, _ nonce: [UInt8]) -> [UInt8]? {
    guard octets.count >= tagSize, let nonce = try? ChaChaPoly.Nonce(data: nonce),
      let box = try? ChaChaPoly.SealedBox(
        nonce: nonce, ciphertext: octets.dropLast(tagSize), tag: octets.suffix(tagSize)),
      let opened = try? ChaChaPoly.open(box, using: key)
    else { return nil }
    return Array(opened)
  }

  // MARK: - Base64 without padding (RFC 4648 section 4)

  private static func base64(_ octets: [UInt8]) -> String {
    String(Data(octets).base64EncodedString().prefix { $0 != "=" })
  }

  /// Only what ``base64(_:)`` writes: a second spelling of the same octets is refused, as the format asks.
  private static func octets(_ text: some StringProtocol) -> [UInt8]? {
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    guard let data = Data(base64Encoded: text + padding) else { return nil }
    let octets = Array(data)
    return base64(octets) == text ? octets : nil
  }
}
