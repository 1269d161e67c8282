import AlertRules
import Foundation
import Glibc
import LocalServer
import Logging
import Observations
import Store
import Testing
import YAMLDocuments

@testable import Backups
@testable import Gateway

/// A box with a household, and another that it moves to.
@Suite struct HouseholdBackupTests {
  static let passphrase = Passphrase("năm từ không liên quan")
  static let cuff = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
  static let family = DestinationID(rawValue: "family")

  /// What is there during a restore only.
  static let machinery = [".vitals-restore", "data/.vitals-restore-data", "vitalsd.yaml.restoring"]

  /// The files of a box, which go with this object.
  final class Box: Sendable {
    let folder: URL
    private let dataName: String

    /// - Parameter data: where its configuration has the data.
    init(_ files: [String: String] = [:], data: String = "data") throws {
      folder = try temporaryDirectory()
      dataName = data
      for (name, text) in files { try write(name, text) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
    func write(_ name: String, _ text: String) throws {
      let url = folder.appending(path: name)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }

    var configuration: String { path("vitalsd.yaml") }
    var data: String { path(dataName) }

    /// Everything below, with what the files say; databases by their people.
    func contents() async throws -> [String: String] {
      var found: [String: String] = [:]
      let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
      for name in names where !name.contains("before-restore") {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path(name), isDirectory: &isDirectory), !isDirectory.boolValue
        else {
          continue
        }
        guard name.contains(".sqlite") else {
          found[name] = try text(name)
          continue
        }
        if name.hasSuffix("vitals.sqlite") {
          let store = try await Store.open(directory: folder.appending(path: name).deletingLastPathComponent().path)
          found[name] = try await store.patients().map(\.name).joined(separator: ", ")
          try await store.close()
        }
      }
      return found
    }
  }

  static let files = [
    "vitalsd.yaml": """
    data: data
    socket: vitals.sock
    profiles: [profiles]
    rules: rules
    destinations:
      - {name: family, kind: webhook, url: "https://hooks.example/vitals", secret-file: secrets/family.secret}
      - {name: chat, kind: webhook, url-file: chat.url, template: chat.mustache, token: {header: X-Token, file: /nowhere/chat}}
      - {name: record, kind: fhir, url: "https://record.example/fhir", credential: record}

    """,
    "rules/rules.yaml": """
    rules:
      - {id: severe, kind: threshold, component: systolic, at-least: 180, severity: urgent, source: a doctor}

    """, "secrets/family.secret": "whsec_bGFiLXNlY3JldC1sYWItc2VjcmV0LWxhYi1zZWNyZXQ=\n",
    "chat.url": "https://chat.example/a-secret\n", "chat.mustache": #"{"text": "{{data.value}}"}"#,
    "notes.txt": "nobody's\n",
  ]

  /// What stands in a household's database.
  static func fill(_ data: String, person: String) async throws -> PatientID {
    let store = try await Store.open(directory: data)
    // As a daemon does when it starts.
    _ = try await store.staticRandomAddress()
    _ = try await store.gatewayDescription(softwareVersion: "")
    let patient = try await store.addPatient(name: person, at: Date(timeIntervalSince1970: 1_795_305_600))
    try await store.saveDevice(
      DeviceRecord(
        description: DeviceDescription(
          id: cuff, address: "F0:F1:F2:F3:F4:F5", name: "Cuff", profile: "sig/blood-pressure",
          information: DeviceInformation(manufacturer: "Acme")), addressKind: "random", authentication: .bonded,
        pairedAt: Date(timeIntervalSince1970: 1_795_305_600)))
    try await store.assign(cuff, slot: nil, to: patient.id)
    try await store.saveKey(.longTerm, address: "F0:F1:F2:F3:F4:F5", kind: "random", value: Data([1, 2, 3]))
    try await store.grantConsent(
      patient: patient.id, destination: family, grantee: "Hoa", relationship: "daughter",
      at: Date(timeIntervalSince1970: 1_795_305_600))
    try await commit(to: store, 150, minute: 1)
    try await store.close()
    try DatabaseCopy.makeOneFile(data + "/vitals.sqlite")
    return patient.id
  }

