import ArgumentParser
import Backups
import Foundation
import LocalAPI

struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: BackupText.backup.inProcess, discussion: BackupText.backupExamples.inProcess)

  @Argument(help: ArgumentHelp(BackupText.backupFile.inProcess))
  var file: String

  @Flag(help: ArgumentHelp(BackupText.backupForce.inProcess))
  var force = false

  @Option(help: ArgumentHelp(BackupText.passphraseFile.inProcess, valueName: "file"))
  var passphraseFile: String?

  @Flag(help: ArgumentHelp(BackupText.generate.inProcess))
  var generate = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if generate, passphraseFile != nil { throw ValidationError.wrong(.onlyOneOf, "--generate, --passphrase-file") }
  }

  /// What was written.
  struct Summary: Codable {
    var file: String
    var octets: Int
    var manifest: BackupManifest
    /// Only with `--generate`.
    var passphrase: String?
  }

  func run() async throws {
    let console = common.console
    // The household is in memory in the clear, and so is its passphrase.
    if !CoreFiles.forbid() { console.complain(console.text(BackupText.coreFiles), .warning) }
    do {
      try await backUp(console)
    } catch {
      let failure = failure(error, console)
      guard console.json else { throw failure }
      let code =
        switch error {
        case LocalClientError.refused(_, let error): error.error
        case is LocalClientError: "daemon-not-reachable"
        case let error as BackupFailure: error.code
        default: APIError.Code.failed
        }
      let line = try LocalJSON.line(APIError(code, failure.sentence, remedy: failure.remedy))
      console.error.write(Console.jsonText(line) + "\n")
      throw CommandFailure.silent(failure.status)
    }
  }

  private func backUp(_ console: Console) async throws {
    try refuseExisting(console)
    let client = common.client
    // Before somebody thinks of a passphrase: an account that may not is refused by the daemon, in its words.
    if try await client.whoAmI().role != .administer { try await client.backup { _ in } }
    let (passphrase, words) = try passphrase(console)
    var encryptor = try AgeEncryptor(passphrase)
    let file = try ExportFile(path: file)
    var octets = 0
    let progress = Progress(console)
    do {
      func write(_ piece: [UInt8]) throws {
        try file.write(piece)
        octets += piece.count
        progress.show(octets)
      }
      try write(encryptor.opening)
      try await client.backup { try write(try encryptor.take($0)) }
      try write(try encryptor.finish())
      progress.end()
      if !console.json { console.complain(console.text(BackupText.verifying), .faint) }
      // One that cannot be read is none: it is opened once more, to its end.
      var reader = try BackupReader(path: file.hiddenPath, passphrase)
      _ = try reader.archive.entries()
      try refuseExisting(console)
      try file.finish()
      let summary = Summary(file: self.file, octets: octets, manifest: reader.manifest, passphrase: words)
      if console.json { try console.document(summary) } else { Self.show(summary, console) }
    } catch {
      progress.end()
      file.discard()
      throw error
    }
  }

  private func refuseExisting(_ console: Console) throws {
    guard !force, access(file, F_OK) == 0 else { return }
    throw CommandFailure(
      .failed, console.text(BackupText.exists, ["path": file]), remedy: console.text(BackupText.existsRemedy))
  }

  private func passphrase(_ console: Console) throws -> (Passphrase, words: String?) {
    if generate {
      let made = Passphrase.generated()
      return (made.passphrase, made.words)
    }
    if let passphraseFile {
      let passphrase = try PassphraseEntry.read(file: passphraseFile)
      try Self.check(passphrase, console)
      return (passphrase, nil)
    }
    let first = try PassphraseEntry.ask(console.text(BackupText.ask))
    try Self.check(first, console)
    guard try PassphraseEntry.ask(console.text(BackupText.askAgain)).isSame(as: first) else {
      throw CommandFailure(.failed, console.text(BackupText.different))
    }
    return (first, nil)
  }

  static func check(_ passphrase: Passphrase, _ console: Console) throws {
    guard let weakness = passphrase.weakness else { return }
    let sentence =
      switch weakness {
      case .short(let count):
        console.text(BackupText.short, ["count": String(count), "least": String(Passphrase.fewest)])
      case .monotonous: console.text(BackupText.monotonous)
      }
    throw CommandFailure(.failed, sentence, remedy: console.text(BackupText.shortRemedy))
  }

  private func failure(_ error: any Error, _ console: Console) -> CommandFailure {
    switch error {
    case let failure as CommandFailure: failure
    case let error as LocalClientError: CommandFailure(error, in: console.language)
    case let failure as ExportFile.Failure: CommandFailure(failure, console)
    case let failure as BackupFailure:
      CommandFailure(.failed, failure.sentence(isVietnamese: console.language == .vi))
    case PassphraseEntry.Failure.noTerminal:
      CommandFailure(.failed, console.text(BackupText.noTerminal), remedy: console.text(BackupText.noTerminalRemedy))
    case PassphraseEntry.Failure.unreadable(let path, let reason): CommandFailure(.failed, "\(path): \(reason)")
    case PassphraseEntry.Failure.empty(let path):
      CommandFailure(.failed, console.text(BackupText.emptyFile, ["path": path]))
    default: CommandFailure(.failed, "\(error)")
    }
  }

  static func show(_ summary: Summary, _ console: Console) {
    let contents = summary.manifest.contents
    console.say(
      BackupText.done, ["path": summary.file, "size": String((summary.octets + 500) / 1000)], .good)
    console.say(
      BackupText.holds,
      [
        "people": String(contents.patients), "devices": String(contents.devices), "bonds": String(contents.bonds),
        "readings": String(contents.readings), "consents": String(contents.consents),
        "waiting": String(contents.waiting),
      ])
    if !summary.manifest.leftOut.isEmpty {
      console.say(BackupText.leftOut, ["names": summary.manifest.leftOut.joined(separator: ", ")], .warning)
    }
    if let words = summary.passphrase { console.say(BackupText.generated, ["words": words], .warning) }
    if summary.manifest.bondsAreOfAdapter { console.say(BackupText.ofAdapter, [:], .warning) }
    console.say(BackupText.next)
  }

  /// How far it is, on one line of a terminal at most four times a second; nowhere else.
  private final class Progress {
    private let console: Console
    private let isShown: Bool
    private var last = ContinuousClock.now
    private var hasShown = false

    init(_ console: Console) {
      self.console = console
      isShown = !console.json && isatty(STDERR_FILENO) == 1
    }

    func show(_ octets: Int) {
      guard isShown, last.duration(to: .now) > .milliseconds(250) else { return }
      last = .now
      hasShown = true
      console.error.write("\r" + console.text(BackupText.progress, ["size": String(octets / 1000)]) + "\u{1B}[K")
    }

    func end() {
      if hasShown { console.error.write("\r\u{1B}[K") }
      hasShown = false
    }
  }
}
