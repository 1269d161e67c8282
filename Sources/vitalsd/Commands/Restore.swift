import ArgumentParser
import Backups
import Dispatch
import Foundation
import Gateway

/// `vitalsd restore`: what `vitals restore` runs.
struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put the household in a backup in place on this box.",
    discussion: """
      vitalsd must be stopped. Everything is tried before anything is replaced; power that fails leaves the old or the new.

      EXAMPLES
        vitalsd restore --list household.age
        sudo vitalsd restore household.age
      """)

  @Argument(help: "The backup.")
  var file: String?

  @Flag(help: "Say what it holds, and restore nothing.")
  var list = false

  @Flag(help: "Put aside what stands here already; it is kept.")
  var force = false

  @Flag(help: "Only finish a restore that was interrupted, or remove what it left.")
  var finish = false

  @Option(name: .shortAndLong, help: "Where vitalsd.yaml is to be.")
  var config = "/etc/vitals/vitalsd.yaml"

  @Option(help: "A file whose first line is the passphrase; -: standard input.")
  var passphraseFile: String?

  @Flag(help: "Print JSON.")
  var json = false

  @Option(help: "The language of what is printed: en or vi.")
  var lang = "en"

  func validate() throws {
    guard (file == nil) == finish else { throw ValidationError("name one backup, or say --finish") }
    if list, force || finish { throw ValidationError("--list goes alone: it changes nothing") }
  }

  private var words: RestoreWords { RestoreWords(isVietnamese: lang == "vi") }

  func run() async throws {
    // The household is in memory in the clear, and so is its passphrase.
    if !CoreFiles.forbid() { complain(words.coreFiles) }
    do {
      guard let file else { return try finishOnly() }
      if list { return try show(file) }
      let restore = HouseholdRestore(backup: file, configuration: config, replaces: force)
      try restore.look()
      let (passphrase, words, isShown) = (try passphrase(), words, !json && isatty(STDERR_FILENO) == 1)
      let report = try await Self.untilStopped {
        let progress = RestoreProgress(isShown: isShown, words: words)
        defer { progress.end() }
        return try await restore.run(passphrase, uid: getuid(), now: Date()) { progress.show($0) }
      }
      if json { print(try RestoreWords.json(report)) } else { print(words.text(report)) }
    } catch let failure as RestoreFailure {
      throw end(failure.code, named(failure))
    } catch let failure as RestorePlan.Failure {
      throw end("interrupted", failure.sentence(isVietnamese: lang == "vi"))
    } catch let failure as PassphraseEntry.Failure {
      throw end("no-passphrase", words.text(failure))
    }
  }

  /// A signal that would end the program cancels `work` instead: what is unpacked is in the clear, and must be removed.
  private static func untilStopped<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws
    -> Value
  {
    let task = Task { try await work() }
    var sources: [any DispatchSourceSignal] = []
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // One that is ignored, as under nohup, stays so.
      guard unsafeBitCast(signal(number, SIG_IGN), to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) else {
        continue
      }
      let source = DispatchSource.makeSignalSource(signal: number, queue: DispatchQueue(label: "vitalsd-restore"))
      source.setEventHandler {
        // Once more: it waits for something that does not come, as a backup on a disk that hangs.
        if task.isCancelled {
          signal(number, SIG_DFL)
          kill(getpid(), number)
        }
        task.cancel()
      }
      source.resume()
      sources.append(source)
    }
    defer { sources.forEach { $0.cancel() } }
    return try await task.value
  }

  private func finishOnly() throws {
    let remains = try HouseholdRestore.finish(config)
    print(json ? try RestoreWords.json(remains) : words.text(remains))
  }

  private func show(_ file: String) throws {
    let passphrase = try passphrase()
    let listing: RestoreWords.Listing
    do throws(BackupFailure) {
      var reader = try BackupReader(path: file, passphrase)
      let entries = try reader.archive.entries()
      listing = RestoreWords.Listing(
        manifest: reader.manifest, files: entries.map { .init(path: $0.path, octets: $0.size) })
    } catch {
      throw RestoreFailure.backup(error)
    }
    print(json ? try RestoreWords.json(listing) : words.text(listing))
  }

  private func passphrase() throws(PassphraseEntry.Failure) -> Passphrase {
    if let passphraseFile { return try PassphraseEntry.read(file: passphraseFile) }
    return try PassphraseEntry.ask(words.question)
  }

  /// Which file it is about stands before what is wrong with it.
  private func named(_ failure: RestoreFailure) -> String {
    let sentence = failure.sentence(isVietnamese: lang == "vi")
    if case .backup = failure, let file { return "\(file): \(sentence)" }
    return sentence
  }

  private func end(_ code: String, _ sentence: String) -> ExitCode {
    if json, let line = try? RestoreWords.json(["error": code, "message": sentence]) {
      FileHandle.standardError.write(Data((line + "\n").utf8))
    } else {
      complain(sentence)
    }
    return ExitCode(1)
  }
}

/// How far a restore is, on one line of a terminal.
final class RestoreProgress {
  private let isShown: Bool
  private let words: RestoreWords
  private var last = ContinuousClock.now
  private var hasShown = false

  init(isShown: Bool, words: RestoreWords) {
    self.isShown = isShown
    self.words = words
  }

  func show(_ octets: Int64) {
    guard isShown, last.duration(to: .now) > .milliseconds(250) else { return }
    last = .now
    hasShown = true
    write("\r\(words.progress(octets))\u{1B}[K")
  }

  func end() { if hasShown { write("\r\u{1B}[K") } }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
