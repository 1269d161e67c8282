/// Where the sign of life goes, as `vitalsd.yaml` says it.
package struct HeartbeatSettings: Hashable, Sendable {
  /// What kind of monitor listens.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Any address that counts requests: a POST, and nothing when the box cannot say that it is well.
    case ping
    /// healthchecks.io and what speaks as it does: a POST, and one to the address with `/fail` behind it when the box is in
    /// trouble (healthchecks.io/docs/signaling_failures).
    case healthchecks
    /// A push monitor of Uptime Kuma: a GET with `status=up` or `status=down`.
    case uptimeKuma = "uptime-kuma"

    /// Whether it can be told that the box lives and is in trouble.
    package var takesTrouble: Bool { self != .ping }
  }

  package var kind: Kind
  /// The address; nil: it stands in ``urlFile``.
  package var url: String?
  /// A file whose first line is the address. Read at each beat.
  package var urlFile: String?
  /// From one beat to the next.
  package var every: Duration
  /// Whether the monitor may be in the household's own net.
  package var allowsPrivate: Bool
  /// The authority's certificates (PEM); nil: the system's. Read at each beat.
  package var authorityFile: String?

  /// - Parameter every: five minutes unless it is said.
  package init(
    kind: Kind = .ping, url: String? = nil, urlFile: String? = nil, every: Duration = .seconds(300),
    allowsPrivate: Bool = false, authorityFile: String? = nil
  ) {
    self.kind = kind
    self.url = url
    self.urlFile = urlFile
    self.every = every
    self.allowsPrivate = allowsPrivate
    self.authorityFile = authorityFile
  }
}
