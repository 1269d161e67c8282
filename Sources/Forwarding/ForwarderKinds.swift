package import Foundation
package import Observations
package import Store

/// One way of forwarding, as configuration names it.
package struct ForwarderKind: Sendable {
  /// `kind:` in `vitalsd.yaml`.
  package let name: String
  package let takesObservations: Bool
  package let takesAlerts: Bool
  /// The means of home readings, beside the readings.
  package var takesAverages = false
  /// What `retry:` stands for where it is not given.
  package let retry: RetryPolicy
  /// - Throws: ``DestinationFault``.
  package let make: @Sendable (DestinationSettings, ForwarderSurroundings) throws(DestinationFault) -> any Forwarder
}

/// What every forwarder is given beside its settings.
package struct ForwarderSurroundings: Sendable {
  package var gateway: GatewayDescription
  /// Whose offset times are written with.
  package var timeZone: TimeZone
  package var http: OutboundHTTP
  /// The wall clock that a request says it was made at.
  package var now: @Sendable () -> Date = { Date() }
  /// How alerts can be answered from outside; nil: they can't.
  package var answers: AnswerWays?
  /// Where what is known of a server is kept over a restart; nil: nowhere.
  package var store: Store?

  package init(gateway: GatewayDescription, timeZone: TimeZone, http: OutboundHTTP) {
    self.gateway = gateway
    self.timeZone = timeZone
    self.http = http
  }
}

/// Every way of forwarding. A new one is a file in `Forwarders/` and a line here.
package enum ForwarderKinds {
  package static let all: [ForwarderKind] = [
    FHIRForwarder.kind,
    WebhookForwarder.kind,
    HL7v2Forwarder.kind,
  ]

  /// - Throws: ``DestinationFault/unknownKind(_:known:)``.
  package static func named(_ name: String) throws(DestinationFault) -> ForwarderKind {
    guard let kind = all.first(where: { $0.name == name }) else {
      throw .unknownKind(name, known: all.map(\.name))
    }
    return kind
  }
}
