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
    let program = locate(
      besides: try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      path: ProcessInfo.processInfo.environment["PATH"],
      isExecutable: { access($0, X_OK) == 0 })
    if let program {
      var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
      words.append(nil)
      execv(program, words)
      // Only on failure does it come back.
      let reason = String(cString: strerror(errno))
      throw CommandFailure(.failed, "\(program): \(reason)", remedy: language.text(ErrorText.programMissingRemedy))
    }
    throw CommandFailure(
      .failed, language.text(ErrorText.programMissing), remedy: language.text(ErrorText.programMissingRemedy))
  }
}
