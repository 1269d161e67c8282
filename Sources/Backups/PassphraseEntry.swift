import Foundation

/// Where a passphrase comes from: a person at the terminal, who sees nothing of it, or a file.
package enum PassphraseEntry {
  /// Why there is none.
  package enum Failure: Error, Hashable, Sendable {
    /// Nobody can be asked.
    case noTerminal
    case unreadable(path: String, reason: String)
    case empty(path: String)
  }

  /// Asks at the terminal of this process, whatever its standard input is, without showing what is typed.
  ///
  /// - Throws: ``Failure/noTerminal``.
  package static func ask(_ question: String) throws(Failure) -> Passphrase {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard terminal >= 0 else { throw .noTerminal }
    defer { close(terminal) }
    var before = termios()
    guard tcgetattr(terminal, &before) == 0 else { throw .noTerminal }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO)
    // What was typed ahead, on the screen, is not the answer.
    guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { throw .noTerminal }
    // Ended by a signal, the terminal would stay silent: it waits until the line is there.
    var (signals, mask) = (sigset_t(), sigset_t())
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGQUIT] { sigaddset(&signals, signal) }
    silent.c_lflag &= ~tcflag_t(ISIG)
    tcsetattr(terminal, TCSANOW, &silent)
    pthread_sigmask(SIG_BLOCK, &signals, &mask)
    defer {
      tcsetattr(terminal, TCSAFLUSH, &before)
      pthread_sigmask(SIG_SETMASK, &mask, nil)
    }
    say(question + " ", terminal)
    let (octets, wasEnded) = line(terminal)
    say("\n", terminal)
    // Ctrl-C is a character while no signal is made of it.
    if wasEnded {
      tcsetattr(terminal, TCSAFLUSH, &before)
      exit(128 + SIGINT)
    }
    return Passphrase(String(decoding: octets, as: UTF8.self))
  }

  /// The first line of a file; `-`: of standard input.
  package static func read(file path: String) throws(Failure) -> Passphrase {
    let file = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    defer { close(file) }
    var information = stat()
    guard fstat(file, &information) == 0, information.st_mode & S_IFMT != S_IFDIR else {
      throw .unreadable(path: path, reason: String(cString: strerror(EISDIR)))
    }
    let passphrase = Passphrase(String(decoding: line(file).octets, as: UTF8.self))
    guard !passphrase.isEmpty else { throw .empty(path: path) }
    return passphrase
  }

  private static func say(_ text: String, _ terminal: Int32) {
    let octets = Array(text.utf8)
    _ = write(terminal, octets, octets.count)
  }

  private static let mostOctets = 4096

  private static func line(_ descriptor: Int32) -> (octets: [UInt8], wasEnded: Bool) {
    var octets: [UInt8] = []
    while octets.count < mostOctets {
      var octet: UInt8 = 0
      let count = Foundation.read(descriptor, &octet, 1)
      if count < 0, errno == EINTR { continue }
      if count == 1, octet == 3 { return ([], true) }
      guard count == 1, octet != UInt8(ascii: "\n") else { break }
      octets.append(octet)
    }
    return (octets, false)
  }
}
