import Foundation

/// Where the tests' Python lives.
enum PackageFiles {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let receivers = root.appending(path: "Tests/Receivers")

  struct MissingEnvironment: Error, CustomStringConvertible {
    let description = "no Python environment for the receivers at .lab/venv or $VITALS_VENV: run make test"
  }

  /// The interpreter that has the packages of Tests/Receivers/requirements.txt.
  static func validatingPython() throws -> URL {
    let folder =
      ProcessInfo.processInfo.environment["VITALS_VENV"].map { URL(filePath: $0) } ?? root.appending(path: ".lab/venv")
    let python = folder.appending(path: "bin/python")
    guard FileManager.default.isExecutableFile(atPath: python.path) else { throw MissingEnvironment() }
    return python
  }

  /// Python itself is enough where nothing is validated.
  static let anyPython = URL(filePath: "/usr/bin/env")
}
