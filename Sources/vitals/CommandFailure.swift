import LocalAPI

/// What a command ends with.
enum CommandStatus: Int32, Sendable {
  case done = 0
  /// It failed, or what it looked at is not right.
  case failed = 1
  /// The daemon is not running, not to be reached, or stopped in the middle.
  case daemonNotReachable = 3
  case notFound = 4
  /// The account has not the role.
  case notAllowed = 5
  /// EX_USAGE, as ArgumentParser ends for wrong arguments: for those that only turn out wrong when the command runs.
  case wrongArguments = 64
}

/// A command's end in failure, with what the person is told.
struct CommandFailure: Error, Hashable, Sendable {
  var status: CommandStatus
  /// What is wrong; empty when it has been said already.
  var sentence: String
  var remedy: String?

  init(_ status: CommandStatus, _ sentence: String, remedy: String? = nil) {
    self.status = status
    self.sentence = sentence
    self.remedy = remedy
  }

  /// The command has said all there is to say.
  static func silent(_ status: CommandStatus) -> CommandFailure { CommandFailure(status, "") }

  init(_ error: LocalClientError, in language: Language) {
    func say(_ key: ErrorText, _ values: [String: String] = [:]) -> String { language.text(key, values) }
    switch error {
    case .socketMissing(let path):
      self.init(
        .daemonNotReachable, say(.socketMissing, ["path": path]), remedy: say(.socketMissingRemedy))
    case .nobodyListens(let path):
      self.init(.daemonNotReachable, say(.nobodyListens, ["path": path]), remedy: say(.nobodyListensRemedy))
    case .notASocket(let path):
      self.init(.daemonNotReachable, say(.notASocket, ["path": path]), remedy: say(.socketMissingRemedy))
    case .permissionDenied(let path):
      self.init(.daemonNotReachable, say(.permissionDenied, ["path": path]), remedy: say(.permissionDeniedRemedy))
    case .pathTooLong(let path):
      self.init(.daemonNotReachable, say(.pathTooLong, ["path": path]))
    case .protocolFailure(let path, let detail):
      self.init(
        .failed, say(.protocolFailure, ["path": path, "text": detail]), remedy: say(.protocolFailureRemedy))
    case .brokenOff:
      self.init(.daemonNotReachable, say(.brokenOff), remedy: say(.seeJournal))
    case .timedOut(_, let seconds):
      self.init(.daemonNotReachable, say(.timedOut, ["count": String(seconds)]), remedy: say(.seeJournal))
    case .refused(_, let error):
      let status: CommandStatus =
        switch error.error {
        case APIError.Code.notFound: .notFound
        case APIError.Code.notAllowed: .notAllowed
        default: .failed
        }
      if language != .en, let kind = error.kind.flatMap(ErrorText.init(kind:)),
        Sentence.placeholders(of: kind.sentence.en).allSatisfy({ error.parameters?[$0] != nil })
      {
        // It says what to do, too.
        self.init(status, say(kind, error.parameters ?? [:]))
        return
      }
      let key: ErrorText? =
        switch error.error {
        case APIError.Code.notFound: .notFound
        case APIError.Code.notAllowed: .notAllowed
        case APIError.Code.ambiguous: .ambiguous
        case APIError.Code.busy: .busy
        case APIError.Code.bluetoothUnavailable: .bluetoothUnavailable
        default: nil
        }
      // English messages are whole sentences already; in another language a word in front says what they are about.
      let sentence = language == .en ? error.message : key.map { say($0, ["text": error.message]) } ?? error.message
      self.init(status, sentence, remedy: error.remedy)
    }
  }
}
