/// The manager's state table of IEEE 11073-20601 (Annex E), as data: what is done for each event in each state, and where it
/// leads. A pair that does not stand here is impossible or is ignored.
package enum ManagerTable {
  /// An event as the table tells it from others.
  package enum Input: String, Hashable, Sendable, CaseIterable {
    case connected, disconnected, timeout, release, abort
    /// AARQ that a manager can accept, and that it cannot.
    case acceptableRequest, unacceptableRequest
    /// What the caller found out about an AARQ.
    case configurationKnown, configurationUnknown, deviceRefused
    case aare, rlrq, rlre, abrt
    /// A confirmed event report: a usable configuration, one that is of no use, anything else.
    case configuration, uselessConfiguration, confirmedEvent
    case unconfirmedEvent
    /// An agent that wants to get, set or act, which a manager does not do.
    case otherInvoke
    /// `rors`, `roer` or `rorj` to what we asked, and to nothing that we asked.
    case answer, strayAnswer
    case configurationRemembered
    /// Octets that are no APDU.
    case malformed
  }

  /// What the manager does; the words of the standard's table.
  package enum Reaction: Hashable, Sendable {
    case nothing
    case lookUp
    case acceptKnown, acceptUnknown, reject, refuse
    case abort, abortConfiguration, abortTimeout
    case releaseRequest, releaseResponse
    case remember
    case acceptConfiguration, unsupportedConfiguration
    case event, answer
    /// `roer` not-allowed-by-object, where an answer is asked for.
    case notAllowed
    /// The association is gone without a word of ours.
    case ended
  }

  package struct Row: Hashable, Sendable {
    package let state: ManagerState
    package let input: Input
    package let next: ManagerState
    package let reaction: Reaction
    /// The clause of the procedure, and the row of Annex E.
    package let clause: String
  }

  private static func row(
    _ state: ManagerState, _ input: Input, _ next: ManagerState, _ reaction: Reaction, _ clause: String
  ) -> Row {
    Row(state: state, input: input, next: next, reaction: reaction, clause: clause)
  }

  package static let rows: [Row] = [
    row(.disconnected, .connected, .unassociated, .nothing, "8.5, E 1.1"),

    row(.unassociated, .disconnected, .disconnected, .ended, "8.6, E 2.2"),
    row(.unassociated, .release, .unassociated, .nothing, "8.6, E 2.6"),
    row(.unassociated, .abort, .unassociated, .nothing, "8.6, E 2.7"),
    row(.unassociated, .acceptableRequest, .associating, .lookUp, "8.7, E 2.8"),
    row(.unassociated, .unacceptableRequest, .unassociated, .reject, "8.7, E 2.11"),
    row(.unassociated, .aare, .unassociated, .abort, "8.6, E 2.12"),
    row(.unassociated, .rlrq, .unassociated, .abort, "8.6, E 2.16"),
    row(.unassociated, .rlre, .unassociated, .nothing, "8.6, E 2.17"),
    row(.unassociated, .abrt, .unassociated, .nothing, "8.6, E 2.18"),
    row(.unassociated, .configuration, .unassociated, .abort, "8.6, E 2.19"),
    row(.unassociated, .uselessConfiguration, .unassociated, .abort, "8.6, E 2.19"),
    row(.unassociated, .confirmedEvent, .unassociated, .abort, "8.6, E 2.19"),
    row(.unassociated, .unconfirmedEvent, .unassociated, .abort, "8.6, E 2.19"),
    row(.unassociated, .otherInvoke, .unassociated, .abort, "8.6, E 2.19"),
    row(.unassociated, .strayAnswer, .unassociated, .abort, "8.6, E 2.19"),
    row(.unassociated, .malformed, .unassociated, .abort, "8.6, E 2.19"),

    // The standard decides an AARQ in one step (2.9–2.11); the look-up in the caller's store makes a state of it, in which
    // the agent has nothing to say but that it gives up.
    row(.associating, .disconnected, .disconnected, .ended, "8.7, E 2.2"),
    row(.associating, .configurationKnown, .operating, .acceptKnown, "8.7, E 2.9"),
    row(.associating, .configurationUnknown, .waitingForConfiguration, .acceptUnknown, "8.7, E 2.10"),
    row(.associating, .deviceRefused, .unassociated, .refuse, "8.7, E 2.11"),
    row(.associating, .release, .unassociated, .abort, "8.7, E 3.6"),
    row(.associating, .abort, .unassociated, .abort, "8.7, E 3.7"),
    row(.associating, .timeout, .unassociated, .abortTimeout, "8.7, E 3.4"),
    row(.associating, .abrt, .unassociated, .ended, "8.7, E 3.18"),
    row(.associating, .acceptableRequest, .unassociated, .abort, "8.7, E 3.8"),
    row(.associating, .unacceptableRequest, .unassociated, .abort, "8.7, E 3.8"),
    row(.associating, .aare, .unassociated, .abort, "8.7, E 3.12"),
    row(.associating, .rlrq, .unassociated, .abort, "8.7, E 3.16"),
    row(.associating, .rlre, .unassociated, .abort, "8.7, E 3.17"),
    row(.associating, .configuration, .unassociated, .abort, "8.7, E 3.19"),
    row(.associating, .uselessConfiguration, .unassociated, .abort, "8.7, E 3.19"),
    row(.associating, .confirmedEvent, .unassociated, .abort, "8.7, E 3.19"),
    row(.associating, .unconfirmedEvent, .unassociated, .abort, "8.7, E 3.19"),
    row(.associating, .otherInvoke, .unassociated, .abort, "8.7, E 3.19"),
    row(.associating, .strayAnswer, .unassociated, .abort, "8.7, E 3.19"),
    row(.associating, .malformed, .unassociated, .abort, "8.7, E 3.19"),

    row(.waitingForConfiguration, .disconnected, .disconnected, .ended, "8.8, E 6.2"),
    row(.waitingForConfiguration, .timeout, .unassociated, .abortConfiguration, "8.8, E 6.4"),
    row(.waitingForConfiguration, .release, .disassociating, .releaseRequest, "8.10, E 6.6"),
    row(.waitingForConfiguration, .abort, .unassociated, .abort, "8.8, E 6.7"),
    row(.waitingForConfiguration, .acceptableRequest, .unassociated, .abort, "8.8, E 6.8"),
    row(.waitingForConfiguration, .unacceptableRequest, .unassociated, .abort, "8.8, E 6.8"),
    row(.waitingForConfiguration, .aare, .unassociated, .abort, "8.8, E 6.12"),
    row(.waitingForConfiguration, .rlrq, .unassociated, .releaseResponse, "8.10, E 6.16"),
    row(.waitingForConfiguration, .rlre, .unassociated, .abort, "8.8, E 6.17"),
    row(.waitingForConfiguration, .abrt, .unassociated, .ended, "8.8, E 6.18"),
    row(.waitingForConfiguration, .configuration, .checkingConfiguration, .remember, "8.8, E 6.24"),
    row(
      .waitingForConfiguration, .uselessConfiguration, .waitingForConfiguration, .unsupportedConfiguration,
      "8.8, E 6.24 and 7.31"),
    row(.waitingForConfiguration, .confirmedEvent, .waitingForConfiguration, .notAllowed, "8.8, E 6.25"),
    row(.waitingForConfiguration, .unconfirmedEvent, .waitingForConfiguration, .nothing, "8.8, E 6.25"),
    row(.waitingForConfiguration, .otherInvoke, .waitingForConfiguration, .notAllowed, "8.8, E 6.25"),
    row(.waitingForConfiguration, .strayAnswer, .unassociated, .abort, "8.8, E 6.26"),
    row(.waitingForConfiguration, .malformed, .unassociated, .abort, "8.8, E 6.27"),

    row(.checkingConfiguration, .disconnected, .disconnected, .ended, "8.8, E 7.2"),
    row(.checkingConfiguration, .timeout, .unassociated, .abortTimeout, "8.8, E 7.4"),
    row(.checkingConfiguration, .release, .disassociating, .releaseRequest, "8.10, E 7.6"),
    row(.checkingConfiguration, .abort, .unassociated, .abort, "8.8, E 7.7"),
    row(.checkingConfiguration, .acceptableRequest, .unassociated, .abort, "8.8, E 7.8"),
    row(.checkingConfiguration, .unacceptableRequest, .unassociated, .abort, "8.8, E 7.8"),
    row(.checkingConfiguration, .aare, .unassociated, .abort, "8.8, E 7.12"),
    row(.checkingConfiguration, .rlrq, .unassociated, .releaseResponse, "8.10, E 7.16"),
    row(.checkingConfiguration, .rlre, .unassociated, .abort, "8.8, E 7.17"),
    row(.checkingConfiguration, .abrt, .unassociated, .ended, "8.8, E 7.18"),
    row(.checkingConfiguration, .configuration, .checkingConfiguration, .notAllowed, "8.8, E 7.24"),
    row(.checkingConfiguration, .uselessConfiguration, .checkingConfiguration, .notAllowed, "8.8, E 7.24"),
    row(.checkingConfiguration, .confirmedEvent, .checkingConfiguration, .notAllowed, "8.8, E 7.24"),
    row(.checkingConfiguration, .unconfirmedEvent, .checkingConfiguration, .nothing, "8.8, E 7.25"),
    row(.checkingConfiguration, .otherInvoke, .checkingConfiguration, .notAllowed, "8.8, E 7.25"),
    row(.checkingConfiguration, .strayAnswer, .unassociated, .abort, "8.8, E 7.26"),
    row(.checkingConfiguration, .configurationRemembered, .operating, .acceptConfiguration, "8.8, E 7.32"),
    row(.checkingConfiguration, .malformed, .unassociated, .abort, "8.8, E 7.27"),

    row(.operating, .disconnected, .disconnected, .ended, "8.9, E 8.2"),
    row(.operating, .timeout, .unassociated, .abortTimeout, "8.9, E 8.4"),
    row(.operating, .release, .disassociating, .releaseRequest, "8.10, E 8.6"),
    row(.operating, .abort, .unassociated, .abort, "8.9, E 8.7"),
    row(.operating, .acceptableRequest, .unassociated, .abort, "8.9, E 8.8"),
    row(.operating, .unacceptableRequest, .unassociated, .abort, "8.9, E 8.8"),
    row(.operating, .aare, .unassociated, .abort, "8.9, E 8.12"),
    row(.operating, .rlrq, .unassociated, .releaseResponse, "8.10, E 8.16"),
    row(.operating, .rlre, .unassociated, .abort, "8.9, E 8.17"),
    row(.operating, .abrt, .unassociated, .ended, "8.9, E 8.18"),
    row(.operating, .configuration, .operating, .notAllowed, "8.9, E 8.21"),
    row(.operating, .uselessConfiguration, .operating, .notAllowed, "8.9, E 8.21"),
    row(.operating, .confirmedEvent, .operating, .event, "8.9, E 8.21"),
    row(.operating, .unconfirmedEvent, .operating, .event, "8.9, E 8.21"),
    row(.operating, .otherInvoke, .operating, .notAllowed, "8.9, E 8.22"),
    row(.operating, .answer, .operating, .answer, "8.9, E 8.26"),
    row(.operating, .strayAnswer, .unassociated, .abort, "8.9, E 8.26"),
    row(.operating, .malformed, .unassociated, .abort, "8.9, E 8.27"),

    row(.disassociating, .disconnected, .disconnected, .ended, "8.10, E 9.2"),
    row(.disassociating, .timeout, .unassociated, .abortTimeout, "8.10, E 9.4"),
    row(.disassociating, .release, .disassociating, .nothing, "8.10, E 9.6"),
    row(.disassociating, .abort, .unassociated, .abort, "8.10, E 9.7"),
    row(.disassociating, .acceptableRequest, .unassociated, .abort, "8.10, E 9.8"),
    row(.disassociating, .unacceptableRequest, .unassociated, .abort, "8.10, E 9.8"),
    row(.disassociating, .aare, .unassociated, .abort, "8.10, E 9.12"),
    row(.disassociating, .rlrq, .disassociating, .releaseResponse, "8.10, E 9.16"),
    row(.disassociating, .rlre, .unassociated, .ended, "8.10, E 9.17"),
    row(.disassociating, .abrt, .unassociated, .ended, "8.10, E 9.18"),
    row(.disassociating, .configuration, .disassociating, .nothing, "8.10, E 9.21"),
    row(.disassociating, .uselessConfiguration, .disassociating, .nothing, "8.10, E 9.21"),
    row(.disassociating, .confirmedEvent, .disassociating, .nothing, "8.10, E 9.21"),
    row(.disassociating, .unconfirmedEvent, .disassociating, .nothing, "8.10, E 9.21"),
    row(.disassociating, .otherInvoke, .disassociating, .nothing, "8.10, E 9.21"),
    row(.disassociating, .answer, .disassociating, .nothing, "8.10, E 9.26"),
    row(.disassociating, .strayAnswer, .unassociated, .abort, "8.10, E 9.26"),
    row(.disassociating, .malformed, .unassociated, .abort, "8.10, E 9.27"),
  ]

  private static let byPair: [ManagerState: [Input: Row]] = Dictionary(grouping: rows, by: \.state).mapValues {
    Dictionary($0.map { ($0.input, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Nil for a pair that is ignored.
  package static func row(_ state: ManagerState, _ input: Input) -> Row? { byPair[state]?[input] }
}
