/// Where an association with a personal health device stands, seen by the manager (IEEE 11073-20601 §8.4, Annex E).
package enum ManagerState: String, Hashable, Sendable, CaseIterable {
  /// No transport.
  case disconnected
  /// A transport, and no association.
  case unassociated
  /// An agent asks for an association, and the caller looks whether its configuration is remembered.
  case associating
  /// The agent has to report its configuration.
  case waitingForConfiguration
  /// It did, and the caller remembers it.
  case checkingConfiguration
  case operating
  /// We asked for the end.
  case disassociating
}
