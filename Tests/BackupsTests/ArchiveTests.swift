import Foundation
import Testing

@testable import Backups

/// The tar archive in a backup, against Python's tarfile.
@Suite struct ArchiveTests {
  @Test("a backup that Python made is read: manifest, files, owners")
  func golden() throws {
    var reader = try BackupReader(path: BackupFiles.fixture("small.age"), BackupFiles.passphrase)
    #expect(reader.manifest.contents.waiting == 3)
    #expect(reader.manifest.madeAt == (try Date("2026-11-30T01:02:03Z", strategy: .iso8601)))
    #expect(reader.manifest.leftOut == ["clinic"])
    var found: [TarEntry] = []
    var database: [UInt8] = []
    while let entry = try reader.archive.nextEntry() {
      found.append(entry)
      if entry.path == BackupManifest.Place.database { try reader.archive.body { database += $0 } }
    }
    #expect(
      found.map(\.path) == [
        "config/vitalsd.yaml", "config/" + String(repeating: "long/", count: 22) + "name.yaml", "credentials/daughter",
        "data/vitals.sqlite",
      ])
    #expect(found.allSatisfy { $0.mode == 0o640 && $0.user == "root" && $0.group == "vitals" })
    #expect(database == (0..<70_000).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 >> 8) })
    #expect(try reader.archive.nextEntry() == nil)
  }

  @Test("Python's tarfile reads what we write")
  func ours() throws {
    let long = "config/" + String(repeating: "thư-mục/", count: 18) + "tệp.yaml"
    let entries = [
      TarEntry(path: "manifest.json", size: 5, mode: 0o600, user: "root", group: "vitals"),
      TarEntry(path: long, size: 512, mode: 0o640), TarEntry(path: "data/empty", size: 0, mode: 0o600),
    ]
    var tar: [UInt8] = []
    for entry in entries {
      tar += try #require(entry.header(time: 1_795_305_600)) + BackupFiles.pattern(Int(entry.size)) + entry.padding
    }
    let script = """
      import sys, tarfile
      with tarfile.open(sys.argv[1], format=tarfile.USTAR_FORMAT) as tar:
          for m in tar: print(m.name, m.size, oct(m.mode), m.uname or "-", m.gname or "-", m.mtime, m.isfile())
      """
    try BackupFiles.withDirectory { directory in
      try BackupFiles.write(tar + TarEntry.end, "\(directory)/a.tar")
      let (process, output) = (Process(), Pipe())
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["python3", "-X", "utf8", "-c", script, "\(directory)/a.tar"]
      process.standardOutput = output
      try process.run()
      let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(
        said == """
          manifest.json 5 0o600 root vitals 1795305600 True
          \(long) 512 0o640 - - 1795305600 True
          data/empty 0 0o600 - - 1795305600 True

          """)
    }
    #expect(TarEntry(path: String(repeating: "x", count: 101), size: 0, mode: 0).header(time: 0) == nil)
  }

  /// A backup whose archive Python made as `members` says, opened to its end.
  private func entries(_ members: String) throws -> [TarEntry] {
    let script = """
      import io, sys, tarfile
      with tarfile.open(sys.argv[1], "w", format=tarfile.USTAR_FORMAT) as tar:
          def add(name, octets=b"x", kind=tarfile.REGTYPE):
              m = tarfile.TarInfo(name); m.size = len(octets); m.type = kind
              if kind != tarfile.REGTYPE: m.size = 0; m.linkname = "/etc/shadow"
              tar.addfile(m, io.BytesIO(octets) if kind == tarfile.REGTYPE else None)
          manifest = b'{"format": %d, "madeAt": "2026-11-30T01:02:03Z", "software": "0", "configuration": "/c", "contents": {"patients": 0, "devices": 0, "bonds": 0, "consents": 0, "waiting": 0, "readings": 0, "schema": ""}, "bondsAreOfAdapter": false, "leftOut": []}'
          \(members)
      """
    return try BackupFiles.withDirectory { directory in
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["python3", "-c", script, "\(directory)/a.tar"]
      try process.run()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
      let tar = Array(try Data(contentsOf: URL(filePath: "\(directory)/a.tar")))
      try BackupFiles.write(try BackupFiles.seal(tar, BackupFiles.passphrase), "\(directory)/a.age")
      var reader = try BackupReader(path: "\(directory)/a.age", BackupFiles.passphrase)
      return try reader.archive.entries()
    }
  }

  @Test("directories are passed over")
  func directories() throws {
    let found = try entries(
      #"add("manifest.json", manifest % 1); add("config", kind=tarfile.DIRTYPE); add("config/a")"#)
    #expect(found.map(\.path) == ["config/a"])
  }

  @Test(
    "what leads elsewhere, links, and what is no backup is refused",
    arguments: [
      #"add("manifest.json", manifest % 1); add("config/../../etc/passwd")"#,
      #"add("manifest.json", manifest % 1); add("/etc/passwd")"#,
      #"add("manifest.json", manifest % 1); add("config//a")"#, #"add("manifest.json", manifest % 1); add("./a")"#,
      #"add("manifest.json", manifest % 1); add("config/a", kind=tarfile.SYMTYPE)"#,
      #"add("manifest.json", manifest % 1); add("config/a", kind=tarfile.LNKTYPE)"#,
      #"add("manifest.json", manifest % 1); add("config/a", kind=tarfile.CHRTYPE)"#,
      #"add("config/vitalsd.yaml"); add("manifest.json", manifest % 1)"#, #"add("manifest.json", b"{}")"#,
      #"add("manifest.json", b"not json")"#, "pass",
    ])
  func refused(members: String) throws {
    let failure = #expect(throws: BackupFailure.self) { _ = try entries(members) }
    #expect(failure?.code == "not-a-backup", "\(String(describing: failure))")
  }

  @Test("a later format is told apart from damage")
  func newer() throws {
    #expect(throws: BackupFailure.newer(format: 2)) { _ = try entries(#"add("manifest.json", manifest % 2)"#) }
  }

  @Test("an archive of another kind, and one that ends in the middle")
  func broken() throws {
    let whole = try BackupFiles.open(BackupFiles.fixture("small.age"), BackupFiles.passphrase)
    try BackupFiles.withDirectory { directory in
      let path = "\(directory)/a.age"
      for plain in [BackupFiles.pattern(2000), [], Array(whole[..<5000]), Array(whole[..<512]), whole + [1]] {
        try BackupFiles.write(try BackupFiles.seal(plain, BackupFiles.passphrase), path)
        let failure = #expect(throws: BackupFailure.self) {
          var reader = try BackupReader(path: path, BackupFiles.passphrase)
          _ = try reader.archive.entries()
        }
        #expect(failure?.code == "not-a-backup")
      }
    }
  }
}