  /// A reading that the webhook waits for.
  static func commit(to store: Store, _ systolic: Int, minute: Int) async throws {
    let time = Date(timeIntervalSince1970: 1_795_305_600 + Double(minute) * 60)
    let bytes: [UInt8] = [0, UInt8(systolic), UInt8(minute & 255), UInt8(minute >> 8)]
    let policy = IngestPolicy(
      rules: [],
      destinations: [
        DestinationPolicy(id: family, takesObservations: true, takesAlerts: true, takesSimulated: false)
      ])
    _ = try await store.commit(
      Observation(
        id: .random(), identity: ReadingIdentity(device: cuff, time: "\(minute)", format: "2A35", bytes: bytes),
        kind: .bloodPressure, device: cuff, patient: nil, userSlot: nil,
        effective: EffectiveTime(span: .instant(time), basis: .received),
        components: [
          ObservationComponent(MDC.pressBldNoninvSys, .quantity(Quantity(Decimal(systolic), .millimetreOfMercury)))
        ], flags: [], marks: [],
        provenance: Provenance(
          format: "2A35", bytes: bytes, deviceTime: nil, clockOffset: nil, receivedAt: time,
          profile: "sig/blood-pressure",
          driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: false)), policy: policy, now: time,
      live: true)
  }

  static func seal(_ backup: GatewayBackup, _ path: String) async throws {
    var encryptor = try AgeEncryptor(passphrase, workFactor: 10)
    var file = encryptor.opening
    try await backup.write { file += try encryptor.take($0) }
    file += try encryptor.finish()
    try Data(file).write(to: URL(filePath: path))
  }

  /// A backup of a box with one person.
  static func backup(_ box: Box, person: String, bondsAreOfAdapter: Bool = false) async throws -> (String, PatientID) {
    try FileManager.default.createDirectory(atPath: box.path("profiles/sig"), withIntermediateDirectories: true)
    try? FileManager.default.copyItem(
      at: IngestTests.profiles.appending(path: "sig/blood-pressure"),
      to: box.folder.appending(path: "profiles/sig/blood-pressure"))
    let patient = try await fill(box.data, person: person)
    let store = try await Store.open(directory: box.data)
    let path = box.path("household.age")
    try await seal(
      try await HouseholdBackup(
        loaded: try LoadedConfiguration.read(path: box.configuration), store: store,
        bondsAreOfAdapter: bondsAreOfAdapter, now: Date(timeIntervalSince1970: 1_795_306_000)
      ).prepare(), path)
    try await store.close()
    return (path, patient)
  }

  private func restore(
    _ path: String, _ box: Box, replaces: Bool = false, _ passphrase: Passphrase = passphrase
  ) async throws -> HouseholdRestore.Report {
    try await HouseholdRestore(backup: path, configuration: box.configuration, replaces: replaces).run(
      passphrase, uid: 1234, now: Date(timeIntervalSince1970: 1_795_400_000))
  }

  @Test("an empty box gets the people, bonds, consents, waiting deliveries, readings and the configuration")
  func moves() async throws {
    let (old, new) = (try Box(Self.files), try Box())
    let (path, patient) = try await Self.backup(old, person: "Lan")
    let report = try await restore(path, new)
    #expect(report.contents.patients == 1 && report.contents.bonds == 1 && report.contents.waiting == 1)
    #expect(report.contents.consents == 1 && report.contents.readings == 1 && report.setAside.isEmpty)
    #expect(report.missing == ["/nowhere/chat", "record"])
    #expect(report.pairAgain.isEmpty && report.moved.isEmpty)
    for name in ["vitalsd.yaml", "rules/rules.yaml", "secrets/family.secret", "chat.url", "chat.mustache"] {
      #expect(try new.text(name) == Self.files[name])
    }
    for name in ["profile.yaml", "session.yaml", "expected.yaml"] {
      #expect(try new.text("profiles/sig/blood-pressure/\(name)") == old.text("profiles/sig/blood-pressure/\(name)"))
    }
    #expect(!new.has("notes.txt") && !new.has("household.age"))
    let loaded = try LoadedConfiguration.read(path: new.configuration)
    #expect(loaded.configuration.dataDirectory == new.data)
    let (before, after) = (
      try await Store.open(directory: old.data), try await Store.open(directory: new.data)
    )
    #expect(after.wasRepaired == false)
    #expect(try await after.patients() == before.patients())
    #expect(try await after.keys(.longTerm) == before.keys(.longTerm))
    #expect(try await after.consents() == before.consents())
    #expect(try await after.device(Self.cuff) == before.device(Self.cuff))
    #expect(try await after.observations() == before.observations())
    // The cuffs know the gateway by it, and the records.
    #expect(try await after.staticRandomAddress() == before.staticRandomAddress())
    #expect(
      try await after.gatewayDescription(softwareVersion: "").systemID
        == before.gatewayDescription(softwareVersion: "").systemID)
    #expect(try await after.hasConsent(patient: patient, destination: Self.family))
    let noted = try await after.accesses()
    #expect(noted.map(\.action) == [.restore] && noted.first?.uid == 1234)
    for store in [before, after] { try await store.close() }
    let attributes = try FileManager.default.attributesOfItem(atPath: new.data + "/vitals.sqlite")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    for left in Self.machinery { #expect(!new.has(left)) }
  }

