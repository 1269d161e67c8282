import Foundation
import Testing

@testable import Gateway

/// What the configuration says of the household's own record.
@Suite struct RecordConfigurationTests {
  @Test func thePortHasAToken() throws {
    let record = try loadConfiguration("record: {port: 8484, token-file: token, patient-system: urn:x}\n").record
    #expect(record.port == 8484 && record.patientSystem == "urn:x")
    #expect(record.tokenFile?.hasSuffix("/token") == true)
    #expect(try loadConfiguration("{}\n").record == Configuration.Record())
    #expect(
      try loadConfiguration("record: {port: 1, credential: r}\n").record.tokenFile
        == "/run/credentials/vitalsd.service/r")
  }

  @Test(arguments: [
    ("record: {port: 8484}", "token-file or credential"), ("record: {port: 0, credential: r}", "port"),
    ("record: {port: 8484, token: abc}", "token"), ("record: {token-file: a, credential: b}", "only one of"),
  ])
  func mistakes(text: String, named: String) {
    let failure = #expect(throws: ConfigurationFailure.self) { try loadConfiguration(text + "\n") }
    #expect("\(String(describing: failure))".contains(named))
  }

  @Test func aTokenIsTheFirstLine() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "token").path(percentEncoded: false)
    #expect(GatewayDaemon.token(inFile: path) == nil)
    try Data("# of the dashboard\n\n  abc \nold\n".utf8).write(to: URL(filePath: path))
    #expect(GatewayDaemon.token(inFile: path) == "abc")
    try Data("\n".utf8).write(to: URL(filePath: path))
    #expect(GatewayDaemon.token(inFile: path) == nil)
  }
}
