import Crypto
import Foundation
import Testing

@testable import Backups

/// The age v1 format, against other people's programs: Debian's age (Go) and pyrage (Rust) made golden files, pyrage and a Python
/// peer read ours.
@Suite struct AgeFormatTests {
  /// What `make.py` printed.
  static let plain = "8927ea938004c6ab4c1d29351100ced5dc166db9bc45abff56690e88ad58f31f"

  @Test("files of the age program and of pyrage open", arguments: ["age.age", "pyrage.age", "small.age"])
  func golden(name: String) throws {
    let opened = try BackupFiles.open(BackupFiles.fixture(name), BackupFiles.passphrase)
    #expect(SHA256.hash(data: opened).map { String(format: "%02x", $0) }.joined() == Self.plain)
  }

  @Test(
    "pyrage and the peer open ours, and we the peer's, on both sides of each chunk edge",
    arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 200_001])
  func bothWays(size: Int) throws {
    let plain = BackupFiles.pattern(size)
    let text = "năm từ \u{1F512} khác nhau"
    try BackupFiles.withDirectory { directory in
      let (ours, theirs, clear) = ("\(directory)/ours", "\(directory)/theirs", "\(directory)/clear")
      try BackupFiles.write(try BackupFiles.seal(plain, Passphrase(text)), ours)
      #expect(try BackupFiles.peer(["pyrage-decrypt", ours], passphrase: text) == plain)
      #expect(try BackupFiles.peer(["decrypt", ours], passphrase: text) == plain)
      try BackupFiles.write(plain, clear)
      _ = try BackupFiles.peer(["encrypt", "10", clear, theirs], passphrase: text)
      #expect(try BackupFiles.open(theirs, Passphrase(text)) == plain)
      #expect(try BackupFiles.open(ours, Passphrase(text)) == plain)
    }
  }

  @Test("without being told otherwise it is as much work as the decision says, and pyrage opens it")
  func usualWork() throws {
    let file = try BackupFiles.seal([1, 2, 3], BackupFiles.passphrase, workFactor: nil)
    #expect(String(decoding: file.prefix(80), as: UTF8.self).split(separator: "\n")[1].hasSuffix(" 17"))
    try BackupFiles.withDirectory { directory in
      try BackupFiles.write(file, "\(directory)/file")
      #expect(
        try BackupFiles.peer(["pyrage-decrypt", "\(directory)/file"], passphrase: "bốn từ không liên quan") == [
          1, 2, 3,
        ])
    }
  }

  @Test("a passphrase is the same however its accents were typed, and another is said to be wrong")
  func passphrases() throws {
    let composed = "bốn từ không liên quan"
    let apart = composed.decomposedStringWithCanonicalMapping
    #expect(Array(composed.utf8) != Array(apart.utf8))
    let path = BackupFiles.fixture("small.age")
    #expect(try BackupFiles.open(path, Passphrase(apart + "\r\n")).count == 81_920)
    for wrong in ["", "bon tu khong lien quan", composed + " "] {
      #expect(throws: BackupFailure.wrongPassphrase) { _ = try BackupFiles.open(path, Passphrase(wrong)) }
    }
  }

  @Test("cut off anywhere it is never taken for whole")
  func cuts() throws {
    let plain = BackupFiles.pattern(2 * 65_536 + 1000)
    let file = try BackupFiles.seal(plain, BackupFiles.passphrase)
    let payload = file.count - (plain.count + 3 * 16)
    let edges = [payload, payload + 65_552, payload + 2 * 65_552]
    try BackupFiles.withDirectory { directory in
      let path = "\(directory)/cut"
      for edge in edges {
        for cut in edge - 17...edge + 17 {
          try BackupFiles.write(Array(file[..<cut]), path)
          let failure = #expect(throws: BackupFailure.self) { _ = try BackupFiles.open(path, BackupFiles.passphrase) }
          if cut == edge { #expect(failure == .cutOff, "exactly at the edge \(edge)") }
          #expect(failure?.code == "cut-off" || failure?.code == "damaged", "\(cut): \(String(describing: failure))")
        }
      }
      for cut in 0..<payload {
        try BackupFiles.write(Array(file[..<cut]), path)
        let failure = #expect(throws: BackupFailure.self) { _ = try BackupFiles.open(path, BackupFiles.passphrase) }
        #expect(failure == (cut < 22 ? .foreign : .cutOff), "\(cut): \(String(describing: failure))")
      }
      try BackupFiles.write(file + [0], path)
      #expect(throws: BackupFailure.self) { _ = try BackupFiles.open(path, BackupFiles.passphrase) }
    }
  }

  @Test("more behind a whole last chunk is said, and chunks in another order are not taken")
  func chunks() throws {
    let plain = BackupFiles.pattern(2 * 65_536)
    let file = try BackupFiles.seal(plain, BackupFiles.passphrase)
    let payload = file.count - (plain.count + 2 * 16)
    let (head, first, second) = (file[..<payload], file[payload..<payload + 65_552], file[(payload + 65_552)...])
    try BackupFiles.withDirectory { directory in
      let path = "\(directory)/file"
      try BackupFiles.write(file + BackupFiles.pattern(16), path)
      #expect(throws: BackupFailure.trailing) { _ = try BackupFiles.open(path, BackupFiles.passphrase) }
      for wrong in [head + second + first, head + first + first + second, head + second] {
        try BackupFiles.write(Array(wrong), path)
        #expect(throws: BackupFailure.self) { _ = try BackupFiles.open(path, BackupFiles.passphrase) }
      }
    }
  }

  @Test("no octet can be changed unnoticed")
  func flips() throws {
    let plain = BackupFiles.pattern(700)
    let file = try BackupFiles.seal(plain, BackupFiles.passphrase)
    try BackupFiles.withDirectory { directory in
      let path = "\(directory)/flipped"
      for index in file.indices {
        var flipped = file
        // Each bit in its turn; a digit of the work factor could otherwise make it a very large one.
        flipped[index] ^= 1 << UInt8(index % 8)
        try BackupFiles.write(flipped, path)
        #expect(throws: BackupFailure.self, "octet \(index)") { _ = try BackupFiles.open(path, BackupFiles.passphrase) }
      }
    }
  }

  @Test(
    "a header that is wrong in one place is refused in words",
    arguments: [
      ("age-encryption.org/v2", 0, "foreign"), ("-> scrypt SALT 010", 1, "damaged"),
      ("-> scrypt SALT 0xa", 1, "damaged"),
      ("-> scrypt SALT +10", 1, "damaged"), ("-> scrypt SALT -10", 1, "damaged"), ("-> scrypt SALT 0", 1, "damaged"),
      ("-> scrypt SALT", 1, "damaged"), ("-> scrypt SALT 10 more", 1, "damaged"), ("-> scrypt SALT= 10", 1, "damaged"),
      ("-> scrypt SALT 99999999999999999999", 1, "damaged"), ("-> scrypt SALT 23", 1, "work"),
      ("-> scrypt  10", 1, "damaged"), ("-> scrypt AAAA 10", 1, "damaged"), ("-> Scrypt SALT 10", 1, "others"),
      ("-> X25519 SALT", 1, "others"), ("->  scrypt SALT 10", 1, "others"), ("=> scrypt SALT 10", 1, "damaged"),
      ("AAAA", 2, "damaged"), ("BODY=", 2, "damaged"), ("-> scrypt SALT 10", 3, "damaged"), ("--- AAAA", 3, "damaged"),
      ("---  MAC", 3, "damaged"), ("--- MAC ", 3, "damaged"), ("---MAC", 3, "damaged"),
    ])
  func headers(line: String, number: Int, kind: String) throws {
    let file = try BackupFiles.seal([1], BackupFiles.passphrase)
    var lines = file.split(separator: UInt8(ascii: "\n"), maxSplits: 4, omittingEmptySubsequences: false).map(
      Array.init)
    let salt = String(decoding: lines[1], as: UTF8.self).split(separator: " ")[2]
    let (body, mac) = (
      String(decoding: lines[2], as: UTF8.self), String(decoding: lines[3].dropFirst(4), as: UTF8.self)
    )
    lines[number] = Array(
      line.replacing("SALT", with: salt).replacing("BODY", with: body).replacing("MAC", with: mac).utf8)
    let expected: BackupFailure =
      switch kind {
      case "foreign": .foreign
      case "work": .tooMuchWork(workFactor: 23, most: 20)
      case "others": .otherRecipients
      default: .damaged(offset: 0)
      }
    try BackupFiles.withDirectory { directory in
      try BackupFiles.write(Array(lines.joined(separator: [UInt8(ascii: "\n")])), "\(directory)/file")
      #expect(throws: expected) { _ = try BackupFiles.open("\(directory)/file", BackupFiles.passphrase) }
    }
  }

  @Test("files of something else, and none at all, are said to be that")
  func foreign() throws {
    try BackupFiles.withDirectory { directory in
      let path = "\(directory)/file"
      for text in [
        "", "SQLite format 3\u{0}", "-----BEGIN AGE ENCRYPTED FILE-----\n", String(repeating: "x", count: 900),
      ] {
        try BackupFiles.write(Array(text.utf8), path)
        #expect(throws: BackupFailure.foreign) { _ = try BackupFiles.open(path, BackupFiles.passphrase) }
      }
      for path in [directory, directory + "/nothing"] {
        let failure = #expect(throws: BackupFailure.self) { _ = try BackupFiles.open(path, BackupFiles.passphrase) }
        #expect(failure?.code == "unreadable")
      }
    }
  }
}
