import Glibc
package import Logging
import Synchronization

/// How many lines the log is given, whatever happens: it stands on a card that wears out, and what repeats itself a thousand
/// times tells no more than what is said a few times with a count.
///
/// Each line stands in two accounts, which fill again with time: that of the place in the program that logs (and of the
/// warning, destination or device that it logs about), and that of all lines of its ``Weight``, so that news cannot crowd out
/// a warning, nor warnings an error. The last line that passes says that more are held back; the next one that passes says how
/// many were. Pure: the time comes from outside.
package struct LogLimit: Sendable {
  /// What passes at once, and what passes again an hour.
  package struct Rate: Hashable, Sendable {
    package var burst: Double
    package var hourly: Double

    /// The most lines of `hours`.
    package func most(inHours hours: Double) -> Int { Int(burst + hourly * hours) }
  }

  /// Of one place.
  package static let place = Rate(burst: 60, hourly: 10)
  /// Of everything of one weight.
  package static let whole = Rate(burst: 400, hourly: 50)
  /// Octets of a line, its time and newline included; what is longer is cut.
  package static let longest = 1000
  /// Places that are remembered.
  static let mostPlaces = 512

  /// The most lines of a day, whatever happens.
  package static let mostLinesOfDay = Weight.allCases.count * whole.most(inHours: 24)

  private struct Account {
    var left: Double
    var at: Double
    var held = 0
    let rate: Rate

    init(_ rate: Rate, at: Double) {
      (left, self.at, self.rate) = (rate.burst, at, rate)
    }

    mutating func fill(_ now: Double) {
      left = min(rate.burst, left + max(0, now - at) / 3600 * rate.hourly)
      at = now
    }
  }

  /// What is counted apart in the whole program.
  package enum Weight: Hashable, Sendable, CaseIterable {
    case news, warning, error

    init(_ level: Logger.Level) {
      self = level >= .error ? .error : level == .warning ? .warning : .news
    }
  }

  /// What becomes of a line.
  package enum Verdict: Hashable, Sendable {
    /// It is written. `before`: so many like it were held back since the one before; `isLast`: the next one will be.
    case written(before: Int, isLast: Bool)
    case heldBack
  }

  private var places: [String: Account] = [:]
  private var whole: [Weight: Account] = [:]

  package init() {}

  /// - Parameters:
  ///   - place: where the program logs, and about what.
  ///   - now: seconds of a clock that only goes forward.
  package mutating func judge(_ place: String, _ weight: Weight, now: Double) -> Verdict {
    makeRoom(now)
    var own = places[place] ?? Account(Self.place, at: now)
    var all = whole[weight] ?? Account(Self.whole, at: now)
    defer { (places[place], whole[weight]) = (own, all) }
    own.fill(now)
    all.fill(now)
    guard own.left >= 1, all.left >= 1 else {
      own.held += 1
      return .heldBack
    }
    own.left -= 1
    all.left -= 1
    defer { own.held = 0 }
    return .written(before: own.held, isLast: own.left < 1 || all.left < 1)
  }

  /// Those that are full again, with nothing to tell, go first.
  private mutating func makeRoom(_ now: Double) {
    guard places.count >= Self.mostPlaces else { return }
    for (place, account) in places {
      var account = account
      account.fill(now)
      if account.left >= account.rate.burst, account.held == 0 { places[place] = nil }
    }
    if places.count >= Self.mostPlaces { places = [:] }
  }
}

/// Keeps the log within ``LogLimit``, and hands on what passes.
package struct BoundedLogHandler: LogHandler {
  /// One for the whole program.
  package final class Gate: Sendable {
    private let limit = Mutex(LogLimit())
    private let now: @Sendable () -> Double

    /// - Parameter now: seconds of a clock that only goes forward.
    package init(now: @escaping @Sendable () -> Double = { Gate.uptime() }) {
      self.now = now
    }

    private static let start = ContinuousClock.now
    package static func uptime() -> Double { (ContinuousClock.now - start) / .seconds(1) }

    func judge(_ place: String, _ weight: LogLimit.Weight) -> LogLimit.Verdict {
      limit.withLock { $0.judge(place, weight, now: now()) }
    }
  }

  private var next: any LogHandler
  private let gate: Gate

  package init(_ next: any LogHandler, gate: Gate) {
    self.next = next
    self.gate = gate
  }

  package var logLevel: Logger.Level {
    get { next.logLevel }
    set { next.logLevel = newValue }
  }
  package var metadata: Logger.Metadata {
    get { next.metadata }
    set { next.metadata = newValue }
  }
  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { next[metadataKey: key] }
    set { next[metadataKey: key] = newValue }
  }

  /// What a line is about, where that is said beside it: a warning that comes and goes must not hide another one.
  private static let subjects = ["warning", "destination", "device"]

  package func log(event: LogEvent) {
    let subject = Self.subjects.compactMap { (event.metadata?[$0] ?? metadata[$0]).map { "\($0)" } }
    let place = "\(event.file):\(event.line) \(subject.joined(separator: " "))"
    guard case .written(let before, let isLast) = gate.judge(place, LogLimit.Weight(event.level)) else { return }
    var event = event
    if before > 0 { event.metadata = (event.metadata ?? [:]).merging(["held-back": "\(before)"]) { $1 } }
    if isLast {
      event.metadata = (event.metadata ?? [:]).merging(["log-limit": "more like this is held back for a while"]) { $1 }
    }
    next.log(event: event)
  }
}

/// Lines of the log, each cut to ``LogLimit/longest``.
package struct LogLines: TextOutputStream, Sendable {
  /// As a service's lines reach the journal. A journal that takes none is no reason to end.
  package static let standardError = LogLines { line in
    var text = line
    text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private let put: @Sendable (String) -> Void

  /// - Parameter put: is given whole lines.
  package init(_ put: @escaping @Sendable (String) -> Void) { self.put = put }

  package mutating func write(_ line: String) {
    guard line.utf8.count > LogLimit.longest else { return put(line) }
    let end = "…\n"
    let cut = line.utf8.prefix(LogLimit.longest - end.utf8.count)
    // A character that was cut in its middle goes.
    put(String(decoding: cut, as: UTF8.self).replacing("\u{FFFD}", with: "") + end)
  }
}
