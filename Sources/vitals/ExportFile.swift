import Foundation

/// Where an export goes: standard output, or a file that appears whole or not at all, of mode 0600.
struct ExportFile {
  struct Failure: Error, Hashable {
    /// Nil: standard output.
    var path: String?
    /// The system's words.
    var reason: String
  }

  private let path: String?
  /// Where it is until it is whole; empty: standard output.
  let hiddenPath: String
  private let descriptor: Int32

  /// - Parameter path: nil: standard output.
  /// - Throws: ``Failure``.
  init(path: String?) throws(Failure) {
    self.path = path
    guard let path else {
      hiddenPath = ""
      descriptor = STDOUT_FILENO
      return
    }
    // Beside it, since a file cannot be renamed from one file system to another; mkstemp makes it 0600.
    var template = Array("\(path).XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Failure(path: path, reason: Self.reason()) }
    hiddenPath = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// - Throws: ``Failure``. Whoever reads our standard output and goes ends this process, as for every command.
  func write(_ bytes: [UInt8]) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        if path == nil, errno == EPIPE { exit(128 + SIGPIPE) }
        throw Failure(path: path, reason: Self.reason())
      }
    }
  }

  /// Makes it appear, on disk.
  /// - Throws: ``Failure``.
  func finish() throws(Failure) {
    guard let path else { return }
    guard fsync(descriptor) == 0, close(descriptor) == 0, rename(hiddenPath, path) == 0 else {
      let reason = Self.reason()
      unlink(hiddenPath)
      throw Failure(path: path, reason: reason)
    }
    // The name, too: a stick is pulled out as soon as it is said to be done.
    let directory = open(
      URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  /// Leaves nothing.
  func discard() {
    guard path != nil else { return }
    close(descriptor)
    unlink(hiddenPath)
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}

extension CommandFailure {
  /// A file that could not be written.
  init(_ failure: ExportFile.Failure, _ console: Console) {
    self.init(
      .failed,
      console.text(
        RecordText.cannotWrite,
        ["path": failure.path ?? console.text(ErrorText.standardOutput), "text": failure.reason]),
      remedy: console.text(RecordText.cannotWriteRemedy))
  }
}
