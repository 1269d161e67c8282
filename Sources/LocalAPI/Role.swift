/// What an account of the gateway's machine may do at the socket. Each role may do what those before it may; only ``own`` is
/// also held to certain people.
package enum Role: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
  /// See and act for the people that the account is linked to; nobody else is there.
  case own
  /// Devices, alerts, people and their readings: the daily work, for everybody in the house.
  case operate
  /// What cannot be taken back or lets readings out of the house: erasing, exporting everybody, consents.
  case administer

  package static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }

  private var rank: Int {
    switch self {
    case .own: 0
    case .operate: 1
    case .administer: 2
    }
  }
}

/// `GET /v1/whoami`: who asks, as the gateway sees it.
package struct WhoAmI: Hashable, Sendable, Codable {
  /// By the kernel.
  package var uid: UInt32
  /// The account's name; nil: this machine has none for the number.
  package var user: String?
  package var role: Role
  /// Whom an account of role ``Role/own`` is linked to; nil for the other roles, which see everybody.
  package var patients: [Patient]?

  package init(uid: UInt32, user: String? = nil, role: Role, patients: [Patient]? = nil) {
    self.uid = uid
    self.user = user
    self.role = role
    self.patients = patients
  }
}

extension LocalClient {
  package func whoAmI() async throws -> WhoAmI { try await answer(to: LocalRequest(.get, ["whoami"])) }
}