  @Test("a reading that comes while the backup is made is in it whole or not at all, and nothing waits for it")
  func whileReadingsCome() async throws {
    let (old, new) = (try Box(Self.files), try Box())
    _ = try await Self.fill(old.data, person: "Lan")
    let store = try await Store.open(directory: old.data)
    let loaded = try LoadedConfiguration.read(path: old.configuration)
    let path = old.path("household.age")
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      group.addTask {
        var taken = 0
        while !Task.isCancelled {
          taken += 1
          // The last may be stopped on its way; then it is there or is not.
          do { try await Self.commit(to: store, 120, minute: 10 + taken) } catch StoreFailure.cancelled { break }
        }
        return taken
      }
      let backup = try await HouseholdBackup(loaded: loaded, store: store, bondsAreOfAdapter: false, now: Date())
        .prepare()
      // Of the moment at which it was made, however long it takes to be fetched.
      try await Self.commit(to: store, 121, minute: 5000)
      try await Self.seal(backup, path)
      group.cancelAll()
      return try await group.next() ?? 0
    }
    try await store.close()
    let report = try await restore(path, new)
    #expect((1...count + 1).contains(report.contents.readings))
    #expect(report.contents.readings == report.contents.waiting)
    #expect(try FileManager.default.contentsOfDirectory(atPath: old.data + "/copies") == [])
  }

