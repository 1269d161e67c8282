import Foundation
package import HealthRecords
import Observations
package import Store

/// What `vitalsd.yaml` says of an HL7 v2 destination beside what every destination has.
package struct HL7v2Settings: Hashable, Sendable {
  /// Names in MSH and PID, and which acknowledgement is asked for.
  package var naming: HL7v2Naming
  /// `refusals`.
  package var refusals: RefusalPolicy

  package init(naming: HL7v2Naming = HL7v2Naming(), refusals: RefusalPolicy = RefusalPolicy()) {
    self.naming = naming
    self.refusals = refusals
  }
}

/// Brings readings to a receiver of HL7 v2 as `ORU^R01` by IHE PCD-01 over MLLP, in clear or with TLS: one message a reading,
/// one at a time, at least once from here and, by MSH-10, once there.
package struct HL7v2Forwarder: Forwarder {
  static let kind = ForwarderKind(
    name: "hl7v2", takesObservations: true, takesAlerts: false, retry: .readings
  ) { settings, surroundings throws(DestinationFault) in
    try HL7v2Forwarder(settings, surroundings)
  }

  /// What was delivered is recorded once a batch: so many are sent again, at most, when the box dies in one.
  package let batchLimit = 25

  let peer: MLLPPeer
  let connection: MLLPConnection
  let settings: DestinationSettings
  let surroundings: ForwarderSurroundings

  /// - Throws: what is wrong with the address or with a certificate's file.
  init(_ settings: DestinationSettings, _ surroundings: ForwarderSurroundings) throws(DestinationFault) {
    peer = try Self.peer(settings)
    connection = MLLPConnection(peer, givesCommitOnly: settings.hl7v2.naming.asksForCommit)
    self.settings = settings
    self.surroundings = surroundings
  }

  /// - Throws: what is wrong with the address or with a certificate's file.
  static func peer(_ settings: DestinationSettings) throws(DestinationFault) -> MLLPPeer {
    let peer = MLLPPeer(
      address: try MLLPAddress(settings.url, allowsPrivate: settings.allowsPrivate), settings: settings)
    _ = try peer.tls()
    return peer
  }

  package func deliver(_ deliveries: [Delivery]) async throws(CancellationError) -> [DeliveryOutcome] {
    var outcomes: [DeliveryOutcome] = []
    // Whose readings wait behind one that was put off.
    var putOff: Set<PatientID> = []
    for delivery in deliveries {
      let person = delivery.content.personInOrder
      if let person, putOff.contains(person) {
        outcomes.append(.behind)
        continue
      }
      let outcome = try await deliver(delivery)
      outcomes.append(outcome)
      switch outcome {
      case .destinationFailed, .unanswered, .destinationRefuses: return outcomes
      case .retry: if let person { putOff.insert(person) }
      case .delivered, .rejected, .behind: break
      }
    }
    return outcomes
  }

  private func deliver(_ delivery: Delivery) async throws(CancellationError) -> DeliveryOutcome {
    guard let bare = delivery.reading else {
      return .rejected(reason: "an HL7 v2 destination takes readings, not alerts")
    }
    if delivery.content.isSimulated, !settings.takesSimulated {
      return .rejected(reason: "a simulated reading, and this destination does not take them")
    }
    let reading: ObservationForRecord
    do {
      reading = try await surroundings.identified([bare], settings.hl7v2.naming.identifierSystems).first ?? bare
    } catch {
      return .destinationFailed(
        after: nil, reason: "the numbers of the person that are asked for could not be read here")
    }
    let report = ObservationReport(
      reading, occasion: Self.occasion(of: delivery, reading), createdAt: delivery.createdAt,
      gateway: surroundings.gateway, naming: settings.hl7v2.naming, timeZone: surroundings.timeZone)
    let answer: MLLPAnswer
    do {
      answer = try await connection.send(
        report.bytes, controlID: report.controlID, limit: settings.timeLimit ?? .seconds(30))
    } catch {
      if Task.isCancelled || error is CancellationError || error as? MLLPFailure == .cancelled {
        throw CancellationError()
      }
      let host = peer.address.host
      let failure = MLLPFailure.of(error, host)
      // A certificate's file that can't be read is somebody's to mend, too.
      if failure?.needsSomebody == true || error is DestinationFault {
        return .destinationRefuses(reason: await wrongDates(failure) ?? Self.reason(error, host))
      }
      return .destinationFailed(after: nil, reason: Self.reason(error, host))
    }
    let tried = delivery.firstRefusedAt.map {
      // What a row says may be damaged, and the clock may have been set back since.
      Duration.seconds(min(max(surroundings.now().timeIntervalSince($0), 0), 1e9))
    }
    return settings.hl7v2.refusals.outcome(
      answer.acknowledgement, attempts: delivery.refusals, tried: tried ?? .zero,
      reason: Self.reason(answer.acknowledgement, peer.address.host, hiding: reading))
  }

  /// That a certificate is not valid today, where that is why TLS failed; nil: it is not, or is not known.
  private func wrongDates(_ failure: MLLPFailure?) async -> String? {
    let now = surroundings.now()
    let host = peer.address.host
    switch failure {
    case .untrusted:
      return await CertificateDates.ofServer(at: host, port: peer.address.port, name: host, now: now).map {
        "the certificate of \(host) \($0); it is for those who run \(host) to renew it"
      }
    case .refusedOurCertificate:
      return CertificateDates(ofOur: settings, at: now).map {
        "\(host) refused this gateway's certificate, which \($0); put a renewed one into client-certificate"
      }
    default: return nil
    }
  }

  /// The delivery's key without the observation's id, which is random: set up anew, this box tells a cuff's memory under the
  /// MSH-10 that it had.
  static func occasion(of delivery: Delivery, _ reading: ObservationForRecord) -> String {
    delivery.idempotencyKey.replacing(reading.observation.id.rawValue, with: "")
  }

  private static func reason(_ error: any Error, _ host: String) -> String {
    switch error {
    case let failure as MLLPFailure: failure.description
    case let fault as DestinationFault: fault.description
    default: MLLPFailure.of(error, host)?.description ?? "no connection to \(host): \(type(of: error))"
    }
  }

  /// What the receiver said is wrong: codes and places, and its sentences without anything that could be a patient's.
  static func reason(_ answer: Acknowledgement, _ host: String, hiding reading: ObservationForRecord) -> String {
    let words =
      [reading.patient.id.rawValue, reading.patient.name, reading.device.address, reading.device.information.serial]
      .compactMap { $0 } + reading.identifiers.map(\.number.value)
    func safe(_ text: String?) -> String? {
      text.map { String(TransactionAnswer.withoutValues($0, hiding: words).prefix(200)) }
    }
    let faults = answer.faults.filter { !["W", "I"].contains($0.severity) }.prefix(3).map { fault in
      [fault.code.map(String.init), fault.location, safe(fault.text)].compactMap { $0 }.joined(separator: ", ")
    }
    let said = faults.isEmpty ? [safe(answer.text)].compactMap { $0 } : faults
    return (["\(host) answered \(answer.code.rawValue)"] + said.prefix(3)).joined(separator: said.isEmpty ? "" : ": ")
  }
}
