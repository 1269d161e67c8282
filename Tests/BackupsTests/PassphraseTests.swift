import Foundation
import Testing

@testable import Backups

@Suite struct PassphraseTests {
  @Test(
    "what is too short or too plain is refused",
    arguments: [
      ("", Passphrase.Weakness.short(characters: 0)), ("mười bốn ký tự", .short(characters: 14)),
      ("aaaaaaaaaaaaaaaaaaaa", .monotonous), ("121212121212121212", .monotonous),
    ])
  func weak(text: String, weakness: Passphrase.Weakness) { #expect(Passphrase(text).weakness == weakness) }

  @Test("fifteen characters do, whatever octets they take")
  func strong() {
    #expect(Passphrase("mười lăm ký tự!").weakness == nil)
    #expect(Passphrase.generated().passphrase.weakness == nil)
  }

  /// Examples of the proposal: 127.0.0.1 and 63.84.220.193, in two words each, and the first of 63.118.7.35.
  @Test(
    "words are proquints",
    arguments: [
      (0x7F00, "lusab"), (0x0001, "babad"), (0x3F54, "gutih"), (0xDCC1, "tugad"), (0x3F76, "gutuk"),
    ])
  func words(value: Int, word: String) { #expect(Passphrase.proquint(UInt16(value)) == word) }

  @Test("generated ones differ, and say what they are")
  func generated() {
    let made = (0..<50).map { _ in Passphrase.generated().words }
    #expect(Set(made).count == 50)
    #expect(made.allSatisfy { $0.wholeMatch(of: #/([a-z]{5}-){4}[a-z]{5}/#) != nil })
  }

  @Test("the first line of a file, and why there is none")
  func file() throws {
    try BackupFiles.withDirectory { directory in
      let path = "\(directory)/passphrase"
      try BackupFiles.write(Array("mười lăm ký tự!\r\nanother line\n".utf8), path)
      #expect(try PassphraseEntry.read(file: path).isSame(as: Passphrase("mười lăm ký tự!")))
      try BackupFiles.write([10], path)
      #expect(throws: PassphraseEntry.Failure.empty(path: path)) { _ = try PassphraseEntry.read(file: path) }
      #expect(throws: PassphraseEntry.Failure.self) { _ = try PassphraseEntry.read(file: directory) }
      #expect(throws: PassphraseEntry.Failure.self) { _ = try PassphraseEntry.read(file: path + "x") }
    }
  }
}
