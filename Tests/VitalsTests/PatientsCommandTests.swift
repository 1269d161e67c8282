import ArgumentParser
import Foundation
import LocalAPI
import Testing

@testable import vitals

/// `patients set --identifier`, without a daemon.
@Suite struct PatientsCommandTests {
  @Test func aNumberIsNeverAnArgument() throws {
    let command = try #require(
      try Vitals.parseAsRoot(["patients", "set", "Lan", "--identifier", "cccd"]) as? Patients.Set)
    #expect(command.identifier == .citizen && command.group == nil)
    for wrong in [
      ["set", "Lan"], ["set", "Lan", "--identifier", "cccd=001000000001"], ["set", "Lan", "--from", "x"],
      ["set", "Lan", "--identifier", "cccd", "--from", "x", "--remove"], ["set", "Lan", "--identifier", "facility"],
    ] {
      #expect(throws: (any Error).self) { try Vitals.parseAsRoot(["patients"] + wrong) }
    }
  }
}
