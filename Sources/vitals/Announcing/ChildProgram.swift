import Foundation

/// One program, run to its end by the thread that calls. By posix_spawn(3) and waitpid(2) and not by Foundation's `Process`,
/// whose word that a program has ended was seen not to come: nothing would be announced from then on.
struct ChildProgram: Sendable {
  let path: String
  /// Its name, and its arguments.
  let words: [String]

  /// Why a program did not do its work.
  enum Failure: Hashable, Sendable {
    case notInstalled
    /// With what the system says of it.
    case notStarted(String)
    /// Somebody else has waited for it.
    case lost
    case tookTooLong(Duration)
    case signal(Int32)
    case status(Int32)

    func text(in language: Language) -> String {
      switch self {
      case .notInstalled: language.text(AnnounceText.notInstalled)
      case .notStarted(let reason): language.text(AnnounceText.notStarted, ["text": reason])
      case .lost: language.text(AnnounceText.lost)
      case .tookTooLong(let limit):
        language.text(AnnounceText.tookTooLong, ["count": "\(Int(limit / .seconds(1)))"])
      case .signal(let number): language.text(AnnounceText.endedBySignal, ["number": "\(number)"])
      case .status(let number): language.text(AnnounceText.endedWithStatus, ["number": "\(number)"])
      }
    }
  }

  /// Between two looks whether it has ended.
  private static let look: useconds_t = 20_000

  /// - Parameters:
  ///   - input: for its standard input; less than a pipe holds (64 KiB), so that one that does not read holds nobody up.
  ///   - limit: after this it is ended.
  /// - Returns: why it did not do its work; nil: it did.
  func run(_ input: [UInt8], limit: Duration) -> Failure? {
    // One that ends before it has read its text must not end us.
    signal(SIGPIPE, SIG_IGN)
    var pipe: [Int32] = [-1, -1]
    guard Self.makePipe(&pipe) else { return .notStarted(String(cString: strerror(errno))) }
    let started = start(reading: pipe[0])
    close(pipe[0])
    guard case .success(let child) = started else {
      close(pipe[1])
      if case .failure(let error) = started { return .notStarted(error.reason) }
      return nil
    }
    var rest = input[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(pipe[1], $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        // It has ended, or does not want to know: its status says which.
        break
      }
    }
    close(pipe[1])
    return end(of: child, limit)
  }

  /// Closed in every program that is started; what it is to have is given to it.
  private static func makePipe(_ ends: inout [Int32]) -> Bool {
    guard pipe(&ends) == 0 else { return false }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return true
  }

  private struct Refusal: Error { let reason: String }

  private func start(reading input: Int32) -> Result<pid_t, Refusal> {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    // What it says of itself may hold what it was given to say.
    for output in [STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Neither what our threads block nor what we ignore is the program's.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, path, &actions, &attributes, &arguments, environ)
    return status == 0 ? .success(child) : .failure(Refusal(reason: String(cString: strerror(status))))
  }

  private func end(of child: pid_t, _ limit: Duration) -> Failure? {
    let deadline = SuspendingClock.now.advanced(by: limit)
    var status: Int32 = 0
    while true {
      let found = waitpid(child, &status, WNOHANG)
      if found == child { break }
      if found < 0, errno != EINTR { return .lost }
      if SuspendingClock.now >= deadline {
        kill(child, SIGKILL)
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return .tookTooLong(limit)
      }
      usleep(Self.look)
    }
    // wait(2): the low seven bits are the signal that ended it, the next octet its status.
    let signal = status & 0x7F
    if signal != 0 { return .signal(signal) }
    let code = status >> 8 & 0xFF
    return code == 0 ? nil : .status(code)
  }
}
