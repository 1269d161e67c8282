package import WireFormats

/// The secret that opens one user's readings on a device with the User Data Service (0x181C).
package struct UserConsent: Hashable, Sendable, CustomStringConvertible {
  /// The device's own number of the user, 0–254 (User Index 0x2A9A; 255 is nobody).
  package let user: UInt8
  package let code: UserControlPoint.ConsentCode

  /// Nil for 255.
  package init?(user: UInt8, code: UserControlPoint.ConsentCode) {
    guard user != 0xFF else { return nil }
    self.user = user
    self.code = code
  }

  /// Without the code: it opens somebody's readings.
  package var description: String { "consent of user \(user)" }
}

/// What a visit asks of whoever pairs a device that gives nobody's readings without that one's consent.
package struct ConsentQuestion: Hashable, Sendable {
  package enum Problem: Hashable, Sendable {
    /// The code is not this user's, or there is no such user: a device does not say which.
    case wrong
    /// It takes no new user.
    case notRegistered
  }

  /// The users whose readings are open by now, in the order of their consents.
  package var opened: [UInt8]
  /// What came of the last answer; nil: nothing was wrong with it.
  package var problem: Problem?
  /// How often a person may still be wrong.
  package var attemptsLeft: Int

  package init(opened: [UInt8], problem: Problem? = nil, attemptsLeft: Int) {
    self.opened = opened
    self.problem = problem
    self.attemptsLeft = attemptsLeft
  }
}

/// What is answered to a ``ConsentQuestion``. Its description has no code in it.
package enum ConsentAnswer: Hashable, Sendable, CustomStringConvertible {
  /// The user is on the device already.
  case existing(UserConsent)
  /// The device is to make a user with this code, and says the number.
  case register(UserControlPoint.ConsentCode)
  /// No more users.
  case noMore

  package var description: String {
    switch self {
    case .existing(let consent): "\(consent)"
    case .register: "a new user"
    case .noMore: "no more users"
    }
  }
}

/// The consents of one device, for one visit.
package struct UserConsents: Sendable {
  /// As kept, in the order in which they are given.
  package var known: [UserConsent]
  /// Asks the person; nil where nobody is there.
  package var ask: (@Sendable (ConsentQuestion) async -> ConsentAnswer)?
  /// Keeps one that the device has taken; returns when it is on disk.
  package var keep: @Sendable (UserConsent) async throws -> Void

  package init(
    known: [UserConsent] = [], ask: (@Sendable (ConsentQuestion) async -> ConsentAnswer)? = nil,
    keep: @escaping @Sendable (UserConsent) async throws -> Void = { _ in }
  ) {
    self.known = known
    self.ask = ask
    self.keep = keep
  }
}
