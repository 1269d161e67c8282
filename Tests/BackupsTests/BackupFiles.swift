import Foundation
import Testing

@testable import Backups

/// Files of these tests, and the Python that other people's programs run in.
enum BackupFiles {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  /// That of the golden files.
  static let passphrase = Passphrase("bốn từ không liên quan")
  /// scrypt that takes no time.
  static let quick = 10

  static func fixture(_ name: String) -> String { fixtures.appending(path: name).path(percentEncoded: false) }

  struct MissingEnvironment: Error, CustomStringConvertible {
    let description = "no Python environment with pyrage at .lab/venv or $VITALS_VENV: run make test"
  }

  struct PeerFailed: Error {
    var said: String
  }

  /// Runs `peer.py` with the passphrase on its standard input.
  static func peer(_ arguments: [String], passphrase: String) throws -> [UInt8] {
    let root = fixtures.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder =
      ProcessInfo.processInfo.environment["VITALS_VENV"].map { URL(filePath: $0) } ?? root.appending(path: ".lab/venv")
    let python = folder.appending(path: "bin/python")
    guard FileManager.default.isExecutableFile(atPath: python.path) else { throw MissingEnvironment() }
    let (process, input, output, error) = (Process(), Pipe(), Pipe(), Pipe())
    process.executableURL = python
    process.arguments = ["-B", fixture("peer.py")] + arguments
    (process.standardInput, process.standardOutput, process.standardError) = (input, output, error)
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data((passphrase + "\n").utf8))
    try input.fileHandleForWriting.close()
    let octets = output.fileHandleForReading.readDataToEndOfFile()
    let said = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw PeerFailed(said: String(decoding: said, as: UTF8.self)) }
    return Array(octets)
  }

  /// Makes a directory for as long as `body` runs.
  static func withDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
    let path = FileManager.default.temporaryDirectory.appending(path: "backups-\(UUID().uuidString)")
      .path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  static func write(_ octets: [UInt8], _ path: String) throws { try Data(octets).write(to: URL(filePath: path)) }

  /// What no two places of are alike for long.
  static func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

  /// An age file in pieces as they might come over a socket.
  static func seal(_ plain: [UInt8], _ passphrase: Passphrase, workFactor: Int? = quick) throws -> [UInt8] {
    var encryptor = try AgeEncryptor(passphrase, workFactor: workFactor)
    var file = encryptor.opening
    var begin = 0
    while begin < plain.count {
      let end = min(begin + 40_001, plain.count)
      file += try encryptor.take(Array(plain[begin..<end]))
      begin = end
    }
    return file + (try encryptor.finish())
  }

  /// All of it, or why not; what was given before it failed does not count.
  static func open(_ path: String, _ passphrase: Passphrase) throws(BackupFailure) -> [UInt8] {
    var decryptor = try AgeDecryptor(try ByteInput(path: path), passphrase)
    var plain: [UInt8] = []
    while let piece = try decryptor.next() { plain += piece }
    return plain
  }
}
