import Foundation
import Glibc
import Store

/// The last configuration that held, as read: one file in the data directory, readable by the service only. It is what the
/// service runs by when the files themselves cannot be used at a start.
enum LastGoodConfiguration {
  static let name = Store.configurationFile

  /// Written whole or not at all.
  ///
  /// - Throws: that the disk did not take it.
  static func keep(_ files: ConfigurationFiles, in directory: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(files)
    let path = directory + "/" + name
    if FileManager.default.contents(atPath: path) == data { return }
    let draft = path + ".new"
    // Created closed: it says where the household's destinations are.
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: data)
    try handle.synchronize()
    try handle.close()
    guard rename(draft, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
  }

  /// Nil: there is none of this configuration file, or it cannot be read.
  static func recall(of configuration: String, in directory: String) -> ConfigurationFiles? {
    guard let data = FileManager.default.contents(atPath: directory + "/" + name),
      let files = try? JSONDecoder().decode(ConfigurationFiles.self, from: data),
      files.configuration.path == configuration
    else { return nil }
    return files
  }

  /// Where the data may be, when the configuration that should say so cannot be used: where its text says, else where the
  /// service manager says, else where it is by default.
  static func directories(for path: String) -> [String] {
    var found: [String] = []
    if let text = try? String(contentsOfFile: path, encoding: .utf8) {
      for line in text.split(separator: "\n") where line.hasPrefix("data:") {
        let value = line.dropFirst("data:".count).prefix { $0 != "#" }
          .trimmingCharacters(in: CharacterSet(charactersIn: " \t\r\"'"))
        guard !value.isEmpty else { continue }
        let beside = URL(filePath: path).deletingLastPathComponent().appending(path: value).standardizedFileURL
        found.append(value.hasPrefix("/") ? value : beside.path(percentEncoded: false))
      }
    }
    if let state = ProcessInfo.processInfo.environment["STATE_DIRECTORY"] {
      found += state.split(separator: ":").map(String.init)
    }
    return found + ["/var/lib/vitals"]
  }
}
