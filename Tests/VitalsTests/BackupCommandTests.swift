import ArgumentParser
import Backups
import Foundation
import LocalAPI
import Testing

@testable import vitals

@Suite struct BackupCommandTests {
  @Test func backupTakesItsOptions() throws {
    let backup = try #require(
      try Vitals.parseAsRoot(["backup", "x.age", "--force", "--passphrase-file", "-", "--json"]) as? vitals.Backup)
    #expect(backup.file == "x.age" && backup.force && backup.passphraseFile == "-" && backup.common.json)
    #expect((try Vitals.parseAsRoot(["backup", "--generate", "x.age"]) as? vitals.Backup)?.generate == true)
    for wrong in [["backup"], ["backup", "a", "b"], ["backup", "a", "--generate", "--passphrase-file", "b"]] {
      #expect(throws: (any Error).self) { _ = try Vitals.parseAsRoot(wrong) }
    }
  }

  /// Nothing that is secret stands among the arguments, which every account of the machine can see.
  @Test func noPassphraseIsAnArgument() {
    #expect(throws: (any Error).self) {
      _ = try Vitals.parseAsRoot(["backup", "x.age", "--passphrase", "secret words"])
    }
    #expect(throws: (any Error).self) {
      _ = try Vitals.parseAsRoot(["restore", "x.age", "--passphrase", "secret words"])
    }
  }

  @Test func restoreBecomesTheDaemonsProgram() throws {
    let restore = try #require(
      try Vitals.parseAsRoot(["restore", "--force", "--lang", "vi", "--passphrase-file", "p", "--", "-x.age"])
        as? Restore)
    #expect(
      restore.arguments == [
        "restore", "--config", "/etc/vitals/vitalsd.yaml", "--lang", "vi", "--force", "--passphrase-file", "p", "--",
        "-x.age",
      ])
    let finish = try #require(try Vitals.parseAsRoot(["restore", "--finish", "--json", "--lang", "en"]) as? Restore)
    #expect(
      finish.arguments == ["restore", "--config", "/etc/vitals/vitalsd.yaml", "--lang", "en", "--finish", "--json"])
    for wrong in [["restore"], ["restore", "a", "--finish"], ["restore", "a", "--list", "--force"]] {
      #expect(throws: (any Error).self) { _ = try Vitals.parseAsRoot(wrong) }
    }
  }

  @Test func aShortPassphraseIsRefusedInWords() throws {
    let screen = Written()
    let failure = #expect(throws: CommandFailure.self) {
      try vitals.Backup.check(Passphrase("mật khẩu"), screen.console(.vi))
    }
    #expect(failure?.sentence == "Cụm mật khẩu có 8 ký tự; cần ít nhất 15, vì ai có tệp cũng có thể đoán mãi.")
    #expect(throws: CommandFailure.self) {
      try vitals.Backup.check(Passphrase("aaaaaaaaaaaaaaaaaaaaaa"), screen.console(.en))
    }
    try vitals.Backup.check(Passphrase("bốn từ không liên quan"), screen.console(.en))
  }

  @Test func whatWasWrittenIsSaid() throws {
    let screen = Written()
    vitals.Backup.show(
      vitals.Backup.Summary(
        file: "x.age", octets: 81_920,
        manifest: BackupManifest(
          madeAt: Date(timeIntervalSince1970: 1_795_305_600), software: "1", configuration: "/etc/vitals/vitalsd.yaml",
          contents: BackupManifest.Contents(
            patients: 2, devices: 3, bonds: 1, consents: 4, waiting: 5, readings: 600, schema: "17-x"),
          bondsAreOfAdapter: true, leftOut: ["clinic"]), passphrase: "lusab-babad-gutih-tugad-mudof"),
      screen.console(.en))
    let said = screen.output
    #expect(said.contains("Written and read back: x.age, 82 kB."))
    #expect(
      said.contains("People: 2, devices: 3 (paired: 1), readings: 600, consents: 4, waiting deliveries: 5."))
    #expect(said.contains("Not in it, for the service cannot read it: clinic."))
    #expect(said.contains("Passphrase: lusab-babad-gutih-tugad-mudof"))
    #expect(said.contains("follow only with the same stick") && said.contains("systemctl disable --now vitalsd"))
  }
}
