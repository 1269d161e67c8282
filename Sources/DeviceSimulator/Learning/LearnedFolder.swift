package import BluetoothLE
package import Foundation

/// A profile folder begun from a recording.
package struct LearnedFolder: Sendable {
  /// Why no folder was written.
  package enum Failure: Error, CustomStringConvertible {
    case name(String)
    case exists(String)
    case notWritten(String, String)

    package var description: String {
      switch self {
      case .name(let name):
        "'\(name)' is no name of a profile: expected vendor/model in small letters, digits, dots and hyphens"
      case .exists(let path): "\(path) is there already: give another --name, or take it away first"
      case .notWritten(let path, let reason): "\(path) could not be written: \(reason)"
      }
    }
  }

  package let folder: URL
  package let draft: ProfileDraft
  private let recording: Recording
  private let session: SessionDraft

  /// - Parameters:
  ///   - directory: where profiles are; the folder is `vendor/model` below it.
  ///   - keepsValues: measured values stand in the session as they came.
  package init(
    _ recording: Recording, name: String, in directory: URL, namePrefix: String, keepsValues: Bool,
    zone: TimeZone = .current
  ) throws(Failure) {
    guard Self.isName(name) else { throw .name(name) }
    folder = directory.appending(path: name)
    let device = LearnedDevice(recording)
    draft = ProfileDraft(name: name, device: device, namePrefix: Self.quotable(namePrefix))
    session = SessionDraft(device: device, zone: zone, keepsValues: keepsValues)
    self.recording = recording
  }

  /// vendor/model, as the profile's schema has it.
  package static func isName(_ name: String) -> Bool {
    name.wholeMatch(of: #/[a-z0-9][a-z0-9.-]*/[a-z0-9][a-z0-9.-]*/#) != nil
  }

  /// As it can stand between quotes in YAML.
  private static func quotable(_ text: String) -> String {
    String(
      text.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline && ($0.unicodeScalars.first?.value ?? 0) >= 0x20 }.prefix(
        29))
  }

  /// Writes `profile.yaml`, `session.yaml`, and `recording.jsonl` where that is not the file that was read. Never over a
  /// file that is there.
  ///
  /// - Returns: the files, in the order of their names.
  package func write() throws(Failure) -> [URL] {
    let names = ["profile.yaml", "session.yaml"]
    for name in names where FileManager.default.fileExists(atPath: folder.appending(path: name).path) {
      throw .exists(folder.appending(path: name).path)
    }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw .notWritten(folder.path, error.localizedDescription)
    }
    try write("profile.yaml", draft.text, mode: 0o644)
    let kept = folder.appending(path: "recording.jsonl")
    // A person's readings, as they came: for nobody else.
    if !FileManager.default.fileExists(atPath: kept.path) {
      try write("recording.jsonl", RecordingFile.text(of: recording), mode: 0o600)
    }
    try write("session.yaml", session.text, mode: 0o644)
    return ["profile.yaml", "recording.jsonl", "session.yaml"].map { folder.appending(path: $0) }
  }

  private func write(_ name: String, _ text: String, mode: Int) throws(Failure) {
    let url = folder.appending(path: name)
    guard
      FileManager.default.createFile(
        atPath: url.path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
    else { throw .notWritten(url.path, String(cString: strerror(errno))) }
  }
}