  @Test("a household that is here is not overwritten, and with force it is put aside")
  func overwriting() async throws {
    let (old, new) = (try Box(Self.files), try Box(["vitalsd.yaml": "data: data\n", "rules/own.yaml": "rules: []\n"]))
    let (path, _) = try await Self.backup(old, person: "Lan")
    _ = try await Self.fill(new.data, person: "Mai")
    try new.write("data/\(Store.configurationFile)", "{}")
    let before = try await new.contents()
    await #expect { try await restore(path, new) } throws: { error in
      if case RestoreFailure.exists(let paths) = error { paths == [new.configuration] } else { false }
    }
    #expect(try await new.contents() == before)
    // Without its configuration the database alone is a household.
    let bare = try Box()
    _ = try await Self.fill(bare.data, person: "Mai")
    await #expect { try await restore(path, bare) } throws: { error in
      if case RestoreFailure.exists(let paths) = error { paths == [bare.data + "/vitals.sqlite"] } else { false }
    }

    let report = try await restore(path, new, replaces: true)
    let after = try await new.contents()
    #expect(after["data/vitals.sqlite"] == "Lan")
    #expect(after["vitalsd.yaml"] == Self.files["vitalsd.yaml"])
    // A rule of before would be a mixture, and so would the last good configuration.
    #expect(after["rules/own.yaml"] == nil && after["data/\(Store.configurationFile)"] == nil)
    let name = "before-restore-20261123T021320Z"
    #expect(report.setAside == [new.data + "/" + name, new.path(name)])
    #expect(try new.text("\(name)/vitalsd.yaml") == "data: data\n")
    #expect(try new.text("\(name)/rules/own.yaml") == "rules: []\n")
    let aside = try await Store.open(directory: new.path("data/\(name)"))
    #expect(try await aside.patients().map(\.name) == ["Mai"])
    try await aside.close()
  }

  /// Where the old household's files lie, and what stands on the box before.
  struct Layout: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var data = "data"
    var files = HouseholdBackupTests.files
    var present = ["vitalsd.yaml": "data: data\n", "rules/own.yaml": "rules: []\n"]

    var database: String { data == "." ? "vitals.sqlite" : "\(data)/vitals.sqlite" }

    /// Those of the suite with other words in them, and more.
    static func files(_ changes: [(String, String)], _ more: [String: String] = [:]) -> [String: String] {
      HouseholdBackupTests.files.mapValues { text in changes.reduce(text) { $0.replacing($1.0, with: $1.1) } }
        .merging(more) { $1 }
    }

    static let all = [
      Layout(testDescription: "apart"),
      // As `make run` has it.
      Layout(
        testDescription: "in one directory", data: ".", files: files([("data: data", "data: .")]),
        present: ["vitalsd.yaml": "data: .\n", "rules/own.yaml": "rules: []\n"]),
      Layout(
        testDescription: "a secret beside the database",
        files: files([("secrets/family.secret", "data/keys/family")], ["data/keys/family": "whsec_bmV3\n"]),
        present: ["vitalsd.yaml": "data: data\n", "data/keys/family": "whsec_b2xk\n", "data/keys/own": "x\n"]),
      Layout(
        testDescription: "a data directory two below", data: "state/db",
        files: files(
          [("data: data", "data: state/db"), ("secrets/family.secret", "state/family")],
          ["state/family": "whsec_bmV3\n"]),
        present: ["vitalsd.yaml": "data: state/db\n", "state/family": "whsec_b2xk\n"]),
    ]
  }

  @Test("power that fails at any rename leaves the old or the new, and the next start finishes", arguments: Layout.all)
  func interrupted(layout: Layout) async throws {
    let (old, model) = (try Box(layout.files, data: layout.data), try Box(layout.present, data: layout.data))
    let (path, _) = try await Self.backup(old, person: "Lan")
    _ = try await Self.fill(model.data, person: "Mai")
    let report = try await restore(path, model, replaces: true)
    let wanted = try await model.contents()
    #expect(wanted[layout.database] == "Lan")
    for name in wanted.keys where !name.hasPrefix("profiles/") && name != layout.database {
      #expect(wanted[name] == layout.files[name])
    }
    #expect(wanted["vitalsd.yaml"] != nil && wanted["rules/rules.yaml"] != nil && wanted["chat.url"] != nil)
    #expect(wanted["data/keys/own"] == nil)
    for (name, text) in layout.present {
      let aside = try #require(report.setAside.last)
      #expect(try String(contentsOfFile: "\(aside)/\(name)", encoding: .utf8) == text, "\(name)")
    }
    var steps = 0
    var isOver = false
    while !isOver {
      let box = try Box(layout.present, data: layout.data)
      _ = try await Self.fill(box.data, person: "Mai")
      // Everything as before, but the power fails after so many renames.
      let restore = HouseholdRestore(
        backup: path, configuration: box.configuration, replaces: true, mostRenames: steps)
      _ = try await restore.run(Self.passphrase, uid: 0, now: Date(timeIntervalSince1970: 1_795_400_000))
      isOver = !box.has("vitalsd.yaml.restoring")
      #expect(try RestorePlan.finish(beside: box.configuration) == !isOver)
      #expect(try await box.contents() == wanted, "after \(steps) renames")
      #expect(try RestorePlan.finish(beside: box.configuration) == false)
      steps += 1
    }
    #expect(steps > 8)
  }

  @Test("what is wrong with a backup leaves the box as it was, and nothing beside it")
  func refused() async throws {
    let (old, new) = (try Box(Self.files), try Box(["vitalsd.yaml": "data: data\n"]))
    let (path, _) = try await Self.backup(old, person: "Lan")
    _ = try await Self.fill(new.data, person: "Mai")
    let before = try await new.contents()
    let whole = Array(try Data(contentsOf: URL(filePath: path)))
    var flipped = whole
    flipped[whole.count - 2000] ^= 1
    let cases: [(octets: [UInt8], passphrase: String, code: String)] = [
      (whole, "another passphrase", "wrong-passphrase"),
      (Array(whole.dropLast(20_000)), "năm từ không liên quan", "damaged"),
      (Array(whole[..<(whole.count - whole.count % 65_536 - 40_000)]), "năm từ không liên quan", "damaged"),
      (flipped, "năm từ không liên quan", "damaged"),
      (Array("PK\u{3}\u{4}".utf8), "năm từ không liên quan", "not-a-backup"),
    ]
    for (octets, passphrase, code) in cases {
      let bad = old.path("bad.age")
      try Data(octets).write(to: URL(filePath: bad))
      await #expect { try await restore(bad, new, replaces: true, Passphrase(passphrase)) } throws: { error in
        (error as? RestoreFailure)?.code == code
      }
      #expect(try await new.contents() == before)
      for left in Self.machinery { #expect(!new.has(left)) }
    }
  }

  /// A backup whose database is `octets`.
  ///
  /// - Parameter more: names of files of the configuration.
  private func backup(
    of octets: [UInt8], configuration: String, _ path: String, more: [String] = []
  ) throws {
    let manifest = BackupManifest(
      madeAt: Date(), software: "0", configuration: "/etc/vitals/vitalsd.yaml",
      contents: BackupManifest.Contents(
        patients: 0, devices: 0, bonds: 0, consents: 0, waiting: 0, readings: 0, schema: ""), bondsAreOfAdapter: false,
      leftOut: [])
    var tar: [UInt8] = []
    for (name, content) in [
      (BackupManifest.name, try manifest.json()), ("config/vitalsd.yaml", Array(configuration.utf8)),
      ("elsewhere/srv/secret", Array("s\n".utf8)), ("credentials/daughter", Array("s\n".utf8)),
    ] + more.map({ ("config/\($0)", Array("s\n".utf8)) }) + [(BackupManifest.Place.database, octets)] {
      let entry = TarEntry(path: name, size: Int64(content.count), mode: 0o666)
      tar += try #require(entry.header(time: 0)) + content + entry.padding
    }
    var encryptor = try AgeEncryptor(Self.passphrase, workFactor: 10)
    let file = encryptor.opening + (try encryptor.take(tar + TarEntry.end)) + (try encryptor.finish())
    try Data(file).write(to: URL(filePath: path))
  }

  /// The database of this box with a step of the schema more than there is.
  private static func later(_ box: Box) throws -> [UInt8] {
    let path = box.path("later.sqlite")
    try FileManager.default.copyItem(atPath: box.data + "/vitals.sqlite", toPath: path)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      """
      import sqlite3, sys
      with sqlite3.connect(sys.argv[1], isolation_level=None) as database:
          database.execute("PRAGMA journal_mode = DELETE")
          database.execute("INSERT INTO grdb_migrations VALUES ('99-of-a-later-version')")
      """, path,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Array(try Data(contentsOf: URL(filePath: path)))
  }

  @Test("a damaged database, one of a later version, one of something else and a bad configuration are refused")
  func unusable() async throws {
    let box = try Box()
    _ = try await Self.fill(box.data, person: "Lan")
    let whole = Array(try Data(contentsOf: URL(filePath: box.data + "/vitals.sqlite")))
    var damaged = whole
    for index in 8192..<16_384 { damaged[index] ^= 0x5A }
    let later = try Self.later(box)
    let path = box.path("made.age")
    for (octets, configuration, code) in [
      (damaged, "data: data\n", "damaged"), (later, "data: data\n", "newer-schema"),
      (Array("not a database at all".utf8), "data: data\n", "damaged"), (whole, "colour: blue\n", "configuration"),
    ] {
      let new = try Box()
      try backup(of: octets, configuration: configuration, path)
      await #expect { try await restore(path, new) } throws: { error in (error as? RestoreFailure)?.code == code }
      #expect(try await new.contents() == [:], "\(code)")
      #expect(!new.has("vitalsd.yaml") && !new.has("data/vitals.sqlite"))
    }
  }

  @Test("a file from elsewhere is not put there, secrets are their owner's, and nothing is for others")
  func places() async throws {
    let (old, new) = (try Box(), try Box())
    _ = try await Self.fill(old.data, person: "Lan")
    let path = old.path("made.age")
    try backup(
      of: Array(try Data(contentsOf: URL(filePath: old.data + "/vitals.sqlite"))), configuration: "data: data\n", path)
    let report = try await restore(path, new)
    #expect(report.moved == ["/srv/secret": new.path("elsewhere/srv/secret")])
    #expect(try new.text("credentials/daughter") == "s\n")
    for (name, mode) in [
      ("vitalsd.yaml", 0o660), ("elsewhere/srv/secret", 0o660), ("credentials", 0o700), ("data/vitals.sqlite", 0o600),
    ] {
      let attributes = try FileManager.default.attributesOfItem(atPath: new.path(name))
      #expect(attributes[.posixPermissions] as? Int == mode, "\(name)")
    }
  }

  @Test("while a daemon has the data nothing is restored")
  func running() async throws {
    let (old, new) = (try Box(Self.files), try Box(["vitalsd.yaml": "data: data\n"]))
    let (path, _) = try await Self.backup(old, person: "Lan")
    try FileManager.default.createDirectory(atPath: new.data, withIntermediateDirectories: true)
    let lock = try DataLock(directory: new.data)
    await #expect { try await restore(path, new, replaces: true) } throws: { error in
      (error as? RestoreFailure)?.code == "busy"
    }
    withExtendedLifetime(lock) {}
    #expect(try await new.contents() == ["vitalsd.yaml": "data: data\n"])
  }

  @Test("however the data directory is spelled, it is locked once", arguments: ["data/", "./data/.", "link"])
  func spellings(data: String) async throws {
    let (old, new) = (try Box(Self.files), try Box(["vitalsd.yaml": "data: \(data)\n"]))
    let (path, _) = try await Self.backup(old, person: "Lan")
    _ = try await Self.fill(new.data, person: "Mai")
    try FileManager.default.createSymbolicLink(atPath: new.path("link"), withDestinationPath: new.data)
    _ = try await restore(path, new, replaces: true)
    #expect(try await new.contents()["data/vitals.sqlite"] == "Lan")
  }

  @Test("a link in the configuration's directory that leads to the data stays")
  func linkedData() async throws {
    let (old, new) = (
      try Box(Layout.files([("secrets/family.secret", "data/family")], ["data/family": "whsec_bmV3\n"])), try Box()
    )
    let (path, _) = try await Self.backup(old, person: "Lan")
    try FileManager.default.createDirectory(atPath: new.path("volume"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: new.data, withDestinationPath: new.path("volume"))
    _ = try await restore(path, new)
    #expect(try new.text("volume/family") == "whsec_bmV3\n" && new.has("volume/vitals.sqlite"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: new.data) == new.path("volume"))
  }

  @Test("two restores of one configuration do not unpack into each other")
  func twoAtOnce() async throws {
    let (old, new) = (try Box(Self.files), try Box())
    let (path, _) = try await Self.backup(old, person: "Lan")
    try new.write(".vitals-restore/of-the-other", "x")
    let lock = try DataLock(directory: new.folder.path(percentEncoded: false))
    await #expect { try await restore(path, new) } throws: { error in
      if case RestoreFailure.taken = error { (error as? RestoreFailure)?.code == "busy" } else { false }
    }
    withExtendedLifetime(lock) {}
    #expect(try await new.contents() == [".vitals-restore/of-the-other": "x"])
  }

  @Test("what may not be looked at is not taken for done")
  func unseen() throws {
    let box = try Box(["vitalsd.yaml": "old"])
    // Root may look everywhere; a path through a link to itself nobody can follow.
    try FileManager.default.createSymbolicLink(atPath: box.path("loop"), withDestinationPath: "loop")
    let plan = RestorePlan(
      data: box.folder.path(percentEncoded: false),
      moves: [.init(staged: box.path("loop/new"), target: box.configuration, aside: box.path("aside/vitalsd.yaml"))],
      leftovers: [])
    try plan.commit(beside: box.configuration)
    #expect {
      try RestorePlan.finish(beside: box.configuration)
    } throws: { error in
      if case RestorePlan.Failure.cannotMove(let path, _) = error { path == box.path("loop/new") } else { false }
    }
    #expect(try box.text("vitalsd.yaml") == "old" && box.has("vitalsd.yaml.restoring"))
    let attributes = try FileManager.default.attributesOfItem(atPath: box.path("vitalsd.yaml.restoring"))
    #expect(attributes[.posixPermissions] as? Int == 0o644)
    #expect(throws: RestorePlan.Failure.self) { try RestorePlan.finish(beside: box.path("loop/vitalsd.yaml")) }
  }

  @Test("an example that a boot puts on an empty box does not keep a restore from being finished")
  func exampleMeanwhile() async throws {
    let (old, new) = (try Box(Self.files), try Box())
    let (path, _) = try await Self.backup(old, person: "Lan")
    let now = Date(timeIntervalSince1970: 1_795_400_000)
    _ = try await HouseholdRestore(
      backup: path, configuration: new.configuration, replaces: false, mostRenames: 1
    ).run(Self.passphrase, uid: 0, now: now)
    #expect(new.has("vitalsd.yaml.restoring"))
    for name in ["vitalsd.yaml", "rules/example.yaml"] { try new.write(name, "example") }
    #expect(try RestorePlan.finish(beside: new.configuration))
    #expect(try new.text("vitalsd.yaml") == Self.files["vitalsd.yaml"] && !new.has("rules/example.yaml"))
    for name in ["vitalsd.yaml", "rules/example.yaml"] {
      #expect(try new.text("before-restore-20261123T021320Z/\(name)") == "example")
    }

    // And on one where the old household was put aside before.
    let box = try Box(["vitalsd.yaml": "data: data\n"])
    var steps = 0
    repeat {
      _ = try await HouseholdRestore(
        backup: path, configuration: box.configuration, replaces: true, mostRenames: steps
      ).run(Self.passphrase, uid: 0, now: now)
      try #require(box.has("vitalsd.yaml.restoring"))
      if !box.has("vitalsd.yaml") { break }
      #expect(try RestorePlan.finish(beside: box.configuration))
      try box.write("vitalsd.yaml", "data: data\n")
      steps += 1
    } while true
    try box.write("vitalsd.yaml", "example")
    #expect(try RestorePlan.finish(beside: box.configuration))
    #expect(try box.text("vitalsd.yaml") == Self.files["vitalsd.yaml"])
  }

  @Test(
    "a file whose name the restore itself needs, or the database has, is refused",
    arguments: [
      ".vitals-restore/x", ".vitals-restore-data/x", "before-restore-20261123T021320Z/vitalsd.yaml",
      "vitalsd.yaml.restoring", "vitalsd.yaml.restoring.new", "data/.vitals-restore-data/x", "data/vitals.sqlite",
      "data/copies/x", "data",
    ])
  func reserved(name: String) async throws {
    let (box, new) = (try Box(), try Box())
    _ = try await Self.fill(box.data, person: "Lan")
    let path = box.path("made.age")
    try backup(
      of: Array(try Data(contentsOf: URL(filePath: box.data + "/vitals.sqlite"))), configuration: "data: data\n", path,
      more: [name])
    await #expect { try await restore(path, new) } throws: { error in
      (error as? RestoreFailure)?.code == "not-a-backup"
    }
    #expect(try await new.contents() == [:])
  }

  @Test("a path that is spelled oddly is in a backup under its plain name")
  func oddPaths() async throws {
    let box = try Box()
    let folder = box.folder.path(percentEncoded: false)
    let odd = "\(folder)//secrets/./../secrets//family.secret"
    for (name, text) in Layout.files([("secrets/family.secret", odd)]) { try box.write(name, text) }
    let (path, _) = try await Self.backup(box, person: "Lan")
    let new = try Box()
    let report = try await restore(path, new)
    #expect(try new.text("secrets/family.secret") == Self.files["secrets/family.secret"])
    #expect(report.moved.isEmpty && report.missing == ["/nowhere/chat", "record"])
  }

  @Test("a plan that cannot be read says what to do, which helps")
  func unreadablePlan() async throws {
    let (old, new) = (try Box(Self.files), try Box(["vitalsd.yaml.restoring": "{"]))
    let (path, _) = try await Self.backup(old, person: "Lan")
    let plan = new.path("vitalsd.yaml.restoring")
    for isVietnamese in [false, true] {
      await #expect { try await restore(path, new) } throws: { error in
        (error as? RestoreFailure)?.sentence(isVietnamese: isVietnamese).contains("sudo rm '\(plan)'") == true
      }
    }
    try FileManager.default.removeItem(atPath: plan)
    #expect(try await restore(path, new).contents.patients == 1)
  }

  @Test("a restore that is stopped leaves nothing unpacked, and one that was killed is cleared away")
  func stopped() async throws {
    let (old, new) = (try Box(Self.files), try Box(["vitalsd.yaml": "data: data\n"]))
    let (path, _) = try await Self.backup(old, person: "Lan")
    let before = try await new.contents()
    let restore = HouseholdRestore(backup: path, configuration: new.configuration, replaces: true)
    let task = Task {
      try await restore.run(Self.passphrase, uid: 0, now: Date()) { _ in withUnsafeCurrentTask { $0?.cancel() } }
    }
    await #expect { try await task.value } throws: { error in (error as? RestoreFailure)?.code == "cancelled" }
    #expect(try await new.contents() == before)
    for left in Self.machinery { #expect(!new.has(left)) }

    // A kill -9 on an empty box: only what was unpacked says where the data was to be.
    for present in [["vitalsd.yaml": "data: data\n"], [:]] {
      let box = try Box(present)
      try box.write(".vitals-restore/vitalsd.yaml", "data: data\n")
      try box.write("data/.vitals-restore-data/vitals.sqlite", "x")
      let remains = try HouseholdRestore.finish(box.configuration)
      #expect(!remains.finished)
      #expect(Set(remains.removed) == [box.path(".vitals-restore"), box.path("data/.vitals-restore-data")])
      #expect(try await box.contents() == present)
      #expect(try HouseholdRestore.finish(box.configuration) == .init(finished: false, removed: []))
    }
  }

  @Test("two restores within a second put aside to two places")
  func asideTwice() async throws {
    let (old, new) = (try Box(Self.files), try Box(["vitalsd.yaml": "data: data\n"]))
    let (path, _) = try await Self.backup(old, person: "Lan")
    let (first, second) = (
      try await restore(path, new, replaces: true), try await restore(path, new, replaces: true)
    )
    #expect(first.setAside == [new.path("before-restore-20261123T021320Z")])
    let name = "before-restore-20261123T021320Z-2"
    #expect(second.setAside == [new.data + "/" + name, new.path(name)])
    #expect(try new.text("before-restore-20261123T021320Z/vitalsd.yaml") == "data: data\n")
    #expect(try new.text("\(name)/vitalsd.yaml") == Self.files["vitalsd.yaml"])
  }

  @Test("whose a file is changes for the link and not for what it leads to", .enabled(if: geteuid() == 0))
  func links() throws {
    let box = try Box(["target": "x", "like/x": "x"])
    try #require(chown(box.path("like"), 1234, 1234) == 0)
    try FileManager.default.createSymbolicLink(atPath: box.path("link"), withDestinationPath: "target")
    StagedFile.give(box.path("link"), like: box.path("like"))
    // Of the link itself, as lstat(2).
    let owners = try ["target", "link"].map { name in
      try FileManager.default.attributesOfItem(atPath: box.path(name))[.ownerAccountID] as? Int
    }
    #expect(owners == [0, 1234])
  }

  @Test("bonds of an adapter that kept its own address are said to need pairing")
  func adapterBonds() async throws {
    let (old, new) = (try Box(Self.files), try Box())
    let (path, _) = try await Self.backup(old, person: "Lan", bondsAreOfAdapter: true)
    #expect(try await restore(path, new).pairAgain == ["Cuff"])
  }

  @Test("every field of the schema that names a file is one that a backup takes")
  func everySecret() throws {
    let schema = try JSONSerialization.jsonObject(with: Data(PackageResources.configuration_schema_json))
    var names: Set<String> = []
    func walk(_ value: Any) {
      if let object = value as? [String: Any] {
        names.formUnion((object["properties"] as? [String: Any] ?? [:]).keys)
        object.values.forEach(walk)
      } else if let list = value as? [Any] {
        list.forEach(walk)
      }
    }
    walk(schema)
    let suspects = names.filter {
      $0.hasSuffix("file") || $0.contains("credential") || $0.hasPrefix("client-") || $0.hasSuffix("certificate")
    }
    // `client-id` is a name.
    #expect(suspects.subtracting(["client-id"]) == NamedSecrets.files.union(NamedSecrets.credentials))
  }
}
