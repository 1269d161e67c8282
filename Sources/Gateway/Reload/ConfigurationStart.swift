import Foundation
package import YAMLDocuments

/// By what the service starts: the files as they are, or, when they have a fault, the last good configuration.
package struct ConfigurationStart: Sendable {
  /// What holds.
  package let loaded: LoadedConfiguration
  /// The path of `vitalsd.yaml`, as it is read anew.
  package let path: String
  /// What is wrong with the files as they are; empty: nothing, and they hold.
  package let refused: [Diagnostic]
  /// The files have a fault, and what holds is of before.
  package let isLastGood: Bool

  /// - Throws: ``ConfigurationFailure``: the configuration or a rule cannot be used, and none was good before.
  package static func load(path: String) throws(ConfigurationFailure) -> ConfigurationStart {
    let path = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    let failure: ConfigurationFailure
    do throws(ConfigurationFailure) {
      let loaded = try LoadedConfiguration.read(path: path)
      let faults = loaded.allFaults()
      guard !faults.isEmpty,
        let before = recalled(path, in: [loaded.configuration.dataDirectory]), before.files != loaded.files
      else { return ConfigurationStart(loaded: loaded, path: path, refused: faults, isLastGood: false) }
      return ConfigurationStart(loaded: before, path: path, refused: faults, isLastGood: true)
    } catch {
      failure = error
    }
    guard let before = recalled(path, in: LastGoodConfiguration.directories(for: path)) else { throw failure }
    return ConfigurationStart(loaded: before, path: path, refused: failure.diagnostics, isLastGood: true)
  }

  /// Nil: there is none, or this version of the program cannot use it.
  private static func recalled(_ path: String, in directories: [String]) -> LoadedConfiguration? {
    for directory in directories {
      guard let files = LastGoodConfiguration.recall(of: path, in: directory),
        let loaded = try? LoadedConfiguration(files)
      else { continue }
      return loaded
    }
    return nil
  }
}
