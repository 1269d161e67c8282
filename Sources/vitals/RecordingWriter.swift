import Foundation

/// The file of a recording: each line is written and synced before anybody is told that it is.
struct RecordingWriter {
  let path: String
  private let descriptor: Int32

  /// Makes the file, readable for its owner alone.
  /// - Throws: ``CommandFailure`` when it is there, or cannot be made.
  init(directory: String, language: Language) throws {
    path = directory + "/recording.jsonl"
    // Said now and not after somebody has measured.
    for name in ["profile.yaml", "session.yaml"] where access(directory + "/" + name, F_OK) == 0 {
      throw CommandFailure(.failed, language.text(LearnText.exists, ["path": directory + "/" + name]))
    }
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(
        .failed, language.text(LearnText.notWritten, ["path": directory, "text": error.localizedDescription]))
    }
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let key: LearnText = errno == EEXIST ? .exists : .notWritten
      throw CommandFailure(
        .failed, language.text(key, ["path": path, "text": String(cString: strerror(errno))]))
    }
    // The file's name is on disk too before anything is told to be.
    let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// - Throws: ``CommandFailure`` when the disk does not take it.
  func write(_ line: String, language: Language) throws {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw failure(language)
      }
    }
  }

  /// Returns when everything written is on disk.
  func sync(language: Language) throws { if fdatasync(descriptor) != 0 { throw failure(language) } }

  func end() { close(descriptor) }

  private func failure(_ language: Language) -> CommandFailure {
    CommandFailure(
      .failed, language.text(LearnText.notWritten, ["path": path, "text": String(cString: strerror(errno))]))
  }
}
