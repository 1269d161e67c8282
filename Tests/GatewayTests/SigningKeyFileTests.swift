import Foundation
import Testing

@testable import Gateway

@Suite struct SigningKeyFileTests {
  @Test("a key is made once, for its owner's eyes, and shown by its public half")
  func made() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "key.pem").path(percentEncoded: false)
    let shown = try SigningKeyFile(path: path).publicKeySet
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    #expect(try SigningKeyFile(path: path).publicKeySet == shown)
    let set = try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [String: [[String: String]]]
    let key = try #require(set?["keys"]?.first)
    #expect(key["kty"] == "EC" && key["crv"] == "P-384" && key["alg"] == "ES384" && key["use"] == "sig")
    #expect(key["d"] == nil)
    #expect(key["kid"]?.isEmpty == false)
  }

  @Test("another file stays as it is")
  func other() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appending(path: "notes.txt")
    try Data("not a key".utf8).write(to: file)
    let path = file.path(percentEncoded: false)
    #expect(throws: SigningKeyFile.Failure.noKey(path: path, reason: "it is neither PEM nor JSON")) {
      try SigningKeyFile(path: path)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == "not a key")
    #expect(throws: SigningKeyFile.Failure.self) { try SigningKeyFile(path: path + "/below/key") }
  }
}
