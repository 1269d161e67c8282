package import Foundation
package import LocalAPI
package import Logging
import Synchronization

/// The gateway's own warnings. A change is logged once; a warning that is repeated changes nothing.
package final class Health: Sendable {
  private struct Standing {
    var severity: HealthWarning.Severity
    var title: String
    var remedy: String
    var since: Date
    var parameters: [String: String]
    var expires: Date?
  }

  private let standing = Mutex<[String: Standing]>([:])
  private let logger: Logger

  package init(logger: Logger) { self.logger = logger }

  /// The warnings as they stand, most severe first, then by age.
  package var warnings: [HealthWarning] {
    let order = HealthWarning.Severity.allCases
    let now = Date()
    return standing.withLock { standing in
      standing = standing.filter { $0.value.expires.map { $0 > now } ?? true }
      return Array(standing)
    }
    .sorted {
      let left = order.firstIndex(of: $0.value.severity) ?? 0
      let right = order.firstIndex(of: $1.value.severity) ?? 0
      return left == right ? $0.value.since < $1.value.since : left > right
    }
    .map { id, warning in
      HealthWarning(
        id: id, severity: warning.severity, title: warning.title, remedy: warning.remedy,
        since: Timestamp(warning.since), parameters: warning.parameters)
    }
  }

  /// Raises a warning, or changes the words of one that stands.
  ///
  /// - Parameters:
  ///   - kind: one of `HealthWarning.Kind`.
  ///   - subject: what it is about, so that two of one kind are two.
  ///   - title: what is wrong. Logged, as the remedy is: neither holds a person's name, a value or a key. `parameters`
  ///     are shown, not logged.
  ///   - lasting: seconds after which it ends by itself, for what happened once and is not to be mended; nil: never.
  package func warn(
    _ kind: String, about subject: String? = nil, _ severity: HealthWarning.Severity, _ title: String,
    remedy: String = "", parameters: [String: String] = [:], lasting: TimeInterval? = nil, at now: Date = Date()
  ) {
    let id = Self.id(kind, subject)
    let isNew = standing.withLock { standing in
      let old = standing[id]
      standing[id] = Standing(
        severity: severity, title: title, remedy: remedy, since: old?.since ?? now, parameters: parameters,
        expires: lasting.map { now.addingTimeInterval($0) })
      return old?.title != title
    }
    if isNew { logger.warning("\(title) \(remedy)", metadata: ["warning": "\(id)"]) }
  }

  /// Ends a warning; nothing happens when there is none.
  package func clear(_ kind: String, about subject: String? = nil) {
    let id = Self.id(kind, subject)
    if let ended = standing.withLock({ $0.removeValue(forKey: id) }) {
      logger.info("over: \(ended.title)", metadata: ["warning": "\(id)"])
    }
  }

  private static func id(_ kind: String, _ subject: String?) -> String {
    subject.map { "\(kind):\($0)" } ?? kind
  }
}
