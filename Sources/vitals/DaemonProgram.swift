import Foundation

/// The sibling program `vitalsd`, for what needs no running daemon.
enum DaemonProgram {
  /// Beside this program, else in `PATH`; nil when in neither.
  static func locate(besides executable: String?, path: String?, isExecutable: (String) -> Bool) -> String? {
    var directories: [String] = []
    if let executable, let slash = executable.lastIndex(of: "/") { directories.append(String(executable[..<slash])) }
    directories += (path ?? "").split(separator: ":").map(String.init)
    return directories.map { $0 + "/vitalsd" }.first(where: isExecutable)
  }

  /// Becomes `vitalsd` with these arguments: its output, its signals and its exit status are then ours.
  /// - Throws: ``CommandFailure`` when there is no such program, or the kernel refuses to run it.
  static func become(_ arguments: [String], language: Language) throws -> Never {
    if let program = located {
      var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
      words.append(nil)
      execv(program, words)
      // Only on failure does it come back.
      let reason = String(cString: strerror(errno))
      throw CommandFailure(.failed, "\(program): \(reason)", remedy: language.text(ErrorText.programMissingRemedy))
    }
    throw missing(language)
  }

  /// Runs `vitalsd` with these arguments, which reads `input`: it may be somebody's readings, and touches no disk.
  /// - Returns: its exit status.
  /// - Throws: ``CommandFailure`` when there is no such program, or it cannot be run.
  static func run(_ arguments: [String], input: Data, language: Language) throws -> Int32 {
    guard let program = located else { throw missing(language) }
    // A program that ends before it has read everything says why by itself.
    signal(SIGPIPE, SIG_IGN)
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardInput = pipe
    do {
      try process.run()
    } catch {
      throw CommandFailure(.failed, "\(program): \(error)", remedy: language.text(ErrorText.programMissingRemedy))
    }
    try? pipe.fileHandleForWriting.write(contentsOf: input)
    try? pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    return process.terminationStatus
  }

  private static var located: String? {
    locate(
      besides: try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      path: ProcessInfo.processInfo.environment["PATH"],
      isExecutable: { access($0, X_OK) == 0 })
  }

  private static func missing(_ language: Language) -> CommandFailure {
    CommandFailure(
      .failed, language.text(ErrorText.programMissing), remedy: language.text(ErrorText.programMissingRemedy))
  }
}
