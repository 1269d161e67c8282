import Foundation
import Testing

@testable import Gateway

/// What the configuration says of ANT+ straps, and the file with the key.
@Suite struct ANTConfigurationTests {
  @Test func straps() throws {
    let ant = try loadConfiguration(
      "ant: {network-key-file: ant.key, straps: [{number: 12345, name: Mai}, {number: 77881}]}\n"
    ).ant
    #expect(ant.networkKeyFile?.hasSuffix("/ant.key") == true)
    #expect(ant.straps == [.init(number: 12345, name: "Mai"), .init(number: 77881)])
    #expect(try loadConfiguration("{}\n").ant == Configuration.ANT())
    #expect(
      try loadConfiguration("ant: {credential: ant}\n").ant.networkKeyFile == "/run/credentials/vitalsd.service/ant")
  }

  @Test(arguments: [
    ("ant: {network-key: B9}", "network-key"),
    ("ant: {network-key-file: a, credential: b}", "only one of"),
    ("ant: {straps: [{number: 0}]}", "number"),
    ("ant: {straps: [{number: 1048576}]}", "number"),
    ("ant: {straps: [{name: Mai}]}", "number"),
    ("ant: {straps: [{number: 5}, {number: 5}]}", "stands on line 1 already"),
  ])
  func mistakes(text: String, named: String) {
    let failure = #expect(throws: ConfigurationFailure.self) { try loadConfiguration(text + "\n") }
    #expect("\(String(describing: failure))".contains(named))
  }

  private func key(_ text: String) throws -> Result<String, ANTKeyFile.Failure> {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "ant.key").path(percentEncoded: false)
    try Data(text.utf8).write(to: URL(filePath: path))
    do throws(ANTKeyFile.Failure) {
      return .success("\(try ANTKeyFile.key(at: path))")
    } catch {
      return .failure(error)
    }
  }

  @Test(arguments: ["1122334455667788", "11 22 33 44 55 66 77 88\n", "0x1122334455667788"])
  func keyFile(text: String) throws {
    #expect(try key(text) == .success("a network key"))
  }

  /// What is in the file is not said.
  @Test(arguments: [
    "", "11223344556677", "112233445566778899", "11 22 33 44 55 66 77 8x", String(repeating: "12", count: 300),
  ])
  func badKeyFile(text: String) throws {
    guard case .failure(.malformed(let path)) = try key(text) else {
      Issue.record("taken: \(text)")
      return
    }
    #expect(path.hasSuffix("ant.key"))
  }

  @Test func noKeyFile() throws {
    #expect(throws: ANTKeyFile.Failure.notConfigured) { try ANTKeyFile.key(at: nil) }
    #expect(throws: ANTKeyFile.Failure.unreadable(path: "/nowhere/ant.key", reason: "No such file or directory")) {
      try ANTKeyFile.key(at: "/nowhere/ant.key")
    }
  }

  @Test func heardStraps() {
    let straps = ANTStraps(Configuration.ANT(straps: [.init(number: 5)]))
    let now = Date(timeIntervalSince1970: 1_795_305_600)
    straps.hear(9, at: now)
    straps.hear(5, at: now)
    straps.hear(7, at: now.addingTimeInterval(-7200))
    #expect(
      straps.heard(since: now.addingTimeInterval(-3600)) == [
        .init(number: 5, isRead: true), .init(number: 9, isRead: false),
      ])
    // Anybody can send any number: what is remembered has a bound.
    for number in 1000..<3000 { straps.hear(number, at: now.addingTimeInterval(1)) }
    #expect(straps.heard(since: .distantPast).count == 128)
    #expect(!straps.isListening)
  }
}
